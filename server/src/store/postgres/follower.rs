//! Follows the commits of other servers, and proves several times a second that nothing was missed.
//!
//! A notification only makes it faster. What counts is the heartbeat, a commit: a primary that was
//! replaced can still be read, but can commit nothing, since its standby is gone.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use uuid::Uuid;

use super::connection::{CommitError, Connection, SqlError};
use super::freshness::{BOUND, Freshness};
use super::peers::Peers;
use super::position::{Applier, Position};
use super::schema::{check_running, raise};
use super::servers::Servers;
use super::tables::{SCHEMA, beat, command, plain, signed, unsigned};
use super::tail::TailError;
use crate::clock::{Clock, System};

/// How often to beat.
const INTERVAL: Duration = Duration::from_millis(250);

/// How long to wait before connecting again.
const PAUSE: Duration = Duration::from_millis(100);

/// The number of beats after which old rows of the log are removed.
const BEATS_PER_TRIM: u64 = 240;

/// What the task has.
pub(super) struct Follower {
    pub(super) peers: Arc<Peers>,
    pub(super) servers: Arc<Servers>,
    pub(super) applier: Arc<Applier>,
    pub(super) freshness: Arc<Freshness>,
}

impl Follower {
    /// Follows until the task is aborted.
    pub(super) async fn follow(self) {
        let mut known = String::new();
        loop {
            let Err(error) = self.follow_one_primary().await else {
                continue;
            };
            // Without a primary the same happens many times a second.
            let error = error.to_string();
            if error != known {
                tracing::warn!(error, "cannot follow the database");
                known = error;
            }
            sleep(PAUSE).await;
        }
    }

    /// Follows until the connection fails.
    async fn follow_one_primary(&self) -> Result<(), SqlError> {
        let connection = self.servers.connect().await?;
        connection.execute("LISTEN roster").await?;
        connection.query(plain(beat::FORGET)).await?;
        for count in 1_u64.. {
            let next = Instant::now() + INTERVAL;
            self.beat(&connection).await?;
            if count % BEATS_PER_TRIM == 0 {
                let newest = self.applier.position().await.serial;
                connection
                    .query(command!(beat::TRIM, signed(newest)))
                    .await?;
            }
            while let Ok(serial) = timeout_at(next, connection.announced()).await {
                // It was this server's own commit, or has been read by its writer.
                if serial > self.applier.position().await.serial {
                    in_time(self.catch_up(&connection)).await?;
                }
            }
        }
        Ok(())
    }

    /// Compares this server with the database, and brings it up to date.
    async fn beat(&self, connection: &Connection) -> Result<(), SqlError> {
        let begun = System.uptime();
        let position = self.applier.position().await;
        let newest = in_time(self.newest(connection, position)).await?;
        match newest {
            // The past is another one.
            None => self.reload(connection).await?,
            Some(newest) if newest > position.serial => self.catch_up(connection).await?,
            Some(_) => {}
        }
        self.freshness.extend_from(begun);
        Ok(())
    }

    /// The newest serial, from a transaction whose commit proves that it came from the primary.
    /// `None` if the database does not know the position of this server. Also learns of the other
    /// servers.
    async fn newest(
        &self,
        connection: &Connection,
        position: Position,
    ) -> Result<Option<u64>, SqlError> {
        let before = self.peers.now();
        let commands = vec![
            self.peers.beat(position.serial),
            self.peers.list(),
            command!(beat::COMPARE, signed(position.serial)),
        ];
        let results = connection.begin("BEGIN", commands).await?;
        let after = self.peers.now();
        let committed = connection.commit(Vec::new(), 1).await;
        committed.map_err(CommitError::into_inner)?;
        let [own, others, compared] = results.as_slice() else {
            return Err(SqlError::Empty);
        };
        let clock = own.first().ok_or(SqlError::Empty)?.get(0);
        if let Ok(database) = Timestamp::from_millisecond(clock) {
            self.peers.compare_clocks(before, database, after);
        }
        let row = compared.first().ok_or(SqlError::Empty)?;
        let schema: i64 = row.get(2);
        check_running(schema)?;
        if self.peers.observe(others) && schema < SCHEMA {
            raise(connection, &self.peers).await?;
        }
        let tx: Option<Uuid> = row.get(1);
        let newest: Option<i64> = row.get(0);
        Ok(newest.map(unsigned).filter(|_| tx == Some(position.tx)))
    }

    async fn catch_up(&self, connection: &Connection) -> Result<(), SqlError> {
        match self.applier.catch_up(connection).await {
            Ok(()) => Ok(()),
            Err(TailError::Sql(error)) => Err(error),
            Err(TailError::Row(error)) => Err(error.into()),
            Err(TailError::Diverged | TailError::Full) => self.reload(connection).await,
        }
    }

    async fn reload(&self, connection: &Connection) -> Result<(), SqlError> {
        tracing::error!(
            "the history of the database has diverged from this server's (restored or failed over); loading everything again"
        );
        self.applier.reload(connection).await
    }
}

/// Fails what takes longer than this server may be out of touch.
async fn in_time<T>(work: impl Future<Output = Result<T, SqlError>>) -> Result<T, SqlError> {
    timeout(BOUND, work)
        .await
        .unwrap_or(Err(SqlError::TimedOut(BOUND)))
}
