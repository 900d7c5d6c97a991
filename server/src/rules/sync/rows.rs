//! The rows of an import with `match`, in little memory.

use roster_common::employee::{Details, EmployeeId, Field, Status};
use roster_common::{Changes, FieldError};
use serde::{Deserialize, Serialize};

/// One row whose values have passed the rules of their fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRow {
    /// The line on which it begins.
    pub line: u64,
    /// Its id, if it has one.
    pub id: Option<EmployeeId>,
    /// The line of its manager, if that is how the row names them.
    pub manager_line: Option<u64>,
    /// The fields that it sets. An empty text clears one.
    pub values: Vec<(Field, String)>,
}

impl SyncRow {
    /// The value of a field, if the row has one.
    pub fn value(&self, field: Field) -> Option<&str> {
        let mut values = self.values.iter();
        let value = values.find_map(|(other, value)| (*other == field).then_some(value));
        value.map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The details of a record after this row; `before` is `None` for a new one.
    ///
    /// # Errors
    /// The fields that break a rule.
    pub fn details(&self, before: Option<&Details>) -> Result<Details, Vec<FieldError>> {
        let mut changes = Changes::default();
        for (field, value) in &self.values {
            changes.set(*field, value.as_str());
        }
        match before {
            Some(before) => changes.apply_to(before),
            None => changes.to_details(),
        }
    }
}

/// The same details with another status.
pub(super) fn with_status(details: &Details, status: Status) -> Option<Details> {
    let mut changes = Changes::default();
    changes.set(Field::Status, status.as_str());
    changes.apply_to(details).ok()
}

/// Many rows, packed, with the lines of those that were refused before.
#[derive(Debug, Clone, Default)]
pub struct SyncRows {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The line of each row; they go up.
    lines: Vec<u64>,
    refused_lines: Vec<u64>,
}

impl SyncRows {
    /// Appends a row on a line after all others.
    pub fn push(&mut self, row: &SyncRow) {
        self.lines.push(row.line);
        // Numbers and texts can always be written to memory.
        self.bytes
            .extend(postcard::to_allocvec(row).unwrap_or_default());
        self.ends.push(self.bytes.len());
    }

    /// Notes that the row on a line was refused.
    pub fn refuse_line(&mut self, line: u64) {
        self.refused_lines.push(line);
    }

    /// The same rows, without the fields that are empty, so that these keep their values.
    #[must_use]
    pub fn keeping_empty(self) -> Self {
        let mut kept = Self {
            refused_lines: self.refused_lines.clone(),
            ..Self::default()
        };
        for mut row in (0..self.len()).filter_map(|index| self.get(index)) {
            row.values.retain(|(_, value)| !value.is_empty());
            kept.push(&row);
        }
        kept
    }

    /// Whether a row was refused before.
    pub fn has_refused(&self) -> bool {
        !self.refused_lines.is_empty()
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
    pub fn get(&self, index: usize) -> Option<SyncRow> {
        let start = index
            .checked_sub(1)
            .map_or(Some(0), |before| self.ends.get(before).copied())?;
        postcard::from_bytes(self.bytes.get(start..*self.ends.get(index)?)?).ok()
    }

    /// The line on which the row at an index begins.
    pub fn line(&self, index: usize) -> u64 {
        self.lines.get(index).copied().unwrap_or_default()
    }

    /// The index of the row that begins on a line.
    pub(super) fn on_line(&self, line: u64) -> Option<usize> {
        self.lines.binary_search(&line).ok()
    }

    /// Whether the row on a line was refused before.
    pub(super) fn is_refused(&self, line: u64) -> bool {
        self.refused_lines.binary_search(&line).is_ok()
    }
}
