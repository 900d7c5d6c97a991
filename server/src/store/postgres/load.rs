//! Loads the whole state into memory.

use futures_util::TryStreamExt;
use jiff::{SignedDuration, Timestamp};
use roster_common::employee::Version;
use tokio::sync::mpsc;
use tokio_postgres::Row;
use uuid::Uuid;

use super::connection::{Connection, SqlError};
use super::position::{Position, State};
use super::tables::{employee_id, load, plain, unsigned};
use crate::rules::session::Session;
use crate::rules::session_clock::Moment;
use crate::store::Account;
use crate::store::directory::{Block, Directory};
use crate::store::replica::Accounts;
use crate::store::rows::{BadRow, StoredRow, values_of_row};

/// Reads the newest committed state. `version` is for the directory, see [`Directory::version`].
pub(super) async fn load(
    connection: &Connection,
    version: u64,
) -> Result<(State, Accounts, Directory), SqlError> {
    // One committed state, however long the employees take to arrive.
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    let first = [load::NEWEST, load::ACCOUNTS, load::SESSIONS, load::DELETED].map(plain);
    let results = connection.begin(begin, first.into()).await?;
    let [newest, accounts, sessions, deleted] = results.as_slice() else {
        return Err(SqlError::Empty);
    };
    let newest = newest.first().ok_or(SqlError::Empty)?;
    let deleted = deleted.iter().map(|row| employee_id(row, 0));
    let deleted = deleted.collect::<Result<_, _>>()?;
    let accounts = load_accounts(accounts, sessions)?;
    let directory = load_directory(connection, version).await?;
    connection.execute("COMMIT").await?;
    let state = State {
        position: Position::of_row(newest),
        deleted,
        version_floor: Version::new(unsigned(newest.get(6))),
    };
    Ok((state, accounts, directory))
}

/// The moment that was kept last, by the clock of this computer: several servers share it, and only
/// the clock of the database is the same for all.
pub(super) async fn load_moment(
    connection: &Connection,
    now: Timestamp,
) -> Result<Option<Moment>, SqlError> {
    let rows = connection.query(plain(load::MOMENT)).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let [session, stopped, since] = [0, 1, 2].map(|column| row.get::<_, i64>(column));
    let wall = now.as_millisecond().saturating_sub(since);
    let times = Timestamp::from_millisecond(wall).ok();
    let times = times.zip(Timestamp::from_millisecond(session).ok());
    Ok(times.map(|(wall, session)| Moment {
        wall,
        session,
        stopped: SignedDuration::from_millis(stopped),
    }))
}

fn load_accounts(account_rows: &[Row], session_rows: &[Row]) -> Result<Accounts, BadRow> {
    let mut accounts = Accounts::default();
    for row in account_rows {
        let name: &str = row.get(0);
        let name = name.parse().map_err(|e| BadRow::new(Account::TABLE, e))?;
        accounts.put_account(Account::from_row(name, row.get(1))?);
    }
    for row in session_rows {
        let id: Uuid = row.get(0);
        accounts.put_session(&Session::from_row(id.as_u128(), row.get(1))?);
    }
    Ok(accounts)
}

/// The employees come over the network while threads put those before them in order.
async fn load_directory(connection: &Connection, version: u64) -> Result<Directory, SqlError> {
    let (sender, mut receiver) = mpsc::channel(4);
    let loading = tokio::task::spawn_blocking(move || {
        let blocks = std::iter::from_fn(|| receiver.blocking_recv());
        Directory::load(version, blocks.map(Ok), values_of_row)
    });
    let mut rows = std::pin::pin!(connection.rows(plain(load::EMPLOYEES)).await?);
    let mut block = Block::default();
    while let Some(row) = rows.try_next().await? {
        block.push(employee_id(&row, 0)?, row.get(1));
        if block.is_full() && sender.send(std::mem::take(&mut block)).await.is_err() {
            break;
        }
    }
    if !block.is_empty() {
        // It is only refused after a row that cannot be read, which is the error then.
        let _ = sender.send(block).await;
    }
    drop(sender);
    let loaded = loading.await.map_err(|_| SqlError::Empty)?;
    Ok(loaded?)
}
