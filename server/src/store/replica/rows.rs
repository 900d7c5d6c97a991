//! The rows that a write reads and writes inside its transaction.

use std::ops::RangeInclusive;

use roster_common::Username;
use roster_common::employee::{Employee, EmployeeId, Version};
use roster_common::history::HistoryEntry;

use super::fault::Fault;
use crate::rules::account::Account;
use crate::rules::forget::Traces;
use crate::rules::history::HistoryEnds;
use crate::rules::idempotency::KeyedRequest;
use crate::rules::runs::Run;
use crate::rules::session::{Session, SessionId};
use crate::rules::writes::Write;
use crate::store::StoreError;

/// What a write reads. Each answer includes the writes before it in the same transaction.
///
/// # Errors
/// All methods: [`Fault::Database`], or [`Fault::Row`] for a damaged row.
pub trait Rows {
    /// An account.
    fn account(&self, name: &Username) -> Result<Option<Account>, Fault>;

    /// All accounts.
    fn accounts(&self) -> Result<Vec<Account>, Fault>;

    /// A session, also one that has ended. Must be declared in [`Needs::sessions`].
    fn session(&self, id: SessionId) -> Result<Option<Session>, Fault>;

    /// The sessions of a user that have not ended. Must be declared in [`Needs::sessions_of`].
    fn open_sessions(&self, user: &Username) -> Result<Vec<Session>, Fault>;

    /// An employee.
    fn employee(&self, id: EmployeeId) -> Result<Option<Employee>, Fault>;

    /// Who has a personnel number, in the form of
    /// [`Details::number_key`](roster_common::employee::Details::number_key).
    fn number_holder(&self, key: &str) -> Result<Option<EmployeeId>, Fault>;

    /// The number from which on the next employee's id is looked for. It may be above every id.
    fn next_employee(&self) -> Result<u64, Fault>;

    /// The least ids of a range that no employee has or had, at most `count`.
    fn unused_ids(
        &self,
        range: RangeInclusive<u64>,
        count: usize,
    ) -> Result<Vec<EmployeeId>, Fault>;

    /// Returns `true` if an employee has or had this id.
    fn is_used(&self, id: EmployeeId) -> Result<bool, Fault>;

    /// The least version that a change of an employee may make. It is above 1 once a backup has
    /// been restored: the versions that were given after the backup, and are lost, must not be
    /// given again.
    fn version_floor(&self) -> Result<Version, Fault>;

    /// A request that was answered under a user's key. Must be declared in [`Needs::requests`].
    fn request(&self, user: &Username, key: &str) -> Result<Option<KeyedRequest>, Fault>;

    /// The runs that are kept, oldest first. Must be declared in [`Needs::runs`].
    fn runs(&self) -> Result<Vec<Run>, Fault>;

    /// An employee's history, oldest entry first. Must be declared in [`Needs::histories`].
    fn history(&self, id: EmployeeId) -> Result<Vec<HistoryEntry>, Fault>;

    /// The ends of an employee's history. Must be declared in [`Needs::histories`].
    fn history_ends(&self, id: EmployeeId) -> Result<Option<HistoryEnds>, Fault>;
}

/// Looks up what there is of people who are to be forgotten.
pub(in crate::store) fn traces_of(
    ids: &[EmployeeId],
    rows: &dyn Rows,
) -> Result<Vec<Traces>, Fault> {
    let traces = ids.iter().map(|id| {
        Ok(Traces {
            id: *id,
            employee: rows.employee(*id)?,
            past: rows.history(*id)?,
        })
    });
    traces.collect()
}

/// A transaction that is open for writing.
pub trait Transaction: Rows {
    /// Writes one row. Returns the sessions that a [`Write::PurgeSessions`] removed, which readers
    /// may still see.
    ///
    /// # Errors
    /// [`Fault`]
    fn put(&mut self, write: &Write) -> Result<Vec<SessionId>, Fault>;
}

/// The rows that a write reads and that no server has in memory. A database across a network
/// fetches those of a whole group in one round trip, before the first write runs; one that can read
/// at any time need not look at them.
#[derive(Debug)]
pub struct Needs {
    /// Single sessions.
    pub sessions: Vec<SessionId>,
    /// The open sessions of users.
    pub sessions_of: Vec<Username>,
    /// Requests, by user and key.
    pub requests: Vec<(Username, String)>,
    /// Employees' histories, and the answers about them that are kept for repeats.
    pub histories: Vec<EmployeeId>,
    /// The runs.
    pub runs: bool,
    /// How many of the oldest rows of each kind the write may remove. What is left over is removed by
    /// a later write that may.
    pub oldest: usize,
}

