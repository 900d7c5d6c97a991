//! Data that is kept for a limited time: lines of the audit log, and people who left.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use roster_common::query::{Column, Sort};
use roster_common::{Employee, EmployeeId, Field, Query, Status, Version};

use super::{App, AppError, operator};
use crate::rules::forget::left_since;
use crate::rules::history::KEPT;
use crate::store::Refused;

/// How many people are forgotten in one transaction.
const AT_ONCE: usize = 500;

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

/// Forgets the people who left at least `age` ago. Returns how many.
async fn forget_leavers(app: &App, age: SignedDuration, now: Timestamp) -> Result<usize, AppError> {
    let attribution = operator::attribution(now)?;
    let mut forgotten = 0;
    for leavers in due_leavers(app, age, now).await?.chunks(AT_ONCE) {
        let versions: BTreeMap<EmployeeId, Version> = leavers.iter().copied().collect();
        let ids = versions.keys().copied().collect();
        // Somebody whose record was changed since the scan may be back, so only the version that
        // was found is forgotten.
        let is_unchanged = move |current: &Employee| match versions.get(&current.id) {
            Some(version) if *version == current.version => Ok(()),
            _ => Err(Refused::Stale(Box::new(current.clone()))),
        };
        let rule = Box::new(is_unchanged);
        let outcomes = app
            .store
            .forget_employees(ids, rule, attribution.clone())
            .await?;
        forgotten += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    }
    Ok(forgotten)
}

/// The people who left at least `age` ago, with the versions of their records.
async fn due_leavers(
    app: &App,
    age: SignedDuration,
    now: Timestamp,
) -> Result<Vec<(EmployeeId, Version)>, AppError> {
    let is_due = |since: Timestamp| since.checked_add(age).is_ok_and(|end| end <= now);
    let query = Query {
        equals: vec![(Field::Status, Status::Left.as_str().to_owned())],
        ..Query::default()
    };
    let by_creation = Sort::by(Column::Created, false);
    let mut pieces = app.store.scan(query.filter(now), &by_creation).await?;
    let mut due = Vec::new();
    while let Some(piece) = pieces.next().await {
        for json in piece?.iter() {
            let leaver: Employee = serde_json::from_slice(json)
                .map_err(|error| AppError::Internal(error.to_string()))?;
            if !is_due(leaver.created) {
                // Those behind were created later.
                return Ok(due);
            }
            // The history is on the disk, so it is only read where the record does not tell.
            if is_due(leaver.updated) || left(app, &leaver).await?.is_some_and(is_due) {
                due.push((leaver.id, leaver.version));
            }
        }
    }
    Ok(due)
}

/// When somebody left; `None` if there is no history.
async fn left(app: &App, leaver: &Employee) -> Result<Option<Timestamp>, AppError> {
    let history = app.store.history(leaver.id, None, KEPT as usize).await?;
    Ok(left_since(&history.unwrap_or_default()))
}
