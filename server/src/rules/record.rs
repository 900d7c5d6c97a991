//! An employee's record: how a new one begins, and its JSON.

use bytes::Bytes;
use jiff::Timestamp;
use roster_common::employee::{Details, Employee, EmployeeId, Version};

use super::attribution::Attribution;
use super::history::HistoryEnds;

/// One record with its JSON already encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The employee's id.
    pub id: EmployeeId,
    /// The version of the record.
    pub version: Version,
    /// The record as [`Employee`] serialises it.
    pub json: Bytes,
}

impl Record {
    /// Encodes a record.
    pub fn of(employee: &Employee) -> Self {
        Self {
            id: employee.id,
            version: employee.version,
            json: to_json(employee).into(),
        }
    }
}

/// A record as [`Employee`] serialises it.
pub fn to_json(employee: &Employee) -> Vec<u8> {
    // Numbers and texts can always be written to memory.
    serde_json::to_vec(employee).unwrap_or_default()
}

/// The first version of a record.
pub fn first_version(id: EmployeeId, details: Details, attribution: &Attribution) -> Employee {
    let at = to_the_millisecond(attribution.at);
    Employee {
        id,
        details,
        version: Version::FIRST,
        created: at,
        updated: at,
        updated_by: attribution.by.to_string(),
    }
}

/// The next version of a record, with other details. Its number is at least `floor`.
pub fn next_version(
    before: &Employee,
    details: Details,
    floor: Version,
    attribution: &Attribution,
) -> Employee {
    Employee {
        details,
        version: before.version.next().max(floor),
        updated: to_the_millisecond(attribution.at),
        updated_by: attribution.by.to_string(),
        ..before.clone()
    }
}

/// The version of a deleted employee who is restored: higher than any before, and at least `floor`.
/// `ends` are those of the history.
pub fn restored_version(
    id: EmployeeId,
    ends: &HistoryEnds,
    details: Details,
    floor: Version,
    attribution: &Attribution,
) -> Employee {
    Employee {
        version: ends.last.version.next().max(floor),
        created: ends.first.at,
        ..first_version(id, details, attribution)
    }
}

/// Stores keep milliseconds: what is answered now is what will be read later.
pub fn to_the_millisecond(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}
