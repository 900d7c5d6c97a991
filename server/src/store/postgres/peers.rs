//! This server among those that use the database: what each says of itself with its heartbeat, and
//! what follows from what the others say.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};
use tokio_postgres::Row;
use uuid::Uuid;

use super::address::OpenError;
use super::connection::{CommitError, Connection, SqlError};
use super::schema::check_running;
use super::tables::{Command, LOCK, SCHEMA, beat, command, plain, signed};
use crate::clock::{Clock, System};
use crate::rules::key_names::KeyNames;

/// How long a start waits for servers with other keys to end. One that has ended is taken for
/// running for three seconds.
const PATIENCE: Duration = Duration::from_secs(4);

/// How long to wait before the others are looked at again.
const PAUSE: Duration = Duration::from_millis(200);

/// The difference of clocks that does no harm.
const HARMLESS_SKEW: SignedDuration = SignedDuration::from_secs(2);

/// Returns the names of a server's keys, which can be replaced while it runs.
pub type KeySource = Arc<dyn Fn() -> KeyNames + Send + Sync>;

/// What a server is to the others that use the database.
#[derive(Clone)]
pub struct ServerOptions {
    /// Its keys. A program that serves nobody has none.
    pub keys: KeySource,
    /// Its clocks.
    pub clock: Arc<dyn Clock>,
    /// How old memory may be for reads that may be stale; zero refuses them.
    pub stale_reads: Duration,
}

impl Default for ServerOptions {
    /// A program that serves nobody, with the clocks of this computer.
    fn default() -> Self {
        Self {
            keys: Arc::new(KeyNames::default),
            clock: Arc::new(System),
            stale_reads: Duration::ZERO,
        }
    }
}

/// Another server that runs.
pub(super) struct Peer {
    /// The newest schema that it reads.
    pub(super) reads: i64,
    keys: KeyNames,
}

impl Peer {
    /// From a row of [`Peers::list`].
    pub(super) fn of_row(row: &Row) -> Self {
        Self {
            reads: row.get(0),
            keys: KeyNames {
                signing: row.get(1),
                known: row.get(2),
            },
        }
    }
}

/// This server, and what it knows of the others.
pub(super) struct Peers {
    id: Uuid,
    options: ServerOptions,
    /// How many servers serve, this one included.
    serving: AtomicU32,
    has_mismatch: AtomicBool,
    skew_millis: AtomicI64,
}

impl Peers {
    /// A server that is not known to the others yet.
    pub(super) fn new(options: ServerOptions) -> Self {
        Self {
            id: Uuid::now_v7(),
            options,
            serving: AtomicU32::new(1),
            has_mismatch: AtomicBool::new(false),
            skew_millis: AtomicI64::new(0),
        }
    }

    /// Now, by this server's clock.
    pub(super) fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    /// How many servers serve, this one included.
    pub(super) fn serving(&self) -> NonZeroU32 {
        NonZeroU32::new(self.serving.load(Ordering::Relaxed)).unwrap_or(NonZeroU32::MIN)
    }

    /// How far this server's clock is ahead of that of the database, if that may do harm.
    pub(super) fn clock_skew(&self) -> Option<SignedDuration> {
        let skew = SignedDuration::from_millis(self.skew_millis.load(Ordering::Relaxed));
        (skew.abs() > HARMLESS_SKEW).then_some(skew)
    }

    /// Registers this server, once no server runs whose tokens it would refuse, or the other way
    /// round.
    ///
    /// # Errors
    /// [`OpenError::Keys`], [`OpenError::Unusable`]
    pub(super) async fn register(
        &self,
        connection: &Connection,
        applied: u64,
    ) -> Result<(), OpenError> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.try_to_register(connection, applied).await {
                Err(OpenError::Keys(_)) if Instant::now() < until => sleep(PAUSE).await,
                outcome => return outcome,
            }
        }
    }

    async fn try_to_register(
        &self,
        connection: &Connection,
        applied: u64,
    ) -> Result<(), OpenError> {
        // Under the lock, so that of two servers that start at once, one sees the other.
        let commands = vec![plain(LOCK), self.list(), self.beat(applied)];
        let results = connection.begin("BEGIN", commands).await?;
        let [locked, others, _] = results.as_slice() else {
            return Err(SqlError::Empty.into());
        };
        check_running(locked.first().ok_or(SqlError::Empty)?.get(0))?;
        let keys = (self.options.keys)();
        let mut others = others.iter().map(Peer::of_row);
        if let Err(mismatch) = others.try_for_each(|other| keys.check_with(&other.keys)) {
            connection.execute("ROLLBACK").await?;
            return Err(mismatch.into());
        }
        let committed = connection.commit(Vec::new(), 1).await;
        Ok(committed.map_err(CommitError::into_inner)?)
    }

    /// Says that this server runs, and has applied the log up to a serial.
    pub(super) fn beat(&self, applied: u64) -> Command {
        let KeyNames { signing, known } = (self.options.keys)();
        let version = env!("CARGO_PKG_VERSION");
        let applied = signed(applied);
        command!(
            beat::BEAT,
            self.id,
            version,
            SCHEMA,
            signing,
            known,
            applied
        )
    }

    /// Asks for the others that run.
    pub(super) fn list(&self) -> Command {
        command!(beat::PEERS, self.id)
    }

    /// Learns which others run. Returns `true` if all of them read this program's schema.
    pub(super) fn observe(&self, others: &[Row]) -> bool {
        let others: Vec<_> = others.iter().map(Peer::of_row).collect();
        let serving = others.iter().filter(|other| other.keys.signs()).count();
        let serving = u32::try_from(serving).unwrap_or(u32::MAX);
        self.serving
            .store(serving.saturating_add(1), Ordering::Relaxed);
        let keys = (self.options.keys)();
        let checked = others
            .iter()
            .try_for_each(|other| keys.check_with(&other.keys));
        // Keys that were reloaded on one server only. Each heartbeat sees it, so it is logged once.
        let had_mismatch = self.has_mismatch.swap(checked.is_err(), Ordering::Relaxed);
        if let Err(mismatch) = checked
            && !had_mismatch
        {
            tracing::error!(%mismatch, "the servers have different keys and refuse each other's tokens");
        }
        others.iter().all(|other| other.reads >= SCHEMA)
    }

    /// Compares the clocks: the database has told its time between two readings of this one.
    pub(super) fn compare_clocks(&self, before: Timestamp, database: Timestamp, after: Timestamp) {
        let was_harmless = self.clock_skew().is_none();
        let skew = certain_skew(before, database, after);
        let millis = i64::try_from(skew.as_millis()).unwrap_or(i64::MAX);
        self.skew_millis.store(millis, Ordering::Relaxed);
        if was_harmless && let Some(skew) = self.clock_skew() {
            tracing::warn!(
                milliseconds = skew.as_millis(),
                "the clock of this server is ahead of the database's, or behind if negative; use NTP"
            );
        }
    }
}

/// How far a clock is at least ahead of another one, however long the messages took: it was read
/// before and after the other one.
fn certain_skew(before: Timestamp, other: Timestamp, after: Timestamp) -> SignedDuration {
    if other < before {
        before.duration_since(other)
    } else if after < other {
        after.duration_since(other)
    } else {
        SignedDuration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_answer_is_no_difference_of_clocks() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let seconds = SignedDuration::from_secs;
        assert_eq!(certain_skew(at(10), at(11), at(15)), seconds(0));
        assert_eq!(certain_skew(at(10), at(7), at(15)), seconds(3));
        assert_eq!(certain_skew(at(10), at(19), at(15)), seconds(-4));
    }
}
