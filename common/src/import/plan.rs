//! A file that was understood: how to read its rows as people.

use std::collections::{BTreeSet, HashMap};

use csv::StringRecord;

use super::format::{Format, Layout};
use super::managers::{Collector, Elsewhere, ManagerFault, Managers};
use super::mapping::{ColumnReport, Mapping, SAMPLE_ROWS};
use super::name;
use super::options::{Options, Source};
use super::people::{Draft, ManagerRef, ParsedRow, Person, RowReader};
use super::places::{Places, value};
use super::report::{ImportError, RefusedCell, example, excerpt};
use super::row::RawRow;
use super::survey::Survey;
use super::values::Reading;
use crate::changes::Changes;
use crate::employee::{Field, Kind};
use crate::field_error::Rule;
use crate::parallel;

/// How many managers who are not in the file are looked for elsewhere.
const MOST_ELSEWHERE: usize = 10_000;

/// A file that was understood.
#[derive(Debug, Clone)]
pub struct Import {
    format: Format,
    mapping: Mapping,
    places: Places,
    survey: Survey,
    managers: Managers,
    options: Options,
}

impl Import {
    /// Reads a file several times, to find out how it is written, what its columns mean, and who
    /// manages whom.
    ///
    /// # Errors
    /// If nothing of the file can be imported.
    pub fn understand(source: &mut dyn Source, options: Options) -> Result<Self, ImportError> {
        // Each pass needs what the one before found out. For example, no date can be read before
        // the survey has seen whether the day or the month comes first in this file.
        let format = Format::of(source, &options)?;
        let sample: Vec<RawRow> = format.rows(source)?.take(SAMPLE_ROWS).collect();
        let mapping = Mapping::of(&format.heading.names, &sample, &options)?;
        let places = Places::of(&mapping);
        let survey = Survey::of(format.rows(source)?, &places, &options)?;
        let managers = Managers::default();
        let mut import = Self {
            format,
            mapping,
            places,
            survey,
            managers,
            options,
        };
        if !import.survey.managers.is_empty() {
            import.managers = import.collect_managers(source, HashMap::new())?;
        }
        Ok(import)
    }

    /// How the file is written.
    pub fn layout(&self) -> Layout {
        self.format.layout()
    }

    /// What each column is read as.
    pub fn columns(&self) -> Vec<ColumnReport> {
        self.mapping.report()
    }

    /// The headings, in the order of the cells of a refused row.
    pub fn headings(&self) -> &[String] {
        &self.format.heading.names
    }

    /// Reads all rows as people, in the order of the file. Those of a long file are read on several
    /// processors.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn people<'a>(
        &'a self,
        source: &'a mut dyn Source,
    ) -> Result<impl Iterator<Item = ParsedRow> + 'a, ImportError> {
        let rows = self.format.rows(source)?;
        let read = |row, reader: &mut RowReader<'_>| match reader.read(row) {
            Ok(draft) => self.with_manager(draft),
            Err(outcome) => self.with_refused_manager(*outcome),
        };
        // Whether a person occurred before is known only from the rows before.
        let people: Box<dyn Iterator<Item = ParsedRow>> = if self.survey.repeated.is_empty() {
            Box::new(parallel::map(rows, move |row| {
                read(row, &mut self.reader())
            }))
        } else {
            let mut reader = self.reader();
            Box::new(rows.map(move |row| read(row, &mut reader)))
        };
        Ok(people)
    }

    /// The rows as they are in the file, with their lines. Those that cannot be read are left out.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn rows<'a>(
        &'a self,
        source: &'a mut dyn Source,
    ) -> Result<impl Iterator<Item = (u64, StringRecord)> + 'a, ImportError> {
        Ok(self
            .format
            .rows(source)?
            .filter_map(|row| Some((row.line, row.cells.ok()?))))
    }

    /// The managers whom rows name and whom the file does not have, each once: the first
    /// [`MOST_ELSEWHERE`] of them.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn unknown_managers(
        &self,
        source: &mut dyn Source,
    ) -> Result<BTreeSet<String>, ImportError> {
        let mut unknown = BTreeSet::new();
        // Most files have all their managers, which their fingerprints show without another pass.
        if self.managers.has_all(&self.survey.managers) {
            return Ok(unknown);
        }
        for RawRow { line, cells } in self.format.rows(source)? {
            let Ok(row) = cells else { continue };
            let manager = value(&row, self.places.field(Field::Manager));
            let named = self.managers.named(line, manager, &self.places);
            if matches!(named, Err(ManagerFault::Unknown)) && !unknown.contains(manager) {
                unknown.insert(manager.to_owned());
            }
            if unknown.len() == MOST_ELSEWHERE {
                break;
            }
        }
        Ok(unknown)
    }

    /// Sets who the managers are whom the file does not have, by the texts that name them.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn know_managers(
        &mut self,
        source: &mut dyn Source,
        elsewhere: HashMap<String, Elsewhere>,
    ) -> Result<(), ImportError> {
        if !elsewhere.is_empty() {
            self.managers = self.collect_managers(source, elsewhere)?;
        }
        Ok(())
    }

    fn reader(&self) -> RowReader<'_> {
        let reading = Reading {
            mapping: &self.mapping,
            places: &self.places,
            dates: self.survey.dates,
            today: self.options.today,
            updates: self.options.updates,
        };
        RowReader::new(reading, &self.survey.repeated)
    }

    fn collect_managers(
        &self,
        source: &mut dyn Source,
        elsewhere: HashMap<String, Elsewhere>,
    ) -> Result<Managers, ImportError> {
        let mut collector = Collector::new(&self.survey.managers, elsewhere);
        let mut reader = self.reader();
        for row in self.format.rows(source)? {
            match reader.read(row).map_err(|outcome| *outcome) {
                Ok(draft) => collector.add(&draft, &self.places),
                Err(ParsedRow::Refused { line, row, .. }) => {
                    collector.add_refused(&self.unchecked(line, row), &self.places);
                }
                Err(_) => {}
            }
        }
        Ok(collector.finish(&self.places))
    }

    /// A refused row as a person, only to recognise whom others name.
    fn unchecked(&self, line: u64, row: StringRecord) -> Draft {
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
