//! The back-off of one account: a pause after each failure that doubles, and a queue for the end of
//! the pause.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use super::Fading;
use crate::clock::Uptime;

/// Failures that cost no waiting: people mistype.
const FREE_FAILURES: u32 = 3;
/// How many attempts may be under way before any pause: the programs of one person may all sign in
/// when the computer starts.
const AT_ONCE: u32 = 8;
/// The first pause.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause: nobody is locked out for good.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// When failures are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(15);
/// How many networks keep their turn for the end of the pause.
const MOST_WAITING: usize = 8;
/// When a network that has not asked again loses its turn.
const TURN_LOST_AFTER: Duration = Duration::from_mins(1);

/// The failed attempts on an account since the last success, and those under way.
#[derive(Debug, Default)]
pub(super) struct BackOff {
    failures: u32,
    pending: u32,
    last_failure: Uptime,
    /// The networks that were told to wait, in the order in which they first asked.
    waiting: VecDeque<Turn>,
}

/// A network's turn.
#[derive(Debug)]
struct Turn {
    network: IpAddr,
    last_asked: Uptime,
}

impl BackOff {
    /// Lets an attempt in, or says how long to wait. Of the networks that wait, the one that asked
    /// first is let in first, so that a fast guesser cannot take every turn. With several servers
    /// every wait is that many times as long, so that all together let in as many as one would.
    pub(super) fn admit(
        &mut self,
        network: IpAddr,
        servers: NonZeroU32,
        now: Uptime,
    ) -> Result<(), Duration> {
        if self.is_faded(now) {
            *self = Self::default();
        }
        // Attempts under way are limited even without failures. Otherwise all guesses of a burst
        // would be let in before the first of them has failed.
        let wait = if self.failures >= FREE_FAILURES {
            self.wait_for_turn(network, servers, now)
        } else if self.pending >= AT_ONCE {
            FIRST_PAUSE
        } else {
            Duration::ZERO
        };
        if !wait.is_zero() {
            return Err(wait.min(LONGEST_PAUSE * servers.get()));
        }
        self.waiting.retain(|turn| turn.network != network);
        self.pending += 1;
        Ok(())
    }

    /// The attempt was wrong: the pause begins, and is twice as long as the last one.
    pub(super) fn failed(&mut self, now: Uptime) {
        self.pending = self.pending.saturating_sub(1);
        self.failures = self.failures.saturating_add(1);
        self.last_failure = now;
    }

    /// The person signed in: nobody waits any longer.
    pub(super) fn succeeded(&mut self) {
        self.pending = self.pending.saturating_sub(1);
        self.failures = 0;
        self.waiting.clear();
    }

    /// The attempt was not made, so it does not count. The network's turn comes next.
    pub(super) fn give_back(&mut self, network: IpAddr, now: Uptime) {
        self.pending = self.pending.saturating_sub(1);
        if self.failures >= FREE_FAILURES {
            self.waiting.truncate(MOST_WAITING - 1);
            self.waiting.push_front(Turn {
                network,
                last_asked: now,
            });
        }
    }

    /// How long the network has to wait for its turn, which it keeps if it asks again in time.
    fn wait_for_turn(&mut self, network: IpAddr, servers: NonZeroU32, now: Uptime) -> Duration {
        let lost_after = TURN_LOST_AFTER * servers.get();
        self.waiting
            .retain(|turn| now.since(turn.last_asked) < lost_after);
        let mut turns = self.waiting.iter();
        let ahead = turns.position(|turn| turn.network == network);
        let ahead = ahead.unwrap_or(self.waiting.len());
        let pause = self.pause_left(servers, now);
        if ahead == 0 && pause.is_zero() {
            return Duration::ZERO;
        }
        self.keep_turn(network, now);
        // Each of those ahead may fail, which causes another pause.
        let pauses_ahead = (1..)
            .take(ahead)
            .map(|failures| self.pause_after(failures, servers));
        pause + pauses_ahead.sum::<Duration>()
    }

    fn keep_turn(&mut self, network: IpAddr, now: Uptime) {
        let mut turns = self.waiting.iter_mut();
        if let Some(turn) = turns.find(|turn| turn.network == network) {
            turn.last_asked = now;
        } else if self.waiting.len() < MOST_WAITING {
            self.waiting.push_back(Turn {
                network,
                last_asked: now,
            });
        }
    }

    /// What is left of the pause. Attempts under way count as if they failed now.
    fn pause_left(&self, servers: NonZeroU32, now: Uptime) -> Duration {
        if self.pending > 0 {
            return self.pause_after(self.pending, servers);
        }
        self.pause_after(0, servers)
            .saturating_sub(now.since(self.last_failure))
    }

    /// The pause after some more failures.
    fn pause_after(&self, more: u32, servers: NonZeroU32) -> Duration {
        let failures = self.failures.saturating_add(more);
        let doublings = failures.saturating_sub(FREE_FAILURES);
        // The shift is bounded: past it the longest pause applies anyway.
        let pause = (FIRST_PAUSE * (1 << doublings.min(10))).min(LONGEST_PAUSE);
        pause * servers.get()
    }
}

