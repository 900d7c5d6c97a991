//! Password hashing: the only use of bcrypt. A bounded pool with a bounded queue refuses work if it
//! is full, so sign-ins never starve other requests. The queue is shared out by network, so one
//! network never starves another.

use std::net::IpAddr;
use std::sync::Arc;
use std::thread;

use base64::engine::general_purpose::NO_PAD;
use base64::{Engine, alphabet, engine::GeneralPurpose};
use roster_common::{NewPassword, Password};
use tokio::sync::oneshot;

use self::queue::Permits;
use crate::rules::throttle::network;
use crate::store::PasswordHash;

mod queue;

/// The maximum number of hashes that run or wait.
const QUEUE: usize = 64;

/// A password hash function. A call occupies a processor for a time that depends on the cost.
pub trait Hasher: Send + Sync + 'static {
    /// Hashes a password.
    ///
    /// # Errors
    /// [`PasswordError::Failed`]
    fn hash(&self, password: &[u8], cost: u32) -> Result<String, PasswordError>;

    /// Returns `true` if a password matches a hash.
    ///
    /// # Errors
    /// [`PasswordError::Failed`] if the hash is malformed.
    fn verify(&self, password: &[u8], hash: &str) -> Result<bool, PasswordError>;
}

/// bcrypt, which ignores everything after the first 72 bytes of a password.
pub struct Bcrypt;

impl Hasher for Bcrypt {
    fn hash(&self, password: &[u8], cost: u32) -> Result<String, PasswordError> {
        bcrypt::hash(password, cost).map_err(failed)
    }

    fn verify(&self, password: &[u8], hash: &str) -> Result<bool, PasswordError> {
        bcrypt::verify(password, hash).map_err(failed)
    }
}

/// Hashes and verifies passwords, a few at a time.
pub struct Passwords {
    hasher: Arc<dyn Hasher>,
    cost: u32,
    dummy: Dummy,
    permits: Arc<Permits<IpAddr>>,
}

/// The salt and the hash of no password, as bcrypt writes them. They are random: to find a password
/// for them would take 2¹⁸⁴ tries.
struct Dummy(String);

impl Dummy {
    fn new() -> Result<Self, getrandom::Error> {
        const BCRYPT: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, NO_PAD);
        let (mut salt, mut hash) = ([0; 16], [0; 23]);
        getrandom::fill(&mut salt)?;
        getrandom::fill(&mut hash)?;
        Ok(Self(BCRYPT.encode(salt) + &BCRYPT.encode(hash)))
    }

    /// A hash that takes as long to compare with as one of this cost.
    fn with_cost(&self, cost: u32) -> String {
        format!("$2b${cost:02}${}", self.0)
    }
}

/// A password could not be hashed or verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The queue is full.
    #[error("too many sign-ins are queued")]
    Busy,
    /// The stored hash is malformed, or the thread could not run.
    #[error("hashing failed: {0}")]
    Failed(String),
}

impl Passwords {
    /// Prepares bcrypt with the cost of new hashes, 4 to 31.
    ///
    /// # Errors
    /// If the system provides no random bytes.
    pub fn new(cost: u32) -> Result<Self, PasswordError> {
        Self::with_hasher(Arc::new(Bcrypt), cost)
    }

    /// Like [`Passwords::new`], with another hash function.
    ///
    /// # Errors
    /// As [`Passwords::new`].
    pub fn with_hasher(hasher: Arc<dyn Hasher>, cost: u32) -> Result<Self, PasswordError> {
        let dummy = Dummy::new().map_err(failed)?;
        let processors = thread::available_parallelism().map_or(1, usize::from);
        // One processor stays free for requests that hash no password.
        let at_once = processors.saturating_sub(1).clamp(1, QUEUE);
        Ok(Self {
            hasher,
            cost,
            dummy,
            permits: Permits::new(at_once, QUEUE),
        })
    }

