//! Putting a backup in the place of the database.
//!
//! Clients remember what the database has told them since the backup: versions, event numbers,
//! tokens. None of it may fit what the restored database says later. So every session ends, and
//! versions, event numbers and ids go on above all that were ever given. If the old database can be
//! read, it says which were given; if not, a gap is left that is wider than any server fills.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use ::redb::backends::FileBackend;
use ::redb::{Database, ReadableDatabase, StorageBackend};
use roster_common::employee::EmployeeId;
use roster_common::history::{AuditAction, ChangeKind};

use super::backup::{check_database, folder_of, partial_beside, put_in_place, suffixed};
use super::open::{StartError, builder, open_overlay, open_unchanged, reading};
use super::reader::ReadTransaction;
use super::tables::meta;
use super::transaction::Tables;
use super::{BackupError, OpenError, check_file, copy, writer};
use crate::rules::attribution::Attribution;
use crate::rules::audit::AuditLine;
use crate::rules::forget::forget;
use crate::rules::session::EndReason;
use crate::rules::writes::Write;
use crate::store::check::{Report, Snapshot};
use crate::store::replica::{Fault, Rows, Transaction, traces_of};
use crate::store::{DeleteRule, StoreError};

/// How many more versions or commits there may have been since the backup.
const VERSION_GAP: u64 = 1 << 32;

/// How many more employees there may have been since the backup. Their ids are seen by people, so
/// it is not greater.
const ID_GAP: u64 = 1_000_000;

/// A restore that has been prepared: the backup is sound, and no server uses the database.
pub struct PreparedRestore {
    backup: Database,
    report: Report,
    target: PathBuf,
    current: Current,
    floors: Floors,
    /// Those who are forgotten in the database that is replaced.
    forgotten: BTreeSet<EmployeeId>,
    /// The database as it is, locked against servers; `None` if there is none.
    lock: Option<File>,
}

/// What a restore replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Current {
    /// There is no database.
    Missing,
    /// It cannot be read, so nobody can say what is lost.
    Unreadable(String),
    /// A database.
    Readable {
        /// What is in it.
        report: Box<Report>,
        /// The actions in its audit that came after the backup, and how often each was done.
        lost: BTreeMap<String, u64>,
    },
}

/// What was put in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The database before, under another name.
    pub kept: Option<PathBuf>,
    /// What is in the restored database.
    pub report: Report,
    /// Those whom the backup brought back, and who were forgotten again.
    pub forgotten: Vec<EmployeeId>,
}

/// The numbers above which the restored database goes on.
#[derive(Debug, Clone, Copy)]
struct Floors {
    serial: u64,
    version: u64,
    next_employee: u64,
}

impl Floors {
    /// The least numbers that a database has not given.
    fn of(database: &Database, report: &Report) -> Result<Self, Fault> {
        let number = |name| Ok::<_, Fault>(writer::number(database, name)?.unwrap_or(1));
        Ok(Self {
            serial: number(meta::SERIAL)? + 1,
            version: number(meta::VERSION_FLOOR)?.max(report.greatest_version + 1),
            next_employee: number(meta::NEXT_EMPLOYEE)?,
        })
    }

    fn max(self, other: Self) -> Self {
        Self {
            serial: self.serial.max(other.serial),
            version: self.version.max(other.version),
            next_employee: self.next_employee.max(other.next_employee),
        }
    }

    /// Leaves room for what nobody knows.
    fn with_gap(self) -> Self {
        Self {
            serial: self.serial.saturating_add(VERSION_GAP),
            version: self.version.saturating_add(VERSION_GAP),
            next_employee: self.next_employee.saturating_add(ID_GAP),
        }
    }
}

impl PreparedRestore {
    /// Checks the backup, locks the database, and finds out what would be lost.
    ///
    /// # Errors
    /// [`BackupError::Open`] if the backup cannot be used or a server has the database open,
    /// [`BackupError::Unsound`] if the backup's rows contradict each other.
    pub fn new(backup: &Path, target: &Path) -> Result<Self, BackupError> {
        // Locked first, so that no server changes the database after it was compared.
        let lock = lock(target)?;
        let open = || {
            let database = open_unchanged(backup)?;
            let report = check_database(&database)?;
            let floors = Floors::of(&database, &report)?;
            Ok((database, report, floors))
        };
        let (backup, report, own) = reading(open).map_err(|error| error.of(backup))?;
        if !report.is_sound() {
            return Err(BackupError::Unsound(Box::new(report)));
        }
        let unknown = |current| (current, own.with_gap(), BTreeSet::new());
        let (current, floors, forgotten) = match &lock {
            None => unknown(Current::Missing),
            Some(file) => match reading(|| compare(file.try_clone()?, &report)) {
                Ok((current, floors, forgotten)) => (current, own.max(floors), forgotten),
                Err(error) => unknown(Current::Unreadable(error.to_string())),
            },
        };
        Ok(Self {
            backup,
            report,
            target: target.into(),
            current,
            floors,
            forgotten,
            lock,
        })
    }

    /// What is in the backup.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// What it would replace.
    pub fn current(&self) -> &Current {
        &self.current
    }

