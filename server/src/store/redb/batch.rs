//! One write transaction, shared by all the writes that waited for it: typed access to the tables, and a list
//! of what changes in memory once it is committed.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use redb::{ReadableTable, Table, WriteTransaction};
use roster_common::Username;
use roster_common::employee::{Employee, EmployeeId};
use roster_common::event::Event;

use super::tables::{self, meta};
use crate::rules::session::{Session, SessionId};
use crate::store::directory::{RecordChange, to_json};
use crate::store::import::NewEmployees;
use crate::store::replica::AccountChange;
use crate::store::rows::{BadRow, RequestRow, Row};
use crate::store::{Account, Record, StoreError};

/// What a batch leaves to be shown, once it is committed.
#[derive(Default)]
pub(super) struct Committed {
    /// What becomes different of the accounts and sessions.
    pub(super) accounts: Vec<AccountChange>,
    /// What becomes different of the employees.
    pub(super) records: Vec<RecordChange>,
    /// What is told to those who follow.
    pub(super) events: Vec<Event>,
}

/// Why a write did not get through its transaction.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The file cannot be read or written: the whole batch fails.
    #[error(transparent)]
    Disk(redb::Error),
    /// A row cannot be read: this write fails alone.
    #[error(transparent)]
    Row(#[from] BadRow),
    /// The rule of this write panicked: it fails alone, and its caller goes on panicking.
    #[error("a rule panicked")]
    Panic(Box<dyn Any + Send>),
}

impl Fault {
    /// What the caller of the store is told.
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Self::Disk(redb::Error::Corrupted(why)) => StoreError::Unreadable(why),
            Self::Disk(error) => StoreError::Unwritable(error.to_string()),
            Self::Row(error) => StoreError::Unreadable(error.to_string()),
            Self::Panic(panic) => std::panic::resume_unwind(panic),
        }
    }
}

macro_rules! disk_faults {
    ($($error:ident)*) => {
        $(impl From<redb::$error> for Fault {
            fn from(error: redb::$error) -> Self {
                Self::Disk(error.into())
            }
        })*
    };
}

disk_faults! { StorageError TableError TransactionError CommitError DatabaseError }

/// Calls a rule that came from outside. One that panics harms neither the transaction nor the other writes.
pub(super) fn guarded<T>(rule: impl FnOnce() -> T) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(rule)).map_err(Fault::Panic)
}

/// The transaction. A write must decide before it puts anything, so that one that fails leaves nothing behind.
pub(super) struct Batch<'t> {
    meta: Table<'t, &'static str, u64>,
    accounts: Table<'t, &'static str, &'static [u8]>,
    sessions: Table<'t, u128, &'static [u8]>,
    session_ages: Table<'t, (i64, u128), ()>,
    user_sessions: Table<'t, (&'static str, u128), ()>,
    employees: Table<'t, u64, &'static [u8]>,
    requests: Table<'t, (&'static str, &'static str), &'static [u8]>,
    request_ages: Table<'t, (i64, &'static str, &'static str), ()>,
    pub(super) history: Table<'t, (u64, u64), &'static [u8]>,
    pub(super) audit: Table<'t, u64, &'static [u8]>,
    pub(super) refusals: Table<'t, u64, ()>,
    committed: Committed,
    dirty: bool,
}

impl<'t> Batch<'t> {
    /// Opens the tables, making those that are not there.
    pub(super) fn new(transaction: &'t WriteTransaction) -> Result<Self, Fault> {
        Ok(Self {
            meta: transaction.open_table(tables::META)?,
            accounts: transaction.open_table(tables::ACCOUNTS)?,
            sessions: transaction.open_table(tables::SESSIONS)?,
            session_ages: transaction.open_table(tables::SESSION_AGES)?,
            user_sessions: transaction.open_table(tables::USER_SESSIONS)?,
            employees: transaction.open_table(tables::EMPLOYEES)?,
            requests: transaction.open_table(tables::REQUESTS)?,
            request_ages: transaction.open_table(tables::REQUEST_AGES)?,
            history: transaction.open_table(tables::HISTORY)?,
            audit: transaction.open_table(tables::AUDIT)?,
            refusals: transaction.open_table(tables::REFUSALS)?,
            committed: Committed::default(),
            dirty: false,
        })
    }

