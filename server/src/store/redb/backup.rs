//! Backups: a copy of one committed state in a file of its own, which is checked before it gets its
//! name.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use ::redb::backends::FileBackend;
use ::redb::{Database, ReadTransaction, ReadableDatabase, StorageBackend};
use tempfile::NamedTempFile;

use super::open::{StartError, builder, open_unchanged, prepare, reading, schema};
use super::{OpenError, RedbStore, copy, reader};
use crate::store::check::{Report, check};
use crate::store::replica::Fault;
use crate::store::{Result, StoreError};

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The running store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The backup cannot be written.
    #[error("cannot write {}: {why}", .path.display())]
    File {
        /// The backup.
        path: PathBuf,
        /// What failed.
        why: io::Error,
    },
    /// The place of the backup is taken by something that is not one.
    #[error("{} exists and is not a backup. Choose another name.", .0.display())]
    Taken(PathBuf),
    /// The backup would replace the database.
    #[error("{} is the database itself. Choose another name for the backup.", .0.display())]
    Itself(PathBuf),
    /// The rows contradict each other.
    #[error("the rows of the database contradict each other: {}. `rosterd check` lists all \
        problems.", .0.described.first().map_or("", String::as_str))]
    Unsound(Box<Report>),
}

impl RedbStore {
    /// Writes a backup of the newest committed state, while the store goes on. Replaces an older
    /// backup of that name once the new one is complete, checked and durable; if it fails, nothing
    /// is left behind.
    ///
    /// # Errors
    /// [`BackupError`]
    pub async fn backup(&self, target: PathBuf) -> std::result::Result<Report, BackupError> {
        if let Some(path) = &self.database().path {
            refuse_itself(path, &target)?;
        }
        let source = reader::begin(&self.database().handle)?;
        let written = tokio::task::spawn_blocking(move || write(&source.0, &target));
        written
            .await
            .map_err(|error| StoreError::Unreadable(error.to_string()))?
    }

    /// Copies the newest committed state into an empty database on `backend`, durably.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn copy_to(&self, backend: impl StorageBackend) -> Result<()> {
        let source = reader::begin(&self.database().handle)?;
        let copied = || {
            let database = builder().create_with_backend(backend)?;
            copy::copy(&source.0, &database)?;
            database.close()?;
            Ok(())
        };
        copied().map_err(Fault::into_error)
    }
}

/// Writes a backup of a file that no server has open. The file is not changed.
///
/// # Errors
/// [`BackupError`]
pub fn backup_file(source: &Path, target: &Path) -> std::result::Result<Report, BackupError> {
    refuse_itself(source, target)?;
    let open = || {
        let database = open_unchanged(source)?;
        schema(&database)?;
        let transaction = database.begin_read().map_err(Fault::from)?;
        Ok((database, transaction))
    };
    // Closing the database would end the transaction.
    let (_database, transaction) = reading(open).map_err(|error| error.of(source))?;
    write(&transaction, target)
}

/// Checks a file, without changing it: that all its checksums match, and what [`Report`] says.
///
/// # Errors
/// [`OpenError`] if it is so damaged that its rows cannot be read, or if a server has it open.
pub fn check_file(path: &Path) -> std::result::Result<Report, OpenError> {
    reading(|| check_database(&open_unchanged(path)?)).map_err(|error| error.of(path))
}

pub(super) fn check_database(database: &Database) -> std::result::Result<Report, StartError> {
    // After a disk has lost what it had confirmed, a backup may be a database without tables.
    schema(database)?.ok_or_else(|| StartError::Damaged("it has no tables".into()))?;
    prepare(database)?;
    let transaction = database.begin_read().map_err(Fault::from)?;
    Ok(check(&reader::ReadTransaction(transaction))?)
}

/// Refuses a backup that would replace the database.
fn refuse_itself(source: &Path, target: &Path) -> std::result::Result<(), BackupError> {
    let identity = |path| fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    let target_identity = identity(target);
    if target_identity.is_some() && target_identity == identity(source) {
        return Err(BackupError::Itself(target.into()));
    }
    Ok(())
}

fn write(source: &ReadTransaction, target: &Path) -> std::result::Result<Report, BackupError> {
    let failed = |why| BackupError::File {
        path: target.into(),
        why,
    };
    if !is_replaceable(target).map_err(failed)? {
        return Err(BackupError::Taken(target.into()));
    }
    let partial = partial_beside(target).map_err(failed)?;
    let copied = || -> std::result::Result<(), Fault> {
        let backend = FileBackend::new(partial.reopen().map_err(redb::StorageError::from)?)?;
        let database = builder().create_with_backend(backend)?;
        copy::copy(source, &database)?;
        Ok(database.close()?)
    };
    copied().map_err(Fault::into_error)?;
    // A damaged copy must not replace a good backup.
    let report = check_file(partial.path())?;
    if !report.is_sound() {
        return Err(BackupError::Unsound(Box::new(report)));
    }
    put_in_place(partial, target).map_err(failed)?;
    Ok(report)
}

/// Whether a backup may get this name: nothing has it, or another backup. A typing error must not
/// cost a document.
fn is_replaceable(target: &Path) -> io::Result<bool> {
    let mut file = match File::open(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        file => file?,
    };
    let mut begin = [0; 4];
    Ok(file.metadata()?.is_file() && file.read_exact(&mut begin).is_ok() && &begin == b"redb")
}

/// Copies the file of an open database as it is, under a name that tells its format, before it is
/// migrated.
pub(super) fn keep_format(path: &Path, format: u64) -> io::Result<()> {
    let partial = partial_beside(path)?;
    fs::copy(path, partial.path())?;
    put_in_place(partial, &suffixed(path, &format!("format-{format}")))
}

/// `roster.redb.suffix` for `roster.redb`.
pub(super) fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// An empty file in the folder of `target`, for its owner alone. It is deleted unless it is put in
/// place.
pub(super) fn partial_beside(target: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".rosterd-")
        .suffix(".partial")
        .tempfile_in(folder_of(target))
}

/// Gives a complete file its name, durably.
pub(super) fn put_in_place(partial: NamedTempFile, target: &Path) -> io::Result<()> {
    partial.as_file().sync_all()?;
    partial.persist(target)?;
    File::open(folder_of(target))?.sync_all()
}

pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
