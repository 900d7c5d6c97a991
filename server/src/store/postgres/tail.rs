//! The part of the log that a server has not seen, with the rows that it names.

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

/// The number of statements in [`commands`].
pub(super) const COMMANDS: usize = 4;

/// What happened after a position.
pub(super) struct Tail {
    /// The position from which it was read, and that of each commit before the last.
    pub(super) before: Vec<Position>,
    pub(super) end: Position,
    pub(super) accounts: Vec<AccountChange>,
    pub(super) records: Vec<RecordChange>,
    pub(super) deleted: Vec<EmployeeId>,
    pub(super) forgotten: Vec<EmployeeId>,
    /// The events of each commit, by its serial.
    pub(super) events: Vec<(u64, Vec<Event>)>,
    /// Whether there is more.
    pub(super) is_partial: bool,
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

/// Reads the tail, in a transaction of its own.
pub(super) async fn read_tail(connection: &Connection, from: Position) -> Result<Tail, TailError> {
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    let results = connection.begin(begin, commands(from)).await?;
    connection.execute("COMMIT").await?;
    parse(from, &results)
}

/// What to ask for, so that [`parse`] can read the answers.
pub(super) fn commands(from: Position) -> Vec<Command> {
    let serial = signed(from.serial);
    vec![
        // One more, which is known already.
        command!(tail::LOG, serial, COMMITS_AT_A_TIME + 1),
        command!(tail::ACCOUNTS, serial, COMMITS_AT_A_TIME),
        command!(tail::SESSIONS, serial, COMMITS_AT_A_TIME),
        command!(tail::EMPLOYEES, serial, COMMITS_AT_A_TIME),
    ]
}

/// Reads the answers to [`commands`], all of one committed state.
pub(super) fn parse(from: Position, results: &[Vec<Row>]) -> Result<Tail, TailError> {
    let [log, accounts, sessions, employees] = results else {
        return Err(TailError::Diverged);
    };
    let mut commits = log.iter();
    // The log must begin with the commit that this server saw last. A standby that took over may
    // never have had it.
    if commits.next().map(Position::of_row) != Some(from) {
        return Err(TailError::Diverged);
    }
    let mut tail = Tail {
        before: Vec::new(),
        end: from,
        accounts: Vec::new(),
        records: Vec::new(),
        deleted: Vec::new(),
        forgotten: Vec::new(),
        events: Vec::new(),
        is_partial: log.len() > usize::try_from(COMMITS_AT_A_TIME).unwrap_or(usize::MAX),
    };
    for commit in commits {
        tail.before.push(tail.end);
        tail.end = Position::of_row(commit);
        let events = serde_json::from_str(commit.get(6));
        let events = events.map_err(|error| BadRow::new("log", error))?;
        tail.events.push((tail.end.serial, events));
        for id in commit.get::<_, Vec<i64>>(7) {
            let id = unsigned(id).try_into();
            tail.forgotten
                .push(id.map_err(|error| BadRow::new("log", error))?);
        }
    }
    if employees.len() > MOST_RECORDS {
        return Err(TailError::Full);
    }
    for row in accounts {
        tail.accounts.push(account_change(row)?);
    }
    for row in sessions {
        tail.accounts.push(session_change(row)?);
    }
    for row in employees {
        let change = record_change(row)?;
        if let RecordChange::Removed(id) = change {
            tail.deleted.push(id);
        }
        tail.records.push(change);
    }
    Ok(tail)
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
