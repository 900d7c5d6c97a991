//! The readiness check, and figures for the metrics.

use super::{App, AppError};
use crate::store::StoreFigures;

/// Checks that the store can write, by writing something durably.
///
/// # Errors
/// [`AppError::Store`] if it cannot.
pub async fn check(app: &App) -> Result<(), AppError> {
    Ok(app.store.probe().await?)
}

/// Returns the store's figures for the metrics.
///
/// # Errors
/// [`AppError::Store`]
pub async fn figures(app: &App) -> Result<StoreFigures, AppError> {
    Ok(app.store.figures().await?)
}
