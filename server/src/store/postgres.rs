//! The store in PostgreSQL, for several servers at once. It fetches and writes rows; all decisions
//! are made over the [replica](super::replica), as for any database.
//!
//! Every server has the state in memory, and follows the log of commits. A writer takes a lock,
//! reads the part of the log that it has not seen, and then decides on the newest state. So commits
//! have one order on all servers.
//!
//! - `tables` the tables and the statements
//! - `address` where the database is, and why it cannot be used
//! - `servers`, `connection` finding the primary, and talking to it
//! - `load` the database into the memory of a replica
//! - `position`, `tail` how far the memory has followed the log, and what comes next
//! - `writer` one group of writes: `fetched` and `pending_rows` are what its rules read, `written` what
//!   it writes
//! - `follower`, `freshness` the commits of other servers, and until when the memory may be used
//! - `reader` reads of what is not in memory; `snapshot` reads everything, for a check
//! - `transfer` the source or target of a move

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use roster_common::api::RunId;
use roster_common::employee::{EmployeeId, Version};
use roster_common::history::AuditEntry;
use secrecy::ExposeSecret;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;
use uuid::Uuid;

pub use self::address::{Address, OpenError};
use self::connection::{Connection, SqlError};
use self::follower::Follower;
use self::freshness::Freshness;
use self::load::{load, load_moment};
use self::position::Applier;
use self::reader::Reader;
use self::servers::Servers;
use self::snapshot::DatabaseSnapshot;
use self::tables::{CREATE, MIGRATE_FROM_1, SCHEMA, plain, unsigned};
pub(in crate::store) use self::transfer::{EmptyDatabase, Source, blocking};
use self::writer::Writer;
use super::check::{Report, check};
use super::replica::{Database, HistoryRows, Job, Replica, View};
use super::{AuditCount, Result, Run, RunDetails};
use crate::clock::{Clock, System};

mod address;
mod connection;
mod fetched;
mod follower;
mod freshness;
mod load;
mod pending_rows;
mod position;
mod reader;
mod servers;
mod snapshot;
mod tables;
mod tail;
mod transfer;
mod writer;
mod written;

/// How long to wait for the first commit.
const PATIENCE: Duration = Duration::from_secs(8);

/// The store in PostgreSQL.
pub type PostgresStore = Replica<PostgresDatabase>;

/// One server's access to the database.
pub struct PostgresDatabase {
    writer: Writer,
    reader: Reader,
    applier: Arc<Applier>,
    freshness: Arc<Freshness>,
    follower: JoinHandle<()>,
}

impl PostgresStore {
    /// Connects to the database; makes the tables if they are not there.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn connect(address: &Address) -> std::result::Result<Self, OpenError> {
        let (servers, connection) = connect(address).await?;
        check_settings(&connection, &servers).await?;
        prepare(&connection).await?;
        let (state, accounts, directory) = load(&connection, 0).await?;
        let kept_moment = load_moment(&connection, System.now()).await?;
        let view = Arc::new(View::new(state.position.serial, accounts, directory));
        let applier = Arc::new(Applier::new(Arc::clone(&view), state));
        let freshness = Arc::new(Freshness::default());
        let follower = Follower {
            id: Uuid::now_v7(),
            servers: Arc::clone(&servers),
            applier: Arc::clone(&applier),
            freshness: Arc::clone(&freshness),
        };
        let proven = Arc::clone(&freshness);
        let database = PostgresDatabase {
            writer: Writer::start(Arc::clone(&servers), Arc::clone(&applier)),
            reader: Reader::new(servers),
            applier,
            freshness,
            follower: tokio::spawn(follower.follow()),
        };
        // The memory may be used only while commits of this server prove that it is the newest
        // state.
        let proven = timeout(PATIENCE, proven.first()).await;
        proven.map_err(|_| SqlError::TimedOut(PATIENCE))?;
        Ok(Self::new(database, view, kept_moment))
    }
}

/// Checks the rows of a database, also while servers use it.
///
/// # Errors
/// [`OpenError`] if there are no tables to check, or they cannot be read.
pub async fn check_database(address: &Address) -> std::result::Result<Report, OpenError> {
    let connection = connect(address).await?.1;
    if !has_tables(&connection).await? {
        return Err(OpenError::Missing);
    }
    check_schema(&connection).await?;
    let snapshot = DatabaseSnapshot::begin(connection).await?;
    let checking = spawn_blocking(move || check(&snapshot));
    let checked = checking.await.map_err(|_| SqlError::Empty)?;
    checked.map_err(|fault| OpenError::Unusable(fault.into_error().to_string()))
}

