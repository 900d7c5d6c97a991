//! Password hashing: the only use of bcrypt. A bounded pool with a bounded queue refuses work when
//! full, so that sign-ins never starve other requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use roster_common::{NewPassword, Password};
use tokio::sync::{Semaphore, oneshot};

use crate::store::PasswordHash;

/// The size of the queue.
const QUEUE: usize = 64;

/// The work itself, which takes a processor for as long as the cost says.
pub trait Hasher: Send + Sync + 'static {
    /// A new hash of a password.
    ///
    /// # Errors
    /// [`PasswordError::Failed`]
    fn hash(&self, password: &[u8], cost: u32) -> Result<String, PasswordError>;

    /// Whether a password is the one of a hash.
    ///
    /// # Errors
    /// [`PasswordError::Failed`] if that is no hash.
    fn verify(&self, password: &[u8], hash: &str) -> Result<bool, PasswordError>;
}

/// bcrypt, which reads 72 bytes of a password.
pub struct Bcrypt;

impl Hasher for Bcrypt {
    fn hash(&self, password: &[u8], cost: u32) -> Result<String, PasswordError> {
        bcrypt::hash(password, cost).map_err(failed)
    }

    fn verify(&self, password: &[u8], hash: &str) -> Result<bool, PasswordError> {
        bcrypt::verify(password, hash).map_err(failed)
    }
}

/// Hashes and compares passwords, a few at a time.
pub struct Passwords {
    hasher: Arc<dyn Hasher>,
    cost: u32,
    /// Compared with for unknown users; no password matches it.
    dummy: String,
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// A password could not be hashed or compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The queue is full.
    #[error("too many sign-ins are queued")]
    Busy,
    /// A hash that bcrypt cannot read, or a thread that died.
    #[error("hashing failed: {0}")]
    Failed(String),
}

impl Passwords {
    /// Prepares for hashes of that cost, 4 to 31.
    ///
    /// # Errors
    /// If the cost is outside bcrypt's range, or the system gives no random bytes.
    pub fn new(cost: u32) -> Result<Self, PasswordError> {
        Self::by(Arc::new(Bcrypt), cost)
    }

    /// The same, with the work done by another.
    ///
    /// # Errors
    /// [`Passwords::new`]
    pub fn by(hasher: Arc<dyn Hasher>, cost: u32) -> Result<Self, PasswordError> {
        let mut nobodys = [0; 32];
        getrandom::fill(&mut nobodys).map_err(failed)?;
        let dummy = hasher.hash(&nobodys, cost)?;
        let processors = thread::available_parallelism().map_or(1, usize::from);
        // One processor less than there are is left to requests that have nothing to do with passwords.
        let turns = Arc::new(Semaphore::new(processors.saturating_sub(1).max(1)));
        Ok(Self {
            hasher,
            cost,
            dummy,
            turns,
            waiting: AtomicUsize::new(0),
        })
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// [`PasswordError`]
    pub async fn hash(&self, password: NewPassword) -> Result<PasswordHash, PasswordError> {
        self.hashed(password.as_password().clone()).await
    }

    /// Whether the password is the one of the hash; without a hash, no, after the same time. A weaker hash than new ones
    /// are takes that time too.
    ///
    /// # Errors
    /// [`PasswordError`]
    pub async fn verify(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
    ) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let hash = hash.map_or_else(|| self.dummy.clone(), |PasswordHash(hash)| hash);
        // bcrypt reads 72 bytes and cuts the rest in silence: what is longer is compared, and is never right.
        let whole = password.expose().len() <= NewPassword::MAX_BYTES;
        let hasher = Arc::clone(&self.hasher);
        let rest = self.rest_beside(&hash);
        let compared = move || {
            let equal = hasher.verify(password.expose().as_bytes(), &hash)?;
            rest.iter().try_for_each(|hash| {
                hasher
                    .verify(password.expose().as_bytes(), hash)
                    .map(|_| ())
            })?;
            Ok(equal)
        };
        Ok(self.take_turn(compared).await? && known && whole)
    }

    /// Nobody's hashes, of the costs that together take the time which a weaker hash lacks: each cost takes twice the
    /// time of the one below, so that one of `n` and those of `n`, `n + 1` … below the full cost come to the full one.
    fn rest_beside(&self, hash: &str) -> Vec<String> {
        let Ok(parts) = hash.parse::<bcrypt::HashParts>() else {
            return Vec::new();
        };
        let (head, tail) = (
            self.dummy.get(..4).unwrap_or_default(),
            self.dummy.get(6..).unwrap_or_default(),
        );
        (parts.get_cost()..self.cost)
            .map(|cost| format!("{head}{cost:02}{tail}"))
            .collect()
    }

