//! The rows that a transaction writes.

use redb::{ReadableTable, ReadableTableMetadata, StorageError};
use roster_common::employee::{Employee, EmployeeId};
use roster_common::history::HistoryEntry;

use super::Tables;
use crate::rules::account::Account;
use crate::rules::audit::AuditLine;
use crate::rules::idempotency::KeyedRequest;
use crate::rules::packed::NewEmployees;
use crate::rules::session::{Session, SessionId};
use crate::rules::writes::Write;
use crate::store::redb::moment;
use crate::store::redb::tables::meta;
use crate::store::replica::{Fault, Rows, Transaction};
use crate::store::rows::StoredRow;

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
            Write::NewEmployees(new) => self.put_employees(new)?,
            Write::RemoveEmployee(id) => _ = self.employees.remove(id.get())?,
            Write::NextEmployee(next) => self.set_number(meta::NEXT_EMPLOYEE, *next)?,
            Write::History(id, entry) => self.put_history(*id, entry)?,
            Write::RemoveHistory(id, version) => {
                self.history.remove((id.get(), version.get()))?;
            }
            Write::Audit(line) => self.put_audit(line)?,
            Write::TrimAudit(kept) => self.trim_audit(*kept)?,
            Write::TrimRefusals(kept) => self.trim_refusals(*kept)?,
            Write::Request(request) => self.put_request(request)?,
            Write::PurgeRequests { before, at_most } => self.purge_requests(*before, *at_most)?,
            // The number of the commit, which every commit writes, is enough.
            Write::Touch => {}
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
        let row = employee.to_row()?;
        self.employees.insert(employee.id.get(), row.as_slice())?;
        Ok(())
    }

    fn put_employees(&mut self, new: &NewEmployees) -> Result<(), Fault> {
        for employee in new.iter() {
            self.put_employee(&employee)?;
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
        let entry = line.clone().into_entry(number);
        self.audit.insert(number, entry.to_row()?.as_slice())?;
        if line.is_refusal() {
            self.refusals.insert(number, ())?;
        }
        Ok(())
    }

    fn trim_audit(&mut self, kept: u64) -> Result<(), Fault> {
        while self.audit.len()? > kept
            && let Some((oldest, _)) = self.audit.pop_first()?
        {
            self.refusals.remove(oldest.value())?;
        }
        Ok(())
    }

    fn trim_refusals(&mut self, kept: u64) -> Result<(), Fault> {
        while self.refusals.len()? > kept
            && let Some((oldest, _)) = self.refusals.pop_first()?
        {
            self.audit.remove(oldest.value())?;
        }
        Ok(())
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
