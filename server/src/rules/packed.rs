//! The rows of an import in little memory.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;
use std::sync::Arc;

use roster_common::employee::{Details, Employee, EmployeeId};
use roster_common::text::folded;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::attribution::Attribution;
use super::record::first_version;

/// One record of an import that has passed the rules of its fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRecord {
    /// The id that it asks for; `None` for the next free one.
    pub id: Option<EmployeeId>,
    /// Its fields. The manager may be a record of the same import, in any order.
    pub details: Details,
}

/// Many rows of an import, packed: about as many bytes as their texts have, and a few more each.
///
/// Each has the line of the body on which it stands, since a row can name the line of its manager,
/// who has no id yet.
#[derive(Debug, Clone)]
pub struct PackedRows<T> {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The line of each row; they go up.
    lines: Vec<u64>,
    /// The lines of the rows that were refused before; they go up.
    refused_lines: Vec<u64>,
    row: PhantomData<fn() -> T>,
}

impl<T> Default for PackedRows<T> {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            ends: Vec::new(),
            lines: Vec::new(),
            refused_lines: Vec::new(),
            row: PhantomData,
        }
    }
}

/// Who is on a line of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnLine {
    /// The row of this index.
    Row(usize),
    /// A row that was refused.
    Refused,
    /// No row begins there.
    Nobody,
}

impl<T: Serialize + DeserializeOwned> PackedRows<T> {
    /// Appends a row on a line after all others.
    pub fn push(&mut self, line: u64, row: &T) {
        self.lines.push(line);
        // Numbers and texts can always be written to memory.
        self.bytes
            .extend(postcard::to_allocvec(row).unwrap_or_default());
        self.ends.push(self.bytes.len());
    }

    /// Notes that the row on a line was refused.
    pub fn refuse_line(&mut self, line: u64) {
        self.refused_lines.push(line);
    }

    /// The lines of the rows that were refused.
    pub fn refused_lines(&self) -> &[u64] {
        &self.refused_lines
    }

    /// The line of each row.
    pub fn lines(&self) -> &[u64] {
        &self.lines
    }

    /// Who is on a line.
    pub fn on_line(&self, line: u64) -> OnLine {
        match (
            self.lines.binary_search(&line),
            self.refused_lines.binary_search(&line),
        ) {
            (Ok(index), _) => OnLine::Row(index),
            (Err(_), Ok(_)) => OnLine::Refused,
            (Err(_), Err(_)) => OnLine::Nobody,
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns `true` if there are no rows.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The row at an index.
    pub fn get(&self, index: usize) -> Option<T> {
        let start = index
            .checked_sub(1)
            .map_or(Some(0), |before| self.ends.get(before).copied())?;
        postcard::from_bytes(self.bytes.get(start..*self.ends.get(index)?)?).ok()
    }

    /// All rows in their order.
    pub fn iter(&self) -> impl Iterator<Item = T> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

/// The records of an import.
#[derive(Debug, Clone, Default)]
pub struct ImportRecords {
    rows: PackedRows<ImportRecord>,
    /// The index of each record that names the line of its manager, and this line.
    manager_lines: Vec<(usize, u64)>,
}

impl ImportRecords {
    /// Appends a record on the next line.
    pub fn push(&mut self, record: &ImportRecord) {
        let line = self.lines().last().map_or(1, |last| last + 1);
        self.push_on_line(line, record, None);
    }

    /// Appends a record on a line after all others. `manager_line` is the line of its manager.
    pub fn push_on_line(&mut self, line: u64, record: &ImportRecord, manager_line: Option<u64>) {
        let index = self.len();
        self.manager_lines
            .extend(manager_line.map(|manager| (index, manager)));
        self.rows.push(line, record);
    }

    /// Notes that the row on a line was refused.
    pub fn refuse_line(&mut self, line: u64) {
        self.rows.refuse_line(line);
    }

    /// The line of each record.
    pub fn lines(&self) -> &[u64] {
        self.rows.lines()
    }

    /// Who is on the line that a record names as its manager's.
    pub fn manager_on_line(&self, index: usize) -> Option<OnLine> {
        let at = self
            .manager_lines
            .binary_search_by_key(&index, |(index, _)| *index)
            .ok()?;
        let (_, line) = self.manager_lines.get(at)?;
        Some(self.rows.on_line(*line))
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns `true` if there are no records.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The record at an index.
    pub fn get(&self, index: usize) -> Option<ImportRecord> {
        self.rows.get(index)
    }

    /// All records in their order.
    pub fn iter(&self) -> impl Iterator<Item = ImportRecord> {
        self.rows.iter()
    }
}

impl FromIterator<ImportRecord> for ImportRecords {
    fn from_iter<I: IntoIterator<Item = ImportRecord>>(records: I) -> Self {
        let mut all = Self::default();
        for record in records {
            all.push(&record);
        }
        all
    }
}

/// The addresses of earlier rows, as hashes, since there may be millions. Two that have the same by
/// chance cause a needless warning once in ten million imports of the largest size.
#[derive(Debug, Default)]
pub struct EmailsSeen {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

impl EmailsSeen {
    /// Adds an address. Returns `false` if it was there.
    pub fn insert(&mut self, email: &str) -> bool {
        self.hashes.insert(self.hasher.hash_one(folded(email)))
    }
}

/// The employees that an import adds, still packed: decoded again each time they are read, since
/// they would take much more memory than their bytes. A clone shares them.
#[derive(Debug, Clone)]
pub struct NewEmployees {
    records: Arc<ImportRecords>,
    /// The id of each record that is added and its index, in the order of the ids.
    added: Arc<[(EmployeeId, usize)]>,
    /// The index of each record that names the line of its manager, and the manager's id.
    managers: Arc<[(usize, EmployeeId)]>,
    attribution: Attribution,
}

impl NewEmployees {
    /// `added` has the id of each record that is added and its index, in the order of the ids;
    /// `managers` the index of each record that names the line of its manager and the manager's
    /// id, in the order of the indices.
    pub fn new(
        records: Arc<ImportRecords>,
        added: Vec<(EmployeeId, usize)>,
        managers: Vec<(usize, EmployeeId)>,
        attribution: Attribution,
    ) -> Self {
        Self {
            records,
            added: added.into(),
            managers: managers.into(),
            attribution,
        }
    }

    /// Each of them, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = Employee> {
        self.added.iter().filter_map(|(id, index)| {
            let details = self.details(*index)?;
            Some(first_version(*id, details, &self.attribution))
        })
    }

    fn details(&self, index: usize) -> Option<Details> {
        let details = self.records.get(index)?.details;
        let manager = self
            .managers
            .binary_search_by_key(&index, |(index, _)| *index);
        let manager = manager.ok().and_then(|at| self.managers.get(at));
        Some(match manager {
            Some((_, manager)) => details.with_manager(*manager),
            None => details,
        })
    }
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
