//! Moves a whole database from one kind of store to another: every row, and the numbers that go
//! on. Whoever is signed in stays signed in.
//!
//! The source is not changed. The target is empty until everything is committed at once.

use std::path::Path;

use roster_common::history::AuditEntry;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::check::{RowIter, Snapshot};
use super::postgres::{self, Address};
use super::redb::{self, BackupError};
use super::replica::Fault;
use super::rows::StoredRow;
use crate::rules::audit::AuditKind;
use crate::rules::session_clock::Moment;
use crate::rules::writes::Write;

/// What a database holds beside its rows.
#[derive(Debug, Clone)]
pub(in crate::store) struct Numbers {
    /// The number of the newest commit.
    pub(in crate::store) serial: u64,
    /// The number from which on the next employee's id is looked for.
    pub(in crate::store) next_employee: u64,
    /// The least version that a change of an employee may make.
    pub(in crate::store) version_floor: u64,
    /// The moment that was kept last.
    pub(in crate::store) moment: Option<Moment>,
    /// How many lines of the audit were dropped, of each kind.
    pub(in crate::store) dropped: Vec<(AuditKind, u64)>,
}

/// An empty database that is being filled, in one transaction.
///
/// # Errors
/// All methods: [`Fault`]
pub(in crate::store) trait Target {
    /// Puts any row but one of the audit.
    fn put_row(&mut self, row: Write) -> Result<(), Fault>;

    /// Puts a line of the audit, under its number.
    fn put_line(&mut self, entry: AuditEntry) -> Result<(), Fault>;
}

/// Copies all rows.
pub(in crate::store) fn copy(from: &dyn Snapshot, to: &mut dyn Target) -> Result<(), Fault> {
    put_all(from.accounts()?, to, Write::Account)?;
    put_all(from.sessions()?, to, |session| {
        Write::Session(Box::new(session))
    })?;
    put_all(from.employees()?, to, |employee| {
        Write::Employee(Box::new(employee))
    })?;
    put_all(from.history()?, to, |(id, entry)| Write::History(id, entry))?;
    put_all(from.requests()?, to, Write::Request)?;
    put_all(from.runs()?, to, Write::Run)?;
    put_all(from.run_slices()?, to, |(run, number, slice)| {
        Write::RunSlice(run, number, slice)
    })?;
    put_all(from.run_reports()?, to, |(run, report)| {
        Write::RunReport(run, report)
    })?;
    // Lines keep their numbers. `Write::Audit` would give them new ones.
    from.audit()?.try_for_each(|entry| to.put_line(entry?))
}

fn put_all<T>(
    mut rows: RowIter<'_, T>,
    to: &mut dyn Target,
    write: impl Fn(T) -> Write,
) -> Result<(), Fault> {
    rows.try_for_each(|row| to.put_row(write(row?)))
}

/// What was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The number of rows.
    pub rows: u64,
    /// SHA-256 over all rows and their keys, in the order of the keys.
    digest: [u8; 32],
}

/// Counts the rows of a database, and adds them up.
pub(in crate::store) fn content(of: &dyn Snapshot) -> Result<Moved, Fault> {
    // Both kinds of store return rows in the order of their keys, so equal databases have equal
    // sums.
    let mut sum = Sum::default();
    for account in of.accounts()? {
        let account = account?;
        sum.add(&account.username, &account)?;
    }
    for session in of.sessions()? {
        let session = session?;
        sum.add(&session.id, &session)?;
    }
    for employee in of.employees()? {
        let employee = employee?;
        sum.add(&employee.id, &employee)?;
    }
    for entry in of.history()? {
        let (id, entry) = entry?;
        sum.add(&(id, entry.version), &entry)?;
    }
    for request in of.requests()? {
        let request = request?;
        sum.add(&(&request.user, &request.key), &request)?;
    }
    for run in of.runs()? {
        let run = run?;
        sum.add(&run.id, &run)?;
    }
    for slice in of.run_slices()? {
        let (run, number, slice) = slice?;
        sum.add(&(run, number), &slice)?;
    }
    for report in of.run_reports()? {
        let (run, report) = report?;
        sum.add_bytes("run_reports", &run, &report);
    }
    for entry in of.audit()? {
        let entry = entry?;
        sum.add(&entry.id, &entry)?;
    }
    Ok(Moved {
        rows: sum.rows,
        digest: sum.digest.finalize().into(),
    })
}

#[derive(Default)]
struct Sum {
    rows: u64,
    digest: Sha256,
}

impl Sum {
    fn add<T: StoredRow>(&mut self, key: &dyn std::fmt::Debug, row: &T) -> Result<(), Fault> {
        self.add_bytes(T::TABLE, key, &row.to_row()?);
        Ok(())
    }

    fn add_bytes(&mut self, table: &str, key: &dyn std::fmt::Debug, row: &[u8]) {
        self.rows += 1;
        self.digest.update(format!("{table} {key:?} "));
        self.digest.update(row);
    }
}

/// Why a database was not moved. The source is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] BackupError),
    /// PostgreSQL cannot be read or written.
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
    /// Both are readable, and yet not the same.
    #[error("what arrived is not what was sent; delete the target, and do not use it")]
    Different,
}

/// Moves the database in a file into an empty one in PostgreSQL. No server may have the file open.
///
/// # Errors
/// [`MoveError`]
pub async fn move_to_postgres(file: &Path, to: &Address) -> Result<Moved, MoveError> {
    let file = file.to_owned();
    let source = spawn_blocking(move || redb::Source::open(&file)).await;
    let source = source.map_err(|_| MoveError::Different)?;
    let source = source.map_err(BackupError::from)?;
    let target = postgres::EmptyDatabase::open(to).await?;
    let written = spawn_blocking(move || {
        target.fill(&source.snapshot, &source.numbers)?;
        content(&source.snapshot)
    });
    let sent = postgres::blocking(written).await?;
    compare(sent, postgres::Source::open(to).await?.content().await?)
}

/// Moves the database in PostgreSQL into a new file. No server may use it.
///
/// # Errors
/// [`MoveError`]
pub async fn move_to_file(from: &Address, file: &Path) -> Result<Moved, MoveError> {
    let source = postgres::Source::open(from).await?;
    let (file, numbers) = (file.to_owned(), source.numbers.clone());
    let snapshot = source.snapshot;
    let moving = spawn_blocking(move || {
        // First, since PostgreSQL ends a transaction that is silent while the file is committed.
        let sent = content(&snapshot).map_err(Fault::into_error)?;
        redb::write_file(&file, &snapshot, &numbers)?;
        let arrived = content(&redb::Source::open(&file)?.snapshot).map_err(Fault::into_error)?;
        Ok::<_, BackupError>((sent, arrived))
    });
    let (sent, arrived) = moving.await.map_err(|_| MoveError::Different)??;
    compare(sent, arrived)
}

fn compare(sent: Moved, arrived: Moved) -> Result<Moved, MoveError> {
    if sent == arrived {
        Ok(sent)
    } else {
        Err(MoveError::Different)
    }
}
