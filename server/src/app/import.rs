//! Many employees at once: rows are held to the rules one by one, while they arrive, and added together.

use roster_common::EmployeeId;
use roster_common::FieldError;
use roster_common::api::{ImportMode, ImportReport, ImportRow, RowResult};
use roster_common::changes::Document;
use roster_common::rows::Row;

use super::auth::Identity;
use super::{App, AppError};
use crate::store::{Commit, ImportRecord, ImportRecords};

/// What an import does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// With the good rows where some are bad.
    pub mode: ImportMode,
    /// Whether nothing is to be written.
    pub dry_run: bool,
}

/// The rows of an import so far, in little room: the good ones as the store takes them, and of the others what is told.
#[derive(Debug, Default)]
pub struct Rows {
    good: ImportRecords,
    /// On which line each good row begins.
    lines: Vec<u64>,
    /// How many are bad.
    refused: usize,
    /// The first of the bad.
    told: Vec<ImportRow>,
}

impl Rows {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.good.len() + self.refused
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Holds the next row to the rules of its fields.
    pub fn push(&mut self, Row { line, document }: Row) {
        let record = |Document { id, changes, .. }: Document| {
            Ok(ImportRecord {
                id,
                details: changes.to_details()?,
            })
        };
        match document.and_then(record) {
            Ok(record) => {
                self.good.push(&record);
                self.lines.push(line);
            }
            Err(errors) => {
                self.refused += 1;
                if self.told.len() < ImportReport::MOST_ROWS {
                    self.told.push(refused(line, errors));
                }
            }
        }
    }
}

/// Imports rows, each to its own result.
///
/// # Errors
/// [`AppError::Store`]; a bad row is no error but its result.
pub async fn import(
    app: &App,
    who: &Identity,
    rows: Rows,
    options: Options,
) -> Result<ImportReport, AppError> {
    let is_short = rows.len() <= ImportReport::MOST_ROWS;
    let Rows {
        good,
        lines,
        refused: malformed,
        mut told,
    } = rows;
    let commit = match options {
        Options { dry_run: true, .. } => Commit::Never,
        Options {
            mode: ImportMode::Partial,
            ..
        } => Commit::Good,
        Options {
            mode: ImportMode::Atomic,
            ..
        } if malformed == 0 => Commit::IfAllGood,
        // A row that is not even well formed spoils the rest; the store still says what is wrong with them.
        Options {
            mode: ImportMode::Atomic,
            ..
        } => Commit::Never,
    };
    let imported = app
        .store
        .import_employees(good, commit, who.attribution())
        .await?;
    let good = imported
        .records
        .iter()
        .filter(|result| result.is_ok())
        .count();
    let refused = (malformed + imported.records.len() - good) as u64;
    let created = match options {
        Options { dry_run: false, .. } if !imported.written => 0,
        Options {
            dry_run: true,
            mode: ImportMode::Atomic,
        } if refused > 0 => 0,
        Options { .. } => good as u64,
    };
    let results = lines
        .into_iter()
        .zip(imported.records)
        .filter(|(_, result)| is_short || result.is_err());
    let outcomes = results.map(|(line, result)| outcome(line, result, imported.written));
    told.extend(outcomes.take(ImportReport::MOST_ROWS));
    told.sort_unstable_by_key(|row| row.line);
    told.truncate(ImportReport::MOST_ROWS);
    Ok(ImportReport {
        mode: options.mode,
        dry_run: options.dry_run,
        created,
        refused,
        rows: told,
    })
}

fn outcome(line: u64, result: Result<EmployeeId, Box<FieldError>>, written: bool) -> ImportRow {
    match result {
        Ok(id) if written => ImportRow {
            line,
            result: RowResult::Created,
            id: Some(id),
            errors: Vec::new(),
        },
        Ok(_) => ImportRow {
            line,
            result: RowResult::Skipped,
            id: None,
            errors: Vec::new(),
        },
        Err(error) => refused(line, vec![*error]),
    }
}

fn refused(line: u64, errors: Vec<FieldError>) -> ImportRow {
    ImportRow {
        line,
        result: RowResult::Refused,
        id: None,
        errors,
    }
}
