//! Opening a file: what may be wrong with it, and what its owner can do about it.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use ::redb::backends::FileBackend;
use ::redb::{Builder, Database, DatabaseError, ReadableDatabase, StorageBackend, StorageError};

use super::overlay::Overlay;
use super::tables::{SCHEMA, meta};
use super::writer;
use crate::store::StoreError;
use crate::store::replica::Fault;

/// How much of the file redb may keep in memory, in bytes. Little, since most reads come from the
/// replica.
const CACHE: usize = 16 << 20;

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the file open.
    #[error("{} is in use by another process", .0.display())]
    Locked(PathBuf),
    /// The file has no content, so something has emptied it.
    #[error(
        "{} is empty. Restore a backup with `rosterd restore`, or delete the file to begin a new \
            database.", .0.display()
    )]
    Empty(PathBuf),
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
    /// The file's content is not what was written to it.
    #[error(
        "{} is damaged: {why}. Keep the file, and restore a backup with `rosterd restore`.",
        .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// It cannot be read or written, or is no such file.
    #[error("cannot open {}: {why}", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What failed.
        why: String,
    },
}

/// Why a database cannot be used. It becomes an [`OpenError`] once it is known which file it is in.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartError {
    #[error("it is in use by another process")]
    Locked,
    #[error("it is empty")]
    Empty,
    #[error("its format is {0}")]
    Newer(u64),
    #[error("{0}")]
    Damaged(String),
    #[error("it is a database of another program")]
    Foreign,
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl StartError {
    /// Says which file it is about.
    pub(super) fn of(self, path: &Path) -> OpenError {
        let path = path.to_owned();
        match self {
            Self::Locked => OpenError::Locked(path),
            Self::Empty => OpenError::Empty(path),
            Self::Newer(found) => OpenError::Newer {
                path,
                found,
                known: SCHEMA,
            },
            Self::Damaged(why) => OpenError::Damaged { path, why },
            error @ (Self::Foreign | Self::Fault(_) | Self::Io(_)) => OpenError::Unusable {
                path,
                why: error.to_string(),
            },
        }
    }
}

impl From<DatabaseError> for StartError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen => Self::Locked,
            DatabaseError::Storage(StorageError::Corrupted(why)) => Self::Damaged(why),
            DatabaseError::Storage(StorageError::Io(error)) => Self::Io(error),
            error => Self::Fault(error.into()),
        }
    }
}

/// Runs something that reads a file which may be damaged. redb may panic over one, and that is an
/// error like others.
pub(super) fn reading<T>(read: impl FnOnce() -> Result<T, StartError>) -> Result<T, StartError> {
    let read = catch_unwind(AssertUnwindSafe(read));
    match read.unwrap_or_else(|_| {
        Err(StartError::Damaged(
            "its pages contradict each other".into(),
        ))
    }) {
        // A row that cannot be read is damage too.
        Err(StartError::Fault(Fault::Row(StoreError::Unreadable(why)))) => {
            Err(StartError::Damaged(why))
        }
        read => read,
    }
}

/// Opens the file for its store, creating it if it is not there. If it was there, every checksum in
/// it is verified.
pub(super) fn open_file(path: &Path) -> Result<Database, StartError> {
    let is_new = !path.try_exists()?;
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    if !is_new && file.metadata()?.len() == 0 {
        return Err(StartError::Empty);
    }
    open_backend(FileBackend::new(file)?)
}

/// Opens the file again after it has failed. Its checksums have been verified when it was opened
/// first.
pub(super) fn reopen_file(path: &Path) -> Result<Database, DatabaseError> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    builder().create_with_backend(FileBackend::new(file)?)
}

/// Opens what a backend has, verifying every checksum.
pub(super) fn open_backend(backend: impl StorageBackend) -> Result<Database, StartError> {
    Ok(builder()
        .set_check_integrity_on_open(true)
        .create_with_backend(backend)?)
}

/// Opens a file without changing it, as it would be after [`open_file`] and [`prepare`]. Nobody
/// else can open it for writing until the database is closed.
pub(super) fn open_unchanged(path: &Path) -> Result<Database, StartError> {
    let file = File::open(path)?;
    match file.try_lock_shared() {
        Ok(()) => open_overlay(file),
        Err(TryLockError::WouldBlock) => Err(StartError::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Opens a file that the caller has locked, without changing it.
pub(super) fn open_overlay(file: File) -> Result<Database, StartError> {
    if file.metadata()?.len() == 0 {
        return Err(StartError::Empty);
    }
    open_backend(Overlay::new(file)?)
}

pub(super) fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    builder
}

/// Makes the tables of a new file, and migrates one of an older format, one version at a time and
/// each in one transaction. One of a newer format or of another program is refused before a table
/// is touched.
pub(super) fn prepare(database: &Database) -> Result<(), StartError> {
    loop {
        let serial = writer::number(database, meta::SERIAL)?.unwrap_or(0);
        // Each migration only knows the format before its own, so an old file goes through several.
        match schema(database)? {
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
            Some(3) => writer::commit(database, serial + 1, |tables| {
                tables.migrate_from_3().map(Some)
            })?,
            Some(4) => writer::commit(database, serial + 1, |tables| {
                tables.migrate_from_4().map(Some)
            })?,
            Some(found) => return Err(StartError::Newer(found)),
        };
    }
}

/// The format of the file; `None` if it is new.
pub(super) fn schema(database: &Database) -> Result<Option<u64>, StartError> {
    let schema = writer::number(database, meta::SCHEMA)?;
    if schema.is_none() {
        let transaction = database.begin_read().map_err(Fault::from)?;
        if transaction
            .list_tables()
            .map_err(Fault::from)?
            .next()
            .is_some()
        {
            return Err(StartError::Foreign);
        }
    }
    Ok(schema)
}
