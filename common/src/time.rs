//! Times as the API writes them: RFC 3339 in UTC, always with three fractional digits, so that all
//! have the same length and sort as text.
//!
//! For `#[serde(with = "crate::time")]`.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Deserialize, Deserializer, Serializer};

const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// A time with milliseconds; what is finer is cut off.
pub fn written(at: Timestamp) -> String {
    PRINTER.timestamp_to_string(&at)
}

/// Writes a time as [`written`] does.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&written(*at))
}

/// Reads a time with any number of fractional digits.
///
/// # Errors
/// If it is not a time.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    Timestamp::deserialize(deserializer)
}

/// For a time that may be absent: `#[serde(default, with = "crate::time::optional")]`.
pub mod optional {
    use super::{Deserialize, Deserializer, Serializer, Timestamp};

    /// Like [`serialize`](super::serialize); `null` without a time.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Like [`deserialize`](super::deserialize); `None` for `null`.
    ///
    /// # Errors
    /// If it is not a time.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Option::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Moment(#[serde(with = "super")] Timestamp);

    #[test]
    fn every_time_has_three_fractional_digits() {
        for (typed, written) in [
            ("2026-11-27T10:00:00Z", "2026-11-27T10:00:00.000Z"),
            ("2026-11-27T10:00:00.5Z", "2026-11-27T10:00:00.500Z"),
            ("2026-11-27T10:00:00.123999Z", "2026-11-27T10:00:00.123Z"),
            ("2026-11-27T12:00:00.120+02:00", "2026-11-27T10:00:00.120Z"),
        ] {
            let moment: Moment = serde_json::from_value(typed.into()).unwrap();
            assert_eq!(serde_json::to_value(&moment).unwrap(), written);
        }
    }
}
