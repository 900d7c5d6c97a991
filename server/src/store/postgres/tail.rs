//! The part of the log that a server has not seen, with the rows that it names.

use std::collections::BTreeSet;

use roster_common::Employee;
use roster_common::employee::EmployeeId;
use roster_common::event::Event;
use tokio_postgres::Row;
use uuid::Uuid;

use super::connection::{Connection, SqlError};
use super::position::Position;
use super::tables::{Command, command, employee_id, signed, tail, unsigned};
use crate::rules::session::Session;
use crate::store::Account;
use crate::store::directory::RecordChange;
use crate::store::replica::AccountChange;
use crate::store::rows::{BadRow, StoredRow};

/// How many records are put one by one. It is faster to load everything than to put more.
const MOST_RECORDS: usize = 100_000;

/// How many commits are read at a time. A writer reads them while it holds the lock, so not many.
const COMMITS_AT_A_TIME: i64 = 64;

/// What the log says about what happened after a position.
pub(super) struct Log {
    /// The position from which it was read, and that of each commit before the last.
    before: Vec<Position>,
    end: Position,
    forgotten: Vec<EmployeeId>,
    /// The events of each commit, by its serial.
    events: Vec<(u64, Vec<Event>)>,
    /// Whether there is more.
    pub(super) is_partial: bool,
    accounts: BTreeSet<String>,
    sessions: BTreeSet<Uuid>,
    employees: BTreeSet<i64>,
}

/// The same, with the rows that it names.
pub(super) struct Tail {
    pub(super) before: Vec<Position>,
    pub(super) end: Position,
    pub(super) accounts: Vec<AccountChange>,
    pub(super) records: Vec<RecordChange>,
    pub(super) deleted: Vec<EmployeeId>,
    pub(super) forgotten: Vec<EmployeeId>,
    pub(super) events: Vec<(u64, Vec<Event>)>,
}

