//! One committed state of the database, row by row, for [`check`](crate::store::check).

use std::collections::VecDeque;

use roster_common::api::RunId;
use roster_common::employee::{Employee, EmployeeId, Version};
use roster_common::history::{AuditEntry, HistoryEntry};
use tokio::runtime::Handle;
use tokio_postgres::Row;

use super::connection::{Connection, SqlError};
use super::tables::{employee_id, plain, unsigned};
use crate::rules::audit::AuditKind;
use crate::rules::idempotency::KeyedRequest;
use crate::rules::runs::{Run, RunSlice};
use crate::rules::session::{Session, SessionId};
use crate::store::Account;
use crate::store::check::{RowIter, Snapshot};
use crate::store::replica::Fault;
use crate::store::rows::{BadRow, StoredRow};

/// A transaction that reads. Its methods wait for the database, so they must not be called on a
/// thread of the runtime.
pub(in crate::store) struct DatabaseSnapshot {
    connection: Connection,
    runtime: Handle,
}

/// The statements of a cursor. Tables are walked side by side, but a connection returns the results
/// of one statement at a time.
struct TableCursor {
    declare: &'static str,
    fetch: &'static str,
    close: &'static str,
}

macro_rules! cursor {
    ($name:literal, $query:literal) => {
        TableCursor {
            declare: concat!("DECLARE ", $name, " CURSOR FOR ", $query),
            fetch: concat!("FETCH 2000 FROM ", $name),
            close: concat!("CLOSE ", $name),
        }
    };
}

impl DatabaseSnapshot {
    /// Begins the transaction.
    pub(super) async fn begin(connection: Connection) -> Result<Self, SqlError> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        connection.execute(begin).await?;
        Ok(Self {
            connection,
            runtime: Handle::current(),
        })
    }

    fn rows<T>(
        &self,
        cursor: TableCursor,
        read: impl Fn(&Row) -> Result<T, Fault> + 'static,
    ) -> Result<RowIter<'_, T>, Fault> {
        let declared = self.connection.execute(cursor.declare);
        self.runtime.block_on(declared)?;
        let mut fetched = VecDeque::new();
        let mut next = move || {
            if fetched.is_empty() {
                let rows = self.connection.query(plain(cursor.fetch));
                fetched.extend(self.runtime.block_on(rows)?);
            }
            if fetched.is_empty() {
                // Its name can be used again.
                self.runtime
                    .block_on(self.connection.execute(cursor.close))?;
            }
            Ok::<_, Fault>(fetched.pop_front())
        };
        let rows = std::iter::from_fn(move || next().transpose());
        Ok(Box::new(rows.map(move |row| read(&row?)).fuse()))
    }
}

