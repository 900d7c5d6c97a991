//! The clock: the only place that reads the system time.

use jiff::Timestamp;

/// A clock; tests use one they control.
pub trait Clock: Send + Sync + 'static {
    /// Now, in whole milliseconds.
    fn now(&self) -> Timestamp;
}

/// The system clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        // Truncated to milliseconds like in the database, so that values read back are equal.
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}
