//! The writer: a task that takes all the writes that wait, runs them in one transaction and commits
//! it once. Two round trips are enough: the first takes the lock and reads everything that the
//! rules need, the second writes and commits. If another server had the lock meanwhile, one more
//! reads what it has changed, and what the writes need that have come in the time. Without them a
//! group would have half of the writes that wait, and two servers would do a quarter less.
//!
//! A commit may fail without saying whether it was done: the connection breaks, the primary is
//! replaced. Each group has a number, `tx`, that its row in the log carries. Whether it is there
//! can be seen by whoever has the lock, since the old transaction has ended by then, one way or the
//! other. If it is, the group is answered as it was decided; otherwise it is decided again. So a
//! write is never applied twice.

use std::sync::Arc;
use std::time::Duration;

use roster_common::employee::EmployeeId;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_postgres::Row;
use uuid::Uuid;

use super::connection::{CommitError, Connection, SqlError};
use super::fetched::{self, Fetched};
use super::pending_rows::PendingRows;
use super::position::{Applier, Position, State};
use super::schema::check_running;
use super::servers::Servers;
use super::tables::{Command, FIND_TX, LOCK, command, plain};
use super::tail::{self, Log, TailError};
use crate::store::replica::{Fault, Job, ToPublish, WriteGroup};
use crate::store::{Result, StoreError};

/// The most writes in one transaction, so that none waits long for its answer.
const MOST_WRITES: usize = 1024;

/// The most writes that wait.
const MOST_WAITING: usize = 10_000;

/// How long a write waits for a primary. A planned switchover is over by then.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long to wait before a group is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// How long to be silent in a transaction: less than PostgreSQL allows.
const SILENCE: Duration = Duration::from_millis(500);

/// The way to the task, which ends when this is dropped and what waits is answered.
pub(super) struct Writer(Sender<WaitingWrite>);

/// A write that waits.
struct WaitingWrite {
    job: Box<dyn Job>,
    until: Instant,
}

impl Writer {
    /// Starts the task.
    pub(super) fn start(servers: Arc<Servers>, applier: Arc<Applier>) -> Self {
        let (sender, inbox) = channel(MOST_WAITING);
        let task = WriterTask {
            servers,
            applier,
            inbox,
            connection: None,
        };
        tokio::spawn(task.serve());
        Self(sender)
    }

    /// Hands a job to the task.
    ///
    /// # Errors
    /// [`StoreError::Unwritable`] if too many wait, [`StoreError::Closed`]
    pub(super) fn submit(&self, job: Box<dyn Job>) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        self.0
            .try_send(WaitingWrite { job, until })
            .map_err(|error| match error {
                TrySendError::Full(_) => {
                    StoreError::Unwritable(format!("{MOST_WAITING} writes are waiting"))
                }
                TrySendError::Closed(_) => StoreError::Closed,
            })
    }
}

struct WriterTask {
    servers: Arc<Servers>,
    applier: Arc<Applier>,
    inbox: Receiver<WaitingWrite>,
    /// `None` after a failure, until the next group.
    connection: Option<Connection>,
}

/// Why a group was not committed, as far as this attempt knows.
#[derive(Debug, thiserror::Error)]
enum Attempt {
    /// Another one may succeed.
    #[error(transparent)]
    Again(SqlError),
    /// The memory has to be brought up to date first.
    #[error(transparent)]
    Behind(TailError),
    /// None can.
    #[error(transparent)]
    Final(StoreError),
}

impl From<SqlError> for Attempt {
    fn from(error: SqlError) -> Self {
        if error.is_transient() {
            Self::Again(error)
        } else {
            Self::Final(StoreError::Unwritable(error.to_string()))
        }
    }
}

impl From<CommitError> for Attempt {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::NotCommitted(error) => error.into(),
            CommitError::Unknown(error) => Self::Again(error),
        }
    }
}

impl From<TailError> for Attempt {
    fn from(error: TailError) -> Self {
        match error {
            TailError::Sql(error) => error.into(),
            error => Self::Behind(error),
        }
    }
}

impl From<Fault> for Attempt {
    fn from(fault: Fault) -> Self {
        Self::Final(fault.into_error())
    }
}

/// What a group has decided.
struct Decided {
    after: Position,
    commands: Vec<Command>,
    /// How many rows the commands write.
    rows: usize,
    deleted: Vec<EmployeeId>,
    /// `None` if nothing was written.
    to_publish: Option<ToPublish>,
}

