//! How often somebody may try to sign in: a bucket for each address, and a soft back-off for each account; and how
//! often an address may open accounts.
//!
//! Attempts are counted when they are admitted, so that parallel ones count; a success resets the account. Names that do not exist count
//! like those that do. It is all in memory and bounded: a second server would count for itself.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};

use jiff::{SignedDuration, Timestamp};

/// The sign-ins of an address.
const SIGN_INS: Rate = Rate {
    burst: 100,
    refill: SignedDuration::from_millis(200),
};
/// The accounts that an address opens for itself.
const REGISTRATIONS: Rate = Rate {
    burst: 10,
    refill: SignedDuration::from_mins(1),
};
/// Attempts on one account that cost no waiting: people mistype.
const FREE_ATTEMPTS: u32 = 3;
/// The longest wait for an account: nobody is locked out for good.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// When an account's attempts are forgotten.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// How many addresses, and how many accounts, are remembered.
const CAPACITY: usize = 50_000;

/// A rate limit.
#[derive(Debug, Clone, Copy)]
struct Rate {
    /// The burst size.
    burst: i32,
    /// The time until one more attempt is allowed.
    refill: SignedDuration,
}

/// Counts attempts.
#[derive(Debug, Default)]
pub struct Throttle {
    addresses: Bounded<IpAddr, Bucket>,
    registrations: Bounded<IpAddr, Bucket>,
    accounts: Bounded<String, Attempts>,
}

impl Throttle {
    /// Lets an attempt in and counts it, or says how long to wait; a refused one does not count.
    ///
    /// # Errors
    /// The time after which another attempt will be let in.
    pub fn admit(
        &mut self,
        address: IpAddr,
        account: &str,
        now: Timestamp,
    ) -> Result<(), SignedDuration> {
        let bucket = self
            .addresses
            .get(&network(address))
            .unwrap_or(Bucket::full());
        let attempts = self.accounts.get(&account.to_owned()).unwrap_or_default();
        let wait = bucket.wait(SIGN_INS, now).max(attempts.wait(now));
        if wait > SignedDuration::ZERO {
            return Err(wait);
        }
        self.addresses
            .set(network(address), bucket.taken(SIGN_INS, now), now);
        self.accounts
            .set(account.to_owned(), attempts.one_more(now), now);
        Ok(())
    }

