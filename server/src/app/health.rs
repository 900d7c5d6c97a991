//! Whether the server works, and the figures that an operator watches.

use super::{App, AppError};
use crate::store::StoreFigures;

/// Checks that the store can write, by writing something durably.
///
/// # Errors
/// [`AppError::Store`] if it cannot.
pub async fn check(app: &App) -> Result<(), AppError> {
    Ok(app.store.probe().await?)
}

/// Returns what the store counts, for the metrics.
///
/// # Errors
/// [`AppError::Store`]
pub async fn figures(app: &App) -> Result<StoreFigures, AppError> {
    Ok(app.store.figures().await?)
}
