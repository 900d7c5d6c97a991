//! One connection to PostgreSQL.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{join, join_all, poll_fn, try_join_all};
use futures_util::{FutureExt, TryStreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::error::{DbError, Severity, SqlState};
use tokio_postgres::{AsyncMessage, Client, Row, Statement};

use super::tables::{Command, Parameter};
use crate::store::StoreError;
use crate::store::replica::Fault;
use crate::store::rows::BadRow;

/// How long any other answer may take: a little longer than a lock is waited for.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(6);

/// How long a commit may take. PostgreSQL waits without a bound for a standby that has gone away.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(3);

/// How much longer for each row that is written before it.
const TIMEOUT_PER_ROW: Duration = Duration::from_micros(200);

/// A failure of PostgreSQL, or of the connection to it.
#[derive(Debug, thiserror::Error)]
pub(super) enum SqlError {
    /// The server refused a statement, or the connection broke.
    #[error("{}", explained(.0))]
    Failed(#[from] tokio_postgres::Error),
    /// There was no answer in time.
    #[error("no answer from the database in {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// The commit was answered with a warning. PostgreSQL warns if it stops waiting for the
    /// standby, and then the commit may be lost in a failover.
    #[error("the database warned while it committed")]
    Warned,
    /// No server of the list accepts writes.
    #[error("no primary")]
    NoPrimary,
    /// A row that every database has is missing.
    #[error("the tables are incomplete")]
    Empty,
    /// A newer version has changed the rows while this server was out of touch.
    #[error("a newer version uses the database; update this server")]
    Newer,
    #[error(transparent)]
    Row(#[from] BadRow),
}

/// The error of a [`tokio_postgres::Error`] alone says only "db error".
fn explained(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => error.to_string(),
        None => error.to_string(),
    }
}

impl SqlError {
    /// The error that the server answered with, if it did.
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Failed(error) => error.as_db_error(),
            Self::TimedOut(_)
            | Self::Warned
            | Self::NoPrimary
            | Self::Empty
            | Self::Newer
            | Self::Row(_) => None,
        }
    }

    /// Returns `true` if another connection, or the same one a little later, may succeed: the
    /// connection broke, a server is stopping or has become a standby, or a lock was not free in
    /// time.
    pub(super) fn is_transient(&self) -> bool {
        let Some(error) = self.db_error() else {
            return !matches!(self, Self::Empty | Self::Newer | Self::Row(_));
        };
        let code = error.code();
        // Classes of SQLSTATE: connection, rollback, operator intervention.
        let class = code.code().get(..2).unwrap_or_default();
        ["08", "40", "57"].contains(&class)
            || *code == SqlState::READ_ONLY_SQL_TRANSACTION
            || *code == SqlState::LOCK_NOT_AVAILABLE
            || *code == SqlState::TOO_MANY_CONNECTIONS
            || *code == SqlState::IN_FAILED_SQL_TRANSACTION
            || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
    }
}

impl From<SqlError> for Fault {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Row(error) => error.into(),
            error => Self::Database(error.into()),
        }
    }
}

