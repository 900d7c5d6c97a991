//! The rows of an import, in little memory.

use std::borrow::Cow;
use std::collections::HashSet;

use roster_common::employee::{Details, EmployeeId, Field, Status};
use roster_common::problem::Rule;
use roster_common::{Changes, FieldError};
use serde::{Deserialize, Serialize};

/// One row whose values have passed the rules of their fields. The text of one that is packed in
/// [`PackedRows`] is read there, without a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidRow<T = String> {
    /// Its id, if it has one.
    pub id: Option<EmployeeId>,
    /// The line of its manager, if that is how the row names them.
    pub manager_line: Option<u64>,
    /// The fields that it sets. An empty text clears one.
    pub values: Vec<(Field, T)>,
}

impl<T: AsRef<str>> ValidRow<T> {
    /// The value of a field, if the row has one.
    pub fn value(&self, field: Field) -> Option<&str> {
        self.set_value(field).filter(|value| !value.is_empty())
    }

    /// What the row sets a field to; an empty text clears it.
    fn set_value(&self, field: Field) -> Option<&str> {
        let mut values = self.values.iter();
        values.find_map(|(other, value)| (*other == field).then_some(value.as_ref()))
    }

    /// The details of a record after this row; `before` is `None` for a new one. The values of the row
    /// were checked when it was read, so only required ones may be missing.
    ///
    /// # Errors
    /// The fields that break a rule.
    pub fn details(&self, before: Option<&Details>) -> Result<Details, Vec<FieldError>> {
        let text = |field: Field| match (self.set_value(field), before) {
            (Some(value), _) => Cow::Borrowed(value),
            (None, Some(before)) => before.text(field),
            (None, None) => Cow::Borrowed(""),
        };
        let required = Field::ALL.into_iter().filter(|field| field.is_required());
        let empty = required.map(|field| (field, text(field)));
        let missing: Vec<_> = empty
            .filter(|(_, text)| text.is_empty())
            .filter_map(|(field, text)| field.check(&text).err())
            .collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        Details::from_stored(|field| text(field).into_owned()).map_err(|field| {
            let message = "This value cannot be stored.";
            vec![FieldError::new(field.name(), Rule::Format, message)]
        })
    }
}

/// The same details with another status.
pub(super) fn with_status(details: &Details, status: Status) -> Option<Details> {
    let mut changes = Changes::default();
    changes.set(Field::Status, status.as_str());
    changes.apply_to(details).ok()
}

impl ValidRow {
    /// A row that adds an employee with these details.
    pub fn of_new(id: Option<EmployeeId>, details: &Details) -> Self {
        let values = Field::ALL.map(|field| (field, details.text(field).into_owned()));
        let values = values.into_iter().filter(|(_, value)| !value.is_empty());
        Self {
            id,
            manager_line: None,
            values: values.collect(),
        }
    }
}

/// How many rows are packed into one block.
const BLOCK: usize = 1024;

/// Many rows, packed: about as many bytes as their texts have, and a few more each.
///
/// Each has the line of the body on which it stands, since a row can name the line of its manager,
/// who has no id yet.
#[derive(Debug, Clone, Default)]
pub struct PackedRows {
    /// All but the last are full. One list of all bytes would be copied, and need twice the memory,
    /// each time that it grows.
    blocks: Vec<Block>,
    /// The line of each row; they go up.
    lines: Vec<u64>,
    /// The lines of the rows that were refused before; they go up.
    refused_lines: Vec<u64>,
    /// The ids of the rows that have one.
    ids: HashSet<EmployeeId>,
    /// How many rows have none.
    without_id: usize,
}

/// [`BLOCK`] rows.
#[derive(Debug, Clone, Default)]
struct Block {
    bytes: Vec<u8>,
    /// Where each row ends. A block is far smaller than 4 GB, since each field has a limit.
    ends: Vec<u32>,
}

impl Block {
    fn is_full(&self) -> bool {
        self.ends.len() == BLOCK
    }

    fn push(&mut self, row: &ValidRow) {
        // Numbers and texts can always be written to memory.
        let row = postcard::to_allocvec(row).unwrap_or_default();
        self.bytes.extend(row);
        self.ends.push(end_of(&self.bytes));
        if self.is_full() {
            self.bytes.shrink_to_fit();
        }
    }

