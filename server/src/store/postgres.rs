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
//! - `schema` making the tables, and those of earlier versions
//! - `load` the database into the memory of a replica
//! - `position`, `tail` how far the memory has followed the log, and what comes next
//! - `writer` one group of writes: `fetched` and `pending_rows` are what its rules read, `written` what
//!   it writes
//! - `follower`, `freshness` the commits of other servers, and until when the memory may be used
//! - `peers` the other servers that use the database
//! - `reader` reads of what is not in memory; `snapshot` reads everything, for a check
//! - `transfer` the source or target of a move

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use roster_common::api::RunId;
use roster_common::employee::{EmployeeId, Version};
use roster_common::history::AuditEntry;
use secrecy::ExposeSecret;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

pub use self::address::{Address, OpenError};
use self::connection::{Connection, SqlError};
use self::follower::Follower;
use self::freshness::Freshness;
use self::load::{load, load_moment};
use self::peers::Peers;
pub use self::peers::{KeySource, ServerOptions};
use self::position::Applier;
use self::reader::Reader;
use self::schema::{check_schema, has_tables, prepare};
use self::servers::Servers;
use self::snapshot::DatabaseSnapshot;
use self::tables::plain;
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
mod peers;
mod pending_rows;
mod position;
mod reader;
mod schema;
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
    stale_reads: Duration,
    peers: Arc<Peers>,
    follower: JoinHandle<()>,
}

impl PostgresStore {
    /// Opens the store for a program that serves nobody.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn connect(address: &Address) -> std::result::Result<Self, OpenError> {
        Self::connect_server(address, ServerOptions::default()).await
    }

    /// Connects a server to the database; makes the tables if they are not there.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn connect_server(
        address: &Address,
        options: ServerOptions,
    ) -> std::result::Result<Self, OpenError> {
        let (servers, connection) = connect(address).await?;
        check_settings(&connection, &servers).await?;
        prepare(&connection).await?;
        let (state, accounts, directory) = load(&connection, 0).await?;
        let stale_reads = options.stale_reads;
        let peers = Arc::new(Peers::new(options));
        let kept_moment = load_moment(&connection, peers.now()).await?;
        peers.register(&connection, state.position.serial).await?;
        let view = Arc::new(View::new(state.position.serial, accounts, directory));
        let applier = Arc::new(Applier::new(Arc::clone(&view), state));
        let freshness = Arc::new(Freshness::default());
        let follower = Follower {
            peers: Arc::clone(&peers),
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
            stale_reads,
            peers,
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

    fn stale_for(&self) -> Option<Duration> {
        let age = self.freshness.age_at(System.uptime());
        age.filter(|age| *age < self.stale_reads)
    }

    fn servers(&self) -> NonZeroU32 {
        self.peers.serving()
    }

    fn clock_skew(&self) -> Option<SignedDuration> {
        self.peers.clock_skew()
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
