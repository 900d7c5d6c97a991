//! Reading the file beside the writer: what is asked for seldom and is not kept in memory.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use redb::{Database, ReadableDatabase};

use super::batch::Fault;
use crate::store::{Result, StoreError};

/// The open database: the writer's, which takes it away when the file has failed, until it is open again.
pub(super) type DatabaseHandle = Arc<ArcSwapOption<Database>>;

/// One committed state of the file.
pub(super) struct ReadTransaction(pub(super) redb::ReadTransaction);

/// Reads from the newest state, on a thread that may wait for the disk.
pub(super) async fn read<T: Send + 'static>(
    shared: &DatabaseHandle,
    read: impl FnOnce(&ReadTransaction) -> std::result::Result<T, Fault> + Send + 'static,
) -> Result<T> {
    let database = shared.load_full().ok_or(StoreError::Closed)?;
    let done = tokio::task::spawn_blocking(move || {
        let transaction = ReadTransaction(database.begin_read()?);
        // The transaction has all that it needs, and the writer may have the database for itself.
        drop(database);
        read(&transaction)
    });
    let done = done
        .await
        .map_err(|error| StoreError::Unreadable(error.to_string()))?;
    done.map_err(Fault::into_error)
}
