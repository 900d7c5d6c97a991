//! The remaining time of a session.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

/// A duration in its largest unit, so that its text rarely changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLeft {
    /// At least two days.
    Days(i64),
    /// At least an hour.
    Hours(i64),
    /// Less than an hour.
    Minutes(i64),
    /// Expired.
    Over,
}

impl TimeLeft {
    /// The time left from `now` until `end`.
    pub fn until(end: Timestamp, now: Timestamp) -> Self {
        let seconds = end.duration_since(now).as_secs();
        match seconds / 60 {
            _ if seconds <= 0 => Self::Over,
            minutes @ ..60 => Self::Minutes(minutes),
            minutes @ 60..2880 => Self::Hours(minutes / 60),
            minutes => Self::Days(minutes / 1440),
        }
    }

    /// When the value changes next; `None` once expired.
    pub fn changes_at(self, end: Timestamp) -> Option<Timestamp> {
        let still = match self {
            Self::Days(days) => SignedDuration::from_hours(days.checked_mul(24)?),
            Self::Hours(hours) => SignedDuration::from_hours(hours),
            Self::Minutes(minutes) => SignedDuration::from_mins(minutes),
            Self::Over => return None,
        };
        // One second later, since only whole seconds count.
        end.checked_sub(still)
            .ok()?
            .checked_add(SignedDuration::from_secs(1))
            .ok()
    }
}

impl TimeLeft {
    /// The text for a narrow line: `session 6 days`.
    pub fn short(self) -> String {
        self.to_string().replace("ends in ", "")
    }
}

impl fmt::Display for TimeLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "session ends in {days} days"),
            Self::Hours(hours) => write!(f, "session ends in {hours} h"),
            Self::Minutes(0) => f.write_str("session ends in under 1 min"),
            Self::Minutes(minutes) => write!(f, "session ends in {minutes} min"),
            Self::Over => f.write_str("session ended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn the_remaining_time_uses_its_largest_unit() {
        let left = |seconds| TimeLeft::until(after(seconds), after(0)).to_string();
        assert_eq!(left(59), "session ends in under 1 min");
        assert_eq!(left(59 * 60), "session ends in 59 min");
        assert_eq!(left(47 * 3600), "session ends in 47 h");
        assert_eq!(left(30 * 86_400), "session ends in 30 days");
        assert_eq!(left(0), "session ended");
        assert_eq!(left(-3600), "session ended");
    }

    proptest! {
        #[test]
        fn its_text_changes_exactly_when_predicted(end in 1i64..4_000_000) {
            let left = TimeLeft::until(after(end), after(0));
            let change = left.changes_at(after(end)).unwrap();
            prop_assert!(change > after(0));
            prop_assert_eq!(TimeLeft::until(after(end), change - SignedDuration::from_secs(1)), left);
            prop_assert_ne!(TimeLeft::until(after(end), change), left);
        }
    }
}
