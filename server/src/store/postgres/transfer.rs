//! The database as the source or the target of a [move](crate::store::transfer).

use roster_common::history::AuditEntry;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, spawn_blocking};
use uuid::Uuid;

use super::address::{Address, OpenError};
use super::connect;
use super::connection::{CommitError, Connection, SqlError};
use super::load::load_moment;
use super::pending_rows::Written;
use super::position::{Counters, Position};
use super::schema::{check_schema, has_tables, prepare};
use super::snapshot::DatabaseSnapshot;
use super::tables::{command, kind_number, load, plain, signed, transfer, unsigned};
use crate::clock::{Clock, System};
use crate::rules::audit::AuditKind;
use crate::rules::writes::Write;
use crate::store::check::Snapshot;
use crate::store::replica::Fault;
use crate::store::transfer::{Moved, Numbers, Target, content, copy};

/// How many rows are sent at a time.
const ROWS_AT_A_TIME: usize = 5000;

/// A database that no server uses, for reading.
pub(in crate::store) struct Source {
    pub(in crate::store) snapshot: DatabaseSnapshot,
    pub(in crate::store) numbers: Numbers,
}

impl Source {
    /// Connects to the database.
    pub(in crate::store) async fn open(address: &Address) -> Result<Self, OpenError> {
        let connection = connect(address).await?.1;
        if !has_tables(&connection).await? {
            return Err(OpenError::Missing);
        }
        check_schema(&connection).await?;
        // The numbers below are read outside the snapshot, so no server may be writing.
        let rows = connection.query(plain(transfer::IN_USE)).await?;
        if rows.first().is_some_and(|row| row.get(0)) {
            return Err(OpenError::InUse);
        }
        let moment = load_moment(&connection, System.now()).await?;
        let newest = connection.query(plain(load::NEWEST)).await?;
        let newest = newest.first().ok_or(SqlError::Empty)?;
        let Position {
            serial, counters, ..
        } = Position::of_row(newest);
        Ok(Self {
            numbers: Numbers {
                serial,
                next_employee: counters.next_employee,
                version_floor: unsigned(newest.get(6)),
                moment,
                dropped: AuditKind::ALL.into_iter().zip(counters.dropped).collect(),
            },
            snapshot: DatabaseSnapshot::begin(connection).await?,
        })
    }

    /// Adds up what is in it.
    pub(in crate::store) async fn content(self) -> Result<Moved, OpenError> {
        blocking(spawn_blocking(move || content(&self.snapshot))).await
    }
}

/// Waits for work on a thread of its own.
pub(in crate::store) async fn blocking<T>(
    work: JoinHandle<Result<T, Fault>>,
) -> Result<T, OpenError> {
    let done = work.await.map_err(|_| SqlError::Empty)?;
    done.map_err(|fault| OpenError::Unusable(fault.into_error().to_string()))
}

/// A database without rows, which is filled in one transaction. [`fill`](Self::fill) waits for the
/// database, so it must not be called on a thread of the runtime.
pub(in crate::store) struct EmptyDatabase {
    connection: Connection,
    runtime: Handle,
    written: Written,
    kept: [u64; AuditKind::ALL.len()],
    next_audit: u64,
}

impl EmptyDatabase {
    /// Makes the tables, if they are not there, and locks them against servers.
    pub(in crate::store) async fn open(address: &Address) -> Result<Self, OpenError> {
        let connection = connect(address).await?.1;
        prepare(&connection).await?;
        let commands = vec![plain(super::tables::LOCK), plain(transfer::IS_EMPTY)];
        let found = connection.begin("BEGIN", commands).await?;
        let row = found.last().and_then(|rows| rows.first());
        if !row.is_some_and(|row| row.get(0)) {
            return Err(OpenError::NotEmpty);
        }
        Ok(Self {
            connection,
            runtime: Handle::current(),
            written: Written::default(),
            kept: [0; AuditKind::ALL.len()],
            next_audit: 1,
        })
    }

    /// Fills it, and commits.
    pub(in crate::store) fn fill(
        mut self,
        from: &dyn Snapshot,
        numbers: &Numbers,
    ) -> Result<(), Fault> {
        copy(from, &mut self)?;
        self.flush()?;
        let position = self.position(numbers);
        let mut commands = vec![
            plain(transfer::NO_LOG),
            command!(transfer::FLOOR, signed(numbers.version_floor)),
        ];
        if let Some(moment) = &numbers.moment {
            let stopped = i64::try_from(moment.stopped.as_millis()).unwrap_or(i64::MAX);
            let session = moment.session.as_millisecond();
            let wall = moment.wall.as_millisecond();
            commands.push(command!(transfer::MOMENT, wall, session, stopped));
        }
        // Servers load all rows when they start, and follow the log from this commit.
        commands.push(Written::default().log(&position, &[])?);
        let committed = self.runtime.block_on(self.connection.commit(commands, 0));
        Ok(committed.map_err(CommitError::into_inner)?)
    }

    /// The first commit of the target.
    fn position(&self, numbers: &Numbers) -> Position {
        let mut dropped = [0; AuditKind::ALL.len()];
        for (kind, count) in &numbers.dropped {
            dropped[usize::from(kind_number(*kind))] = *count;
        }
        Position {
            serial: numbers.serial + 1,
            tx: Uuid::now_v7(),
            counters: Counters {
                next_employee: numbers.next_employee,
                next_audit: self.next_audit,
                kept: self.kept,
                dropped,
            },
        }
    }

    fn flush_if_full(&mut self) -> Result<(), Fault> {
        if self.written.rows() < ROWS_AT_A_TIME {
            return Ok(());
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Fault> {
        for command in std::mem::take(&mut self.written).row_commands()? {
            self.runtime.block_on(self.connection.query(command))?;
        }
        Ok(())
    }
}

impl Target for EmptyDatabase {
    fn put_row(&mut self, row: Write) -> Result<(), Fault> {
        let written = &mut self.written;
        match row {
            Write::Account(account) => {
                written
                    .accounts
                    .insert(account.username.clone(), Some(account));
            }
            Write::Session(session) => _ = written.sessions.insert(session.id, Some(*session)),
            Write::Employee(employee) => {
                written.employees.insert(employee.id, Some(*employee));
            }
            Write::History(id, entry) => {
                written.history.insert((id, entry.version), Some(entry));
            }
            Write::Request(request) => {
                let key = (request.user.to_string(), request.key.clone());
                written.requests.insert(key, Some(request));
            }
            Write::Run(run) => _ = written.runs.insert(run.id, Some(run)),
            Write::RunSlice(run, number, slice) => {
                written.run_slices.insert((run, number), slice);
            }
            Write::RunReport(run, report) => _ = written.run_reports.insert(run, Some(report)),
            // A source has no other rows.
            Write::RemoveAccount(_)
            | Write::PurgeSessions { .. }
            | Write::Moment(_)
            | Write::RemoveEmployee(_)
            | Write::NextEmployee(_)
            | Write::RemoveHistory(..)
            | Write::Audit(_)
            | Write::TrimAudit(_)
            | Write::PurgeRequests { .. }
            | Write::RemoveRun(_)
            | Write::RemoveRunReport(_)
            | Write::Forget(_)
            | Write::Touch => {}
        }
        self.flush_if_full()
    }

    fn put_line(&mut self, entry: AuditEntry) -> Result<(), Fault> {
        self.kept[usize::from(kind_number(AuditKind::of(entry.what)))] += 1;
        self.next_audit = entry.id + 1;
        self.written.audit.insert(entry.id, Some(entry));
        self.flush_if_full()
    }
}
