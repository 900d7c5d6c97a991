//! Lists of employees, and of the values of their fields.

use futures_util::stream::BoxStream;
use roster_common::api::FieldValue;
use roster_common::query::Term;
use roster_common::{Field, Query};

use super::{App, AppError};
use crate::store::{self, Page, Records};

/// Returns the page of employees that a query asks for.
///
/// # Errors
/// [`AppError::Cursor`] if its cursor is not from this list; [`AppError::Store`]
pub async fn page(app: &App, query: &Query) -> Result<Page, AppError> {
    Ok(app.store.page(query).await?)
}

/// Returns all employees that match a query, in pieces, as of one moment.
///
/// # Errors
/// [`AppError::Store`]
pub async fn scan(
    app: &App,
    query: &Query,
) -> Result<BoxStream<'static, store::Result<Records>>, AppError> {
    Ok(app.store.scan(query.terms(), &query.sort).await?)
}

/// Returns at most `limit` values of a field that contain a folded text, most used first, of the
/// employees that meet all conditions.
///
/// # Errors
/// [`AppError::Store`]
pub async fn values(
    app: &App,
    field: Field,
    conditions: Vec<Term>,
    text: &str,
    limit: usize,
) -> Result<Vec<FieldValue>, AppError> {
    Ok(app.store.values(field, conditions, text, limit).await?)
}