    /// Numbers the commit. Returns what is to be shown of it; nothing at all where nothing was written.
    pub(super) fn finish(mut self, serial: u64) -> Result<Option<Committed>, Fault> {
        if !self.dirty {
            return Ok(None);
        }
        self.set_number(meta::SERIAL, serial)?;
        Ok(Some(self.committed))
    }

    /// Tells of a change to those who follow, when it is committed. A write tells of one at most.
    pub(super) fn tell(&mut self, event: Event) {
        self.committed.events.push(event);
    }

    /// Asks for a commit, whatever has been put.
    pub(super) fn touch(&mut self) {
        self.dirty = true;
    }

    /// A number of the [`tables::meta`].
    pub(super) fn number(&self, name: &'static str) -> Result<Option<u64>, Fault> {
        Ok(self.meta.get(name)?.map(|number| number.value()))
    }

    /// Sets a number of the [`tables::meta`].
    pub(super) fn set_number(&mut self, name: &'static str, number: u64) -> Result<(), Fault> {
        self.dirty = true;
        self.meta.insert(name, number)?;
        Ok(())
    }

    /// The least employee's id that has never been given.
    pub(super) fn next_employee(&self) -> Result<u64, Fault> {
        Ok(self.number(meta::NEXT_EMPLOYEE)?.unwrap_or(1))
    }

    pub(super) fn account(&self, name: &Username) -> Result<Option<Account>, Fault> {
        let row = self.accounts.get(name.as_str())?;
        Ok(row
            .map(|row| Account::from_row(name.clone(), row.value()))
            .transpose()?)
    }

    pub(super) fn put_account(&mut self, account: Account) -> Result<(), Fault> {
        self.dirty = true;
        self.accounts
            .insert(account.username.as_str(), account.to_row()?.as_slice())?;
        self.committed
            .accounts
            .push(AccountChange::Account(account));
        Ok(())
    }

    pub(super) fn remove_account_row(&mut self, name: &Username) -> Result<(), Fault> {
        self.dirty = true;
        self.accounts.remove(name.as_str())?;
        self.committed
            .accounts
            .push(AccountChange::AccountRemoved(name.clone()));
        Ok(())
    }

