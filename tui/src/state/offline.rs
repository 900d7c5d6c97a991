//! The state while the server is unreachable.

use std::time::Duration;

use jiff::Timestamp;

/// The server has not been reached; what is on the screen is as it was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offline {
    /// How often in a row.
    pub tries: u32,
    /// When it is tried again.
    pub next: Timestamp,
    /// Whether it is being tried now.
    pub trying: bool,
    /// What failed, the last time.
    pub why: String,
}

impl Offline {
    /// The longest time between two tries.
    const LONGEST_PAUSE: Duration = Duration::from_secs(30);

    /// The server has not been reached `tries` times in a row, the last time at `now`; and how long to wait before
    /// the next: each time twice as long.
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
