//! The rows that a transaction writes.

use jiff::Timestamp;
use redb::{ReadableTable, ReadableTableMetadata, StorageError};
use roster_common::api::RunId;
use roster_common::employee::{Employee, EmployeeId};
use roster_common::history::{AuditEntry, HistoryEntry};

use super::Tables;
use crate::rules::account::Account;
use crate::rules::audit::{AuditKind, AuditLine, TrimAudit};
use crate::rules::idempotency::KeyedRequest;
use crate::rules::runs::{Run, RunSlice};
use crate::rules::session::{Session, SessionId};
use crate::rules::writes::Write;
use crate::store::redb::moment;
use crate::store::redb::tables::meta;
use crate::store::replica::{Fault, Rows, Transaction};
use crate::store::rows::{BadRow, StoredRow};

impl Transaction for Tables<'_> {
    fn put(&mut self, write: &Write) -> Result<Vec<SessionId>, Fault> {
        match write {
            Write::Account(account) => self.put_account(account)?,
            Write::RemoveAccount(name) => _ = self.accounts.remove(name.as_str())?,
            Write::Session(session) => self.put_session(session)?,
            Write::PurgeSessions { before, at_most } => {
                return self.purge_sessions(*before, *at_most);
            }
            Write::Moment(moment) => moment::put(moment, self)?,
            Write::Employee(employee) => self.put_employee(employee)?,
            Write::RemoveEmployee(id) => self.remove_employee(*id)?,
            Write::NextEmployee(next) => self.set_number(meta::NEXT_EMPLOYEE, *next)?,
            Write::History(id, entry) => self.put_history(*id, entry)?,
            Write::RemoveHistory(id, version) => {
                self.history.remove((id.get(), version.get()))?;
            }
            Write::Audit(line) => self.put_audit(line)?,
            Write::TrimAudit(trim) => self.trim_audit(trim)?,
            Write::Request(request) => self.put_request(request)?,
            Write::PurgeRequests { before, at_most } => self.purge_requests(*before, *at_most)?,
            Write::Run(run) => self.put_run(run)?,
            Write::RunSlice(run, number, slice) => self.put_run_slice(*run, *number, slice)?,
            Write::RunReport(run, report) => {
                self.run_reports.insert(run.get(), report.as_slice())?;
            }
            Write::RemoveRun(run) => self.remove_run(*run)?,
            Write::RemoveRunReport(run) => _ = self.run_reports.remove(run.get())?,
            Write::Forget(ids) => self.forget_answers(ids)?,
            Write::Touch => self.probe()?,
        }
        Ok(Vec::new())
    }
}

