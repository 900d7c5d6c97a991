//! Merging two records of one person.

use roster_common::{Changes, Employee, EmployeeId};

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
    let reports = app.store.reports_of(pair.other).await?;
    let rule: MergeRule = Box::new(move |record, duplicate| {
        check(duplicate, &other.preconditions)?;
        edited(record, &survivor.preconditions, UpdateKind::Merge, &changes)
    });
    let merged = app
        .store
        .merge_employees(pair, rule, reports, who.attribution());
    let merged = merged.await??;
    // Nobody can be told to report to the other any more, but somebody may have been just before.
    for late in app.store.reports_of(pair.other).await? {
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
