//! The state while the server is unreachable.

use std::time::Duration;

use jiff::Timestamp;

/// The message while a filter waits for the server, which searches for it.
pub const FILTER_WAITS: &str = "Offline. The filter applies when the server is back.";

/// Set while the server is unreachable; the screen shows the last known data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offline {
    /// The number of failed attempts in a row.
    pub tries: u32,
    /// The time of the next attempt.
    pub next: Timestamp,
    /// Whether an attempt is in flight.
    pub trying: bool,
    /// The last error.
    pub why: String,
}

impl Offline {
    /// The longest delay between two attempts.
    const LONGEST_PAUSE: Duration = Duration::from_secs(30);

    /// The state after `tries` failed attempts, the last at `now`, and the delay before the next,
    /// which doubles each time.
    pub fn after(tries: u32, now: Timestamp, why: String) -> (Self, Duration) {
        let pause =
            Duration::from_secs(1 << tries.saturating_sub(1).min(5)).min(Self::LONGEST_PAUSE);
        let next = now.checked_add(pause).unwrap_or(Timestamp::MAX);
        (
            Self {
                tries,
                next,
                trying: false,
                why,
            },
            pause,
        )
    }
}
