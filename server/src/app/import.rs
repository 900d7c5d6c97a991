//! Imports: rows are validated one by one as they arrive, checked as a whole, and written in slices.
//!
//! - `write` the slices of one run
//! - `results` what became of the rows, and the report

use std::sync::Arc;

use roster_common::api::{
    EmptyCells, ImportMode, ImportOptions, ImportReport, ImportRow, Matching,
};
use roster_common::rows::InputRow;
use roster_common::{Changes, Field, FieldError};

use self::results::{Results, refused_row};
use self::write::Writing;
use super::auth::Identity;
use super::runs::{self, Earlier, earlier};
use super::{App, AppError, warnings};
use crate::store::{IdempotencyKey, PackedRows, PlanOptions, Planned, ValidRow};

mod results;
mod write;

/// The rows of an import that have been read so far: the valid ones in the store's compact form, and
/// the results of the others.
#[derive(Debug, Default)]
pub struct ImportedRows {
    valid: PackedRows,
    refused: RefusedRows,
}

/// The rows that were refused while they were read.
#[derive(Debug, Default)]
struct RefusedRows {
    count: usize,
    /// The results of the first of them.
    reported: Vec<ImportRow>,
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

    /// Adds the next row.
    pub fn push(&mut self, CheckedRow { line, row }: CheckedRow) {
        match row {
            Ok(row) => self.valid.push(line, &row),
            Err(errors) => {
                self.valid.refuse_line(line);
                self.refused.count += 1;
                if self.refused.reported.len() < ImportReport::MAX_REPORTED_ROWS {
                    self.refused.reported.push(refused_row(line, errors));
                }
            }
        }
    }
}

/// A row of an import, on its line, that was validated as far as that can be done without its
/// employee.
#[derive(Debug)]
pub struct CheckedRow {
    line: u64,
    row: Result<ValidRow, Vec<FieldError>>,
}

impl CheckedRow {
    /// Validates a row. `matching` is how rows are matched; `None` if each adds an employee.
    pub fn of(row: InputRow, matching: Option<Matching>) -> Self {
        Self {
            line: row.line,
            row: checked(row, matching),
        }
    }
}

fn checked(row: InputRow, matching: Option<Matching>) -> Result<ValidRow, Vec<FieldError>> {
    let document = row.document?;
    let mut values = match matching {
        Some(_) => values_to_set(document.changes),
        None => values_of_new(document.changes),
    }?;
    let empty = matching.map(|matching| matching.empty);
    if empty.unwrap_or_default() == EmptyCells::Keep {
        values.retain(|(_, value)| !value.is_empty());
    }
    Ok(ValidRow {
        id: document.id,
        manager_line: row.manager_line,
        values,
    })
}

/// The values that a row has for an employee who may be there already.
fn values_to_set(changes: Changes) -> Result<Vec<(Field, String)>, Vec<FieldError>> {
    collect(changes, |field, value| match value.trim() {
        // A required value that is empty may be one to keep.
        "" => Ok(String::new()),
        _ => field.checked(value),
    })
}

/// The values of an employee whom a row adds.
fn values_of_new(mut changes: Changes) -> Result<Vec<(Field, String)>, Vec<FieldError>> {
    let value = |field| (field, changes.take(field).unwrap_or_default());
    collect(Field::ALL.map(value), Field::checked)
}

fn collect(
    values: impl IntoIterator<Item = (Field, String)>,
    check: impl Fn(Field, String) -> Result<String, FieldError>,
) -> Result<Vec<(Field, String)>, Vec<FieldError>> {
    let (mut checked, mut errors) = (Vec::with_capacity(Field::ALL.len()), Vec::new());
    for (field, value) in values {
        match check(field, value) {
            Ok(value) => checked.push((field, value)),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(checked)
    } else {
        Err(errors)
    }
}

/// Imports rows and returns what became of each. A repeat under the same key gets the same report,
/// or continues what was interrupted.
///
/// # Errors
/// [`AppError::Store`], [`RunRefusal`](crate::store::RunRefusal). An invalid row is not an error but
/// has a result of its own.
pub async fn import(
    app: &App,
    who: &Identity,
    rows: ImportedRows,
    options: ImportOptions,
    key: Option<IdempotencyKey>,
) -> Result<ImportReport, AppError> {
    let key = key.filter(|_| !options.dry_run);
    let earlier = match earlier(app, who, key.as_ref(), options.mode).await? {
        Earlier::Finished(report) => return Ok(*report),
        Earlier::Interrupted(written) => Some(written),
        Earlier::None => None,
    };
    let ImportedRows { valid, refused, .. } = rows;
    let rows = Arc::new(valid);
    let how = PlanOptions {
        by: options.matching.map(|matching| matching.by),
        missing: options.matching.and_then(|matching| matching.missing),
        today: warnings::today(app.clock.now()),
    };
    let resumed = earlier.as_ref().map(|earlier| earlier.resumed.clone());
    let resumed = resumed.unwrap_or_default();
    let mut plan = app
        .store
        .plan_import(Arc::clone(&rows), how, resumed)
        .await?;
    // Most rows of a nightly import change nothing, and their values are not needed any more.
    let mut rows = Arc::unwrap_or_clone(rows);
    rows.keep(|row| plan.rows.get(row).is_some_and(Planned::is_written));
    let rows = Arc::new(rows);
    let is_refused = refused.count > 0 || plan.rows.iter().any(Planned::is_refused);
    let mut results = Results::of(&mut plan, refused.count, earlier.as_ref());
    // What an interrupted run has begun is completed in either mode: the whole was checked before.
    let is_allowed = options.mode == ImportMode::Partial || !is_refused || earlier.is_some();
    let mut written = None;
    match (is_allowed, options.dry_run) {
        (true, false) => {
            let writing = Writing {
                app,
                rows: &rows,
                plan: &plan,
                how,
                mode: options.mode,
                attribution: who.attribution(),
            };
            let begun = earlier.map(|earlier| earlier.checkpoint);
            written = writing.write(&mut results, key, begun).await?;
        }
        // With `match`, the report of a dry run has what every row would change.
        (_, true) if options.matching.is_some() => {}
        (true, true) => results.skip_rows(),
        (false, _) => results.write_nothing(),
    }
    let report = ImportReport {
        mode: options.mode.into(),
        dry_run: options.dry_run,
        run: written.map(|checkpoint| checkpoint.run),
        created: results.created,
        refused: results.refused,
        warned: plan.warnings.len() as u64,
        matched: how.by.map(|by| results.matched(&plan, by)),
        rows: results.rows(&rows, &plan, refused.reported),
    };
    // Finishing needs memory of its own, to put the employees in order.
    drop((rows, plan, results));
    if let Some(checkpoint) = written {
        let finished = app.store.finish_run(checkpoint, runs::to_json(&report));
        finished.await??;
    }
    Ok(report)
}
