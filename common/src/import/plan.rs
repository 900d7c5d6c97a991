//! A file that was understood: how to read its rows as people.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use csv::StringRecord;

use super::facts::Facts;
use super::format::{Format, Layout};
use super::managers::{Collector, Elsewhere, ManagerFault, Managers};
use super::mapping::{ColumnReport, Mapping, SAMPLE_ROWS};
use super::options::{Options, Source};
use super::people::ParsedRow;
use super::places::{Places, value};
use super::report::ImportError;
use super::row::RawRow;
use super::survey::Survey;
use crate::employee::Field;
use crate::parallel;

/// How many managers who are not in the file are looked for elsewhere.
const MOST_ELSEWHERE: usize = 10_000;

/// A file that was understood.
#[derive(Debug, Clone)]
pub struct Import {
    format: Format,
    facts: Arc<Facts>,
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
        let facts = Facts {
            mapping,
            places,
            survey,
            managers: Managers::default(),
            options,
        };
        let mut import = Self {
            format,
            facts: Arc::new(facts),
        };
        if !import.facts.survey.managers.is_empty() {
            import.collect_managers(source, HashMap::new())?;
        }
        Ok(import)
    }

    /// How the file is written.
    pub fn layout(&self) -> Layout {
        self.format.layout()
    }

    /// What each column is read as.
    pub fn columns(&self) -> Vec<ColumnReport> {
        self.facts.mapping.report()
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
        self.people_as(source, |row| row)
    }

    /// What `change` makes of each row of [`Import::people`]. It is called where the row was read.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn people_as<'a, T: Send + 'static>(
        &'a self,
        source: &'a mut dyn Source,
        change: impl Fn(ParsedRow) -> T + Send + Sync + 'static,
    ) -> Result<impl Iterator<Item = T> + 'a, ImportError> {
        let rows = self.format.rows(source)?;
        let (facts, change) = (Arc::clone(&self.facts), Arc::new(change));
        let change_single = Arc::clone(&change);
        let read = move |row: RawRow| match facts.is_repeated(&row) {
            true => Err(row),
            false => Ok(change_single(
                facts.person(row, &mut facts.reader_of_single()),
            )),
        };
        // Which of the rows of one person is the first is known only in their order.
        let mut reader = self.facts.reader();
        let mut read_in_order = move |row| change(self.facts.person(row, &mut reader));
        let people = parallel::map(rows, read);
        Ok(people.map(move |read| read.unwrap_or_else(&mut read_in_order)))
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
        let Facts {
            survey,
            places,
            managers,
            ..
        } = &*self.facts;
        if managers.has_all(&survey.managers) {
            return Ok(unknown);
        }
        for RawRow { line, cells } in self.format.rows(source)? {
            let Ok(row) = cells else { continue };
            let manager = value(&row, places.field(Field::Manager));
            let named = managers.named(line, manager, places);
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
            self.collect_managers(source, elsewhere)?;
        }
        Ok(())
    }

    /// Finds out whom the rows name as managers.
    fn collect_managers(
        &mut self,
        source: &mut dyn Source,
        elsewhere: HashMap<String, Elsewhere>,
    ) -> Result<(), ImportError> {
        let facts = Arc::make_mut(&mut self.facts);
        let mut collector = Collector::new(&facts.survey.managers, elsewhere);
        let mut reader = facts.reader();
        for row in self.format.rows(source)? {
            match reader.read(row).map_err(|outcome| *outcome) {
                Ok(draft) => collector.add(&draft, &facts.places),
                Err(ParsedRow::Refused { line, row, .. }) => {
                    collector.add_refused(&facts.unchecked(line, row), &facts.places);
                }
                Err(_) => {}
            }
        }
        facts.managers = collector.finish(&facts.places);
        Ok(())
    }
}