    /// Hashes a new password for a client at `from`.
    ///
    /// # Errors
    /// [`PasswordError`]
    pub async fn hash(
        &self,
        password: NewPassword,
        from: IpAddr,
    ) -> Result<PasswordHash, PasswordError> {
        self.hashed(password.as_password().clone(), from).await
    }

    /// Returns `true` if the password of a client at `from` matches the hash. Without a hash it
    /// returns `false` after the same time, and an old hash of a lower cost also takes that time.
    ///
    /// # Errors
    /// [`PasswordError`]
    pub async fn verify(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
        from: IpAddr,
    ) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let hash = hash.map_or_else(
            || self.dummy.with_cost(self.cost),
            |PasswordHash(hash)| hash,
        );
        // bcrypt silently ignores what follows 72 bytes. A longer password is still compared, for
        // the same timing, but never accepted.
        let has_valid_length = password.expose().len() <= NewPassword::MAX_BYTES;
        let hasher = Arc::clone(&self.hasher);
        let padding = self.padding_hashes(&hash);
        let compare = move || {
            let equal = hasher.verify(password.expose().as_bytes(), &hash)?;
            for hash in &padding {
                hasher.verify(password.expose().as_bytes(), hash)?;
            }
            Ok(equal)
        };
        Ok(self.run(from, compare).await? && known && has_valid_length)
    }

    /// Dummy hashes to compare with after a hash of a lower cost, so that the total time is that of
    /// the full cost. Each cost takes twice the time of the one below, so a hash of cost `n` and
    /// dummies of `n`, `n + 1`, … up to one below the full cost add up to it.
    fn padding_hashes(&self, hash: &str) -> Vec<String> {
        let Ok(parts) = hash.parse::<bcrypt::HashParts>() else {
            return Vec::new();
        };
        (parts.get_cost()..self.cost)
            .map(|cost| self.dummy.with_cost(cost))
            .collect()
    }

    /// The number of hashes that run or wait.
    pub fn waiting(&self) -> usize {
        self.permits.in_use()
    }

    /// Hashes a password again if its stored hash has a lower cost than new ones. The password must
    /// have been verified. Returns `None` if the stored hash is strong enough.
    ///
    /// # Errors
    /// [`PasswordError`]
    pub async fn strengthened(
        &self,
        password: &Password,
        hash: &PasswordHash,
        from: IpAddr,
    ) -> Result<Option<PasswordHash>, PasswordError> {
        let weaker = hash
            .0
            .parse::<bcrypt::HashParts>()
            .is_ok_and(|parts| parts.get_cost() < self.cost);
        if !weaker {
            return Ok(None);
        }
        self.hashed(password.clone(), from).await.map(Some)
    }

    async fn hashed(
        &self,
        password: Password,
        from: IpAddr,
    ) -> Result<PasswordHash, PasswordError> {
        let (hasher, cost) = (Arc::clone(&self.hasher), self.cost);
        self.run(from, move || {
            hasher.hash(password.expose().as_bytes(), cost)
        })
        .await
        .map(PasswordHash)
    }

    async fn run<T: Send + 'static>(
        &self,
        from: IpAddr,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let permit = self.permits.enter(network(from)).await;
        let permit = permit.map_err(|queue::Full| PasswordError::Busy)?;
        let (done, result) = oneshot::channel();
        let hash = move || {
            lower_priority();
            let outcome = work();
            // The permit is kept until the work ends, even if the request was cancelled meanwhile, and
            // no longer: whoever has the outcome finds it free.
            drop(permit);
            let _ = done.send(outcome);
        };
        // A new thread, since it gets a lower priority; creating it is cheap compared with a hash.
        thread::Builder::new()
            .name("hash".into())
            .spawn(hash)
            .map_err(failed)?;
        result.await.map_err(failed)?
    }
}

