//! Which column of a file is which field.

use csv::StringRecord;
use serde::Serialize;

use super::cell::cleaned;
use super::heading::folded_heading;
use super::options::Options;
use super::report::ImportError;
use super::row::RawRow;
use super::status::StatusOf;
use super::vocabulary::{Meaning, Ranked, meaning_of, nearest};
use crate::employee::{EmployeeId, Field};

/// How many rows are read to see which columns have values.
pub(super) const SAMPLE_ROWS: usize = 1000;

/// What the columns mean.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    pub columns: Vec<Column>,
    pub status_of: StatusOf,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub heading: String,
    /// What it means; `None` if it is unknown, or a better column has its meaning.
    pub meaning: Option<Meaning>,
    /// The column that has its meaning instead.
    instead: Option<usize>,
    is_known: bool,
    is_empty: bool,
}

impl Column {
    /// It has neither a heading nor values.
    fn is_nothing(&self) -> bool {
        self.heading.is_empty() && self.is_empty
    }
}

/// What is said to the user about a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnReport {
    /// The position of its cells in a row, counted from 0.
    #[serde(skip)]
    pub index: usize,
    /// The heading.
    pub heading: String,
    /// The field that it is read as, or another use of it; `None` if it is skipped.
    pub field: Option<&'static str>,
    /// Whether its heading is unknown.
    pub unknown: bool,
    /// The heading of the column that is read instead, if this one is skipped for that. Both may
    /// have the same heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    /// Known headings that resemble it, if it is unknown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nearest: Vec<&'static str>,
}

/// What the first rows show about a column.
#[derive(Debug, Clone, Copy)]
struct Sample {
    has_values: bool,
    /// Whether all values are ids that Roster could have given.
    has_only_ids: bool,
    /// Whether all values are UUIDs, which are no personnel numbers.
    has_only_uuids: bool,
}

/// A column that could have a meaning.
struct Candidate {
    index: usize,
    meaning: Meaning,
    /// Lower is better: columns without values come last.
    rank: (bool, u8),
}

impl Mapping {
    /// Decides what each column means, from its heading, its first values and the options.
    pub(super) fn of(
        names: &[String],
        rows: &[RawRow],
        options: &Options,
    ) -> Result<Self, ImportError> {
        let samples = sample(names.len(), rows);
        let mut known: Vec<Option<Ranked>> = names.iter().map(|name| meaning_of(name)).collect();
        resolve_ids(&mut known, &samples);
        resolve_names(names, &mut known);
        let mut mapping = Self {
            columns: columns(names, &known, &samples),
            status_of: status_of(names),
        };
        mapping.map(names, options, &mut known)?;
        mapping.choose(&known, &samples);
        mapping.check(names, options)?;
        Ok(mapping)
    }

    /// The index of the column that has a meaning.
    pub(super) fn index_of(&self, meaning: Meaning) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| column.meaning == Some(meaning))
    }

    /// The heading of the column with this index; empty if there is none.
    pub(super) fn heading(&self, index: usize) -> &str {
        self.columns.get(index).map_or("", |column| &column.heading)
    }

    /// What to say about each column. Columns without heading and values are left out.
    pub(super) fn report(&self) -> Vec<ColumnReport> {
        let columns = self.columns.iter().enumerate();
        let named = columns.filter(|(_, column)| !column.is_nothing());
        let report = |(index, column): (usize, &Column)| ColumnReport {
            index,
            heading: column.heading.clone(),
            field: column.meaning.and_then(name_of),
            unknown: !column.is_known,
            instead: column.instead.map(|index| self.heading(index).to_owned()),
            nearest: if column.is_known {
                Vec::new()
            } else {
                nearest(&column.heading)
            },
        };
        named.map(report).collect()
    }

    /// Applies what the user says. It wins over everything else.
    fn map(
        &mut self,
        names: &[String],
        options: &Options,
        known: &mut [Option<Ranked>],
    ) -> Result<(), ImportError> {
        for (heading, meaning) in &options.columns {
            let exact = names.iter().position(|name| name == heading);
            let folded = folded_heading(heading);
            let index = exact.or_else(|| {
                names
                    .iter()
                    .position(|name| !folded.is_empty() && folded_heading(name) == folded)
            });
            let index = index.ok_or_else(|| ImportError::NoSuchColumn {
                heading: heading.clone(),
                columns: names.to_vec(),
            })?;
            let mapped = meaning.filter(|meaning| !meaning.is_repeatable());
            if mapped
                .is_some_and(|mapped| self.index_of(mapped).is_some_and(|other| other != index))
            {
                return Err(ImportError::MappedTwice(
                    mapped.and_then(name_of).unwrap_or_default().to_owned(),
                ));
            }
            if let (Some(column), Some(known)) = (self.columns.get_mut(index), known.get_mut(index))
            {
                column.meaning = *meaning;
                column.is_known = true;
                // Otherwise `choose` would give the column the meaning of its heading again.
                *known = None;
            }
        }
        Ok(())
    }

    /// Gives each meaning to the best of its columns.
    fn choose(&mut self, known: &[Option<Ranked>], samples: &[Sample]) {
        let candidate = |(index, (known, sample)): (usize, (&Option<Ranked>, &Sample))| {
            let (meaning, rank) = (*known)?;
            Some(Candidate {
                index,
                meaning,
                rank: (!sample.has_values, rank),
            })
        };
        let mut candidates: Vec<_> = known
            .iter()
            .zip(samples)
            .enumerate()
            .filter_map(candidate)
            .collect();
        candidates.sort_by_key(|candidate| candidate.rank);
        for Candidate { index, meaning, .. } in candidates {
            let better = self.index_of(meaning).filter(|_| !meaning.is_repeatable());
            let Some(column) = self.columns.get_mut(index) else {
                continue;
            };
            match (meaning, better) {
                (meaning, None) => column.meaning = Some(meaning),
                // Every way to name a person may be used to name a manager.
                (Meaning::FullName | Meaning::Field(Field::Number | Field::Email), Some(_)) => {
                    column.meaning = Some(Meaning::Key);
                }
                (_, Some(better)) => column.instead = Some(better),
            }
        }
        let has_names = self.index_of(Meaning::Field(Field::Firstname)).is_some()
            && self.index_of(Meaning::Field(Field::Lastname)).is_some();
        let status = self.index_of(Meaning::Field(Field::Status));
        for column in &mut self.columns {
            match column.meaning {
                Some(Meaning::FullName) if has_names => column.meaning = Some(Meaning::Key),
                Some(Meaning::Blocked | Meaning::Leaving) if status.is_some() => {
                    column.meaning = None;
                    column.instead = status;
                }
                _ => {}
            }
        }
    }

    fn check(&self, names: &[String], options: &Options) -> Result<(), ImportError> {
        let has = |meaning| self.index_of(meaning).is_some();
        let has_names =
            has(Meaning::Field(Field::Firstname)) && has(Meaning::Field(Field::Lastname));
        // One column with the whole name is enough, since it is split into first and last name.
        let is_known = [
            Meaning::Field(Field::Email),
            Meaning::Field(Field::Number),
            Meaning::Id,
        ]
        .into_iter()
        .any(has);
        if !(has_names || has(Meaning::FullName) || options.updates && is_known) {
            return Err(ImportError::NoNames {
                columns: names.to_vec(),
            });
        }
        let unknown = self
            .columns
            .iter()
            .filter(|column| !column.is_known && !column.is_nothing());
        let unknown: Vec<_> = unknown.map(|column| column.heading.clone()).collect();
        if options.strict && !unknown.is_empty() {
            return Err(ImportError::UnknownColumns(unknown));
        }
        Ok(())
    }
}

