//! The database in one file of redb: it fetches and writes rows, and nothing more.
//!
//! - `tables` the tables of the file
//! - `transaction` the rows of one write transaction
//! - `writer` the one thread that writes
//! - `reader` reads of the file beside it
//! - [`MemoryFile`] a file in memory
//! - `load` reads the file into the memory of a [replica] at start
//! - `moment` the time at which it was last in use
//! - `open` opening a file, and what may be wrong with it; `overlay` a file that is only read
//! - `backup` copies in files of their own; `copy` and `snapshot` read one committed state for them
//! - `watch` notices that somebody replaced the file
//! - `transfer` the file as the source or target of a move
//! - `restore` putting a backup in the place of the database

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::redb::{Database, StorageBackend};
use async_trait::async_trait;
use roster_common::api::RunId;
use roster_common::employee::{EmployeeId, Version};
use roster_common::history::AuditEntry;

use self::backup::keep_format;
pub use self::backup::{BackupError, backup_file, check_file};
use self::load::load;
pub use self::memory::MemoryFile;
pub use self::open::OpenError;
use self::open::{
    StartError, builder, open_backend, open_file, prepare, reading, reopen_file, schema,
};
use self::reader::{DatabaseHandle, ReadTransaction};
pub use self::restore::{Current, PreparedRestore, Restored};
use self::tables::{SCHEMA, meta};
pub(in crate::store) use self::transfer::{Source, write_file};
use self::watch::FileWatch;
use self::writer::{Open, Writer};
use super::replica::{self, HistoryRows, Job, Replica, View};
use super::{AuditCount, Result, Run, RunDetails};

mod backup;
mod copy;
mod error;
mod load;
mod memory;
mod moment;
mod open;
mod overlay;
mod reader;
mod restore;
mod snapshot;
mod tables;
mod transaction;
mod transfer;
mod watch;
mod writer;

/// The format of the files that this version writes.
pub const FORMAT: u64 = SCHEMA;

/// The store in one file.
pub type RedbStore = Replica<RedbFile>;

/// The open file.
pub struct RedbFile {
    handle: DatabaseHandle,
    writer: Writer,
    /// Where it is, unless it is in memory.
    path: Option<PathBuf>,
}

impl RedbStore {
    /// Opens the store in a file, creating it if it is missing. Only its owner can read it. An
    /// empty file is refused: something has emptied it. One of an older format is copied before it
    /// is migrated.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open(path: &Path) -> std::result::Result<Self, OpenError> {
        let file = path.to_owned();
        let start = || {
            let database = open_file(path)?;
            if let Some(format) = schema(&database)?.filter(|format| *format < SCHEMA) {
                keep_format(path, format)?;
            }
            let watch = FileWatch::new(path)?;
            Self::start(database, Box::new(move || reopen_file(&file)), Some(watch))
        };
        reading(start).map_err(|error| error.of(path))
    }

    /// A store that lasts as long as it is open.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn in_memory() -> std::result::Result<Self, OpenError> {
        MemoryFile::default().open()
    }

    /// A store on a custom backend. `backend` is called again after each failure.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn on<B: StorageBackend>(
        backend: impl Fn() -> std::io::Result<B> + Send + 'static,
    ) -> std::result::Result<Self, OpenError> {
        let start = || {
            let database = open_backend(backend()?)?;
            let reopen = move || builder().create_with_backend(backend()?);
            Self::start(database, Box::new(reopen), None)
        };
        reading(start).map_err(|error| error.of(Path::new("store")))
    }

    fn start(
        database: Database,
        open: Open,
        watch: Option<FileWatch>,
    ) -> std::result::Result<Self, StartError> {
        prepare(&database)?;
        let serial = writer::number(&database, meta::SERIAL)?.unwrap_or(0);
        let kept_moment = moment::load(&database)?;
        let (accounts, directory) = load(&database, 0)?;
        let view = Arc::new(View::new(serial, accounts, directory));
        let handle = DatabaseHandle::new(Some(Arc::new(database)).into());
        let path = watch.as_ref().map(|watch| watch.path().to_owned());
        let writer = Writer::start(Arc::clone(&handle), serial, open, watch, Arc::clone(&view))?;
        let file = RedbFile {
            handle,
            writer,
            path,
        };
        Ok(Self::new(file, view, kept_moment))
    }

    /// Finishes the queued writes and closes the file. Later writes get
    /// [`StoreError::Closed`](super::StoreError::Closed). Dropping the store does the same.
    pub fn close(&self) {
        self.database().writer.close();
    }
}

#[async_trait]
impl replica::Database for RedbFile {
    fn submit(&self, job: Box<dyn Job>) -> Result<()> {
        self.writer.submit(job)
    }

    async fn history(
        &self,
        id: EmployeeId,
        before: Option<Version>,
        limit: usize,
    ) -> Result<HistoryRows> {
        reader::read(&self.handle, move |file| file.history(id, before, limit)).await
    }

    async fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>> {
        reader::read(&self.handle, move |file| file.audit(before, limit)).await
    }

    async fn runs(&self) -> Result<Vec<Run>> {
        reader::read(&self.handle, ReadTransaction::runs).await
    }

    async fn run_details(&self, id: RunId) -> Result<RunDetails> {
        reader::read(&self.handle, move |file| file.run_details(id)).await
    }

    async fn audit_counts(&self) -> Result<Vec<AuditCount>> {
        reader::read(&self.handle, ReadTransaction::audit_counts).await
    }
}