impl From<SqlError> for StoreError {
    fn from(error: SqlError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// A connection with its prepared statements.
pub(super) struct Connection {
    client: Client,
    statements: Mutex<HashMap<&'static str, Statement>>,
    /// How many warnings the server has sent.
    warnings: Arc<AtomicU64>,
    announced: Arc<Announced>,
    task: JoinHandle<()>,
}

/// What is heard of commits, after a LISTEN.
#[derive(Default)]
struct Announced {
    serial: AtomicU64,
    news: Notify,
}

impl Drop for Connection {
    fn drop(&mut self) {
        // It would otherwise wait for the answers to all that was asked.
        self.task.abort();
    }
}

impl Connection {
    /// Runs a connection that has just been made.
    pub(super) fn run<S, T>(client: Client, mut transport: tokio_postgres::Connection<S, T>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (warnings, announced) = (Arc::<AtomicU64>::default(), Arc::<Announced>::default());
        let (warned, hears) = (Arc::clone(&warnings), Arc::clone(&announced));
        let task = tokio::spawn(async move {
            // A warning about a commit comes before its answer, and is counted before the answer is
            // read.
            while let Some(Ok(message)) = poll_fn(|cx| transport.poll_message(cx)).await {
                match message {
                    AsyncMessage::Notification(notification) => {
                        let serial = notification.payload().parse().unwrap_or(u64::MAX);
                        hears.serial.fetch_max(serial, Ordering::SeqCst);
                        hears.news.notify_one();
                    }
                    AsyncMessage::Notice(notice) if is_warning(&notice) => {
                        warned.fetch_add(1, Ordering::SeqCst);
                        tracing::warn!(notice = notice.message(), "the database warned");
                    }
                    _ => {}
                }
            }
            // Whoever waits looks again, and finds the connection closed.
            hears.serial.store(u64::MAX, Ordering::SeqCst);
            hears.news.notify_one();
        });
        Self {
            client,
            statements: Mutex::default(),
            warnings,
            announced,
            task,
        }
    }

    /// Returns `true` once the connection has broken.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Waits for a commit to be announced. Returns the greatest serial of all.
    pub(super) async fn announced(&self) -> u64 {
        self.announced.news.notified().await;
        self.announced.serial.load(Ordering::SeqCst)
    }

    /// Runs statements without values, and without results.
    pub(super) async fn execute(&self, statements: &str) -> Result<(), SqlError> {
        in_time(self.client.batch_execute(statements)).await
    }

    /// Runs one statement.
    pub(super) async fn query(&self, (sql, values): Command) -> Result<Vec<Row>, SqlError> {
        let statement = self.statement(sql).await?;
        in_time(run(&self.client, &statement, values)).await
    }

    /// The rows of one statement, as they come.
    pub(super) async fn rows(
        &self,
        (sql, values): Command,
    ) -> Result<tokio_postgres::RowStream, SqlError> {
        let statement = self.statement(sql).await?;
        in_time(self.client.query_raw(&statement, values)).await
    }

    /// Begins a transaction with `begin` and runs statements in it, all in one round trip.
    ///
    /// # Errors
    /// The first failure. The transaction is then aborted.
    pub(super) async fn begin(
        &self,
        begin: &'static str,
        commands: Vec<Command>,
    ) -> Result<Vec<Vec<Row>>, SqlError> {
        let statements = self.statements(&commands).await?;
        let begun = self.client.batch_execute(begin);
        // Both send what they ask for when they are first polled, in this order.
        let both = join(begun, self.run_all(&statements, commands));
        let (begun, results) = in_time(both.map(Ok::<_, SqlError>)).await?;
        begun?;
        results.into_iter().collect()
    }

    /// Runs statements, all in one round trip, or in none if there are none.
    ///
    /// # Errors
    /// The first failure.
    pub(super) async fn queries(&self, commands: Vec<Command>) -> Result<Vec<Vec<Row>>, SqlError> {
        let statements = self.statements(&commands).await?;
        let all = self.run_all(&statements, commands);
        let results = in_time(all.map(Ok::<_, SqlError>)).await?;
        results.into_iter().collect()
    }

    /// Runs statements, which write `rows` rows, and commits, all in one round trip.
    ///
    /// # Errors
    /// [`CommitError`]
    pub(super) async fn commit(
        &self,
        commands: Vec<Command>,
        rows: usize,
    ) -> Result<(), CommitError> {
        let limit = COMMIT_TIMEOUT + TIMEOUT_PER_ROW * u32::try_from(rows).unwrap_or(u32::MAX);
        let statements = self.statements(&commands).await;
        let statements = statements.map_err(CommitError::NotCommitted)?;
        let warnings = self.warnings.load(Ordering::SeqCst);
        let commit = self.client.batch_execute("COMMIT");
        let all = join(self.run_all(&statements, commands), commit);
        let Ok((results, committed)) = timeout(limit, all).await else {
            return Err(CommitError::Unknown(SqlError::TimedOut(limit)));
        };
        for result in results {
            match result {
                // A refused statement aborts the transaction, so the COMMIT after it has rolled it
                // back.
                Err(error) if error.db_error().is_some() => {
                    return Err(CommitError::NotCommitted(error));
                }
                Err(error) => return Err(CommitError::Unknown(error)),
                Ok(_) => {}
            }
        }
        committed.map_err(|error| CommitError::Unknown(error.into()))?;
        if self.warnings.load(Ordering::SeqCst) != warnings {
            return Err(CommitError::Unknown(SqlError::Warned));
        }
        Ok(())
    }

    async fn run_all(
        &self,
        statements: &[Statement],
        commands: Vec<Command>,
    ) -> Vec<Result<Vec<Row>, SqlError>> {
        let runs = statements.iter().zip(commands);
        join_all(runs.map(|(statement, (_, values))| run(&self.client, statement, values))).await
    }

    async fn statements(&self, commands: &[Command]) -> Result<Vec<Statement>, SqlError> {
        try_join_all(commands.iter().map(|(sql, _)| self.statement(sql))).await
    }

    async fn statement(&self, sql: &'static str) -> Result<Statement, SqlError> {
        let prepared = self.prepared().get(sql).cloned();
        if let Some(statement) = prepared {
            return Ok(statement);
        }
        let statement = in_time(self.client.prepare(sql)).await?;
        self.prepared().insert(sql, statement.clone());
        Ok(statement)
    }

    fn prepared(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, Statement>> {
        self.statements
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a commit failed.
#[derive(Debug)]
pub(super) enum CommitError {
    /// The transaction is aborted.
    NotCommitted(SqlError),
    /// It may have been committed, or not.
    Unknown(SqlError),
}

impl CommitError {
    /// What failed.
    pub(super) fn into_inner(self) -> SqlError {
        match self {
            Self::NotCommitted(error) | Self::Unknown(error) => error,
        }
    }
}

fn is_warning(notice: &DbError) -> bool {
    matches!(notice.parsed_severity(), Some(Severity::Warning))
}

/// Fails what is not answered in time.
async fn in_time<T, E>(work: impl Future<Output = Result<T, E>>) -> Result<T, SqlError>
where
    SqlError: From<E>,
{
    match timeout(ANSWER_TIMEOUT, work).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(SqlError::TimedOut(ANSWER_TIMEOUT)),
    }
}

async fn run(
    client: &Client,
    statement: &Statement,
    values: Vec<Parameter>,
) -> Result<Vec<Row>, SqlError> {
    let rows = client.query_raw(statement, values).await?;
    Ok(rows.try_collect().await?)
}
