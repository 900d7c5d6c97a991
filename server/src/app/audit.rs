//! The audit log.

use roster_common::history::AuditEntry;

use super::{App, AppError};

/// Returns at most `limit` entries, newest first, of those before the entry `before`.
///
/// # Errors
/// [`AppError::Store`]
pub async fn list(
    app: &App,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<AuditEntry>, AppError> {
    Ok(app.store.audit(before, limit).await?)
}
