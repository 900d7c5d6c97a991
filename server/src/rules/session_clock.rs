//! The time by which sessions are counted.
//!
//! *Session time* passes as real time does while the server runs, whatever the clock of the
//! computer is set to. How long the server was stopped, only that clock can tell, and it may be
//! wrong:
//!
//! - A stop never counts for less than nothing, so session time only ever lags behind real time by
//!   as much as the server was stopped.
//! - If the clock turns out to have been ahead, because it is set back within [`TRUSTED_AFTER`], so
//!   much less is counted for the stop. Until then nothing is purged because of it.
//!
//! Session time and the time of day differ only after somebody has set the clock. Times that people
//! see are converted with [`Moment::to_wall`].

use jiff::{SignedDuration, Timestamp};

use crate::clock::Uptime;

/// How long the server must have run before the clock at its start is taken for right.
pub const TRUSTED_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A clock that is set back by less was only adjusted.
const LEAST_JUMP: SignedDuration = SignedDuration::from_secs(60);

/// One moment by both clocks. The store keeps the latest over a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The time of day.
    pub wall: Timestamp,
    /// The session time.
    pub session: Timestamp,
    /// The time that was counted for stops and may be taken back.
    pub stopped: SignedDuration,
}

impl Moment {
    /// A moment at which both clocks show the same.
    pub fn at(time: Timestamp) -> Self {
        Self {
            wall: time,
            session: time,
            stopped: SignedDuration::ZERO,
        }
    }

    /// Converts a session time to the time of day.
    pub fn to_wall(&self, session: Timestamp) -> Timestamp {
        add(self.wall, session.duration_since(self.session))
    }
}

/// The session time of a running server.
#[derive(Debug, Clone, Copy)]
pub struct SessionClock {
    /// The moment of the start, corrected since.
    start: Moment,
    started: Uptime,
}

impl SessionClock {
    /// Goes on from the moment that was kept. Without one, session time is the time of day.
    pub fn resume(kept: Option<Moment>, wall: Timestamp, started: Uptime) -> Self {
        let start = kept.map_or(Moment::at(wall), |kept| {
            let stop = length_of_stop(kept, wall);
            Moment {
                wall,
                session: add(kept.session, stop),
                stopped: kept.stopped.saturating_add(stop),
            }
        });
        Self { start, started }
    }

    /// The moment at a time of day, in whole milliseconds as the store keeps it.
    pub fn read(&mut self, wall: Timestamp, uptime: Uptime) -> Moment {
        let millis = uptime.since(self.started).as_millis();
        let running = SignedDuration::from_millis(i64::try_from(millis).unwrap_or(i64::MAX));
        if running >= TRUSTED_AFTER {
            self.start.stopped = SignedDuration::ZERO;
        }
        let expected = add(self.start.wall, running);
        let set_back = expected.duration_since(wall);
        if set_back > LEAST_JUMP && set_back <= self.start.stopped {
            self.count_less(set_back);
        }
        Moment {
            wall,
            session: add(self.start.session, running),
            stopped: self.start.stopped,
        }
    }

    /// Corrects the start: the clock was ahead.
    fn count_less(&mut self, set_back: SignedDuration) {
        self.start.wall = add(self.start.wall, -set_back);
        self.start.session = add(self.start.session, -set_back);
        self.start.stopped -= set_back;
    }
}

/// How long the server was stopped. Negative if the clock was ahead before, so that an earlier stop
/// was shorter than counted.
fn length_of_stop(kept: Moment, wall: Timestamp) -> SignedDuration {
    // The second differs from the first if the clock was set while the server ran.
    let by_clock = wall.duration_since(kept.wall);
    let by_session = wall.duration_since(kept.session);
    let (shorter, longer) = (by_clock.min(by_session), by_clock.max(by_session));
    if !shorter.is_negative() {
        shorter
    } else if !longer.is_negative() || -longer <= kept.stopped {
        longer
    } else {
        // The clock is further behind than a wrong one before can explain.
        SignedDuration::ZERO
    }
}

