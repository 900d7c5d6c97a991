//! What is kept for a time only: lines of the audit log, and people who left.

use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use roster_common::query::{Column, Sort};
use roster_common::{Employee, EmployeeId, Field, Query, Status, Version};

use super::{App, AppError, operator};
use crate::rules::employees::check;
use crate::rules::preconditions::Preconditions;

/// Drops what is older than the settings allow. Returns how many people were forgotten.
///
/// # Errors
/// [`AppError::Store`]
pub async fn sweep(app: &App) -> Result<usize, AppError> {
    let now = app.clock.now();
    app.store.sweep_audit(now).await?;
    match app.forget_leavers {
        Some(age) => forget_leavers(app, age, now).await,
        None => Ok(0),
    }
}

/// Forgets the people who left, so long after the last change of their records.
async fn forget_leavers(app: &App, age: SignedDuration, now: Timestamp) -> Result<usize, AppError> {
    let attribution = operator::attribution(now)?;
    let mut forgotten = 0;
    for (id, version) in due_leavers(app, age, now).await? {
        let unchanged = Preconditions {
            version: Some(version),
            ..Preconditions::default()
        };
        let rule = Box::new(move |current: &Employee| check(current, &unchanged));
        let outcome = app
            .store
            .forget_employee(id, rule, attribution.clone())
            .await?;
        forgotten += usize::from(outcome.is_ok());
    }
    Ok(forgotten)
}

/// The people who left and whose records have not been changed for so long.
async fn due_leavers(
    app: &App,
    age: SignedDuration,
    now: Timestamp,
) -> Result<Vec<(EmployeeId, Version)>, AppError> {
    let query = Query {
        equals: vec![(Field::Status, Status::Left.as_str().to_owned())],
        ..Query::default()
    };
    let by_update = Sort::by(Column::Updated, false);
    let mut pieces = app.store.scan(query.terms(), &by_update).await?;
    let mut due = Vec::new();
    while let Some(piece) = pieces.next().await {
        for json in piece?.iter() {
            let leaver: Employee = serde_json::from_slice(json)
                .map_err(|error| AppError::Internal(error.to_string()))?;
            if leaver.updated.checked_add(age).is_ok_and(|end| end <= now) {
                due.push((leaver.id, leaver.version));
            } else {
                // Those behind were changed later.
                return Ok(due);
            }
        }
    }
    Ok(due)
}