impl WriterTask {
    async fn serve(mut self) {
        while let Some(first) = self.inbox.recv().await {
            // Those that came first have waited longest.
            let until = first.until;
            let mut jobs = vec![first.job];
            jobs.extend(self.waiting(jobs.len()));
            let outcome = self.run(&mut jobs, until).await;
            for job in jobs {
                job.answer(outcome.clone());
            }
        }
    }

    /// The writes that wait, for a group that has some already.
    fn waiting(&mut self, has: usize) -> Vec<Box<dyn Job>> {
        let next = || self.inbox.try_recv().ok().map(|write| write.job);
        let room = MOST_WRITES.saturating_sub(has);
        std::iter::from_fn(next).take(room).collect()
    }

    /// Commits a group, in as many attempts as it takes.
    async fn run(&mut self, jobs: &mut Vec<Box<dyn Job>>, until: Instant) -> Result<()> {
        let tx = Uuid::now_v7();
        let (mut logged, mut is_first) = (String::new(), true);
        loop {
            let Err(failure) = self.attempt(tx, is_first, jobs, until).await else {
                return Ok(());
            };
            is_first = false;
            let error = failure.to_string();
            if error != logged {
                tracing::warn!(
                    error,
                    "a commit failed; asking the database for its outcome"
                );
                logged = error;
            }
            if let Attempt::Final(error) = failure {
                return Err(error);
            }
            if Instant::now() + PAUSE > until {
                return Err(StoreError::Unwritable(logged));
            }
            sleep(PAUSE).await;
        }
    }

    /// Adds to the jobs what waits as well if other servers had the lock before.
    async fn attempt(
        &mut self,
        tx: Uuid,
        is_first: bool,
        jobs: &mut Vec<Box<dyn Job>>,
        until: Instant,
    ) -> std::result::Result<(), Attempt> {
        // Left out after a failure: a transaction may still be open.
        let connection = match self.connection.take().filter(|open| !open.is_closed()) {
            Some(connection) => connection,
            None => in_time(until, self.servers.connect()).await?,
        };
        let applier = Arc::clone(&self.applier);
        let tx_to_find = (!is_first).then_some(tx);
        let begun = begin(&connection, &applier, tx_to_find, fetched::commands(jobs));
        let begun = in_time(until, begun).await?;
        let mut late = Vec::new();
        if begun.log.has_news() && !begun.is_committed {
            let joined = jobs.len();
            jobs.extend(self.waiting(joined));
            late = fetched::commands(&jobs[joined..]);
        }
        let is_committed = begun.is_committed;
        let (state, fetched) = catch_up(&connection, &applier, begun, late).await?;
        if is_committed {
            // What an earlier attempt wrote reaches the standby before this does.
            connection.commit(Vec::new(), 0).await?;
        } else {
            finish(&connection, &applier, tx, state, fetched, jobs).await?;
        }
        self.connection = Some(connection);
        Ok(())
    }
}

/// What a group needs: statements, and what their answers are for.
type NeededRows = Vec<(fetched::Kind, Command)>;

/// A transaction that has the lock.
struct Begun {
    /// What other servers have committed since this one last did.
    log: Log,
    fetched: Fetched,
    /// Whether an earlier attempt was committed.
    is_committed: bool,
}

/// Takes the lock, and reads the log and what is needed. `tx` is looked for in the log if it may be
/// there.
async fn begin(
    connection: &Connection,
    applier: &Applier,
    tx: Option<Uuid>,
    needs: NeededRows,
) -> std::result::Result<Begun, Attempt> {
    let known = applier.position().await;
    let (kinds, needs): (Vec<_>, Vec<_>) = needs.into_iter().unzip();
    let mut commands = vec![plain(LOCK), tail::read_log(known)];
    commands.extend(needs);
    commands.extend(tx.map(|tx| command!(FIND_TX, tx)));
    let results = connection.begin("BEGIN", commands).await?;
    let Some(([locked, log], results)) = results.split_first_chunk() else {
        return Err(SqlError::Empty.into());
    };
    check_running(locked.first().ok_or(SqlError::Empty)?.get(0))?;
    let log = Log::parse(known, log)?;
    if log.is_partial {
        // Reading so much would take long, and all other writers wait for the lock.
        connection.execute("ROLLBACK").await?;
        applier.catch_up(connection).await?;
        return Err(Attempt::Behind(TailError::Full));
    }
    let (needed, found) = results.split_at(kinds.len());
    Ok(Begun {
        log,
        fetched: add_rows(Fetched::default(), kinds, needed)?,
        is_committed: found.iter().any(|rows| !rows.is_empty()),
    })
}