fn columns(names: &[String], known: &[Option<Ranked>], samples: &[Sample]) -> Vec<Column> {
    let facts = names.iter().zip(known).zip(samples);
    let column = |((heading, known), sample): ((&String, &Option<Ranked>), &Sample)| Column {
        heading: heading.clone(),
        meaning: None,
        instead: None,
        is_known: known.is_some(),
        is_empty: !sample.has_values,
    };
    facts.map(column).collect()
}

/// What the columns are called in reports.
fn name_of(meaning: Meaning) -> Option<&'static str> {
    Some(match meaning {
        Meaning::Field(field) => field.name(),
        Meaning::Id => "id",
        Meaning::FullName => "name",
        Meaning::Particle | Meaning::SecondLastname => "lastname",
        Meaning::Blocked | Meaning::Leaving => "status",
        Meaning::Key => "key",
        Meaning::AccountKind | Meaning::Ignored => return None,
    })
}

fn sample(width: usize, rows: &[RawRow]) -> Vec<Sample> {
    let rows: Vec<&StringRecord> = rows
        .iter()
        .filter_map(|row| row.cells.as_ref().ok())
        .collect();
    let column = |index: usize| {
        let values = rows
            .iter()
            .filter_map(|cells| cells.get(index))
            .map(cleaned)
            .filter(|cell| !cell.is_empty());
        // `all` is true for a column without values, so an empty `id` column remains one.
        Sample {
            has_values: values.clone().next().is_some(),
            has_only_ids: values
                .clone()
                .all(|cell| cell.parse::<EmployeeId>().is_ok()),
            has_only_uuids: values
                .clone()
                .all(|cell| cell.len() == 36 && cell.matches('-').count() == 4),
        }
    };
    (0..width).map(column).collect()
}

/// A column `id` with anything but ids of Roster has the personnel numbers of another system.
fn resolve_ids(known: &mut [Option<Ranked>], samples: &[Sample]) {
    for (known, sample) in known.iter_mut().zip(samples) {
        match known {
            Some((Meaning::Id, _)) if sample.has_only_ids => {}
            Some((Meaning::Id, _)) if sample.has_only_uuids => *known = Some((Meaning::Key, 0)),
            Some((Meaning::Id, _)) => *known = Some((Meaning::Field(Field::Number), 0)),
            _ => {}
        }
    }
}

/// Names such as `Nom` and `Nome` are the family or the given name if the other one has a column
/// of its own, and the whole name otherwise.
fn resolve_names(names: &[String], known: &mut [Option<Ranked>]) {
    let has = |known: &[Option<Ranked>], field| {
        known
            .iter()
            .flatten()
            .any(|(meaning, _)| *meaning == Meaning::Field(field))
    };
    let (has_first, has_last) = (has(known, Field::Firstname), has(known, Field::Lastname));
    for (name, known) in names.iter().zip(known) {
        let field = match (folded_heading(name).as_str(), has_first, has_last) {
            ("nom" | "name" | "naam", true, false) => Field::Lastname,
            ("nome" | "nombre" | "nom" | "naam", false, true) => Field::Firstname,
            _ => continue,
        };
        *known = Some((Meaning::Field(field), 0));
    }
}

/// The status is that of an account if the file has columns that only accounts have.
fn status_of(names: &[String]) -> StatusOf {
    const ACCOUNT: &str = "password lastsignin lastlogin lastlogintime has2fa isenrolledin2sv \
        orgunitpath userprincipalname samaccountname billingactive creationtime mfaenabled suspended";
    let is_account = |name: &String| {
        ACCOUNT
            .split_whitespace()
            .any(|other| other == folded_heading(name))
    };
    if names.iter().any(is_account) {
        StatusOf::Account
    } else {
        StatusOf::Employee
    }
}