impl Snapshot for DatabaseSnapshot {
    fn accounts(&self) -> Result<RowIter<'_, Account>, Fault> {
        let all = cursor!(
            "accounts",
            "SELECT username, row FROM account ORDER BY username"
        );
        self.rows(all, |row| {
            let name: &str = row.get(0);
            let name = name.parse().map_err(|e| BadRow::new(Account::TABLE, e))?;
            Ok(Account::from_row(name, row.get(1))?)
        })
    }

    fn sessions(&self) -> Result<RowIter<'_, Session>, Fault> {
        let all = cursor!("sessions", "SELECT id, row FROM session ORDER BY id");
        self.rows(all, |row| {
            let id: SessionId = row.get(0);
            Ok(Session::from_row(id.as_u128(), row.get(1))?)
        })
    }

    fn session_ages(&self) -> Result<RowIter<'_, (i64, SessionId)>, Fault> {
        let all = cursor!(
            "session_ages",
            "SELECT created, id FROM session ORDER BY created, id"
        );
        self.rows(all, |row| Ok((row.get(0), row.get(1))))
    }

    fn open_sessions(&self) -> Result<RowIter<'_, (String, SessionId)>, Fault> {
        let all = cursor!(
            "open_sessions",
            "SELECT username, id FROM session WHERE NOT ended ORDER BY username, id"
        );
        self.rows(all, |row| Ok((row.get(0), row.get(1))))
    }

    fn employees(&self) -> Result<RowIter<'_, Employee>, Fault> {
        let all = cursor!("employees", "SELECT id, row FROM employee ORDER BY id");
        self.rows(all, |row| {
            Ok(Employee::from_row(employee_id(row, 0)?, row.get(1))?)
        })
    }

    fn numbers(&self) -> Result<Option<RowIter<'_, (String, EmployeeId)>>, Fault> {
        // The servers find holders in memory.
        Ok(None)
    }

    fn requests(&self) -> Result<RowIter<'_, KeyedRequest>, Fault> {
        let all = cursor!(
            "requests",
            "SELECT username, key, row FROM request ORDER BY username, key"
        );
        self.rows(all, |row| {
            let user: &str = row.get(0);
            let user = user.parse();
            let user = user.map_err(|error| BadRow::new(KeyedRequest::TABLE, error))?;
            Ok(KeyedRequest::from_row((user, row.get(1)), row.get(2))?)
        })
    }

    fn request_ages(&self) -> Result<RowIter<'_, (i64, String, String)>, Fault> {
        let all = cursor!(
            "request_ages",
            "SELECT at, username, key FROM request ORDER BY at, username, key"
        );
        self.rows(all, |row| Ok((row.get(0), row.get(1), row.get(2))))
    }

    fn runs(&self) -> Result<RowIter<'_, Run>, Fault> {
        let all = cursor!("runs", "SELECT id, row FROM run ORDER BY id");
        self.rows(all, |row| {
            let id = RunId::new(unsigned(row.get(0)));
            Ok(Run::from_row(id, row.get(1))?)
        })
    }

    fn run_slices(&self) -> Result<RowIter<'_, (RunId, u32, RunSlice)>, Fault> {
        let all = cursor!(
            "run_slices",
            "SELECT run, number, row FROM run_slice ORDER BY run, number"
        );
        self.rows(all, |row| {
            let run = RunId::new(unsigned(row.get(0)));
            let number = u32::try_from(row.get::<_, i64>(1)).unwrap_or(u32::MAX);
            Ok((run, number, RunSlice::from_row((), row.get(2))?))
        })
    }

    fn run_reports(&self) -> Result<RowIter<'_, (RunId, Vec<u8>)>, Fault> {
        let all = cursor!(
            "run_reports",
            "SELECT run, report FROM run_report ORDER BY run"
        );
        self.rows(all, |row| {
            Ok((RunId::new(unsigned(row.get(0))), row.get(1)))
        })
    }

    fn history(&self) -> Result<RowIter<'_, (EmployeeId, HistoryEntry)>, Fault> {
        let all = cursor!(
            "histories",
            "SELECT id, version, row FROM history ORDER BY id, version"
        );
        self.rows(all, |row| {
            let version = Version::new(unsigned(row.get(1)));
            let entry = HistoryEntry::from_row(version, row.get(2))?;
            Ok((employee_id(row, 0)?, entry))
        })
    }

    fn audit(&self) -> Result<RowIter<'_, AuditEntry>, Fault> {
        let all = cursor!("lines", "SELECT number, row FROM audit ORDER BY number");
        self.rows(all, |row| {
            Ok(AuditEntry::from_row(unsigned(row.get(0)), row.get(1))?)
        })
    }

    fn audit_kind(&self, kind: AuditKind) -> Result<RowIter<'_, u64>, Fault> {
        // The numbers are those of `kind_number`, under which the kinds are stored.
        let all = match kind {
            AuditKind::Sessions => cursor!(
                "session_lines",
                "SELECT number FROM audit WHERE kind = 0 ORDER BY number"
            ),
            AuditKind::Refusals => cursor!(
                "refusal_lines",
                "SELECT number FROM audit WHERE kind = 1 ORDER BY number"
            ),
            AuditKind::Accounts => cursor!(
                "account_lines",
                "SELECT number FROM audit WHERE kind = 2 ORDER BY number"
            ),
            AuditKind::Records => cursor!(
                "record_lines",
                "SELECT number FROM audit WHERE kind = 3 ORDER BY number"
            ),
        };
        self.rows(all, |row| Ok(unsigned(row.get(0))))
    }
}
