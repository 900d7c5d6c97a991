//! Merging two records of one person.

use futures_util::TryStreamExt;
use roster_common::{Changes, Employee, EmployeeId, Query};

use super::auth::Identity;
use super::warnings::{Saved, saved};
use super::{App, AppError};
use crate::rules::employees::{UpdateKind, check, edited};
use crate::rules::preconditions::Preconditions;
use crate::store::{MergeRule, Pair, Refused};

/// A record, and the state in which it must be.
pub struct Named {
    /// The employee.
    pub id: EmployeeId,
    /// What must hold for the record.
    pub preconditions: Preconditions,
}

/// Merges `other` into `survivor`, which gets these values and the reports of the other. The other is
/// deleted, and its history names the survivor.
///
/// # Errors
/// [`Refused::NotFound`], [`Refused::Stale`], [`Refused::Precondition`], [`Refused::Invalid`]
pub async fn merge(
    app: &App,
    who: &Identity,
    survivor: Named,
    other: Named,
    changes: Changes,
) -> Result<Saved, AppError> {
    let pair = Pair::new(survivor.id, other.id)?;
    let reports = reports_of(app, pair.other).await?;
    let rule: MergeRule = Box::new(move |record, duplicate| {
        check(duplicate, &other.preconditions)?;
        edited(record, &survivor.preconditions, UpdateKind::Merge, &changes)
    });
    let merged = app
        .store
        .merge_employees(pair, rule, reports, who.attribution());
    let merged = merged.await??;
    // Nobody can be told to report to the other any more, but somebody may have been just before.
    for late in reports_of(app, pair.other).await? {
        let rule = move |report: &Employee| {
            let details = report.details.clone();
            if details.manager() == Some(pair.other) {
                return Ok(details.with_manager(pair.survivor));
            }
            Ok(details)
        };
        let moved = app
            .store
            .change_employee(late, Box::new(rule), who.attribution());
        match moved.await? {
            Ok(_) | Err(Refused::NotFound) => {}
            Err(refused) => return Err(refused.into()),
        }
    }
    Ok(saved(app, merged).await)
}

/// Everybody who reports to an employee.
async fn reports_of(app: &App, manager: EmployeeId) -> Result<Vec<EmployeeId>, AppError> {
    let query = Query::parse(&format!("manager={manager}")).map_err(AppError::invalid)?;
    let pieces = app
        .store
        .scan(query.filter(app.clock.now()), &query.sort)
        .await?;
    let pieces: Vec<_> = pieces.try_collect().await?;
    let mut reports = Vec::new();
    for record in pieces.iter().flat_map(|piece| piece.iter()) {
        let employee: Employee = serde_json::from_slice(record)
            .map_err(|error| AppError::Internal(error.to_string()))?;
        reports.push(employee.id);
    }
    Ok(reports)
}