    /// Lets an address open an account, if there is one to be had, and counts it; or says how long to wait.
    ///
    /// # Errors
    /// The time after which another will be let in.
    pub fn admit_registration(
        &mut self,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<(), SignedDuration> {
        let bucket = self
            .registrations
            .get(&network(address))
            .unwrap_or(Bucket::full());
        let wait = bucket.wait(REGISTRATIONS, now);
        if wait > SignedDuration::ZERO {
            return Err(wait);
        }
        self.registrations
            .set(network(address), bucket.taken(REGISTRATIONS, now), now);
        Ok(())
    }

    /// Resets an account's attempts after a success.
    pub fn succeeded(&mut self, account: &str) {
        self.accounts.entries.remove(account);
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
trait Fading: Copy {
    /// Returns `true` if the entry can be dropped.
    fn is_faded(&self, now: Timestamp) -> bool;
}

/// A bucket, as the moment at which it will be full again (the generic cell rate algorithm).
#[derive(Debug, Clone, Copy)]
struct Bucket(Timestamp);

impl Bucket {
    fn full() -> Self {
        Self(Timestamp::MIN)
    }

    /// A bucket cannot be further from full than empty, though the clock be set back.
    fn full_at(self, rate: Rate, now: Timestamp) -> Timestamp {
        self.0.clamp(now, now + rate.refill * rate.burst)
    }

    fn wait(self, rate: Rate, now: Timestamp) -> SignedDuration {
        (self.full_at(rate, now).duration_since(now) - rate.refill * (rate.burst - 1))
            .max(SignedDuration::ZERO)
    }

    fn taken(self, rate: Rate, now: Timestamp) -> Self {
        Self(self.full_at(rate, now) + rate.refill)
    }
}

impl Fading for Bucket {
    fn is_faded(&self, now: Timestamp) -> bool {
        self.0 <= now
    }
}

/// The attempts on an account since the last success.
#[derive(Debug, Clone, Copy, Default)]
struct Attempts {
    count: u32,
    last: Timestamp,
}

impl Attempts {
    fn wait(self, now: Timestamp) -> SignedDuration {
        if self.count < FREE_ATTEMPTS || self.is_faded(now) {
            return SignedDuration::ZERO;
        }
        // The shift is bounded: past it the longest wait rules anyway.
        let pause =
            SignedDuration::from_secs(1 << (self.count - FREE_ATTEMPTS).min(10)).min(LONGEST_WAIT);
        // A clock that was set back must not make the wait longer than the pause.
        (pause - now.duration_since(self.last)).clamp(SignedDuration::ZERO, pause)
    }

    fn one_more(self, now: Timestamp) -> Self {
        let before = if self.is_faded(now) { 0 } else { self.count };
        Self {
            count: before.saturating_add(1),
            last: now,
        }
    }
}

impl Fading for Attempts {
    fn is_faded(&self, now: Timestamp) -> bool {
        now.duration_since(self.last) >= FORGOTTEN_AFTER
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

impl<K: Eq + Hash, V: Fading> Bounded<K, V> {
    fn get(&self, key: &K) -> Option<V> {
        self.entries.get(key).copied()
    }

    fn set(&mut self, key: K, value: V, now: Timestamp) {
        if self.entries.len() >= CAPACITY && !self.entries.contains_key(&key) {
            self.make_room(now);
        }
        self.entries.insert(key, value);
    }

    fn make_room(&mut self, now: Timestamp) {
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

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    fn wait(throttle: &mut Throttle, account: &str, millis: i64) -> i64 {
        throttle
            .admit(HOME, account, at(millis))
            .map_or_else(|wait| i64::try_from(wait.as_millis()).unwrap(), |()| 0)
    }

    #[test]
    fn the_back_off_doubles_to_thirty_seconds_and_no_further() {
        let mut throttle = Throttle::default();
        assert_eq!(
            [0; 3].map(|now| wait(&mut throttle, "ada", now)),
            [0; 3],
            "three are free"
        );
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..9 {
            let pause = wait(&mut throttle, "ada", now);
            waits.push(pause / 1000);
            now += pause;
            assert_eq!(
                wait(&mut throttle, "ada", now),
                0,
                "after the wait it is let in"
            );
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30, 30]);
    }

    #[test]
    fn a_success_and_a_quarter_of_an_hour_both_forgive() {
        let mut throttle = Throttle::default();
        for _ in 0..3 {
            wait(&mut throttle, "ada", 0);
        }
        assert_eq!(wait(&mut throttle, "ada", 0), 1000);
        throttle.succeeded("ada");
        assert_eq!(wait(&mut throttle, "ada", 0), 0);
        for _ in 0..9 {
            wait(&mut throttle, "eve", 0);
        }
        assert_eq!(
            [0, 1, 2].map(|_| wait(&mut throttle, "eve", 900_000)),
            [0, 0, 0]
        );
    }

    #[test]
    fn accounts_do_not_wait_for_each_other_and_addresses_have_a_bucket() {
        let mut throttle = Throttle::default();
        for name in 0..100 {
            assert_eq!(wait(&mut throttle, &name.to_string(), 0), 0);
        }
        assert_eq!(wait(&mut throttle, "ada", 0), 200);
        assert_eq!(wait(&mut throttle, "ada", 200), 0);
        let elsewhere = "2001:db8::1".parse().unwrap();
        assert_eq!(throttle.admit(elsewhere, "ada", at(200)), Ok(()));
    }

    #[test]
    fn neighbours_in_one_ipv6_network_share_a_bucket() {
        let mut throttle = Throttle::default();
        for host in 0..100u16 {
            let address = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, host));
            throttle.admit(address, &host.to_string(), at(0)).unwrap();
        }
        assert!(
            throttle
                .admit("2001:db8::ffff".parse().unwrap(), "ada", at(0))
                .is_err()
        );
        assert!(
            throttle
                .admit("2001:db8:0:1::1".parse().unwrap(), "ada", at(0))
                .is_ok()
        );
    }

    #[test]
    fn an_address_opens_ten_accounts_and_then_one_a_minute() {
        let mut throttle = Throttle::default();
        for _ in 0..10 {
            assert_eq!(throttle.admit_registration(HOME, at(0)), Ok(()));
        }
        assert_eq!(
            throttle.admit_registration(HOME, at(0)),
            Err(SignedDuration::from_mins(1))
        );
        assert_eq!(throttle.admit_registration(HOME, at(60_000)), Ok(()));
        assert_eq!(
            wait(&mut throttle, "ada", 60_000),
            0,
            "sign-ins are counted apart"
        );
    }

    #[test]
    fn a_flood_of_invented_names_stays_bounded() {
        let mut throttle = Throttle::default();
        for flood in 0..3 * i64::try_from(CAPACITY).unwrap() {
            let _ = throttle.admit(HOME, &flood.to_string(), at(flood * 200));
        }
        assert!(throttle.accounts.entries.len() <= CAPACITY);
    }

    #[test]
    fn a_clock_set_back_makes_no_wait_longer() {
        let mut throttle = Throttle::default();
        for _ in 0..3 {
            wait(&mut throttle, "ada", 3_600_000);
        }
        assert_eq!(wait(&mut throttle, "ada", 0), 1000);
        for name in 0..97 {
            wait(&mut throttle, &name.to_string(), 3_600_000);
        }
        assert_eq!(wait(&mut throttle, "eve", 0), 200);
    }
}
