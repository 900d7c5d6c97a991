//! What time it is: the one place that asks.

use jiff::Timestamp;

/// A clock, so that a test can turn one.
pub trait Clock: Send + Sync + 'static {
    /// Now, in whole milliseconds.
    fn now(&self) -> Timestamp;
}

/// The computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        // In whole milliseconds, as the database keeps it: what is read back equals what was written.
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}
