//! Imports: rows are validated one by one as they arrive and added in one transaction.

use std::sync::Arc;

use roster_common::api::{ImportMode, ImportReport, ImportRow, RowResult};
use roster_common::changes::RecordInput;
use roster_common::rows::InputRow;
use roster_common::{EmployeeId, FieldError, RecordWarning};

use super::auth::Identity;
use super::runs::{self, Earlier, earlier};
use super::{App, AppError, warnings};
use crate::store::{
    Commit, IdempotencyKey, ImportRecord, ImportRecords, ImportRequest, Imported, RowRefusal,
};

/// What an import does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// What to do with valid rows if others are refused.
    pub mode: ImportMode,
    /// Whether to validate only.
    pub dry_run: bool,
}

/// The rows that were refused while they were read.
#[derive(Debug, Clone, Default)]
pub(super) struct RefusedRows {
    pub(super) count: usize,
    /// The results of the first of them.
    pub(super) reported: Vec<ImportRow>,
}

impl RefusedRows {
    /// Adds the row on a line.
    pub(super) fn push(&mut self, line: u64, errors: Vec<FieldError>) {
        self.count += 1;
        if self.reported.len() < ImportReport::MAX_REPORTED_ROWS {
            self.reported.push(refused(line, errors));
        }
    }
}

/// The rows of an import that have been read so far: the valid ones in the store's compact form,
/// and the results of the others.
#[derive(Debug, Default)]
pub struct ImportedRows {
    valid: ImportRecords,
    refused: RefusedRows,
}

impl ImportedRows {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.valid.len() + self.refused.count
    }

    /// Returns `true` if no row has been read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Validates the next row.
    pub fn push(&mut self, row: InputRow) {
        let InputRow {
            line,
            document,
            manager_line,
        } = row;
        let record = |RecordInput { id, changes, .. }: RecordInput| {
            Ok(ImportRecord {
                id,
                details: changes.to_details()?,
            })
        };
        match document.and_then(record) {
            Ok(record) => self.valid.push_on_line(line, &record, manager_line),
            Err(errors) => {
                self.valid.refuse_line(line);
                self.refused.push(line, errors);
            }
        }
    }
}

/// Imports rows and returns the result of each. A repeat under the same key gets the same report,
/// and imports nothing.
///
/// # Errors
/// [`AppError::Store`], [`RunRefusal`](crate::store::RunRefusal). An invalid row is not an error but
/// has a result of its own.
pub async fn import(
    app: &App,
    who: &Identity,
    rows: ImportedRows,
    options: Options,
    key: Option<IdempotencyKey>,
) -> Result<ImportReport, AppError> {
    let key = key.filter(|_| !options.dry_run);
    if let Earlier::Finished(report) = earlier(app, who, key.as_ref(), options.mode).await? {
        return Ok(*report);
    }
    let warned = warnings::of_rows(app, &rows.valid).await?;
    let ImportedRows { valid, refused } = rows;
    let commit = match options {
        Options { dry_run: true, .. } => Commit::Never,
        Options {
            mode: ImportMode::Partial,
            ..
        } => Commit::Good,
        Options {
            mode: ImportMode::Atomic,
            ..
        } if refused.count == 0 => Commit::IfAllGood,
        // A malformed row fails an atomic import, but the store still validates the rest.
        Options {
            mode: ImportMode::Atomic,
            ..
        } => Commit::Never,
    };
    let read = Arc::new(ReadRows {
        lines: valid.lines().to_vec(),
        warned,
        refused,
        options,
    });
    let kept = Arc::clone(&read);
    let request = ImportRequest {
        key,
        report: Some(Box::new(move |imported| {
            runs::to_json(&kept.report(imported))
        })),
    };
    let imported = app
        .store
        .import_as_run(valid, commit, request, who.attribution())
        .await??;
    Ok(read.report(&imported))
}

/// What the report of an import says beside what the store says.
struct ReadRows {
    /// The line of each valid row.
    lines: Vec<u64>,
    /// The warnings about rows, by their index.
    warned: Vec<(usize, Vec<RecordWarning>)>,
    refused: RefusedRows,
    options: Options,
}

impl ReadRows {
    fn report(&self, imported: &Imported) -> ImportReport {
        let options = self.options;
        let malformed = self.refused.count;
        let accepted = imported.records.iter().filter(|result| result.is_ok());
        let accepted = accepted.count();
        let refused = (malformed + imported.records.len() - accepted) as u64;
        let created = match options {
            Options { dry_run: false, .. } if !imported.written => 0,
            Options {
                dry_run: true,
                mode: ImportMode::Atomic,
            } if refused > 0 => 0,
            Options { .. } => accepted as u64,
        };
        let (warned, rows) = self.rows(imported);
        ImportReport {
            mode: options.mode.into(),
            dry_run: options.dry_run,
            run: imported.run,
            created,
            refused,
            warned,
            matched: None,
            rows,
        }
    }

    /// How many rows have warnings, and the rows that the report lists: a short report lists every
    /// row, a long one only those that somebody should look at.
    fn rows(&self, imported: &Imported) -> (u64, Vec<ImportRow>) {
        let mut reported = self.refused.reported.clone();
        let count = self.lines.len() + self.refused.count;
        let lists_all_rows = count <= ImportReport::MAX_REPORTED_ROWS;
        let mut warned_rows = self.warned.iter().peekable();
        let mut warned = 0;
        for (index, (line, result)) in self.lines.iter().zip(&imported.records).enumerate() {
            let warnings = warned_rows.next_if(|(row, _)| *row == index);
            let warnings = warnings.map(|(_, warnings)| warnings);
            let warnings = warnings.filter(|_| result.is_ok());
            warned += u64::from(warnings.is_some());
            let is_listed = lists_all_rows || result.is_err() || warnings.is_some();
            if is_listed && reported.len() < 2 * ImportReport::MAX_REPORTED_ROWS {
                let row = outcome(*line, result, imported.written);
                reported.push(ImportRow {
                    warnings: warnings.cloned().unwrap_or_default(),
                    ..row
                });
            }
        }
        reported.sort_unstable_by_key(|row| row.line);
        reported.truncate(ImportReport::MAX_REPORTED_ROWS);
        (warned, reported)
    }
}

fn outcome(line: u64, result: &Result<EmployeeId, RowRefusal>, written: bool) -> ImportRow {
    match result {
        Ok(id) if written => ImportRow {
            line,
            result: RowResult::Created,
            id: Some(*id),
            errors: Vec::new(),
            changes: Vec::new(),
            warnings: Vec::new(),
        },
        Ok(_) => ImportRow {
            line,
            result: RowResult::Skipped,
            id: None,
            errors: Vec::new(),
            changes: Vec::new(),
            warnings: Vec::new(),
        },
        Err(RowRefusal::Field(error)) => refused(line, vec![error.as_ref().clone()]),
        Err(RowRefusal::BelowRefused) => refused(line, Vec::new()),
    }
}

/// The result of a row that breaks the rules of its fields.
fn refused(line: u64, errors: Vec<FieldError>) -> ImportRow {
    ImportRow {
        line,
        result: RowResult::Refused,
        id: None,
        errors,
        changes: Vec::new(),
        warnings: Vec::new(),
    }
}
