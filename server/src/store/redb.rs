//! The database in one file of redb: it fetches and writes rows, and nothing more.
//!
//! - `tables` the tables of the file
//! - `transaction` the rows of one write transaction
//! - `writer` the one thread that writes
//! - `reader` reads of the file beside it
//! - [`MemoryFile`] a file in memory
//! - `load` reads the file into the memory of a [replica] at start
//! - `moment` the time at which it was last in use

use std::fs::Permissions;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::redb::backends::FileBackend;
use ::redb::{Builder, Database, DatabaseError, StorageBackend};
use async_trait::async_trait;
use roster_common::employee::{EmployeeId, Version};
use roster_common::history::AuditEntry;

use self::load::load;
pub use self::memory::MemoryFile;
use self::reader::{DatabaseHandle, ReadTransaction};
use self::tables::{SCHEMA, meta};
use self::writer::{Open, Writer};
use super::replica::{self, Fault, HistoryRows, Job, Replica, View};
use super::{AuditCount, Result};

mod error;
mod load;
mod memory;
mod moment;
mod reader;
mod tables;
mod transaction;
mod writer;

/// How much of the file redb may keep in memory, in bytes. Little, since most reads come from the replica.
const CACHE: usize = 16 << 20;

/// The store in one file.
pub type RedbStore = Replica<RedbFile>;

/// The open file.
pub struct RedbFile {
    handle: DatabaseHandle,
    writer: Writer,
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the file open.
    #[error("{} is in use by another process", .0.display())]
    Locked(PathBuf),
    /// A newer version of rosterd wrote the file.
    #[error("{} was written by a newer version: its format is {found}, but this version supports \
        {known}", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// The newest format that this version knows.
        known: u64,
    },
    /// It cannot be read or written, or is not a database of Roster.
    #[error("cannot open {}: {why}", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What failed.
        why: String,
    },
}

impl RedbStore {
    /// Opens the store in a file, creating it if it is missing. Only its owner can read it.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open(path: &Path) -> std::result::Result<Self, OpenError> {
        let unusable = |why: &dyn std::fmt::Display| OpenError::Unusable {
            path: path.into(),
            why: why.to_string(),
        };
        let database = open_file(path, true).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => OpenError::Locked(path.into()),
            error => unusable(&error),
        })?;
        let file = path.to_owned();
        Self::start(database, Box::new(move || open_file(&file, false))).map_err(
            |error| match error {
                StartError::Newer(found) => OpenError::Newer {
                    path: path.into(),
                    found,
                    known: SCHEMA,
                },
                error => unusable(&error),
            },
        )
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
        let unusable = |why: &dyn std::fmt::Display| OpenError::Unusable {
            path: "store".into(),
            why: why.to_string(),
        };
        let open = move || builder().create_with_backend(backend()?);
        let database = open().map_err(|error| unusable(&error))?;
        Self::start(database, Box::new(open)).map_err(|error| unusable(&error))
    }

    fn start(database: Database, open: Open) -> std::result::Result<Self, StartError> {
        prepare(&database)?;
        let serial = writer::number(&database, meta::SERIAL)?.unwrap_or(0);
        let kept_moment = moment::load(&database)?;
        let (accounts, directory) = load(&database, 0)?;
        let view = Arc::new(View::new(serial, accounts, directory));
        let handle = DatabaseHandle::new(Some(Arc::new(database)).into());
        let writer = Writer::start(Arc::clone(&handle), serial, open, Arc::clone(&view))?;
        Ok(Self::new(RedbFile { handle, writer }, view, kept_moment))
    }

    /// Finishes the queued writes and closes the file. Later writes get
    /// [`StoreError::Closed`](super::StoreError::Closed). Dropping the store does the same.
    pub fn close(&self) {
        self.database().writer.close();
    }
}

/// Why a database that is open cannot be used.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("its format is {0}")]
    Newer(u64),
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error(transparent)]
    Thread(#[from] std::io::Error),
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    builder
}

fn open_file(path: &Path, create: bool) -> std::result::Result<Database, DatabaseError> {
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(create)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    builder().create_with_backend(FileBackend::new(file)?)
}

/// Creates the tables of a new file and migrates an older one, one version per transaction. Refuses a
/// newer file without changing it.
fn prepare(database: &Database) -> std::result::Result<(), StartError> {
    loop {
        let serial = writer::number(database, meta::SERIAL)?.unwrap_or(0);
        match writer::number(database, meta::SCHEMA)? {
            Some(SCHEMA) => return Ok(()),
            None => writer::commit(database, serial, |tables| {
                tables.set_number(meta::SCHEMA, SCHEMA).map(Some)
            })?,
            Some(1) => writer::commit(database, serial + 1, |tables| {
                tables.migrate_from_1().map(Some)
            })?,
            Some(2) => writer::commit(database, serial + 1, |tables| {
                tables.migrate_from_2().map(Some)
            })?,
            Some(found) => return Err(StartError::Newer(found)),
        };
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

    async fn audit_counts(&self) -> Result<Vec<AuditCount>> {
        reader::read(&self.handle, ReadTransaction::audit_counts).await
    }
}
