//! The clocks: the only place that reads the time from the system.

use std::time::Duration;

use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// The clocks of a computer; tests use ones they control.
pub trait Clock: Send + Sync + 'static {
    /// The time of day, in whole milliseconds. It jumps when somebody sets the clock.
    fn now(&self) -> Timestamp;

    /// The time since the computer was started, including the time that it was suspended.
    fn uptime(&self) -> Uptime;
}

/// A moment, as the time since the computer was started.
///
/// Unlike the time of day, it never goes back and never jumps, so waits are measured with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uptime(Duration);

impl Uptime {
    /// The moment that is `since_start` after the start of the computer.
    pub const fn new(since_start: Duration) -> Self {
        Self(since_start)
    }

    /// The time from an earlier moment to this one; zero if it was not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The moment that comes `wait` later.
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(wait))
    }

    /// The moment that was `wait` earlier.
    pub fn before(self, wait: Duration) -> Self {
        Self(self.0.saturating_sub(wait))
    }
}

/// The clocks of this computer.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        // Truncated to milliseconds like in the database, so that values read back are equal.
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    fn uptime(&self) -> Uptime {
        // Elsewhere the monotonic clock is the only one that cannot be set.
        #[cfg(target_os = "linux")]
        let clock = ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        let clock = ClockId::Monotonic;
        // The time since the start is never negative.
        Uptime(clock_gettime(clock).try_into().unwrap_or_default())
    }
}