/// Brings the memory up to date, and fetches what else is needed, for those who came late.
async fn catch_up(
    connection: &Connection,
    applier: &Applier,
    Begun { log, fetched, .. }: Begun,
    late: NeededRows,
) -> std::result::Result<(State, Fetched), Attempt> {
    let mut commands = log.commands();
    let named = commands.len();
    let (kinds, late): (Vec<_>, Vec<_>) = late.into_iter().unzip();
    commands.extend(late);
    let results = connection.queries(commands).await?;
    let (named, needed) = results.split_at(named);
    let tail = log.with_rows(named)?;
    let newest = tail.end;
    let state = applier.apply(tail).await;
    if state.position != newest {
        // The follower knows a later state, so this server is no longer the primary; or the
        // follower has loaded a diverged one.
        return Err(Attempt::Behind(TailError::Diverged));
    }
    Ok((state, add_rows(fetched, kinds, needed)?))
}

fn add_rows(
    mut fetched: Fetched,
    kinds: Vec<fetched::Kind>,
    results: &[Vec<Row>],
) -> std::result::Result<Fetched, SqlError> {
    for (kind, rows) in kinds.into_iter().zip(results) {
        fetched.add(kind, rows)?;
    }
    Ok(fetched)
}

/// Runs the jobs, writes what they decide, commits, and shows it.
async fn finish(
    connection: &Connection,
    applier: &Arc<Applier>,
    tx: Uuid,
    state: State,
    fetched: Fetched,
    jobs: &mut Vec<Box<dyn Job>>,
) -> std::result::Result<(), Attempt> {
    let before = state.position;
    let deciding = decide(applier, state, tx, fetched, jobs);
    let decided = while_awake(connection, deciding).await?;
    connection.commit(decided.commands, decided.rows).await?;
    let Decided { after, deleted, .. } = decided;
    if let Some(to_publish) = decided.to_publish {
        let writes = jobs.len();
        let is_shown = applier.apply_own(before, after, deleted, to_publish, writes);
        if !is_shown.await {
            applier.catch_up(connection).await?;
        }
    }
    Ok(())
}

/// Does some work inside a transaction, however long it takes: the database would take a server
/// that is silent for dead, and give the lock to others.
async fn while_awake<T>(connection: &Connection, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        match timeout(SILENCE, &mut work).await {
            Ok(done) => return done,
            // If it fails, so will the commit.
            Err(_) => _ = connection.execute("SELECT").await,
        }
    }
}

/// What is not done by `until` has failed.
async fn in_time<T, E: From<SqlError>>(
    until: Instant,
    work: impl Future<Output = std::result::Result<T, E>>,
) -> std::result::Result<T, E> {
    let done = timeout_at(until, work).await;
    done.unwrap_or(Err(SqlError::TimedOut(PATIENCE).into()))
}

/// Runs the writes over the newest state, on a thread that may take its time.
async fn decide(
    applier: &Arc<Applier>,
    before: State,
    tx: Uuid,
    fetched: Fetched,
    jobs: &mut Vec<Box<dyn Job>>,
) -> std::result::Result<Decided, Attempt> {
    let applier = Arc::clone(applier);
    let mut moved = std::mem::take(jobs);
    let deciding = spawn_blocking(move || {
        let decided = decide_now(&applier, &before, tx, fetched, &mut moved);
        (decided, moved)
    });
    match deciding.await {
        Ok((decided, moved)) => {
            *jobs = moved;
            Ok(decided?)
        }
        Err(error) => Err(Attempt::Final(StoreError::Unwritable(error.to_string()))),
    }
}

fn decide_now(
    applier: &Applier,
    before: &State,
    tx: Uuid,
    fetched: Fetched,
    jobs: &mut [Box<dyn Job>],
) -> std::result::Result<Decided, Fault> {
    let mut rows = PendingRows::new(applier.view(), fetched, before);
    let mut group = WriteGroup::new(&mut rows);
    for job in jobs {
        job.apply(&mut group)?;
    }
    let to_publish = group.finish();
    let after = Position {
        serial: before.position.serial + 1,
        tx,
        counters: rows.counters,
    };
    let commands = match &to_publish {
        Some(to_publish) => rows.written.commands(&after, to_publish.events())?,
        // What the rules have read is only true if this server is the primary, which the commit
        // proves.
        None => Vec::new(),
    };
    Ok(Decided {
        after,
        commands,
        rows: rows.written.rows(),
        deleted: rows.written.deleted(),
        to_publish,
    })
}
