//! One row as a typed person, or why there is none.

use std::collections::{HashMap, HashSet};

use csv::StringRecord;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::cell::cleaned;
use super::places::value;
use super::report::{RefusedCell, SkipReason, Warning};
use super::row::{RawRow, RowFault};
use super::skip::skip_reason;
use super::values::{self, Reading};
use crate::changes::Changes;
use crate::employee::{EmployeeId, Field};

/// An employee as a file describes them. The values have passed the rules of their fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The line on which the row begins, counted from 1.
    pub line: u64,
    /// The id that the file asks for.
    pub id: Option<EmployeeId>,
    /// The fields, without the manager.
    pub changes: Changes,
    /// The manager.
    pub manager: Option<ManagerRef>,
    /// Whether the file says that there is no manager, and does not only leave it open.
    pub has_no_manager: bool,
    /// What may be wrong although it is imported.
    pub warnings: Vec<Warning>,
}

/// Whom a row names as manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagerRef {
    /// An employee by id.
    Id(EmployeeId),
    /// The person on a line of the same file.
    Line(u64),
}

impl Serialize for Person {
    /// Writes the person as the server imports them: the fields, with `id`, and with `manager` or
    /// `managerLine`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(id) = self.id {
            map.serialize_entry("id", &id)?;
        }
        for (field, value) in self.changes.iter() {
            map.serialize_entry(field.name(), value)?;
        }
        match self.manager {
            Some(ManagerRef::Id(id)) => map.serialize_entry("manager", &id)?,
            Some(ManagerRef::Line(line)) => map.serialize_entry("managerLine", &line)?,
            None if self.has_no_manager => map.serialize_entry("manager", &None::<()>)?,
            None => {}
        }
        map.end()
    }
}

/// The result of reading a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParsedRow {
    /// An employee.
    Person(Person),
    /// The row does not describe an employee.
    Skipped {
        /// The line on which the row begins.
        line: u64,
        /// Why it is skipped.
        reason: SkipReason,
    },
    /// Some of its cells cannot be imported.
    Refused {
        /// The line on which the row begins.
        line: u64,
        /// The cells that cannot be imported.
        cells: Vec<RefusedCell>,
        /// The row as it was read; empty if it could not be.
        row: StringRecord,
    },
    /// Valid, but the row of the manager was refused, so this one has to wait for it.
    Waiting {
        /// The line on which the row begins.
        line: u64,
        /// The line of the manager.
        manager: u64,
        /// The row as it was read.
        row: StringRecord,
    },
}

/// A person whose manager is still a text.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub person: Person,
    pub manager: String,
    pub row: StringRecord,
}

/// A row that is no person, or that is refused.
pub(super) type NoDraft = Box<ParsedRow>;

/// Reads rows as people.
pub(super) struct RowReader<'p> {
    reading: Reading<'p>,
    /// The fingerprints that occur several times; `None` if none of these rows has one.
    repeated: Option<&'p HashSet<u64>>,
    /// The line of the first row of each of them.
    seen: HashMap<u64, u64>,
}

impl<'p> RowReader<'p> {
    pub(super) fn new(reading: Reading<'p>, repeated: Option<&'p HashSet<u64>>) -> Self {
        Self {
            reading,
            repeated,
            seen: HashMap::new(),
        }
    }

    /// Reads the next row.
    pub(super) fn read(&mut self, RawRow { line, cells }: RawRow) -> Result<Draft, NoDraft> {
        let row = cells.map_err(|fault| refused_row(line, &fault, StringRecord::new()))?;
        let places = self.reading.places;
        // Skipped rows are not checked: a footer or a meeting room may well break the rules for
        // people.
        let reason = skip_reason(&row, self.reading);
        if let Some(reason) = reason.or_else(|| self.seen_before(line, &row)) {
            return Err(Box::new(ParsedRow::Skipped { line, reason }));
        }
        if let Some(fault) = surplus_cells(&row, places.width) {
            return Err(refused_row(line, &fault, row));
        }
        let (changes, warnings) = match values::read(self.reading, &row) {
            Ok(accepted) => accepted,
            Err(cells) => return Err(Box::new(ParsedRow::Refused { line, cells, row })),
        };
        let person = Person {
            line,
            id: places.id_of(&row),
            changes,
            manager: None,
            has_no_manager: false,
            warnings,
        };
        let manager = value(&row, places.field(Field::Manager)).to_owned();
        Ok(Draft {
            person,
            manager,
            row,
        })
    }

    /// Returns a reason if an earlier row described the same person.
    fn seen_before(&mut self, line: u64, row: &StringRecord) -> Option<SkipReason> {
        let repeated = self.repeated?;
        let fingerprint = self.reading.places.fingerprint(row);
        let fingerprint = fingerprint.filter(|fingerprint| repeated.contains(fingerprint))?;
        let first = *self.seen.entry(fingerprint).or_insert(line);
        (first != line).then_some(SkipReason::SamePerson(first))
    }
}

/// A row with more cells than there are headings is not what it seems.
fn surplus_cells(row: &StringRecord, width: usize) -> Option<RowFault> {
    let has_surplus = row.iter().skip(width).any(|cell| !cleaned(cell).is_empty());
    has_surplus.then(|| {
        RowFault::Malformed(format!(
            "The row has {} cells but the heading has {width}; look for a missing quote.",
            row.len()
        ))
    })
}

fn refused_row(line: u64, fault: &RowFault, row: StringRecord) -> NoDraft {
    let cells = vec![RefusedCell::row(fault.to_string())];
    Box::new(ParsedRow::Refused { line, cells, row })
}