/// Why the tail cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum TailError {
    /// The log does not have the commit that this server has seen.
    #[error("the history of the database has diverged from this server's")]
    Diverged,
    /// There was too much to read at once.
    #[error("this server was far behind the database")]
    Full,
    #[error(transparent)]
    Row(#[from] BadRow),
    #[error(transparent)]
    Sql(#[from] SqlError),
}

/// Reads the tail, in a transaction of its own. Returns with it whether there is more.
pub(super) async fn read_tail(
    connection: &Connection,
    from: Position,
) -> Result<(Tail, bool), TailError> {
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    let results = connection.begin(begin, vec![read_log(from)]).await?;
    let tail = read_rows(connection, from, &results).await;
    // Also of a log that has diverged: the same connection loads everything then.
    connection.execute("COMMIT").await?;
    tail
}

async fn read_rows(
    connection: &Connection,
    from: Position,
    results: &[Vec<Row>],
) -> Result<(Tail, bool), TailError> {
    let log = Log::parse(from, results.first().ok_or(SqlError::Empty)?)?;
    let is_partial = log.is_partial;
    let rows = connection.queries(log.commands()).await?;
    Ok((log.with_rows(&rows)?, is_partial))
}

/// Asks for what [`Log::parse`] reads.
pub(super) fn read_log(from: Position) -> Command {
    // One more, which is known already.
    command!(tail::LOG, signed(from.serial), COMMITS_AT_A_TIME + 1)
}

impl Log {
    /// Reads the answer to [`read_log`].
    pub(super) fn parse(from: Position, rows: &[Row]) -> Result<Self, TailError> {
        let mut commits = rows.iter();
        // The log must begin with the commit that this server saw last. A standby that took over
        // may never have had it.
        if commits.next().map(Position::of_row) != Some(from) {
            return Err(TailError::Diverged);
        }
        let mut log = Self {
            before: Vec::new(),
            end: from,
            forgotten: Vec::new(),
            events: Vec::new(),
            is_partial: rows.len() > usize::try_from(COMMITS_AT_A_TIME).unwrap_or(usize::MAX),
            accounts: BTreeSet::new(),
            sessions: BTreeSet::new(),
            employees: BTreeSet::new(),
        };
        for commit in commits {
            log.add(commit)?;
        }
        if log.employees.len() > MOST_RECORDS {
            return Err(TailError::Full);
        }
        Ok(log)
    }

    fn add(&mut self, commit: &Row) -> Result<(), BadRow> {
        let bad = |error| BadRow::new("log", error);
        self.before.push(self.end);
        self.end = Position::of_row(commit);
        let events = serde_json::from_str(commit.get(6));
        let events = events.map_err(|error| BadRow::new("log", error))?;
        self.events.push((self.end.serial, events));
        for id in commit.get::<_, Vec<i64>>(7) {
            self.forgotten.push(unsigned(id).try_into().map_err(bad)?);
        }
        self.accounts.extend(commit.get::<_, Vec<String>>(8));
        self.sessions.extend(commit.get::<_, Vec<Uuid>>(9));
        self.employees.extend(commit.get::<_, Vec<i64>>(10));
        Ok(())
    }

    /// Whether anything happened.
    pub(super) fn has_news(&self) -> bool {
        !self.before.is_empty()
    }

    /// Asks for the rows that [`Self::with_rows`] reads, of the same committed state.
    pub(super) fn commands(&self) -> Vec<Command> {
        let mut commands = Vec::new();
        if !self.accounts.is_empty() {
            let names: Vec<_> = self.accounts.iter().cloned().collect();
            commands.push(command!(tail::ACCOUNTS, names));
        }
        if !self.sessions.is_empty() {
            let ids: Vec<_> = self.sessions.iter().copied().collect();
            commands.push(command!(tail::SESSIONS, ids));
        }
        if !self.employees.is_empty() {
            let ids: Vec<_> = self.employees.iter().copied().collect();
            commands.push(command!(tail::EMPLOYEES, ids));
        }
        commands
    }

    /// Adds the answers to [`Self::commands`].
    pub(super) fn with_rows(self, results: &[Vec<Row>]) -> Result<Tail, SqlError> {
        let mut results = results.iter();
        let mut rows = |was_asked: bool| {
            if was_asked {
                results.next().map(Vec::as_slice).ok_or(SqlError::Empty)
            } else {
                Ok(&[][..])
            }
        };
        let (accounts, sessions, employees) = (
            rows(!self.accounts.is_empty())?,
            rows(!self.sessions.is_empty())?,
            rows(!self.employees.is_empty())?,
        );
        let records = employees.iter().map(record_change);
        let records = records.collect::<Result<Vec<_>, _>>()?;
        let deleted = records.iter().filter_map(|change| match change {
            RecordChange::Removed(id) => Some(*id),
            RecordChange::Put(_) => None,
        });
        Ok(Tail {
            before: self.before,
            end: self.end,
            accounts: accounts
                .iter()
                .map(account_change)
                .chain(sessions.iter().map(session_change))
                .collect::<Result<_, _>>()?,
            deleted: deleted.collect(),
            records,
            forgotten: self.forgotten,
            events: self.events,
        })
    }
}

fn account_change(row: &Row) -> Result<AccountChange, BadRow> {
    let name: &str = row.get(0);
    let name = name.parse().map_err(|e| BadRow::new(Account::TABLE, e))?;
    Ok(match row.get::<_, Option<&[u8]>>(1) {
        Some(row) => AccountChange::Account(Account::from_row(name, row)?),
        None => AccountChange::AccountRemoved(name),
    })
}

fn session_change(row: &Row) -> Result<AccountChange, BadRow> {
    let id: Uuid = row.get(0);
    Ok(match row.get::<_, Option<&[u8]>>(1) {
        Some(row) => AccountChange::Session(Box::new(Session::from_row(id.as_u128(), row)?)),
        None => AccountChange::SessionRemoved(id),
    })
}

fn record_change(row: &Row) -> Result<RecordChange, BadRow> {
    let id = employee_id(row, 0)?;
    Ok(match row.get::<_, Option<&[u8]>>(1) {
        Some(row) => RecordChange::Put(Box::new(Employee::from_row(id, row)?)),
        None => RecordChange::Removed(id),
    })
}