impl Tables<'_> {
    fn put_account(&mut self, account: &Account) -> Result<(), Fault> {
        let row = account.to_row()?;
        self.accounts
            .insert(account.username.as_str(), row.as_slice())?;
        Ok(())
    }

    fn put_session(&mut self, session: &Session) -> Result<(), Fault> {
        let key = session.id.as_u128();
        self.sessions.insert(key, session.to_row()?.as_slice())?;
        self.session_ages
            .insert((session.created.as_millisecond(), key), ())?;
        self.index_session(session)
    }

    pub(super) fn index_session(&mut self, session: &Session) -> Result<(), Fault> {
        let key = (session.user.as_str(), session.id.as_u128());
        match session.ended {
            None => self.user_sessions.insert(key, ())?,
            Some(_) => self.user_sessions.remove(key)?,
        };
        Ok(())
    }

    fn purge_sessions(&mut self, before: i64, at_most: usize) -> Result<Vec<SessionId>, Fault> {
        let old = self.session_ages.range(..(before, 0))?.take(at_most);
        let old = old.map(|entry| Ok(entry?.0.value()));
        let mut purged = Vec::new();
        for (age, key) in old.collect::<Result<Vec<_>, StorageError>>()? {
            let id = SessionId::from_u128(key);
            match self.session(id) {
                Ok(Some(session)) => _ = self.user_sessions.remove((session.user.as_str(), key))?,
                // A row that cannot be read is no reason to keep it.
                Ok(None) | Err(Fault::Row(_)) => {}
                Err(error) => return Err(error),
            }
            self.session_ages.remove((age, key))?;
            self.sessions.remove(key)?;
            purged.push(id);
        }
        Ok(purged)
    }

    fn put_employee(&mut self, employee: &Employee) -> Result<(), Fault> {
        let id = employee.id;
        let row = employee.to_row()?;
        let before = self.employees.insert(id.get(), row.as_slice())?;
        let before = before.map(|row| number_key(id, row.value())).transpose()?;
        let (before, after) = (before.flatten(), employee.details.number_key());
        if before != after {
            if let Some(key) = before {
                self.numbers.remove(key.as_str())?;
            }
            if let Some(key) = after {
                self.numbers.insert(key.as_str(), id.get())?;
            }
        }
        Ok(())
    }

    fn remove_employee(&mut self, id: EmployeeId) -> Result<(), Fault> {
        let before = self.employees.remove(id.get())?;
        let before = before.map(|row| number_key(id, row.value())).transpose()?;
        if let Some(key) = before.flatten() {
            self.numbers.remove(key.as_str())?;
        }
        Ok(())
    }

    fn put_history(&mut self, id: EmployeeId, entry: &HistoryEntry) -> Result<(), Fault> {
        let key = (id.get(), entry.version.get());
        self.history.insert(key, entry.to_row()?.as_slice())?;
        Ok(())
    }

    fn put_audit(&mut self, line: &AuditLine) -> Result<(), Fault> {
        let last = self.audit.last()?;
        let number = last.map_or(1, |(number, _)| number.value() + 1);
        self.put_entry(&line.clone().into_entry(number))
    }

    /// Puts a line of the audit under its number.
    pub(in crate::store::redb) fn put_entry(&mut self, entry: &AuditEntry) -> Result<(), Fault> {
        self.audit.insert(entry.id, entry.to_row()?.as_slice())?;
        let kind = AuditKind::of(entry.what);
        self.audit_kind(kind).insert(entry.id, ())?;
        Ok(())
    }

    fn trim_audit(&mut self, trim: &TrimAudit) -> Result<(), Fault> {
        let mut dropped = 0;
        while dropped < trim.at_most as u64
            && let Some(oldest) = self.oldest_to_drop(trim)?
        {
            self.audit_kind(trim.kind).remove(oldest)?;
            self.audit.remove(oldest)?;
            dropped += 1;
        }
        if dropped > 0 {
            let name = meta::audit_dropped(trim.kind);
            let before = self.meta.get(name)?.map_or(0, |number| number.value());
            self.set_number(name, before + dropped)?;
        }
        Ok(())
    }

    /// The oldest entry of a kind, if it is one too many or too old. The newest of all stays, since
    /// the next one is numbered after it.
    fn oldest_to_drop(&mut self, trim: &TrimAudit) -> Result<Option<u64>, Fault> {
        let kind = self.audit_kind(trim.kind);
        let count = kind.len()?;
        // The usual case, in every commit with an entry.
        if count <= trim.kept && trim.before.is_none() {
            return Ok(None);
        }
        let oldest = kind.first()?.map(|(number, _)| number.value());
        let newest = self.audit.last()?.map(|(number, _)| number.value());
        let Some(oldest) = oldest.filter(|oldest| Some(*oldest) != newest) else {
            return Ok(None);
        };
        let is_dropped = count > trim.kept || self.is_older(oldest, trim.before)?;
        Ok(is_dropped.then_some(oldest))
    }

    /// Whether an audit entry is from before a time. One that cannot be read is no reason to keep
    /// it.
    fn is_older(&self, number: u64, before: Option<Timestamp>) -> Result<bool, Fault> {
        let (Some(before), Some(row)) = (before, self.audit.get(number)?) else {
            return Ok(false);
        };
        let entry = AuditEntry::from_row(number, row.value());
        Ok(entry.map_or(true, |entry| entry.at < before))
    }

    fn put_request(&mut self, request: &KeyedRequest) -> Result<(), Fault> {
        let (user, key) = (request.user.as_str(), request.key.as_str());
        if let Some(older) = self.request(&request.user, key)? {
            self.request_ages.remove((older.at, user, key))?;
        }
        self.requests
            .insert((user, key), request.to_row()?.as_slice())?;
        self.request_ages.insert((request.at, user, key), ())?;
        Ok(())
    }

    /// Removes employees' records from the answers that are kept for repeats: those of a day, and
    /// there is no index of them, since people are seldom forgotten.
    fn forget_answers(&mut self, ids: &[EmployeeId]) -> Result<(), Fault> {
        let mut answers = Vec::new();
        for row in self.requests.iter()? {
            let (key, row) = row?;
            let (user, key) = key.value();
            let user = user.parse();
            let user = user.map_err(|error| BadRow::new(KeyedRequest::TABLE, error))?;
            let request = KeyedRequest::from_row((user, key.to_owned()), row.value())?;
            if ids.contains(&request.id) {
                answers.push(request.forgotten());
            }
        }
        // A report names people too. Without it, a repeat gets the counts only.
        self.run_reports.retain(|_, _| false)?;
        for answer in answers {
            let key = (answer.user.as_str(), answer.key.as_str());
            self.requests.insert(key, answer.to_row()?.as_slice())?;
        }
        Ok(())
    }

    fn put_run(&mut self, run: &Run) -> Result<(), Fault> {
        self.runs.insert(run.id.get(), run.to_row()?.as_slice())?;
        Ok(())
    }

    fn put_run_slice(&mut self, run: RunId, number: u32, slice: &RunSlice) -> Result<(), Fault> {
        let row = slice.to_row()?;
        self.run_slices
            .insert((run.get(), number), row.as_slice())?;
        Ok(())
    }

    fn remove_run(&mut self, run: RunId) -> Result<(), Fault> {
        let slices = (run.get(), 0)..=(run.get(), u32::MAX);
        self.run_slices.retain_in(slices, |_, _| false)?;
        self.run_reports.remove(run.get())?;
        self.runs.remove(run.get())?;
        Ok(())
    }

    fn purge_requests(&mut self, before: i64, at_most: usize) -> Result<(), Fault> {
        let old = self.request_ages.range(..(before, "", ""))?.take(at_most);
        let old = old.map(|entry| {
            let entry = entry?;
            let (at, user, key) = entry.0.value();
            Ok((at, user.to_owned(), key.to_owned()))
        });
        for (at, user, key) in old.collect::<Result<Vec<_>, StorageError>>()? {
            let key = (user.as_str(), key.as_str());
            self.request_ages.remove((at, key.0, key.1))?;
            self.requests.remove(key)?;
        }
        Ok(())
    }
}

/// The personnel number in an employee's row, as the index has it.
fn number_key(id: EmployeeId, row: &[u8]) -> Result<Option<String>, Fault> {
    Ok(Employee::from_row(id, row)?.details.number_key())
}
