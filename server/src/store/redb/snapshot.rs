//! One committed state of the file, row by row, for [`check`](crate::store::check).

use ::redb::{Key, TableDefinition, TableError, Value};
use roster_common::api::RunId;
use roster_common::employee::{Employee, EmployeeId, Version};
use roster_common::history::{AuditEntry, HistoryEntry};

use super::reader::ReadTransaction;
use super::tables;
use crate::rules::audit::AuditKind;
use crate::rules::idempotency::KeyedRequest;
use crate::rules::runs::{Run, RunSlice};
use crate::rules::session::{Session, SessionId};
use crate::store::Account;
use crate::store::check::{RowIter, Snapshot};
use crate::store::replica::Fault;
use crate::store::rows::{BadRow, StoredRow};

impl Snapshot for ReadTransaction {
    fn accounts(&self) -> Result<RowIter<'_, Account>, Fault> {
        self.rows(tables::ACCOUNTS, |name, row| {
            let name = name.parse();
            let name = name.map_err(|error| BadRow::new(Account::TABLE, error))?;
            Ok(Account::from_row(name, row)?)
        })
    }

    fn sessions(&self) -> Result<RowIter<'_, Session>, Fault> {
        self.rows(tables::SESSIONS, |id, row| Ok(Session::from_row(id, row)?))
    }

    fn session_ages(&self) -> Result<RowIter<'_, (i64, SessionId)>, Fault> {
        self.rows(tables::SESSION_AGES, |(at, id), ()| {
            Ok((at, SessionId::from_u128(id)))
        })
    }

    fn open_sessions(&self) -> Result<RowIter<'_, (String, SessionId)>, Fault> {
        self.rows(tables::USER_SESSIONS, |(user, id), ()| {
            Ok((user.to_owned(), SessionId::from_u128(id)))
        })
    }

    fn employees(&self) -> Result<RowIter<'_, Employee>, Fault> {
        self.rows(tables::EMPLOYEES, |id, row| {
            Ok(Employee::from_row(employee_id(id)?, row)?)
        })
    }

    fn numbers(&self) -> Result<Option<RowIter<'_, (String, EmployeeId)>>, Fault> {
        let numbers = self.rows(tables::NUMBERS, |key, id| {
            Ok((key.to_owned(), employee_id(id)?))
        })?;
        Ok(Some(numbers))
    }

    fn requests(&self) -> Result<RowIter<'_, KeyedRequest>, Fault> {
        self.rows(tables::REQUESTS, |(user, key), row| {
            let user = user.parse();
            let user = user.map_err(|error| BadRow::new(KeyedRequest::TABLE, error))?;
            Ok(KeyedRequest::from_row((user, key.to_owned()), row)?)
        })
    }

    fn request_ages(&self) -> Result<RowIter<'_, (i64, String, String)>, Fault> {
        self.rows(tables::REQUEST_AGES, |(at, user, key), ()| {
            Ok((at, user.to_owned(), key.to_owned()))
        })
    }

    fn runs(&self) -> Result<RowIter<'_, Run>, Fault> {
        self.rows(tables::RUNS, |id, row| {
            Ok(Run::from_row(RunId::new(id), row)?)
        })
    }

    fn run_slices(&self) -> Result<RowIter<'_, (RunId, u32, RunSlice)>, Fault> {
        self.rows(tables::RUN_SLICES, |(run, number), row| {
            Ok((RunId::new(run), number, RunSlice::from_row((), row)?))
        })
    }

    fn run_reports(&self) -> Result<RowIter<'_, (RunId, Vec<u8>)>, Fault> {
        self.rows(tables::RUN_REPORTS, |run, report| {
            Ok((RunId::new(run), report.to_vec()))
        })
    }

    fn history(&self) -> Result<RowIter<'_, (EmployeeId, HistoryEntry)>, Fault> {
        self.rows(tables::HISTORY, |(id, version), row| {
            let entry = HistoryEntry::from_row(Version::new(version), row)?;
            Ok((employee_id(id)?, entry))
        })
    }

    fn audit(&self) -> Result<RowIter<'_, AuditEntry>, Fault> {
        self.rows(tables::AUDIT, |number, row| {
            Ok(AuditEntry::from_row(number, row)?)
        })
    }

    fn audit_kind(&self, kind: AuditKind) -> Result<RowIter<'_, u64>, Fault> {
        self.rows(tables::audit_kind(kind), |number, ()| Ok(number))
    }
}

fn employee_id(number: u64) -> Result<EmployeeId, Fault> {
    let id = EmployeeId::try_from(number);
    Ok(id.map_err(|error| BadRow::new(Employee::TABLE, error))?)
}

impl ReadTransaction {
    /// The rows of a table, which may not be there.
    fn rows<K: Key + 'static, V: Value + 'static, T: 'static>(
        &self,
        table: TableDefinition<'static, K, V>,
        decode: impl Fn(K::SelfType<'_>, V::SelfType<'_>) -> Result<T, Fault> + 'static,
    ) -> Result<RowIter<'_, T>, Fault> {
        let table = match self.0.open_table(table) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(Box::new(std::iter::empty())),
            table => table?,
        };
        let rows = table.range_owned::<K::SelfType<'static>>(..)?;
        Ok(Box::new(rows.map(move |row| {
            let (key, value) = row?;
            decode(key.value(), value.value())
        })))
    }
}
