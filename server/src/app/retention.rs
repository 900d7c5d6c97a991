//! What is kept for a time only: lines of the audit log, and people who left.

use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use roster_common::query::{Column, Sort};
use roster_common::{Employee, Field, Query, Status};

use super::{App, AppError};
use crate::store::{Attribution, Refused};

/// The name under which the server itself acts in the audit.
const BY: &str = "rosterd";

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
    let by = BY.parse().map_err(|_| AppError::Internal(BY.into()))?;
    let attribution = Attribution { by, at: now };
    let mut forgotten = 0;
    for leaver in leavers(app).await? {
        let is_due = leaver.updated.checked_add(age).is_ok_and(|end| end <= now);
        if !is_due {
            continue;
        }
        let version = leaver.version;
        let is_same = move |current: &Employee| match current.version == version {
            true => Ok(()),
            false => Err(Refused::Stale(Box::new(current.clone()))),
        };
        let rule = Box::new(is_same);
        let attribution = attribution.clone();
        let outcome = app
            .store
            .forget_employee(leaver.id, rule, attribution)
            .await?;
        forgotten += usize::from(outcome.is_ok());
    }
    Ok(forgotten)
}

async fn leavers(app: &App) -> Result<Vec<Employee>, AppError> {
    let query = Query {
        equals: vec![(Field::Status, Status::Left.as_str().to_owned())],
        ..Query::default()
    };
    let by_update = Sort::by(Column::Updated, false);
    let mut pieces = app.store.scan(query.terms(), &by_update).await?;
    let mut leavers = Vec::new();
    while let Some(piece) = pieces.next().await {
        for json in piece?.iter() {
            let employee = serde_json::from_slice(json);
            leavers.push(employee.map_err(|error| AppError::Internal(error.to_string()))?);
        }
    }
    Ok(leavers)
}
