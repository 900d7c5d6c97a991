//! How often somebody may try to sign in: a bucket for each network, and a soft back-off for each
//! account; and how often a network may open accounts.
//!
//! An attempt is let in, and later settled with its outcome. Names that do not exist count like
//! those that do. It is all in memory and bounded. Several servers that share a database each count
//! for themselves and admit their part, so that together they admit about what one does.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use self::back_off::BackOff;
use super::session::SessionId;
use crate::clock::Uptime;

mod back_off;

/// The sign-ins of a network.
const SIGN_INS: Rate = Rate {
    burst: 100,
    refill: Duration::from_millis(200),
};
/// The accounts that a network opens for itself.
const REGISTRATIONS: Rate = Rate {
    burst: 10,
    refill: Duration::from_mins(1),
};
/// How long a network stays known as one from which an account has signed in.
const KNOWN_FOR: Duration = Duration::from_hours(30 * 24);
/// How many networks, and how many accounts, are remembered.
const CAPACITY: usize = 50_000;

/// A rate limit.
#[derive(Debug, Clone, Copy)]
struct Rate {
    /// The burst size.
    burst: u32,
    /// The time until one more attempt is allowed.
    refill: Duration,
}

impl Rate {
    /// The part of one of several servers. At least one attempt is admitted at a time.
    fn of_one_of(self, servers: NonZeroU32) -> Self {
        Self {
            burst: (self.burst / servers).max(1),
            refill: self.refill * servers.get(),
        }
    }
}

/// Where an attempt comes from, as far as it is known.
///
/// Each source of an account has its own back-off, so that a guesser does not delay the account's
/// owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A client that holds a refresh token of the account: of this session, which may have ended.
    Session(SessionId),
    /// A network from which the account has signed in before.
    Known(IpAddr),
    /// Anywhere else. All strangers share one back-off.
    Stranger,
}

/// An attempt to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The account's name, which need not exist.
    pub account: String,
    /// The client's [`network`].
    pub network: IpAddr,
    /// What is known of the client.
    pub source: Source,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptResult {
    /// The credentials were wrong, or nobody waited to hear.
    Failed,
    /// The person signed in.
    Succeeded,
    /// The server did not try. The attempt does not count.
    GivenBack,
}

/// Counts attempts.
#[derive(Debug)]
pub struct Throttle {
    /// How many servers admit attempts, this one included.
    servers: NonZeroU32,
    sign_ins: Bounded<IpAddr, Bucket>,
    registrations: Bounded<IpAddr, Bucket>,
    accounts: Bounded<(String, Source), BackOff>,
    sign_ins_from: Bounded<(String, IpAddr), LastSignIn>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            servers: NonZeroU32::MIN,
            sign_ins: Bounded::default(),
            registrations: Bounded::default(),
            accounts: Bounded::default(),
            sign_ins_from: Bounded::default(),
        }
    }
}

impl Throttle {
    /// Admits only the part of one of several servers from now on.
    pub fn share_with(&mut self, servers: NonZeroU32) {
        self.servers = servers;
    }

    /// Admits an attempt, or returns how long to wait. An admitted attempt must be settled.
    ///
    /// # Errors
    /// The time after which to try again.
    pub fn admit(&mut self, attempt: &Attempt, now: Uptime) -> Result<(), Duration> {
        if let Source::Session(_) = attempt.source {
            // Others of the same network must not delay a client that the account trusts.
            return self.admit_to_account(attempt, now);
        }
        let rate = SIGN_INS.of_one_of(self.servers);
        self.sign_ins.entry(attempt.network, now).check(rate, now)?;
        self.admit_to_account(attempt, now)?;
        self.sign_ins.entry(attempt.network, now).take(rate, now);
        Ok(())
    }

    /// Counts the outcome of an attempt that was let in.
    pub fn settle(&mut self, attempt: &Attempt, outcome: AttemptResult, now: Uptime) {
        let back_off = self.back_off(attempt, now);
        match outcome {
            AttemptResult::Failed => back_off.failed(now),
            AttemptResult::Succeeded => {
                back_off.succeeded();
                let key = (attempt.account.clone(), attempt.network);
                *self.sign_ins_from.entry(key, now) = LastSignIn(now);
            }
            AttemptResult::GivenBack => {
                back_off.give_back(attempt.network, now);
                // `admit` takes nothing from the bucket for a session.
                if !matches!(attempt.source, Source::Session(_)) {
                    self.sign_ins
                        .entry(attempt.network, now)
                        .give_back(SIGN_INS.of_one_of(self.servers));
                }
            }
        }
    }

