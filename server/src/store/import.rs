//! What an import gives the store, and what the store says of it.

use jiff::Timestamp;
use roster_common::employee::{Details, Employee, EmployeeId, Version};
use roster_common::problem::FieldError;
use serde::{Deserialize, Serialize};

use super::Stamp;

/// One record of an import that has passed the rules of its fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRecord {
    /// The number that it is to have; the next free one if not said.
    pub id: Option<EmployeeId>,
    /// What it says. Its manager may be a record of the same import, in any order.
    pub details: Details,
}

/// Many of them in little room: about as many bytes as their texts have, and a few more each.
#[derive(Debug, Clone, Default)]
pub struct ImportRecords {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl ImportRecords {
    /// Adds one behind the others.
    pub fn push(&mut self, record: &ImportRecord) {
        // Numbers and texts can always be written to memory.
        self.bytes
            .extend(postcard::to_allocvec(record).unwrap_or_default());
        self.ends.push(self.bytes.len());
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// One of them, by its place.
    pub fn get(&self, place: usize) -> Option<ImportRecord> {
        let start = place
            .checked_sub(1)
            .map_or(Some(0), |before| self.ends.get(before).copied())?;
        postcard::from_bytes(self.bytes.get(start..*self.ends.get(place)?)?).ok()
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = ImportRecord> {
        (0..self.len()).filter_map(|place| self.get(place))
    }
}

impl FromIterator<ImportRecord> for ImportRecords {
    fn from_iter<I: IntoIterator<Item = ImportRecord>>(records: I) -> Self {
        let mut all = Self::default();
        records.into_iter().for_each(|record| all.push(&record));
        all
    }
}

/// The records that an import adds. They are read anew each time that they are wanted: many of them would take much
/// more room than their bytes do.
pub(crate) struct NewEmployees {
    records: ImportRecords,
    /// Each record's id and its place, in the order of the ids.
    good: Vec<(EmployeeId, usize)>,
    stamp: Stamp,
}

impl NewEmployees {
    /// `good` has the id and the place of each record that is added, in the order of the ids.
    pub(super) fn new(
        records: ImportRecords,
        good: Vec<(EmployeeId, usize)>,
        stamp: Stamp,
    ) -> Self {
        Self {
            records,
            good,
            stamp,
        }
    }

    /// Each of them, in the order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Employee> {
        let employee = |(id, place): &(EmployeeId, usize)| {
            Some(new_employee(
                *id,
                self.records.get(*place)?.details,
                &self.stamp,
            ))
        };
        self.good.iter().filter_map(employee)
    }
}

/// A record that nobody has changed yet.
pub(super) fn new_employee(id: EmployeeId, details: Details, stamp: &Stamp) -> Employee {
    let at = to_the_millisecond(stamp.at);
    Employee {
        id,
        details,
        version: Version::FIRST,
        created: at,
        updated: at,
        updated_by: stamp.by.as_str().to_owned(),
    }
}

/// As the file keeps it, so that what is answered now is what will be read later.
pub(super) fn to_the_millisecond(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// Whether an import is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// Only if every record is good.
    IfAllGood,
    /// The good records, without the bad ones.
    Good,
    /// Never: a rehearsal.
    Never,
}

/// What became of the records of an import, in their order: the id that each has or would have.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// One entry a record.
    pub records: Vec<Result<EmployeeId, Box<FieldError>>>,
    /// Whether the good ones were written.
    pub written: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn records_come_back_as_they_were_and_in_their_order() {
        let details = sample::employees(50, 1).map(|changes| changes.to_details().unwrap());
        let record = |(number, details)| ImportRecord {
            id: EmployeeId::try_from(number % 3).ok(),
            details,
        };
        let records: Vec<_> = (0u64..).zip(details).map(record).collect();
        let kept: ImportRecords = records.iter().cloned().collect();
        assert_eq!(kept.iter().collect::<Vec<_>>(), records);
        assert_eq!(
            (kept.len(), kept.get(49), kept.get(50)),
            (50, records.last().cloned(), None)
        );
    }
}
