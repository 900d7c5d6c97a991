//! Making the tables, and bringing those of an earlier version up to date while its servers run.
//!
//! A new version first adds what it needs beside what is there, which servers of the version before
//! do not notice. It reads and writes their rows until none of them runs. Then one server raises the
//! schema in the database: from that moment on older versions are refused, and rows may be newer.

use super::address::OpenError;
use super::connection::{CommitError, Connection, SqlError};
use super::peers::{Peer, Peers};
use super::tables::{
    ADD_TO_2, CREATE, LOCK, MIGRATE_FROM_1, RAISE, SCHEMA, command, plain, unsigned,
};

/// Makes the tables of an empty database, adds to those of an earlier version what they lack, and
/// refuses those of a newer one.
pub(super) async fn prepare(connection: &Connection) -> Result<(), OpenError> {
    if !has_tables(connection).await? {
        run(connection, &format!("BEGIN; {CREATE} COMMIT")).await?;
    }
    // Servers of schema 1 cannot go on after this, so they have to be stopped before.
    if schema(connection).await? == 1 {
        run(connection, &locked(MIGRATE_FROM_1)).await?;
    }
    if schema(connection).await? == 2 {
        run(connection, &locked(ADD_TO_2)).await?;
    }
    check_schema(connection).await
}

/// A transaction that only one server runs at a time.
fn locked(script: &str) -> String {
    format!("BEGIN; LOCK TABLE roster.head IN SHARE ROW EXCLUSIVE MODE; {script} COMMIT")
}

/// Runs a transaction that another server may have run a moment ago. What is missing then, or
/// after another failure, is found out by whoever reads it next.
async fn run(connection: &Connection, script: &str) -> Result<(), SqlError> {
    if let Err(error) = connection.execute(script).await {
        connection.execute("ROLLBACK").await?;
        tracing::debug!(%error, "cannot change the tables");
    }
    Ok(())
}

pub(super) async fn has_tables(connection: &Connection) -> Result<bool, OpenError> {
    const EXISTS: &str = "SELECT to_regclass('roster.head') IS NOT NULL";
    let rows = connection.query(plain(EXISTS)).await?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}

/// # Errors
/// [`OpenError::Newer`]
pub(super) async fn check_schema(connection: &Connection) -> Result<(), OpenError> {
    let found = schema(connection).await?;
    if found > SCHEMA {
        return Err(OpenError::Newer {
            found: unsigned(found),
            known: unsigned(SCHEMA),
        });
    }
    Ok(())
}

async fn schema(connection: &Connection) -> Result<i64, OpenError> {
    let rows = connection.query(plain("SELECT schema FROM head")).await?;
    Ok(rows.first().map_or(0, |row| row.get(0)))
}

/// Fails for rows that this program may misread: a newer version has raised the schema while this
/// server was out of touch.
pub(super) fn check_running(found: i64) -> Result<(), SqlError> {
    if found > SCHEMA {
        return Err(SqlError::Newer);
    }
    Ok(())
}

/// Raises the schema, if no server runs that does not read it. Servers start under the same lock.
pub(super) async fn raise(connection: &Connection, this: &Peers) -> Result<(), SqlError> {
    let commands = vec![plain(LOCK), this.list()];
    let results = connection.begin("BEGIN", commands).await?;
    let others = results.last().ok_or(SqlError::Empty)?;
    if others
        .iter()
        .map(Peer::of_row)
        .all(|peer| peer.reads >= SCHEMA)
    {
        let raised = connection.commit(vec![command!(RAISE, SCHEMA)], 1).await;
        raised.map_err(CommitError::into_inner)?;
        tracing::info!(
            schema = SCHEMA,
            "older versions can no longer use the database"
        );
        Ok(())
    } else {
        connection.execute("ROLLBACK").await
    }
}