impl Fading for BackOff {
    fn is_faded(&self, now: Uptime) -> bool {
        self.pending == 0 && now.since(self.last_failure) >= FORGOTTEN_AFTER
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    /// The number of servers, if there is one.
    const ALONE: NonZeroU32 = NonZeroU32::MIN;

    fn at(seconds: u64) -> Uptime {
        Uptime::new(Duration::from_secs(seconds))
    }

    /// A failed attempt, or how many seconds it has to wait.
    fn guess(back_off: &mut BackOff, network: IpAddr, second: u64) -> u64 {
        let admitted = back_off.admit(network, ALONE, at(second));
        if admitted.is_ok() {
            back_off.failed(at(second));
        }
        admitted.map_or_else(|wait| wait.as_secs(), |()| 0)
    }

    /// A back-off after this many failures.
    fn after(failures: u32, second: u64) -> BackOff {
        BackOff {
            failures,
            last_failure: at(second),
            ..BackOff::default()
        }
    }

    #[test]
    fn the_back_off_doubles_to_thirty_seconds_and_no_further() {
        let mut back_off = BackOff::default();
        let free = [0; 3].map(|second| guess(&mut back_off, HERE, second));
        assert_eq!(free, [0; 3], "three are free");
        let mut second = 0;
        let mut waits = Vec::new();
        for _ in 0..9 {
            let pause = guess(&mut back_off, HERE, second);
            waits.push(pause);
            second += pause;
            let wait = guess(&mut back_off, HERE, second);
            assert_eq!(wait, 0, "after the wait it is let in");
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30, 30]);
    }

    #[test]
    fn a_success_and_a_quarter_of_an_hour_both_forgive() {
        let mut back_off = after(3, 0);
        assert_eq!(guess(&mut back_off, HERE, 0), 1);
        back_off.admit(HERE, ALONE, at(1)).unwrap();
        back_off.succeeded();
        assert_eq!(guess(&mut back_off, HERE, 1), 0);

        let mut back_off = after(9, 0);
        let again = [0, 1, 2].map(|_| guess(&mut back_off, HERE, 900));
        assert_eq!(again, [0, 0, 0]);
    }

    #[test]
    fn eight_attempts_may_be_under_way_before_any_fails() {
        let mut back_off = BackOff::default();
        for _ in 0..AT_ONCE {
            assert_eq!(back_off.admit(HERE, ALONE, at(0)), Ok(()));
        }
        assert_eq!(back_off.admit(HERE, ALONE, at(0)), Err(FIRST_PAUSE));
        for _ in 0..AT_ONCE {
            back_off.failed(at(0));
        }
        assert_eq!(guess(&mut back_off, HERE, 0), 30, "all of them count");
    }

    #[test]
    fn in_a_back_off_one_attempt_is_under_way_at_a_time() {
        let mut back_off = after(5, 0);
        assert_eq!(back_off.admit(HERE, ALONE, at(30)), Ok(()));
        assert_eq!(
            back_off.admit(HERE, ALONE, at(30)),
            Err(Duration::from_secs(8))
        );
    }

    #[test]
    fn who_waits_keeps_their_turn_however_fast_another_guesses() {
        let mut back_off = after(20, 0);
        let mut guesses = 0;
        let mut owner_asks_at = 1;
        // The guesser asks every second, the owner only when told to.
        for second in 0..200 {
            guesses += u32::from(guess(&mut back_off, THERE, second) == 0);
            if second == owner_asks_at {
                match back_off.admit(HERE, ALONE, at(second)) {
                    Ok(()) => {
                        assert_eq!((second, guesses), (60, 1));
                        return;
                    }
                    Err(wait) => owner_asks_at += wait.as_secs(),
                }
            }
        }
        panic!("the owner was never let in");
    }

    #[test]
    fn a_turn_that_is_not_taken_is_lost_after_a_minute() {
        let mut back_off = after(20, 0);
        assert_eq!(guess(&mut back_off, THERE, 0), 30);
        assert_eq!(guess(&mut back_off, HERE, 10), 30);
        assert_eq!(guess(&mut back_off, HERE, 40), 30, "the other one is first");
        assert_eq!(guess(&mut back_off, HERE, 60), 0);
    }

    #[test]
    fn a_turn_that_is_given_back_is_the_next() {
        let mut back_off = after(20, 0);
        guess(&mut back_off, HERE, 0);
        guess(&mut back_off, THERE, 0);
        assert_eq!(back_off.admit(HERE, ALONE, at(30)), Ok(()));
        back_off.give_back(HERE, at(30));
        assert_eq!(guess(&mut back_off, THERE, 30), 30);
        assert_eq!(guess(&mut back_off, HERE, 31), 0);
    }

    #[test]
    fn each_of_three_servers_pauses_three_times_as_long_and_keeps_turns_as_much_longer() {
        let three = NonZeroU32::new(3).unwrap();
        let mut back_off = after(3, 0);
        let wait = back_off.admit(HERE, three, at(0));
        assert_eq!(wait, Err(Duration::from_secs(3)));
        let mut back_off = after(20, 0);
        let wait = back_off.admit(HERE, three, at(0));
        assert_eq!(wait, Err(Duration::from_secs(90)));
        // Whoever waits as long as they were told to has their turn then.
        assert!(back_off.admit(THERE, three, at(89)).is_err());
        assert_eq!(back_off.admit(HERE, three, at(90)), Ok(()));
    }

    #[test]
    fn the_turns_of_many_networks_need_little_memory() {
        let mut back_off = after(20, 0);
        for host in 0..=255 {
            guess(&mut back_off, IpAddr::V4(Ipv4Addr::new(192, 0, 2, host)), 0);
        }
        assert_eq!(back_off.waiting.len(), MOST_WAITING);
    }
}
