//! Warnings about records: values that are allowed, and yet likely to be mistakes. No record is
//! refused for one.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use crate::employee::{Details, Field};

/// A warning about one field.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordWarning {
    /// The field.
    pub field: Field,
    /// What is unusual about its value.
    pub code: WarningCode,
    /// The same as a sentence for a person. It never repeats the value.
    pub message: String,
}

/// What is unusual about a value.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::open_words))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// Another person has the same one.
    Shared,
    /// It is a day before 1950.
    LongAgo,
    /// It is a day more than a year ahead.
    FarAhead,
    /// A warning that this version does not know.
    #[serde(other)]
    Other,
}

/// Hire dates before this day are unusual.
const EARLIEST_HIRE: Date = date(1950, 1, 1);

impl Details {
    /// The warnings about these values alone, on the day `today`.
    pub fn warnings(&self, today: Date) -> Vec<RecordWarning> {
        let hired = self.hired().and_then(|hired| about_hire_date(hired, today));
        hired.into_iter().collect()
    }
}

/// The warning about a hire date on the day `today`, if it is unusual.
pub fn about_hire_date(hired: Date, today: Date) -> Option<RecordWarning> {
    let latest = today.saturating_add(1.year());
    let (code, message) = if hired < EARLIEST_HIRE {
        (WarningCode::LongAgo, "This day is before 1950.")
    } else if hired > latest {
        (WarningCode::FarAhead, "This day is more than a year ahead.")
    } else {
        return None;
    };
    Some(RecordWarning {
        field: Field::Hired,
        code,
        message: message.to_owned(),
    })
}

/// The warning about an email address that another person has, in any case.
pub fn about_shared_email() -> RecordWarning {
    RecordWarning {
        field: Field::Email,
        code: WarningCode::Shared,
        message: "Another person has this email address.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hire_date_before_1950_or_more_than_a_year_ahead_is_unusual() {
        let today = date(2026, 11, 27);
        for (hired, code) in [
            (date(1949, 12, 31), Some(WarningCode::LongAgo)),
            (date(1950, 1, 1), None),
            (today, None),
            (date(2027, 11, 27), None),
            (date(2027, 11, 28), Some(WarningCode::FarAhead)),
            (date(2199, 12, 31), Some(WarningCode::FarAhead)),
        ] {
            let warning = about_hire_date(hired, today);
            assert_eq!(warning.map(|warning| warning.code), code, "{hired}");
        }
        let leap_day = date(2024, 2, 29);
        assert_eq!(about_hire_date(date(2025, 2, 28), leap_day), None);
        assert!(about_hire_date(date(2025, 3, 1), leap_day).is_some());
    }
}
