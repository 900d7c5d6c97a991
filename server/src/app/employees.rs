//! The records: who may do it has been found out already, in the route table.

use roster_common::api::{ImportMode, ImportReport, ImportRow, RowResult};
use roster_common::changes::Document;
use roster_common::history::HistoryEntry;
use roster_common::problem::Rule;
use roster_common::rows::Row;
use roster_common::{Changes, Details, Employee, EmployeeId, FieldError, Version};

use super::auth::Identity;
use super::{App, AppError};
use crate::store::{Commit, IdempotencyKey, ImportRecord, Record, Refused};

/// One employee.
///
/// # Errors
/// [`Refused::NotFound`]
pub async fn read(app: &App, id: EmployeeId) -> Result<Record, AppError> {
    app.store.employee(id).await?.ok_or(AppError::Refused(Refused::NotFound))
}

/// What became of an employee, the newest first: at most `limit` entries, of before a version.
///
/// # Errors
/// [`Refused::NotFound`] where there has never been one.
pub async fn history(
    app: &App,
    id: EmployeeId,
    before: Option<Version>,
    limit: usize,
) -> Result<Vec<HistoryEntry>, AppError> {
    app.store.history(id, before, limit).await?.ok_or(AppError::Refused(Refused::NotFound))
}

/// Adds an employee.
///
/// # Errors
/// [`Refused::Invalid`], [`Refused::KeyReused`]
pub async fn create(
    app: &App,
    who: &Identity,
    document: Document,
    key: Option<IdempotencyKey>,
) -> Result<Record, AppError> {
    if document.id.is_some() || document.version.is_some() {
        let name = if document.id.is_some() { "id" } else { "version" };
        return Err(AppError::invalid(vec![FieldError::new(
            name,
            Rule::ReadOnly,
            "The server gives it; leave it out.",
        )]));
    }
    let details = document.changes.to_details().map_err(AppError::invalid)?;
    Ok(app.store.create_employee(details, key, who.stamp()).await??)
}

/// How a change's fields become the record's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// What is not named is taken away.
    Replace,
    /// What is not named stays (RFC 7396).
    Merge,
}

/// Changes an employee, if it still is the version that the client names; without one, whatever it is.
///
/// # Errors
/// [`Refused::NotFound`], [`Refused::Stale`], [`Refused::Invalid`]
pub async fn change(
    app: &App,
    who: &Identity,
    id: EmployeeId,
    expected: Option<Version>,
    how: How,
    changes: Changes,
) -> Result<Record, AppError> {
    let rule = move |current: &Employee| {
        check_version(current, expected)?;
        laid_over(current, how, &changes).map_err(Refused::Invalid)
    };
    Ok(app.store.change_employee(id, Box::new(rule), who.stamp()).await??)
}

fn laid_over(current: &Employee, how: How, changes: &Changes) -> Result<Details, Vec<FieldError>> {
    match how {
        How::Replace => changes.to_details(),
        How::Merge => changes.merged_into(&current.details),
    }
}

/// Takes an employee away, if it still is the version that the client names; without one, whatever it is.
///
/// # Errors
/// [`Refused::NotFound`], [`Refused::Stale`]
pub async fn delete(app: &App, who: &Identity, id: EmployeeId, expected: Option<Version>) -> Result<(), AppError> {
    let rule = move |current: &Employee| check_version(current, expected);
    Ok(app.store.delete_employee(id, Box::new(rule), who.stamp()).await??)
}

fn check_version(current: &Employee, expected: Option<Version>) -> Result<(), Refused> {
    match expected {
        Some(version) if version != current.version => Err(Refused::Stale(Box::new(current.clone()))),
        _ => Ok(()),
    }
}

/// What an import does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportOptions {
    /// With the good rows where some are bad.
    pub mode: ImportMode,
    /// Whether nothing is to be written.
    pub dry_run: bool,
}

/// A row of an import, held to the rules of its fields.
#[derive(Debug, Clone)]
pub struct CheckedRow {
    line: u64,
    record: Result<ImportRecord, Vec<FieldError>>,
}

/// Holds a row to the rules of its fields. A hundred thousand rows take a while: not for a thread that other requests
/// wait for.
pub fn check(Row { line, document }: Row) -> CheckedRow {
    let record = |document: Document| Ok(ImportRecord { id: document.id, details: document.changes.to_details()? });
    CheckedRow { line, record: document.and_then(record) }
}

/// Imports rows, each to its own result.
///
/// # Errors
/// [`AppError::Store`]; a bad row is no error but its result.
pub async fn import(
    app: &App,
    who: &Identity,
    rows: Vec<CheckedRow>,
    options: ImportOptions,
) -> Result<ImportReport, AppError> {
    let mut good = Vec::with_capacity(rows.len());
    let mut keep = |CheckedRow { line, record }| (line, record.map(|record| good.push(record)));
    let rows: Vec<_> = rows.into_iter().map(&mut keep).collect();
    let commit = match options {
        ImportOptions { dry_run: true, .. } => Commit::Never,
        ImportOptions { mode: ImportMode::Partial, .. } => Commit::Good,
        ImportOptions { mode: ImportMode::Atomic, .. } if good.len() == rows.len() => Commit::IfAllGood,
        // A row that is not even well formed spoils the rest; the store still says what is wrong with them.
        ImportOptions { mode: ImportMode::Atomic, .. } => Commit::Never,
    };
    let imported = app.store.import_employees(good, commit, who.stamp()).await?;
    let mut results = imported.records.into_iter();
    let rows: Vec<ImportRow> = rows
        .into_iter()
        .filter_map(|(line, checked)| match checked {
            Ok(()) => results.next().map(|result| outcome(line, result, imported.written)),
            Err(errors) => Some(outcome(line, Err(errors), imported.written)),
        })
        .collect();
    let count = |wanted| rows.iter().filter(|row| row.result == wanted).count() as u64;
    let refused = count(RowResult::Refused);
    let created = match options {
        ImportOptions { dry_run: false, .. } => count(RowResult::Created),
        ImportOptions { mode: ImportMode::Atomic, .. } if refused > 0 => 0,
        ImportOptions { .. } => count(RowResult::Skipped),
    };
    Ok(ImportReport { mode: options.mode, dry_run: options.dry_run, created, refused, rows })
}

fn outcome(line: u64, result: Result<EmployeeId, Vec<FieldError>>, written: bool) -> ImportRow {
    match result {
        Ok(id) if written => ImportRow { line, result: RowResult::Created, id: Some(id), errors: Vec::new() },
        Ok(_) => ImportRow { line, result: RowResult::Skipped, id: None, errors: Vec::new() },
        Err(errors) => ImportRow { line, result: RowResult::Refused, id: None, errors },
    }
}
