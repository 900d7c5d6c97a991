//! The stream of changes to employees.

use futures_util::stream::BoxStream;

use super::{App, AppError};
use crate::store::{self, EventNumber, NumberedEvent};

/// Returns the changes after an event, and then those that are committed from now on. The stream
/// starts with a reset if `after` is `None` or older than the buffer.
///
/// # Errors
/// [`AppError::Store`]
pub async fn follow(
    app: &App,
    after: Option<EventNumber>,
) -> Result<BoxStream<'static, store::Result<Vec<NumberedEvent>>>, AppError> {
    Ok(app.store.events(after).await?)
}