    /// Returns `true` if the account has signed in from the network in the last 30 days.
    pub fn is_known(&self, account: &str, network: IpAddr, now: Uptime) -> bool {
        let key = (account.to_owned(), network);
        let last = self.sign_ins_from.entries.get(&key);
        last.is_some_and(|last| !last.is_faded(now))
    }

    /// Counts an account that an address opens, or returns how long it has to wait.
    ///
    /// # Errors
    /// The time after which to try again.
    pub fn admit_registration(&mut self, address: IpAddr, now: Uptime) -> Result<(), Duration> {
        let rate = REGISTRATIONS.of_one_of(self.servers);
        let bucket = self.registrations.entry(network(address), now);
        bucket.check(rate, now)?;
        bucket.take(rate, now);
        Ok(())
    }

    /// Takes back the count of an account that the server failed to open.
    pub fn give_back_registration(&mut self, address: IpAddr, now: Uptime) {
        let bucket = self.registrations.entry(network(address), now);
        bucket.give_back(REGISTRATIONS.of_one_of(self.servers));
    }

    fn admit_to_account(&mut self, attempt: &Attempt, now: Uptime) -> Result<(), Duration> {
        let servers = self.servers;
        self.back_off(attempt, now)
            .admit(attempt.network, servers, now)
    }

    fn back_off(&mut self, attempt: &Attempt, now: Uptime) -> &mut BackOff {
        let key = (attempt.account.clone(), attempt.source);
        self.accounts.entry(key, now)
    }
}

/// The unit in which addresses are given out: all of IPv4's, the /64 of IPv6's.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

/// What is remembered for a while, and not needed after it.
trait Fading {
    /// Returns `true` if the entry can be dropped.
    fn is_faded(&self, now: Uptime) -> bool;
}

/// A bucket, as the moment at which it will be full again (the generic cell rate algorithm).
#[derive(Debug, Clone, Copy, Default)]
struct Bucket(Uptime);

impl Bucket {
    fn check(self, rate: Rate, now: Uptime) -> Result<(), Duration> {
        let wait = self
            .0
            .since(now)
            .saturating_sub(rate.refill * (rate.burst - 1));
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    fn take(&mut self, rate: Rate, now: Uptime) {
        self.0 = self.0.max(now).after(rate.refill);
    }

    fn give_back(&mut self, rate: Rate) {
        self.0 = self.0.before(rate.refill);
    }
}

impl Fading for Bucket {
    fn is_faded(&self, now: Uptime) -> bool {
        self.0 <= now
    }
}

/// When an account last signed in from a network.
#[derive(Debug, Clone, Copy, Default)]
struct LastSignIn(Uptime);

impl Fading for LastSignIn {
    fn is_faded(&self, now: Uptime) -> bool {
        now.since(self.0) >= KNOWN_FOR
    }
}

/// A map that forgets what has faded, and then anything, rather than grow over its capacity.
#[derive(Debug)]
struct Bounded<K, V> {
    entries: HashMap<K, V>,
}

impl<K, V> Default for Bounded<K, V> {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
        }
    }
}

impl<K: Eq + Hash, V: Fading + Default> Bounded<K, V> {
    fn entry(&mut self, key: K, now: Uptime) -> &mut V {
        if self.entries.len() >= CAPACITY && !self.entries.contains_key(&key) {
            self.make_room(now);
        }
        self.entries.entry(key).or_default()
    }