/// The sum, or the nearest representable moment.
fn add(time: Timestamp, duration: SignedDuration) -> Timestamp {
    let limit = if duration.is_negative() {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    time.checked_add(duration).unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn day(number: i32) -> Timestamp {
        Timestamp::UNIX_EPOCH + DAY * number
    }

    /// A computer whose clock may be wrong, with a server on it.
    struct Computer {
        /// The real time since the beginning, in seconds.
        seconds: u64,
        /// How many seconds the clock is ahead.
        ahead: i64,
        clock: SessionClock,
    }

    impl Computer {
        fn new(ahead: i32) -> Self {
            let ahead = i64::from(ahead) * DAY.as_secs();
            let wall = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(ahead);
            Self {
                seconds: 0,
                ahead,
                clock: SessionClock::resume(None, wall, Uptime::default()),
            }
        }

        fn wall(&self) -> Timestamp {
            let seconds = i64::try_from(self.seconds).unwrap() + self.ahead;
            Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
        }

        fn uptime(&self) -> Uptime {
            Uptime::new(Duration::from_secs(self.seconds))
        }

        fn moment(&mut self) -> Moment {
            let (wall, uptime) = (self.wall(), self.uptime());
            self.clock.read(wall, uptime)
        }

        fn run(&mut self, seconds: u64) {
            self.seconds += seconds;
            self.moment();
        }

        fn set(&mut self, by: i64) {
            self.ahead += by;
            self.moment();
        }

        /// Stops the server for a while, during which the clock may be set.
        fn stop(&mut self, seconds: u64, set: i64) {
            let kept = self.moment();
            self.seconds += seconds;
            self.ahead += set;
            self.clock = SessionClock::resume(Some(kept), self.wall(), self.uptime());
        }

        /// The seconds of session time since the beginning, on a clock that was right then.
        fn counted(&mut self) -> i64 {
            self.moment().session.as_second()
        }
    }

    const DAY_SECONDS: u64 = 24 * 3600;

    fn days(number: i64) -> i64 {
        number * 24 * 3600
    }

    #[test]
    fn running_and_stopping_both_count() {
        let mut computer = Computer::new(0);
        computer.run(DAY_SECONDS);
        computer.stop(8 * DAY_SECONDS, 0);
        computer.run(DAY_SECONDS);
        assert_eq!(computer.counted(), days(10));
    }

    #[test]
    fn a_jump_while_the_server_runs_changes_nothing() {
        let mut computer = Computer::new(0);
        for jump in [60, -120, 60, 36_500, -36_500] {
            computer.set(days(jump));
            computer.run(60);
        }
        assert_eq!(computer.counted(), 300);
        computer.set(days(60));
        computer.stop(DAY_SECONDS, 0);
        assert_eq!(computer.counted(), 300 + days(1));
        computer.stop(DAY_SECONDS, days(-60));
        assert_eq!(computer.counted(), 300 + days(2));
    }

    #[test]
    fn a_clock_that_was_ahead_when_the_file_was_made_counts_right_from_then_on() {
        let mut computer = Computer::new(60);
        computer.stop(0, days(-60));
        let before = computer.counted();
        computer.stop(8 * DAY_SECONDS, 0);
        assert_eq!(computer.counted() - before, days(8));
        assert_eq!(computer.moment().to_wall(day(68)), day(8));
    }

    #[test]
    fn a_clock_that_was_ahead_at_the_start_and_is_put_right_counts_nothing_more() {
        let mut computer = Computer::new(0);
        computer.stop(3600, days(60));
        computer.run(3600);
        assert_eq!(computer.counted(), days(60) + 7200);
        assert_eq!(computer.moment().stopped.as_secs(), days(60) + 3600);

        let mut put_right_at_work = Computer { ..computer };
        put_right_at_work.set(days(-60));
        assert_eq!(put_right_at_work.counted(), 7200);

        computer.stop(3600, days(-60));
        assert_eq!(computer.counted(), 3 * 3600);
    }

    #[test]
    fn a_clock_that_starts_in_1970_counts_no_stop_and_ends_nothing() {
        let mut computer = Computer::new(0);
        computer.run(DAY_SECONDS);
        computer.stop(3600, days(-20_000));
        assert_eq!(computer.counted(), days(1));
        computer.set(days(20_000));
        computer.run(3600);
        assert_eq!(computer.counted(), days(1) + 3600);
        computer.stop(3600, 0);
        assert_eq!(computer.counted(), days(1) + 7200);
    }

    /// What may happen to a computer.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        Run(u64),
        Set(i64),
        Stop(u64, i64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let time = prop_oneof![3 => 0u64..7200, 2 => 0u64..DAY_SECONDS, 1 => 0..40 * DAY_SECONDS];
        let jump = prop_oneof![
            2 => Just(0i64),
            2 => -7200i64..7200,
            2 => -days(90)..days(90),
            1 => -days(20_000)..days(20_000),
        ];
        let step = prop_oneof![
            3 => time.clone().prop_map(Step::Run),
            2 => jump.clone().prop_map(Step::Set),
            2 => (time, jump).prop_map(|(time, jump)| Step::Stop(time, jump)),
        ];
        prop::collection::vec(step, 1..40)
    }

    proptest! {
        /// The bounds on the page about security: whatever the clock does, session time lags behind
        /// real time by no more than the stops, and runs ahead by no more than what the clock
        /// jumped forward.
        #[test]
        fn no_jump_of_the_clock_does_more_harm_than_promised(steps in steps()) {
            let mut computer = Computer::new(0);
            let (mut ran, mut stopped, mut leapt) = (0, 0, 0);
            for step in steps {
                match step {
                    Step::Run(seconds) => {
                        computer.run(seconds);
                        ran += i64::try_from(seconds).unwrap();
                    }
                    Step::Set(by) => {
                        computer.set(by);
                        leapt += by.max(0);
                    }
                    Step::Stop(seconds, by) => {
                        computer.stop(seconds, by);
                        stopped += i64::try_from(seconds).unwrap();
                        leapt += by.max(0);
                    }
                }
                let counted = computer.counted();
                prop_assert!(counted >= ran, "{counted} s, after {ran} s of work");
                let most = ran + stopped + leapt;
                prop_assert!(counted <= most, "{counted} s, {most} s at most");
            }
        }

        /// A single leap that is put right within a week leaves no trace.
        #[test]
        fn a_leap_that_is_put_right_leaves_no_trace(
            before in 0..40 * DAY_SECONDS,
            stop in 0..40 * DAY_SECONDS,
            leap in 1..20_000i64,
            ahead_for in 0..7 * DAY_SECONDS,
            at_work in any::<bool>(),
        ) {
            let mut computer = Computer::new(0);
            computer.run(before);
            computer.stop(stop, days(leap));
            computer.run(ahead_for);
            if at_work {
                computer.set(days(-leap));
            } else {
                computer.stop(60, days(-leap));
            }
            prop_assert_eq!(computer.counted(), i64::try_from(computer.seconds).unwrap());
        }
    }
}
