//! The id of an employee.

use std::fmt;
use std::num::NonZero;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An employee's id: a positive number that the server assigns and never reuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct EmployeeId(NonZero<u64>);

impl EmployeeId {
    /// The largest id: JSON numbers are exact up to 2^53 - 1 in every client (RFC 8259, section 6).
    pub const MAX: u64 = (1 << 53) - 1;

    /// The id as a number.
    pub fn get(self) -> u64 {
        self.0.get()
    }
}

/// A number that is not an employee's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an employee id is a positive whole number")]
pub struct InvalidId;

impl TryFrom<u64> for EmployeeId {
    type Error = InvalidId;

    fn try_from(number: u64) -> Result<Self, InvalidId> {
        let number = NonZero::new(number).ok_or(InvalidId)?;
        if number.get() <= Self::MAX {
            Ok(Self(number))
        } else {
            Err(InvalidId)
        }
    }
}

impl From<EmployeeId> for u64 {
    fn from(id: EmployeeId) -> u64 {
        id.get()
    }
}

impl FromStr for EmployeeId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        // `u64::from_str` takes a leading plus sign; a path segment and a CSV cell do not.
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidId);
        }
        text.parse::<u64>().map_err(|_| InvalidId)?.try_into()
    }
}

impl fmt::Display for EmployeeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