    /// Restores. The database before is kept under another name. If this fails, it is where it was.
    ///
    /// # Errors
    /// [`BackupError`]
    pub fn run(self, attribution: Attribution) -> Result<Restored, BackupError> {
        let failed = |why| BackupError::File {
            path: self.target.clone(),
            why,
        };
        let partial = partial_beside(&self.target).map_err(failed)?;
        let file = partial.reopen().map_err(failed)?;
        let backend = FileBackend::new(file).map_err(|_| failed(io::ErrorKind::Other.into()))?;
        let forgotten = self.write(backend, &attribution)?;
        // Read back before it replaces the database.
        let report = check_file(partial.path())?;
        if !report.is_sound() {
            return Err(BackupError::Unsound(Box::new(report)));
        }
        let kept = match self.lock {
            Some(_) => Some(keep(&self.target, &attribution).map_err(failed)?),
            None => None,
        };
        put_in_place(partial, &self.target).map_err(failed)?;
        Ok(Restored {
            kept,
            report,
            forgotten,
        })
    }

    /// Writes the restored database into an empty file, without putting it in place. Returns who
    /// was forgotten again.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn write(
        &self,
        to: impl StorageBackend,
        attribution: &Attribution,
    ) -> Result<Vec<EmployeeId>, StoreError> {
        self.try_to_write(to, attribution)
            .map_err(Fault::into_error)
    }

    fn try_to_write(
        &self,
        to: impl StorageBackend,
        attribution: &Attribution,
    ) -> Result<Vec<EmployeeId>, Fault> {
        let database = builder().create_with_backend(to)?;
        copy::copy(&self.backup.begin_read()?, &database)?;
        let Floors {
            serial,
            version,
            next_employee,
        } = self.floors;
        let forgotten = writer::commit(&database, serial, |tables| {
            // First, since `forget_again` must not write versions below it.
            tables.set_number(meta::VERSION_FLOOR, version)?;
            tables.set_number(meta::NEXT_EMPLOYEE, next_employee)?;
            end_sessions(tables, attribution)?;
            tables.put(&Write::Audit(self.audit_line(attribution)))?;
            self.forget_again(tables, attribution).map(Some)
        })?;
        database.close()?;
        Ok(forgotten.unwrap_or_default())
    }

    /// Forgets those again whom the backup has brought back.
    fn forget_again(
        &self,
        tables: &mut Tables<'_>,
        attribution: &Attribution,
    ) -> Result<Vec<EmployeeId>, Fault> {
        let ids: Vec<_> = self.forgotten.iter().copied().collect();
        let rule: DeleteRule = Box::new(|_| Ok(()));
        let people = traces_of(&ids, tables)?;
        let decision = forget(people, &rule, tables.version_floor()?, attribution);
        for write in &decision.writes.rows {
            tables.put(write)?;
        }
        let outcomes = ids.into_iter().zip(decision.outcome);
        Ok(outcomes
            .filter_map(|(id, outcome)| outcome.is_ok().then_some(id))
            .collect())
    }

    fn audit_line(&self, attribution: &Attribution) -> AuditLine {
        let line = AuditLine::new(attribution, AuditAction::DatabaseRestored);
        match self.report.newest {
            Some((_, at)) => line.noting(format!("backup of {at}")),
            None => line,
        }
    }
}

/// Ends every session. Sessions that had ended since the backup must not come back, and nobody can
/// tell which.
fn end_sessions(tables: &mut Tables<'_>, attribution: &Attribution) -> Result<(), Fault> {
    for mut session in tables.all_open_sessions()? {
        session.end(attribution.at, EndReason::Restored);
        tables.put(&Write::Session(Box::new(session)))?;
    }
    Ok(())
}

/// Locks the database against servers, if there is one.
fn lock(target: &Path) -> Result<Option<File>, OpenError> {
    let unusable = |why: io::Error| StartError::Io(why).of(target);
    let file = match OpenOptions::new().read(true).write(true).open(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(unusable)?,
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(target.into())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// Compares the database with a backup. Returns its numbers and who is forgotten in it, too.
fn compare(
    file: File,
    backup: &Report,
) -> Result<(Current, Floors, BTreeSet<EmployeeId>), StartError> {
    let database = open_overlay(file)?;
    let report = check_database(&database)?;
    let floors = Floors::of(&database, &report)?;
    let since = backup.newest.map_or(0, |(number, _)| number);
    let transaction = ReadTransaction(database.begin_read().map_err(Fault::from)?);
    let mut lost = BTreeMap::new();
    // What cannot be read is counted as a problem of the report.
    let entries = Snapshot::audit(&transaction)?.flatten();
    for entry in entries.filter(|entry| entry.id > since) {
        *lost.entry(name_of(entry.what)).or_default() += 1;
    }
    let entries = Snapshot::history(&transaction)?.flatten();
    let forgotten = entries
        .filter(|(_, entry)| entry.what == ChangeKind::Forgotten)
        .map(|(id, _)| id)
        .collect();
    let report = Box::new(report);
    Ok((Current::Readable { report, lost }, floors, forgotten))
}

/// An action as the API names it.
fn name_of(action: AuditAction) -> String {
    let name = serde_json::to_value(action).ok();
    let name = name.as_ref().and_then(serde_json::Value::as_str);
    name.unwrap_or_default().replace('_', " ")
}

/// Gives the database another name beside its own. It has both until the restored one takes its
/// place, so that there is a database at every moment.
fn keep(target: &Path, attribution: &Attribution) -> io::Result<PathBuf> {
    let time = attribution.at.strftime("%Y%m%dT%H%M%SZ");
    let kept = suffixed(target, &format!("before-restore-{time}"));
    // Some file systems have no hard links.
    if fs::hard_link(target, &kept).is_err() {
        fs::rename(target, &kept)?;
    }
    File::open(folder_of(target))?.sync_all()?;
    Ok(kept)
}
