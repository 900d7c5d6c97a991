//! The file as the source or the target of a [move](crate::store::transfer).

use std::io;
use std::path::Path;

use ::redb::backends::FileBackend;
use ::redb::{Database, ReadableDatabase, StorageError};
use roster_common::history::AuditEntry;

use super::backup::{BackupError, partial_beside, put_in_place};
use super::open::{builder, open_unchanged, prepare, reading};
use super::reader::ReadTransaction;
use super::tables::{SCHEMA, meta};
use super::transaction::Tables;
use super::{OpenError, moment, writer};
use crate::rules::audit::AuditKind;
use crate::rules::writes::Write;
use crate::store::check::Snapshot;
use crate::store::replica::{Fault, Transaction};
use crate::store::transfer::{Numbers, Target, copy};

/// A file that no server has open, for reading.
pub(in crate::store) struct Source {
    pub(in crate::store) snapshot: ReadTransaction,
    pub(in crate::store) numbers: Numbers,
    /// Keeps others from opening it for writing.
    _database: Database,
}

impl Source {
    /// Opens the file.
    pub(in crate::store) fn open(path: &Path) -> Result<Self, OpenError> {
        let open = || {
            let database = open_unchanged(path)?;
            prepare(&database)?;
            let snapshot = database.begin_read().map_err(Fault::from)?;
            Ok(Self {
                numbers: numbers(&database)?,
                snapshot: ReadTransaction(snapshot),
                _database: database,
            })
        };
        reading(open).map_err(|error| error.of(path))
    }
}

fn numbers(database: &Database) -> Result<Numbers, Fault> {
    let number = |name| Ok::<_, Fault>(writer::number(database, name)?.unwrap_or(1));
    let dropped = AuditKind::ALL.map(|kind| {
        let dropped = writer::number(database, meta::audit_dropped(kind))?;
        Ok::<_, Fault>((kind, dropped.unwrap_or(0)))
    });
    Ok(Numbers {
        serial: number(meta::SERIAL)?,
        next_employee: number(meta::NEXT_EMPLOYEE)?,
        version_floor: number(meta::VERSION_FLOOR)?,
        moment: moment::load(database)?,
        dropped: dropped.into_iter().collect::<Result<_, _>>()?,
    })
}

/// Writes a new file. It has its name once it is complete.
///
/// # Errors
/// [`BackupError::Taken`] if there is something of that name.
pub(in crate::store) fn write_file(
    path: &Path,
    from: &dyn Snapshot,
    numbers: &Numbers,
) -> Result<(), BackupError> {
    let failed = |why: io::Error| BackupError::File {
        path: path.into(),
        why,
    };
    if path.try_exists().map_err(failed)? {
        return Err(BackupError::Taken(path.into()));
    }
    let partial = partial_beside(path).map_err(failed)?;
    let file = partial.reopen().map_err(failed)?;
    fill(file, from, numbers).map_err(Fault::into_error)?;
    put_in_place(partial, path).map_err(failed)
}

fn fill(file: std::fs::File, from: &dyn Snapshot, numbers: &Numbers) -> Result<(), Fault> {
    let backend = FileBackend::new(file)
        .map_err(|error| Fault::from(StorageError::Io(io::Error::other(error))))?;
    let database = builder().create_with_backend(backend)?;
    // The serial goes on, since clients remember event numbers, which are made from it.
    writer::commit(&database, numbers.serial + 1, |tables| {
        copy(from, tables)?;
        tables.set_number(meta::SCHEMA, SCHEMA)?;
        tables.set_number(meta::NEXT_EMPLOYEE, numbers.next_employee)?;
        tables.set_number(meta::VERSION_FLOOR, numbers.version_floor)?;
        for (kind, dropped) in &numbers.dropped {
            tables.set_number(meta::audit_dropped(*kind), *dropped)?;
        }
        if let Some(moment) = &numbers.moment {
            moment::put(moment, tables)?;
        }
        Ok(Some(()))
    })?;
    Ok(database.close()?)
}

impl Target for Tables<'_> {
    fn put_row(&mut self, row: Write) -> Result<(), Fault> {
        self.put(&row).map(drop)
    }

    fn put_line(&mut self, entry: AuditEntry) -> Result<(), Fault> {
        self.put_entry(&entry)
    }
}
