//! Reading and changing single employees. Dispatch has already checked the role.

use roster_common::changes::RecordInput;
use roster_common::history::HistoryEntry;
use roster_common::problem::Rule;
use roster_common::{Changes, Employee, EmployeeId, FieldError, Version};

use super::auth::Identity;
use super::warnings::{Saved, saved};
use super::{App, AppError};
use crate::rules::employees::{UpdateKind, check, edited, refusal_of};
use crate::rules::preconditions::{Preconditions, Unmet};
use crate::store::{DeleteRule, IdempotencyKey, Record, Refused};

/// Returns an employee.
///
/// # Errors
/// [`Refused::NotFound`]
pub async fn read(app: &App, id: EmployeeId) -> Result<Record, AppError> {
    app.store
        .employee(id)
        .await?
        .ok_or(AppError::Refused(Refused::NotFound))
}

/// Returns an employee's history, newest first: at most `limit` entries, older than a version.
///
/// # Errors
/// [`Refused::NotFound`] if no employee has ever had the id.
pub async fn history(
    app: &App,
    id: EmployeeId,
    before: Option<Version>,
    limit: usize,
) -> Result<Vec<HistoryEntry>, AppError> {
    app.store
        .history(id, before, limit)
        .await?
        .ok_or(AppError::Refused(Refused::NotFound))
}

/// Adds an employee.
///
/// # Errors
/// [`Refused::Invalid`], [`Refused::KeyReused`]
pub async fn create(
    app: &App,
    who: &Identity,
    document: RecordInput,
    key: Option<IdempotencyKey>,
) -> Result<Saved, AppError> {
    if document.id.is_some() || document.version.is_some() {
        // A body with an id or a version describes a record that exists, so it is not ignored.
        let name = if document.id.is_some() {
            "id"
        } else {
            "version"
        };
        return Err(AppError::invalid(vec![FieldError::new(
            name,
            Rule::ReadOnly,
            "The server assigns it; leave it out.",
        )]));
    }
    let details = document.changes.to_details().map_err(AppError::invalid)?;
    let created = app
        .store
        .create_employee(details, key, who.attribution())
        .await??;
    Ok(saved(app, created).await)
}

/// The result of reading a record under preconditions.
pub enum ReadOutcome {
    /// The record.
    Current(Record),
    /// The client already has this version.
    NotModified(Version),
}

/// Reads an employee if the preconditions hold.
///
/// # Errors
/// [`Refused::NotFound`], [`Refused::Stale`], [`Refused::Precondition`]
pub async fn read_if(
    app: &App,
    id: EmployeeId,
    preconditions: &Preconditions,
) -> Result<ReadOutcome, AppError> {
    let record = read(app, id).await?;
    match preconditions.check(Some(record.version)) {
        Ok(()) => Ok(ReadOutcome::Current(record)),
        Err(Unmet::Exists) => Ok(ReadOutcome::NotModified(record.version)),
        Err(unmet) => {
            let current = serde_json::from_slice(&record.json)
                .map_err(|error| AppError::Internal(error.to_string()))?;
            Err(refusal_of(unmet, current).into())
        }
    }
}

/// Changes an employee if the preconditions hold.
///
/// # Errors
/// [`Refused::NotFound`], [`Refused::Stale`], [`Refused::Precondition`], [`Refused::Invalid`]
pub async fn change(
    app: &App,
    who: &Identity,
    id: EmployeeId,
    preconditions: Preconditions,
    kind: UpdateKind,
    changes: Changes,
) -> Result<Saved, AppError> {
    let rule = move |current: &Employee| edited(current, &preconditions, kind, &changes);
    let changed = app
        .store
        .change_employee(id, Box::new(rule), who.attribution())
        .await??;
    Ok(saved(app, changed).await)
}

/// Restores a deleted employee.
///
/// # Errors
/// [`Refused::NotFound`] if the id was never used, [`Refused::Precondition`] if it is in use,
/// [`Refused::Invalid`]
pub async fn restore(
    app: &App,
    who: &Identity,
    id: EmployeeId,
    changes: Changes,
) -> Result<Saved, AppError> {
    let details = changes.to_details().map_err(AppError::invalid)?;
    let restored = app
        .store
        .restore_employee(id, details, who.attribution())
        .await?;
    let restored = restored.map_err(|refused| match refused {
        Refused::Stale(current) => Refused::Precondition(Unmet::Exists, current),
        refused => refused,
    })?;
    Ok(saved(app, restored).await)
}

/// Deletes an employee if the preconditions hold, and removes all text about the person. For
/// somebody who was deleted before, there is nothing that the preconditions could be compared with.
///
/// # Errors
/// [`Refused::NotFound`], [`Refused::Stale`], [`Refused::Precondition`]
pub async fn forget(
    app: &App,
    who: &Identity,
    id: EmployeeId,
    preconditions: Preconditions,
) -> Result<(), AppError> {
    let rule = delete_rule(preconditions);
    let forgotten = app
        .store
        .forget_employees(vec![id], rule, who.attribution());
    Ok(forgotten.await?.into_iter().collect::<Result<(), _>>()?)
}

/// Deletes an employee if the preconditions hold.
///
/// # Errors
/// [`Refused::NotFound`], [`Refused::Stale`], [`Refused::Precondition`]
pub async fn delete(
    app: &App,
    who: &Identity,
    id: EmployeeId,
    preconditions: Preconditions,
) -> Result<(), AppError> {
    let rule = delete_rule(preconditions);
    Ok(app
        .store
        .delete_employee(id, rule, who.attribution())
        .await??)
}

fn delete_rule(preconditions: Preconditions) -> DeleteRule {
    Box::new(move |current| check(current, &preconditions))
}