    fn make_room(&mut self, now: Uptime) {
        self.entries.retain(|_, value| !value.is_faded(now));
        if self.entries.len() >= CAPACITY {
            // Drops a random half, so that a flood cannot choose which entries to evict.
            let mut keep = false;
            self.entries.retain(|_, _| {
                keep = !keep;
                keep
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn at(millis: u64) -> Uptime {
        Uptime::new(Duration::from_millis(millis))
    }

    fn attempt(account: &str, network: IpAddr, source: Source) -> Attempt {
        Attempt {
            account: account.to_owned(),
            network,
            source,
        }
    }

    /// A failed attempt from an address, or how long it has to wait.
    fn guess_from(
        throttle: &mut Throttle,
        address: &str,
        account: &str,
        millis: u64,
    ) -> Result<(), Duration> {
        let network = network(address.parse().unwrap());
        let attempt = attempt(account, network, Source::Stranger);
        throttle.admit(&attempt, at(millis))?;
        throttle.settle(&attempt, AttemptResult::Failed, at(millis));
        Ok(())
    }

    /// How long a guess from home has to wait, in milliseconds.
    fn wait(throttle: &mut Throttle, account: &str, millis: u64) -> u64 {
        guess_from(throttle, "127.0.0.1", account, millis)
            .map_or_else(|wait| u64::try_from(wait.as_millis()).unwrap(), |()| 0)
    }

    #[test]
    fn accounts_do_not_wait_for_each_other_and_addresses_have_a_bucket() {
        let mut throttle = Throttle::default();
        for name in 0..100 {
            assert_eq!(wait(&mut throttle, &name.to_string(), 0), 0);
        }
        assert_eq!(wait(&mut throttle, "ada", 0), 200);
        assert_eq!(wait(&mut throttle, "ada", 200), 0);
        assert_eq!(guess_from(&mut throttle, "2001:db8::1", "ada", 200), Ok(()));
    }

    #[test]
    fn neighbours_in_one_ipv6_network_share_a_bucket() {
        let mut throttle = Throttle::default();
        for host in 0..100u16 {
            let address = format!("2001:db8::{host:x}");
            guess_from(&mut throttle, &address, &host.to_string(), 0).unwrap();
        }
        assert!(guess_from(&mut throttle, "2001:db8::ffff", "ada", 0).is_err());
        assert!(guess_from(&mut throttle, "2001:db8:0:1::1", "ada", 0).is_ok());
    }

    #[test]
    fn an_address_opens_ten_accounts_and_then_one_a_minute() {
        let mut throttle = Throttle::default();
        for _ in 0..10 {
            assert_eq!(throttle.admit_registration(HOME, at(0)), Ok(()));
        }
        assert_eq!(
            throttle.admit_registration(HOME, at(0)),
            Err(Duration::from_mins(1))
        );
        assert_eq!(throttle.admit_registration(HOME, at(60_000)), Ok(()));
        assert_eq!(
            wait(&mut throttle, "ada", 60_000),
            0,
            "sign-ins are counted apart"
        );
    }

    fn one_of(servers: u32) -> Throttle {
        let mut throttle = Throttle::default();
        throttle.share_with(NonZeroU32::new(servers).unwrap());
        throttle
    }

    /// How many attempts of somebody who tries ten times a second are admitted in ten minutes, on
    /// each of some servers.
    fn admitted(servers: u32, mut try_once: impl FnMut(&mut Throttle, u64) -> bool) -> usize {
        let mut throttles: Vec<_> = (0..servers).map(|_| one_of(servers)).collect();
        let mut count = 0;
        for millis in (0..600_000).step_by(100) {
            let tried = throttles.iter_mut();
            count += tried
                .filter_map(|throttle| try_once(throttle, millis).then_some(()))
                .count();
        }
        count
    }

    #[test]
    fn several_servers_admit_together_what_one_does() {
        let by_network =
            |throttle: &mut Throttle, millis: u64| wait(throttle, &millis.to_string(), millis) == 0;
        let registrations = |throttle: &mut Throttle, millis: u64| {
            throttle.admit_registration(HOME, at(millis)).is_ok()
        };
        let by_account = |throttle: &mut Throttle, millis: u64| wait(throttle, "ada", millis) == 0;
        for servers in 2..=5 {
            let margin = usize::try_from(servers).unwrap();
            let expected = [
                (
                    admitted(1, by_network),
                    admitted(servers, by_network),
                    margin,
                ),
                (
                    admitted(1, registrations),
                    admitted(servers, registrations),
                    margin,
                ),
                // Until they have learned to pause, each lets in as many.
                (
                    admitted(1, by_account),
                    admitted(servers, by_account),
                    8 * margin,
                ),
            ];
            for (alone, together, margin) in expected {
                assert!(
                    together <= alone + margin,
                    "{servers}: {together} not {alone}"
                );
                assert!(
                    together + margin >= alone,
                    "{servers}: {together} not {alone}"
                );
            }
        }
    }

    #[test]
    fn a_guesser_does_not_delay_those_whom_the_account_knows() {
        let mut throttle = Throttle::default();
        for _ in 0..10 {
            wait(&mut throttle, "ada", 0);
        }
        let session = Source::Session(SessionId::nil());
        for source in [Source::Known(HOME), session] {
            let owner = attempt("ada", HOME, source);
            assert_eq!(throttle.admit(&owner, at(0)), Ok(()));
            throttle.settle(&owner, AttemptResult::Succeeded, at(0));
        }
        assert!(
            wait(&mut throttle, "ada", 0) > 0,
            "the owner's success does not help the guesser"
        );
    }

    #[test]
    fn those_whom_the_account_knows_have_a_back_off_of_their_own() {
        let mut throttle = Throttle::default();
        for source in [Source::Known(HOME), Source::Session(SessionId::nil())] {
            let thief = attempt("ada", HOME, source);
            for _ in 0..3 {
                assert_eq!(throttle.admit(&thief, at(0)), Ok(()));
                throttle.settle(&thief, AttemptResult::Failed, at(0));
            }
            let wait = throttle.admit(&thief, at(0));
            assert_eq!(wait, Err(Duration::from_secs(1)), "{source:?}");
        }
    }

    #[test]
    fn a_client_with_a_token_does_not_wait_for_its_neighbours() {
        let mut throttle = Throttle::default();
        for name in 0..200 {
            wait(&mut throttle, &name.to_string(), 0);
        }
        let owner = attempt("ada", HOME, Source::Session(SessionId::nil()));
        assert_eq!(throttle.admit(&owner, at(0)), Ok(()));
    }

    #[test]
    fn a_network_is_known_after_a_sign_in() {
        let mut throttle = Throttle::default();
        let ada = attempt("ada", HOME, Source::Stranger);
        throttle.admit(&ada, at(0)).unwrap();
        assert!(!throttle.is_known("ada", HOME, at(0)));
        throttle.settle(&ada, AttemptResult::Succeeded, at(0));
        assert!(throttle.is_known("ada", HOME, at(0)));
        assert!(!throttle.is_known("eve", HOME, at(0)));
    }

    #[test]
    fn a_network_is_known_for_thirty_days_after_the_last_sign_in() {
        let mut throttle = Throttle::default();
        let ada = attempt("ada", HOME, Source::Stranger);
        let day = |number: u64| Uptime::new(Duration::from_hours(24 * number));
        for number in [0, 29] {
            throttle.admit(&ada, day(number)).unwrap();
            throttle.settle(&ada, AttemptResult::Succeeded, day(number));
        }
        assert!(throttle.is_known("ada", HOME, day(58)));
        assert!(!throttle.is_known("ada", HOME, day(59)));
    }

    #[test]
    fn an_account_that_could_not_be_opened_is_not_counted() {
        let mut throttle = Throttle::default();
        for _ in 0..100 {
            assert_eq!(throttle.admit_registration(HOME, at(0)), Ok(()));
            throttle.give_back_registration(HOME, at(0));
        }
    }

    #[test]
    fn an_attempt_that_is_given_back_leaves_no_trace() {
        let mut throttle = Throttle::default();
        let ada = attempt("ada", HOME, Source::Stranger);
        for now in 0..1000 {
            assert_eq!(throttle.admit(&ada, at(now)), Ok(()), "attempt {now}");
            throttle.settle(&ada, AttemptResult::GivenBack, at(now));
        }
    }

    #[test]
    fn a_flood_of_invented_names_stays_bounded() {
        let mut throttle = Throttle::default();
        for flood in 0..3 * u64::try_from(CAPACITY).unwrap() {
            let _ = guess_from(&mut throttle, "127.0.0.1", &flood.to_string(), flood * 200);
        }
        assert!(throttle.accounts.entries.len() <= CAPACITY);
    }
}
