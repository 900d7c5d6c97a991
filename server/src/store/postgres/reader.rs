//! Reads what is seldom asked for and not kept in memory.

use std::sync::Arc;
use std::time::Duration;

use roster_common::Employee;
use roster_common::api::RunId;
use roster_common::employee::{EmployeeId, Version};
use roster_common::history::{AuditEntry, HistoryEntry};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_postgres::Row;

use super::connection::{Connection, SqlError};
use super::servers::Servers;
use super::tables::{Command, command, plain, read, signed, unsigned};
use crate::store::replica::HistoryRows;
use crate::store::rows::{BadRow, StoredRow};
use crate::store::{Result, Run, RunDetails, RunSlice};

/// How long a read may take.
const TIMEOUT: Duration = Duration::from_secs(3);

/// A connection for reading.
pub(super) struct Reader {
    servers: Arc<Servers>,
    /// `None` after a failure, until the next read.
    connection: Mutex<Option<Connection>>,
}

impl Reader {
    pub(super) fn new(servers: Arc<Servers>) -> Self {
        Self {
            servers,
            connection: Mutex::default(),
        }
    }

    /// See [`Database::history`](crate::store::replica::Database::history).
    pub(super) async fn history(
        &self,
        id: EmployeeId,
        before: Option<Version>,
        limit: usize,
    ) -> Result<HistoryRows> {
        let number = signed(id.get());
        let end = before.map_or(i64::MAX, |version| signed(version.get()));
        let results = self
            .read(vec![
                command!(read::EMPLOYEE, number),
                command!(read::HAS_HISTORY, number),
                command!(read::HISTORY, number, end, at_most(limit)),
            ])
            .await?;
        Ok(history_rows(id, &results)?)
    }

    /// See [`Database::audit`](crate::store::replica::Database::audit).
    pub(super) async fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>> {
        let end = before.map_or(i64::MAX, signed);
        let results = self
            .read(vec![command!(read::AUDIT, end, at_most(limit))])
            .await?;
        let entry = |row: &Row| AuditEntry::from_row(unsigned(row.get(0)), row.get(1));
        let entries = results.iter().flatten().map(entry);
        Ok(entries
            .collect::<std::result::Result<_, _>>()
            .map_err(SqlError::from)?)
    }

    /// See [`Database::runs`](crate::store::replica::Database::runs).
    pub(super) async fn runs(&self) -> Result<Vec<Run>> {
        let results = self.read(vec![plain(read::RUNS)]).await?;
        let run = |row: &Row| Run::from_row(RunId::new(unsigned(row.get(0))), row.get(1));
        let runs = results.iter().flatten().map(run);
        Ok(runs
            .collect::<std::result::Result<_, _>>()
            .map_err(SqlError::from)?)
    }

    /// See [`Database::run_details`](crate::store::replica::Database::run_details).
    pub(super) async fn run_details(&self, id: RunId) -> Result<RunDetails> {
        let number = signed(id.get());
        // In one transaction, since the run could be removed between two.
        let results = self
            .read(vec![
                command!(read::RUN_SLICES, number),
                command!(read::RUN_REPORT, number),
            ])
            .await?;
        let [slices, report] = results.as_slice() else {
            return Err(SqlError::Empty.into());
        };
        let slice = |row: &Row| RunSlice::from_row((), row.get(0));
        Ok(RunDetails {
            slices: slices
                .iter()
                .map(slice)
                .collect::<std::result::Result<_, _>>()
                .map_err(SqlError::from)?,
            report: report.first().map(|row| row.get(0)),
        })
    }

    /// Reads one committed state. The commit proves that it is the newest, like that of a write.
    async fn read(&self, commands: Vec<Command>) -> Result<Vec<Vec<Row>>> {
        let mut kept = self.connection.lock().await;
        let reading = async {
            let connection = match kept.take().filter(|known| !known.is_closed()) {
                Some(connection) => connection,
                None => self.servers.connect().await?,
            };
            let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
            let results = connection.begin(begin, commands).await?;
            connection.execute("COMMIT").await?;
            *kept = Some(connection);
            Ok::<_, SqlError>(results)
        };
        let read = timeout(TIMEOUT, reading).await;
        Ok(read.unwrap_or(Err(SqlError::TimedOut(TIMEOUT)))?)
    }
}

fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn history_rows(
    id: EmployeeId,
    results: &[Vec<Row>],
) -> std::result::Result<HistoryRows, SqlError> {
    let [employee, has_entries, entries] = results else {
        return Err(SqlError::Empty);
    };
    let employee = employee
        .first()
        .map(|row| Employee::from_row(id, row.get(0)));
    let entry = |row: &Row| HistoryEntry::from_row(Version::new(unsigned(row.get(0))), row.get(1));
    Ok(HistoryRows {
        employee: employee.transpose()?,
        has_entries: has_entries.first().is_some_and(|row| row.get(0)),
        entries: entries
            .iter()
            .map(entry)
            .collect::<std::result::Result<_, BadRow>>()?,
    })
}
