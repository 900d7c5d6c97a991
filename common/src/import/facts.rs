//! All that is known of a file, and how that makes a person of a row.

use std::collections::HashSet;

use csv::StringRecord;

use super::managers::{ManagerFault, Managers};
use super::mapping::Mapping;
use super::name;
use super::options::Options;
use super::people::{Draft, ManagerRef, ParsedRow, Person, RowReader};
use super::places::{Places, value};
use super::report::{RefusedCell, example, excerpt};
use super::row::RawRow;
use super::survey::Survey;
use super::values::Reading;
use crate::changes::Changes;
use crate::employee::{Field, Kind};
use crate::field_error::Rule;

/// What the passes over a file have found out.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub mapping: Mapping,
    pub places: Places,
    pub survey: Survey,
    pub managers: Managers,
    pub options: Options,
}

impl Facts {
    /// A reader of rows, of which none was read.
    pub(super) fn reader(&self) -> RowReader<'_> {
        self.reader_with(self.repeated())
    }

    /// A reader of rows that are not repeated.
    pub(super) fn reader_of_single(&self) -> RowReader<'_> {
        self.reader_with(None)
    }

    /// The fingerprints of people whom several rows describe, if there are such people.
    fn repeated(&self) -> Option<&HashSet<u64>> {
        Some(&self.survey.repeated).filter(|repeated| !repeated.is_empty())
    }

    fn reader_with<'f>(&'f self, repeated: Option<&'f HashSet<u64>>) -> RowReader<'f> {
        let reading = Reading {
            mapping: &self.mapping,
            places: &self.places,
            dates: self.survey.dates,
            today: self.options.today,
            updates: self.options.updates,
        };
        RowReader::new(reading, repeated)
    }

    /// Whether several rows describe the person of this one.
    pub(super) fn is_repeated(&self, row: &RawRow) -> bool {
        let (Some(repeated), Ok(cells)) = (self.repeated(), &row.cells) else {
            return false;
        };
        let fingerprint = self.places.fingerprint(cells);
        fingerprint.is_some_and(|fingerprint| repeated.contains(&fingerprint))
    }

    /// Reads the next row of a reader, with its manager.
    pub(super) fn person(&self, row: RawRow, reader: &mut RowReader<'_>) -> ParsedRow {
        match reader.read(row) {
            Ok(draft) => self.with_manager(draft),
            Err(outcome) => self.with_refused_manager(*outcome),
        }
    }

    /// A refused row as a person, only to recognise whom others name.
    pub(super) fn unchecked(&self, line: u64, row: StringRecord) -> Draft {
        let mut changes = Changes::default();
        let (full_name, _) = name::without_status(value(&row, self.places.full_name));
        if let Some((first, last)) = name::split(full_name) {
            changes.set(Field::Firstname, first);
            changes.set(Field::Lastname, last);
        }
        // `Places::names_of` takes these from the changes, and everything else from the row.
        for field in [Field::Firstname, Field::Lastname, Field::Email] {
            let text = value(&row, self.places.field(field));
            if !text.is_empty() {
                changes.set(field, text);
            }
        }
        let person = Person {
            line,
            id: self.places.id_of(&row),
            changes,
            manager: None,
            has_no_manager: false,
            warnings: Vec::new(),
        };
        Draft {
            person,
            manager: String::new(),
            row,
        }
    }

    /// Clears the fields that the file has a column for and the person no value. A status stays,
    /// since everybody has one.
    fn clear_empty(&self, person: &mut Person) {
        for field in Field::ALL {
            let is_empty = person.changes.get(field).is_none();
            if self.places.field(field).is_none() || !is_empty {
                continue;
            }
            match field.kind() {
                Kind::Person => person.has_no_manager = person.manager.is_none(),
                Kind::Status | Kind::Required => {}
                _ => person.changes.set(field, ""),
            }
        }
    }

    fn with_manager(&self, draft: Draft) -> ParsedRow {
        let Draft {
            mut person,
            manager,
            row,
        } = draft;
        let line = person.line;
        match self.managers.named(line, &manager, &self.places) {
            Ok(Some(ManagerRef::Line(above))) if self.managers.is_refused(above) => {
                // Imported alone, the row would lose its manager, so it waits until that row has
                // been corrected.
                ParsedRow::Waiting {
                    line,
                    manager: above,
                    row,
                }
            }
            Ok(manager) => {
                person.manager = manager;
                if self.options.clears_empty {
                    self.clear_empty(&mut person);
                }
                ParsedRow::Person(person)
            }
            Err(fault) => ParsedRow::Refused {
                line,
                cells: vec![self.refused_manager(&manager, fault)],
                row,
            },
        }
    }

    /// Adds the manager to the refused cells of a row, so that all its mistakes are reported at
    /// once.
    fn with_refused_manager(&self, mut outcome: ParsedRow) -> ParsedRow {
        if let ParsedRow::Refused { line, cells, row } = &mut outcome
            // The cells of a row that is refused as a whole may be in the wrong columns.
            && cells.iter().all(|cell| !cell.field.is_empty())
        {
            let manager = value(row, self.places.field(Field::Manager));
            if let Err(fault) = self.managers.named(*line, manager, &self.places) {
                cells.push(self.refused_manager(manager, fault));
            }
        }
        outcome
    }

    fn refused_manager(&self, manager: &str, fault: ManagerFault) -> RefusedCell {
        let column = self
            .places
            .field(Field::Manager)
            .map(|index| self.mapping.heading(index).to_owned());
        RefusedCell {
            field: Field::Manager.name(),
            code: Rule::NotFound,
            column: column.unwrap_or_default(),
            read: excerpt(manager),
            message: fault.to_string(),
            example: example(Field::Manager),
        }
    }
}