    /// How many hash or wait for their turn.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// A hash of new ones' cost, of a password that was found right by a weaker one.
    ///
    /// # Errors
    /// [`PasswordError`]
    pub async fn strengthened(
        &self,
        password: &Password,
        hash: &PasswordHash,
    ) -> Result<Option<PasswordHash>, PasswordError> {
        let weaker = hash
            .0
            .parse::<bcrypt::HashParts>()
            .is_ok_and(|parts| parts.get_cost() < self.cost);
        if !weaker {
            return Ok(None);
        }
        self.hashed(password.clone()).await.map(Some)
    }

    async fn hashed(&self, password: Password) -> Result<PasswordHash, PasswordError> {
        let (hasher, cost) = (Arc::clone(&self.hasher), self.cost);
        self.take_turn(move || hasher.hash(password.expose().as_bytes(), cost))
            .await
            .map(PasswordHash)
    }

    async fn take_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = Place::take(&self.waiting).ok_or(PasswordError::Busy)?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(failed)?;
        let (done, result) = oneshot::channel();
        let hash = move || {
            // The turn is over when the work is, though the request that waits for it be gone.
            let _turn = turn;
            step_back();
            let _ = done.send(work());
        };
        // A thread of its own, for it is not as the others are; to make it is nothing beside a hash.
        thread::Builder::new()
            .name("hash".into())
            .spawn(hash)
            .map_err(failed)?;
        result.await.map_err(failed)?
    }
}

/// Lets the threads of other requests go before this one: who reads does not wait for those who sign in. These still get
/// a tenth of a busy processor.
fn step_back() {
    // Elsewhere it would be the whole process that steps back. Where it may not, it works like the others.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(10);
}

fn failed(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

/// A place among those who wait, given back when dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Self> {
        let next = |count| (count < QUEUE).then_some(count + 1);
        waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
            .ok()
            .map(|_| Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn new_password(text: &str) -> NewPassword {
        NewPassword::parse(Password::new(text)).unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_of_an_account_matches() {
        let passwords = Passwords::new(4).unwrap();
        let hash = passwords
            .hash(new_password("battery staple horse"))
            .await
            .unwrap();
        let verify = |text: &str, hash: Option<&PasswordHash>| {
            passwords.verify(Password::new(text), hash.cloned())
        };
        assert_eq!(verify("battery staple horse", Some(&hash)).await, Ok(true));
        assert_eq!(verify("battery staple hors", Some(&hash)).await, Ok(false));
        assert_eq!(verify("battery staple horse", None).await, Ok(false));
    }

    #[tokio::test]
    async fn a_password_that_bcrypt_would_truncate_never_matches() {
        let passwords = Passwords::new(4).unwrap();
        let longest = "ab".repeat(36);
        let hash = passwords.hash(new_password(&longest)).await.unwrap();
        assert_eq!(
            passwords
                .verify(Password::new(&longest), Some(hash.clone()))
                .await,
            Ok(true)
        );
        assert_eq!(
            passwords
                .verify(Password::new(&format!("{longest}c")), Some(hash))
                .await,
            Ok(false)
        );
    }

    #[tokio::test]
    async fn a_weaker_hash_is_made_stronger_and_no_other() {
        let (weak, strong) = (Passwords::new(4).unwrap(), Passwords::new(5).unwrap());
        let hash = weak
            .hash(new_password("battery staple horse"))
            .await
            .unwrap();
        let typed = Password::new("battery staple horse");
        assert_eq!(weak.strengthened(&typed, &hash).await, Ok(None));
        let better = strong.strengthened(&typed, &hash).await.unwrap().unwrap();
        assert!(
            better.0.starts_with("$2b$05$"),
            "it is of the cost that new ones have"
        );
        assert_eq!(
            strong.verify(typed.clone(), Some(better.clone())).await,
            Ok(true)
        );
        assert_eq!(
            weak.strengthened(&typed, &better).await,
            Ok(None),
            "none is made weaker"
        );
    }

    #[tokio::test]
    async fn a_full_queue_refuses_immediately() {
        let passwords = Passwords::new(4).unwrap();
        let all = u32::try_from(passwords.turns.available_permits()).unwrap();
        let every_turn = passwords.turns.acquire_many(all).await.unwrap();
        let mut waiting: Vec<_> = (0..QUEUE)
            .map(|_| Box::pin(passwords.verify(Password::new("x"), None)))
            .collect();
        for one in &mut waiting {
            assert!(one.as_mut().now_or_never().is_none());
        }
        assert_eq!(
            passwords.verify(Password::new("x"), None).await,
            Err(PasswordError::Busy)
        );
        drop(every_turn);
        for one in waiting {
            assert_eq!(one.await, Ok(false));
        }
    }
}
