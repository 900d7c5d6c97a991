//! Adds the rows of a list to an export.

use std::io::{self, Write};

use tokio::task::yield_now;

use super::Export;
use crate::client::RowStream;
use crate::remote::ClientError;

/// After how many rows the progress is reported.
const PIECE: u64 = 1_000;

/// Why a list could not be added.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The list is cut off.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The export cannot be written.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// Adds all rows of a list to those that were written before. `count` is called with their number
/// now and then, and gives way to other tasks, so that the caller can stop.
///
/// # Errors
/// If the list is cut off or the export cannot be written.
pub async fn add_all<W: Write + Send>(
    export: &mut Export<W>,
    mut rows: RowStream,
    before: u64,
    mut count: impl FnMut(u64),
) -> Result<u64, RowsError> {
    let mut written = before;
    while let Some(employee) = rows.next().await? {
        export.add(&employee)?;
        written += 1;
        if written.is_multiple_of(PIECE) {
            count(written);
            yield_now().await;
        }
    }
    Ok(written)
}