async fn connect(address: &Address) -> std::result::Result<(Arc<Servers>, Connection), OpenError> {
    let url = address.url.expose_secret();
    let servers = Servers::parse(url, address.authorities.as_deref(), address.insecure)?;
    let connection = servers.connect().await?;
    Ok((Arc::new(servers), connection))
}

/// Refuses settings with which a commit is not durable, and warns of one with which a failover may
/// lose it.
async fn check_settings(
    connection: &Connection,
    servers: &Servers,
) -> std::result::Result<(), OpenError> {
    const CHECK: &str = "SELECT name FROM pg_settings \
        WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'";
    if let Some(row) = connection.query(plain(CHECK)).await?.first() {
        return Err(OpenError::Unsafe(row.get(0)));
    }
    const ALONE: &str = "SELECT current_setting('synchronous_standby_names') = ''";
    let rows = connection.query(plain(ALONE)).await?;
    let is_alone = rows.first().is_some_and(|row| row.get(0));
    if servers.are_several() && is_alone {
        tracing::warn!(
            "the database has no synchronous standby: a failover can lose acknowledged changes"
        );
    }
    Ok(())
}

/// Makes the tables of an empty database, and refuses those of a newer version.
async fn prepare(connection: &Connection) -> std::result::Result<(), OpenError> {
    if !has_tables(connection).await? {
        let created = connection.execute(&format!("BEGIN; {CREATE} COMMIT")).await;
        if let Err(error) = created {
            connection.execute("ROLLBACK").await?;
            // Another server may have been faster, and then they are there now.
            tracing::debug!(%error, "cannot make the tables");
        }
    }
    migrate(connection).await?;
    check_schema(connection).await
}

/// Brings tables of an earlier version up to date, in one transaction. Servers of that version may
/// go on meanwhile: they do not know the new tables, and need none.
async fn migrate(connection: &Connection) -> std::result::Result<(), OpenError> {
    if schema(connection).await? == 1 {
        let lock = "LOCK TABLE roster.head IN SHARE ROW EXCLUSIVE MODE";
        let script = format!("BEGIN; {lock}; {MIGRATE_FROM_1} COMMIT");
        if let Err(error) = connection.execute(&script).await {
            connection.execute("ROLLBACK").await?;
            // Another server may have been faster, and then they are there now.
            tracing::debug!(%error, "cannot migrate the tables");
        }
    }
    Ok(())
}

async fn has_tables(connection: &Connection) -> std::result::Result<bool, OpenError> {
    const EXISTS: &str = "SELECT to_regclass('roster.head') IS NOT NULL";
    let rows = connection.query(plain(EXISTS)).await?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}

async fn check_schema(connection: &Connection) -> std::result::Result<(), OpenError> {
    let found = schema(connection).await?;
    if found > SCHEMA {
        return Err(OpenError::Newer {
            found: unsigned(found),
            known: unsigned(SCHEMA),
        });
    }
    Ok(())
}

async fn schema(connection: &Connection) -> std::result::Result<i64, OpenError> {
    let rows = connection.query(plain("SELECT schema FROM head")).await?;
    Ok(rows.first().map_or(0, |row| row.get(0)))
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

#[async_trait]
impl Database for PostgresDatabase {
    fn submit(&self, job: Box<dyn Job>) -> Result<()> {
        self.writer.submit(job)
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn check_fresh(&self) -> Result<()> {
        self.freshness.check_at(System.uptime())
    }

    async fn history(
        &self,
        id: EmployeeId,
        before: Option<Version>,
        limit: usize,
    ) -> Result<HistoryRows> {
        self.reader.history(id, before, limit).await
    }

    async fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>> {
        self.reader.audit(before, limit).await
    }

    async fn runs(&self) -> Result<Vec<Run>> {
        self.reader.runs().await
    }

    async fn run_details(&self, id: RunId) -> Result<RunDetails> {
        self.reader.run_details(id).await
    }

    async fn audit_counts(&self) -> Result<Vec<AuditCount>> {
        Ok(self.applier.position().await.counters.audit())
    }
}