    /// Whether an account besides this one fulfils a condition.
    pub(super) fn any_account_beside(
        &self,
        name: &Username,
        is: fn(&Account) -> bool,
    ) -> Result<bool, Fault> {
        for row in self.accounts.iter()? {
            let (key, row) = row?;
            let key: Username = key
                .value()
                .parse()
                .map_err(|e| BadRow::new(Account::TABLE, e))?;
            if key != *name && is(&Account::from_row(key, row.value())?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn session(&self, id: SessionId) -> Result<Option<Session>, Fault> {
        let row = self.sessions.get(id.as_u128())?;
        Ok(row
            .map(|row| Session::from_row(id.as_u128(), row.value()))
            .transpose()?)
    }

    pub(super) fn put_session(&mut self, session: Session) -> Result<(), Fault> {
        self.dirty = true;
        let key = session.id.as_u128();
        self.sessions.insert(key, session.to_row()?.as_slice())?;
        self.session_ages
            .insert((session.created.as_millisecond(), key), ())?;
        self.index_session(&session)?;
        self.committed
            .accounts
            .push(AccountChange::Session(session.into()));
        Ok(())
    }

    fn index_session(&mut self, session: &Session) -> Result<(), Fault> {
        let key = (session.user.as_str(), session.id.as_u128());
        match session.ended {
            None => self.user_sessions.insert(key, ())?,
            Some(_) => self.user_sessions.remove(key)?,
        };
        Ok(())
    }

    /// The ids of a user's sessions that have not ended.
    pub(super) fn session_ids_of(&self, user: &Username) -> Result<Vec<SessionId>, Fault> {
        let keys = self
            .user_sessions
            .range((user.as_str(), 0)..=(user.as_str(), u128::MAX))?;
        keys.map(|key| Ok(SessionId::from_u128(key?.0.value().1)))
            .collect()
    }

    /// Brings a file of schema 1, whose tables are all there by now, to this one.
    pub(super) fn migrate_from_1(&mut self) -> Result<(), Fault> {
        let rows = self.sessions.iter()?.map(|row| {
            let (id, row) = row?;
            Ok::<_, Fault>(Session::from_row(id.value(), row.value())?)
        });
        for session in rows.collect::<Result<Vec<_>, _>>()? {
            self.index_session(&session)?;
        }
        self.set_number(meta::SCHEMA, 2)
    }

    /// Forgets at most `most` sessions that were made before a millisecond.
    pub(super) fn purge_sessions(&mut self, before: i64, most: usize) -> Result<(), Fault> {
        let old = self
            .session_ages
            .range(..(before, 0))?
            .take(most)
            .map(|entry| Ok(entry?.0.value()));
        for (age, id) in old.collect::<Result<Vec<_>, redb::StorageError>>()? {
            self.dirty = true;
            self.session_ages.remove((age, id))?;
            match self.session(SessionId::from_u128(id)) {
                Ok(Some(session)) => _ = self.user_sessions.remove((session.user.as_str(), id))?,
                // A row that cannot be read is no reason to keep it.
                Ok(None) | Err(Fault::Row(_)) => {}
                Err(fault) => return Err(fault),
            }
            self.sessions.remove(id)?;
            self.committed
                .accounts
                .push(AccountChange::SessionRemoved(SessionId::from_u128(id)));
        }
        Ok(())
    }

    pub(super) fn employee(&self, id: EmployeeId) -> Result<Option<Employee>, Fault> {
        let row = self.employees.get(id.get())?;
        Ok(row
            .map(|row| Employee::from_row(id, row.value()))
            .transpose()?)
    }

    pub(super) fn put_employee(&mut self, employee: Employee) -> Result<(), Fault> {
        self.dirty = true;
        self.employees
            .insert(employee.id.get(), employee.to_row()?.as_slice())?;
        self.committed.records.push(RecordChange::Put(employee));
        Ok(())
    }

    pub(super) fn put_employees(&mut self, new: NewEmployees) -> Result<(), Fault> {
        self.dirty = true;
        for employee in new.iter() {
            self.employees
                .insert(employee.id.get(), employee.to_row()?.as_slice())?;
        }
        self.committed.records.push(RecordChange::Imported(new));
        Ok(())
    }

    pub(super) fn remove_employee(&mut self, id: EmployeeId) -> Result<(), Fault> {
        self.dirty = true;
        self.employees.remove(id.get())?;
        self.committed.records.push(RecordChange::Removed(id));
        Ok(())
    }

    pub(super) fn request(&self, user: &Username, key: &str) -> Result<Option<RequestRow>, Fault> {
        let row = self.requests.get((user.as_str(), key))?;
        Ok(row
            .map(|row| RequestRow::from_row((), row.value()))
            .transpose()?)
    }

    /// Keeps the answer to a keyed request, in place of an older one under the same key.
    pub(super) fn put_request(
        &mut self,
        user: &Username,
        key: &str,
        request: &RequestRow,
    ) -> Result<(), Fault> {
        self.dirty = true;
        if let Some(older) = self.request(user, key)? {
            self.request_ages.remove((older.at, user.as_str(), key))?;
        }
        self.requests
            .insert((user.as_str(), key), request.to_row()?.as_slice())?;
        self.request_ages
            .insert((request.at, user.as_str(), key), ())?;
        Ok(())
    }

    /// Forgets at most `most` requests that came before a millisecond.
    pub(super) fn purge_requests(&mut self, before: i64, most: usize) -> Result<(), Fault> {
        let old = self
            .request_ages
            .range(..(before, "", ""))?
            .take(most)
            .map(|entry| {
                let entry = entry?;
                let (at, user, key) = entry.0.value();
                Ok((at, user.to_owned(), key.to_owned()))
            });
        for (at, user, key) in old.collect::<Result<Vec<_>, redb::StorageError>>()? {
            self.dirty = true;
            self.request_ages
                .remove((at, user.as_str(), key.as_str()))?;
            self.requests.remove((user.as_str(), key.as_str()))?;
        }
        Ok(())
    }
}

/// A record as it is answered.
pub(super) fn record(employee: &Employee) -> Record {
    Record {
        id: employee.id,
        version: employee.version,
        json: to_json(employee).into(),
    }
}