impl Default for Needs {
    /// Nothing but the few oldest rows of each kind: more than one, so that their number falls.
    fn default() -> Self {
        Self {
            sessions: Vec::new(),
            sessions_of: Vec::new(),
            requests: Vec::new(),
            histories: Vec::new(),
            runs: false,
            oldest: 4,
        }
    }
}

/// Rows that hide what a write did not declare. So a forgotten need fails on every database, not
/// only on one that fetches rows beforehand.
pub(super) struct Declared<'a> {
    pub(super) rows: &'a dyn Rows,
    pub(super) needs: &'a Needs,
}

fn check(declared: bool, what: &str) -> Result<(), Fault> {
    if declared {
        Ok(())
    } else {
        let why = format!("{what} was not declared as needed");
        Err(Fault::Row(StoreError::Unreadable(why)))
    }
}

impl Rows for Declared<'_> {
    fn account(&self, name: &Username) -> Result<Option<Account>, Fault> {
        self.rows.account(name)
    }

    fn accounts(&self) -> Result<Vec<Account>, Fault> {
        self.rows.accounts()
    }

    fn session(&self, id: SessionId) -> Result<Option<Session>, Fault> {
        check(self.needs.sessions.contains(&id), "a session")?;
        self.rows.session(id)
    }

    fn open_sessions(&self, user: &Username) -> Result<Vec<Session>, Fault> {
        check(self.needs.sessions_of.contains(user), "a user's sessions")?;
        self.rows.open_sessions(user)
    }

    fn employee(&self, id: EmployeeId) -> Result<Option<Employee>, Fault> {
        self.rows.employee(id)
    }

    fn number_holder(&self, key: &str) -> Result<Option<EmployeeId>, Fault> {
        self.rows.number_holder(key)
    }

    fn next_employee(&self) -> Result<u64, Fault> {
        self.rows.next_employee()
    }

    fn unused_ids(
        &self,
        range: RangeInclusive<u64>,
        count: usize,
    ) -> Result<Vec<EmployeeId>, Fault> {
        self.rows.unused_ids(range, count)
    }

    fn is_used(&self, id: EmployeeId) -> Result<bool, Fault> {
        self.rows.is_used(id)
    }

    fn version_floor(&self) -> Result<Version, Fault> {
        self.rows.version_floor()
    }

    fn request(&self, user: &Username, key: &str) -> Result<Option<KeyedRequest>, Fault> {
        let mut requests = self.needs.requests.iter();
        let is_declared = requests.any(|(known, name)| known == user && name == key);
        check(is_declared, "a request")?;
        self.rows.request(user, key)
    }

    fn runs(&self) -> Result<Vec<Run>, Fault> {
        check(self.needs.runs, "the list of runs")?;
        self.rows.runs()
    }

    fn history(&self, id: EmployeeId) -> Result<Vec<HistoryEntry>, Fault> {
        check(self.needs.histories.contains(&id), "a history")?;
        self.rows.history(id)
    }

    fn history_ends(&self, id: EmployeeId) -> Result<Option<HistoryEnds>, Fault> {
        check(self.needs.histories.contains(&id), "a history")?;
        self.rows.history_ends(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::replica::empty::EmptyDatabase;

    #[test]
    fn a_row_that_was_not_declared_as_needed_is_an_error() {
        let ada: Username = "ada".parse().unwrap();
        let (session, employee) = (SessionId::nil(), EmployeeId::try_from(7).unwrap());
        let database = EmptyDatabase::default();
        let reads = |needs: &Needs| {
            let rows = Declared {
                rows: &database,
                needs,
            };
            [
                rows.session(session).map(|_| ()),
                rows.open_sessions(&ada).map(|_| ()),
                rows.request(&ada, "key").map(|_| ()),
                rows.runs().map(|_| ()),
                rows.history(employee).map(|_| ()),
                rows.history_ends(employee).map(|_| ()),
            ]
        };
        for read in reads(&Needs::default()) {
            assert!(matches!(read, Err(Fault::Row(_))), "{read:?}");
        }
        let needs = Needs {
            sessions: vec![session],
            sessions_of: vec![ada.clone()],
            requests: vec![(ada.clone(), "key".into())],
            histories: vec![employee],
            runs: true,
            ..Needs::default()
        };
        for read in reads(&needs) {
            assert!(read.is_ok(), "{read:?}");
        }
    }
}
