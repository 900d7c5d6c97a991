//! Lists of employees, and of the values of their fields.

use futures_util::stream::BoxStream;
use jiff::Timestamp;
use roster_common::api::FieldValue;
use roster_common::history::AuditAction;
use roster_common::query::Filter;
use roster_common::{Field, Query};

use super::auth::Identity;
use super::{App, AppError};
use crate::store::{self, AuditLine, Page, Records};

/// Returns the page of employees that a query asks for.
///
/// # Errors
/// [`AppError::Cursor`] if its cursor is not from this list; [`AppError::Store`]
pub async fn page(app: &App, query: &Query) -> Result<Page, AppError> {
    Ok(app.store.page(query, this_minute(app)).await?)
}

/// Returns all employees that match a query, in pieces, as of one moment. If these are all there
/// are, the audit names who read them.
///
/// # Errors
/// [`AppError::Store`]
pub async fn scan(
    app: &App,
    who: &Identity,
    query: &Query,
) -> Result<BoxStream<'static, store::Result<Records>>, AppError> {
    let filter = query.filter(this_minute(app));
    if filter == Filter::EVERYTHING {
        let line = AuditLine::new(&who.attribution(), AuditAction::EmployeesExported);
        if let Err(error) = app.store.add_to_audit(line).await {
            // Reads go on while nothing can be written.
            tracing::error!(%error, "could not record an export");
        }
    }
    Ok(app.store.scan(filter, &query.sort).await?)
}

/// Returns at most `limit` values of a field that contain a folded text, most used first, of the
/// employees that meet all conditions.
///
/// # Errors
/// [`AppError::Store`]
pub async fn values(
    app: &App,
    field: Field,
    filter: &Query,
    text: &str,
    limit: usize,
) -> Result<Vec<FieldValue>, AppError> {
    Ok(app
        .store
        .values(field, filter.filter(this_minute(app)), text, limit)
        .await?)
}

/// The time from which ages in a filter are counted: the same for a minute, so that the pages of a
/// list fit together and a search is not repeated for each.
fn this_minute(app: &App) -> Timestamp {
    let now = app.clock.now();
    let second = now.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(now)
}