    /// Drops the rows that are not needed. `first` is the index of the first row.
    fn keep(&mut self, first: usize, is_needed: impl Fn(usize) -> bool) {
        if (first..).take(self.ends.len()).all(&is_needed) {
            return;
        }
        let (mut kept, mut start) = (Vec::new(), 0);
        for (index, end) in (first..).zip(&mut self.ends) {
            if is_needed(index) {
                let row = self.bytes.get(start as usize..*end as usize);
                kept.extend_from_slice(row.unwrap_or_default());
            }
            start = *end;
            *end = end_of(&kept);
        }
        kept.shrink_to_fit();
        self.bytes = kept;
    }

    fn get(&self, index: usize) -> Option<ValidRow<&str>> {
        let start = index
            .checked_sub(1)
            .map_or(Some(0), |before| self.ends.get(before).copied())?;
        let end = *self.ends.get(index)?;
        postcard::from_bytes(self.bytes.get(start as usize..end as usize)?).ok()
    }
}

fn end_of(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// Who is on a line of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnLine {
    /// The row of this index.
    Row(usize),
    /// A row that was refused.
    Refused,
    /// No row begins there.
    Nobody,
}

impl PackedRows {
    /// Appends a row on a line after all others.
    pub fn push(&mut self, line: u64, row: &ValidRow) {
        self.ids.extend(row.id);
        self.without_id += usize::from(row.id.is_none());
        self.lines.push(line);
        if self.blocks.last().is_none_or(Block::is_full) {
            self.blocks.push(Block::default());
        }
        if let Some(last) = self.blocks.last_mut() {
            last.push(row);
        }
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
    pub(super) fn on_line(&self, line: u64) -> OnLine {
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
        self.lines.len()
    }

    /// Returns `true` if there are no rows.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The row at an index.
    pub fn get(&self, index: usize) -> Option<ValidRow<&str>> {
        self.blocks.get(index / BLOCK)?.get(index % BLOCK)
    }

    /// Drops the values of the rows that are not needed. The others keep their indices, and all keep
    /// their lines.
    pub fn keep(&mut self, is_needed: impl Fn(usize) -> bool) {
        for (number, block) in self.blocks.iter_mut().enumerate() {
            block.keep(number * BLOCK, &is_needed);
        }
    }

    /// How many rows have no id.
    pub fn without_id(&self) -> usize {
        self.without_id
    }

    /// The ids that rows have, each once.
    pub fn ids(&self) -> &HashSet<EmployeeId> {
        &self.ids
    }
}

impl FromIterator<ValidRow> for PackedRows {
    fn from_iter<I: IntoIterator<Item = ValidRow>>(rows: I) -> Self {
        let mut all = Self::default();
        for (line, row) in (1..).zip(rows) {
            all.push(line, &row);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn rows_come_back_as_they_were_and_in_their_order() {
        let count = 2 * BLOCK + 50;
        let details =
            sample::employees(count as u64, 1).map(|changes| changes.to_details().unwrap());
        let row = |(number, details): (u64, Details)| {
            ValidRow::of_new((number % 3).try_into().ok(), &details)
        };
        let rows: Vec<_> = (0u64..).zip(details).map(row).collect();
        let kept: PackedRows = rows.iter().cloned().collect();
        let back = (0..kept.len()).filter_map(|index| kept.get(index));
        let back = back.map(|row| ValidRow {
            id: row.id,
            manager_line: row.manager_line,
            values: row
                .values
                .iter()
                .map(|(field, value)| (*field, value.to_string()))
                .collect(),
        });
        assert_eq!(back.collect::<Vec<_>>(), rows);
        assert_eq!((kept.len(), kept.get(count)), (count, None));
    }

    #[test]
    fn a_row_that_is_kept_has_its_index_and_a_dropped_one_only_its_line() {
        let count = BLOCK + 3;
        let details =
            sample::employees(count as u64, 1).map(|changes| changes.to_details().unwrap());
        let all: PackedRows = details
            .map(|details| ValidRow::of_new(None, &details))
            .collect();
        let mut some = all.clone();
        some.keep(|index| index % 3 == 1);
        for index in 0..count {
            let expected = all.get(index).filter(|_| index % 3 == 1);
            assert_eq!(some.get(index), expected, "{index}");
        }
        assert_eq!((some.len(), some.lines()), (count, all.lines()));
    }
}
