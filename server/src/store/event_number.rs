//! The order of events.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use roster_common::event::Event;

/// The number of an event. Numbers are totally ordered, across restarts and servers: a later event
/// has a greater one. Nothing else may be concluded from a number; its text is opaque to clients,
/// who send it back as `Last-Event-ID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventNumber {
    serial: u64,
    position: u64,
}

impl EventNumber {
    /// The number of the event at a position, from 1, in the commit with that serial.
    pub(super) fn new(serial: u64, position: u64) -> Self {
        Self { serial, position }
    }

    /// A number between the events of a commit and those of the next.
    pub(super) fn after_commit(serial: u64) -> Self {
        Self::new(serial.saturating_add(1), 0)
    }
}

impl fmt::Display for EventNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.serial, self.position)
    }
}

/// The text is not an event number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an event number")]
pub struct NotAnEventNumber;

impl FromStr for EventNumber {
    type Err = NotAnEventNumber;

    fn from_str(text: &str) -> Result<Self, NotAnEventNumber> {
        let (serial, position) = text.split_once('-').ok_or(NotAnEventNumber)?;
        let number = |digits: &str| digits.parse().map_err(|_| NotAnEventNumber);
        Ok(Self::new(number(serial)?, number(position)?))
    }
}

/// An event with its number.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberedEvent {
    /// Its place in the order of all events.
    pub number: EventNumber,
    /// What happened.
    pub event: Arc<Event>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ordered_by_commit_and_position_and_read_back() {
        let numbers = [
            EventNumber::new(1, 9),
            EventNumber::after_commit(1),
            EventNumber::new(2, 1),
            EventNumber::new(2, 5000),
            EventNumber::new(10, 1),
        ];
        assert!(numbers.is_sorted_by(|one, next| one < next));
        for number in numbers {
            assert_eq!(number.to_string().parse(), Ok(number));
        }
        for text in ["", "7", "7-", "-7", "a-b", "1-2-3"] {
            assert_eq!(text.parse::<EventNumber>(), Err(NotAnEventNumber), "{text}");
        }
    }
}