/// Gives this thread a lower priority than those that answer requests, so that reads do not wait
/// for sign-ins. On a busy processor it still gets about a tenth of the time.
fn lower_priority() {
    // On other systems `nice` applies to the whole process. A failed call keeps the normal
    // priority.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(10);
}

fn failed(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::testing::WatchedHasher;
    use futures_util::FutureExt;

    const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn new_password(text: &str) -> NewPassword {
        NewPassword::parse(Password::new(text)).unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_of_an_account_matches() {
        let passwords = Passwords::new(4).unwrap();
        let hash = passwords
            .hash(new_password("battery staple horse"), HOME)
            .await
            .unwrap();
        let verify = |text: &str, hash: Option<&PasswordHash>| {
            passwords.verify(Password::new(text), hash.cloned(), HOME)
        };
        assert_eq!(verify("battery staple horse", Some(&hash)).await, Ok(true));
        assert_eq!(verify("battery staple hors", Some(&hash)).await, Ok(false));
        assert_eq!(verify("battery staple horse", None).await, Ok(false));
    }

    #[test]
    fn the_hash_for_unknown_users_takes_as_long_as_any_and_is_never_the_same() {
        let (dummy, other) = (Dummy::new().unwrap(), Dummy::new().unwrap());
        let hash = dummy.with_cost(5);
        let parts: bcrypt::HashParts = hash.parse().unwrap();
        assert_eq!(parts.get_cost(), 5);
        assert_eq!(parts.to_string(), hash, "bcrypt writes it so");
        assert!(!bcrypt::verify("", &hash).unwrap());
        assert_ne!(hash, other.with_cost(5));
    }

    #[tokio::test]
    async fn a_password_that_bcrypt_would_truncate_never_matches() {
        let passwords = Passwords::new(4).unwrap();
        let longest = "ab".repeat(36);
        let hash = passwords.hash(new_password(&longest), HOME).await.unwrap();
        assert_eq!(
            passwords
                .verify(Password::new(&longest), Some(hash.clone()), HOME)
                .await,
            Ok(true)
        );
        assert_eq!(
            passwords
                .verify(Password::new(&format!("{longest}c")), Some(hash), HOME)
                .await,
            Ok(false)
        );
    }

    #[tokio::test]
    async fn a_weaker_hash_is_made_stronger_and_no_other() {
        let (weak, strong) = (Passwords::new(4).unwrap(), Passwords::new(5).unwrap());
        let hash = weak
            .hash(new_password("battery staple horse"), HOME)
            .await
            .unwrap();
        let typed = Password::new("battery staple horse");
        assert_eq!(weak.strengthened(&typed, &hash, HOME).await, Ok(None));
        let better = strong
            .strengthened(&typed, &hash, HOME)
            .await
            .unwrap()
            .unwrap();
        assert!(
            better.0.starts_with("$2b$05$"),
            "it is of the cost that new ones have"
        );
        assert_eq!(
            strong
                .verify(typed.clone(), Some(better.clone()), HOME)
                .await,
            Ok(true)
        );
        assert_eq!(
            weak.strengthened(&typed, &better, HOME).await,
            Ok(None),
            "none is made weaker"
        );
    }

    #[tokio::test]
    async fn a_full_queue_refuses_immediately() {
        let hasher = Arc::new(WatchedHasher::default());
        let passwords = Passwords::with_hasher(Arc::clone(&hasher) as Arc<dyn Hasher>, 4).unwrap();
        let hold = hasher.hold();
        let mut waiting: Vec<_> = (0..QUEUE)
            .map(|_| Box::pin(passwords.verify(Password::new("x"), None, HOME)))
            .collect();
        for one in &mut waiting {
            assert!(one.as_mut().now_or_never().is_none());
        }
        assert_eq!(
            passwords.verify(Password::new("x"), None, HOME).await,
            Err(PasswordError::Busy)
        );
        drop(hold);
        for one in waiting {
            assert_eq!(one.await, Ok(false));
        }
    }
}
