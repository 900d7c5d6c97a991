//! What a rule decides: its outcome, and the rows to write.

use roster_common::Username;
use roster_common::api::RunId;
use roster_common::employee::{Employee, EmployeeId, Version};
use roster_common::event::Event;
use roster_common::history::HistoryEntry;

use super::account::Account;
use super::audit::{AuditLine, AuditRetention, TrimAudit};
use super::history;
use super::idempotency::KeyedRequest;
use super::runs::{Run, RunSlice};
use super::session::Session;
use super::session_clock::Moment;

/// What a rule returns.
#[derive(Debug)]
pub struct Decision<T> {
    /// The answer to the caller, once the writes are durable.
    pub outcome: T,
    /// What to write; empty if nothing changes.
    pub writes: Writes,
}

impl<T> Decision<T> {
    /// An outcome that writes nothing.
    pub fn unchanged(outcome: T) -> Self {
        Self {
            outcome,
            writes: Writes::default(),
        }
    }

    /// The same writes with another outcome.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Decision<U> {
        Decision {
            outcome: map(self.outcome),
            writes: self.writes,
        }
    }
}

/// One row to write, or to remove.
#[derive(Debug)]
pub enum Write {
    /// Adds or replaces an account.
    Account(Account),
    /// Removes an account.
    RemoveAccount(Username),
    /// Adds or replaces a session.
    Session(Box<Session>),
    /// Removes at most `at_most` sessions that were created before a millisecond.
    PurgeSessions {
        /// Milliseconds since 1970.
        before: i64,
        /// The number of rows.
        at_most: usize,
    },
    /// Keeps a moment, in place of the last one.
    Moment(Moment),
    /// Adds or replaces an employee.
    Employee(Box<Employee>),
    /// Removes an employee.
    RemoveEmployee(EmployeeId),
    /// Sets the number from which on the next employee's id is looked for.
    NextEmployee(u64),
    /// Adds an entry to the history of an employee.
    History(EmployeeId, HistoryEntry),
    /// Removes an entry from the history of an employee.
    RemoveHistory(EmployeeId, Version),
    /// Adds a line to the audit, under the next number.
    Audit(AuditLine),
    /// Removes the oldest lines of the audit, and counts them.
    TrimAudit(TrimAudit),
    /// Remembers the answer to a request, in place of an older one under the same key.
    Request(KeyedRequest),
    /// Removes at most `at_most` requests that came before a millisecond.
    PurgeRequests {
        /// Milliseconds since 1970.
        before: i64,
        /// The number of rows.
        at_most: usize,
    },
    /// Adds or replaces a run.
    Run(Run),
    /// Adds the slice of a run that has this number, from 0.
    RunSlice(RunId, u32, RunSlice),
    /// Keeps the report of a run, as JSON.
    RunReport(RunId, Vec<u8>),
    /// Removes a run with its slices and its report, if it is there.
    RemoveRun(RunId),
    /// Removes the report of a run, if it is there.
    RemoveRunReport(RunId),
    /// Removes what the store keeps of employees' records for repeated requests and for followers.
    Forget(Vec<EmployeeId>),
    /// Commits, although no row changes.
    Touch,
}

/// What one change writes, and the event that it causes. A store writes all of it in one
/// transaction.
#[derive(Debug, Default)]
pub struct Writes {
    /// The rows, in the order in which to write them.
    pub rows: Vec<Write>,
    /// The events for followers, once the rows are committed.
    pub events: Vec<Event>,
}

impl Writes {
    /// Adds a row.
    pub fn push(&mut self, write: Write) {
        self.rows.push(write);
    }

    /// Adds a line of the audit. The store keeps the audit within its bounds.
    pub fn audit(&mut self, line: AuditLine) {
        self.rows.push(Write::Audit(line));
    }

    /// Drops what the new lines of the audit push out.
    pub fn trim_audit(&mut self, retention: &AuditRetention) {
        let trim = |write: &Write| match write {
            Write::Audit(line) => Some(Write::TrimAudit(retention.after(line))),
            _ => None,
        };
        let trims: Vec<_> = self.rows.iter().filter_map(trim).collect();
        self.rows.extend(trims);
    }

    /// Adds an entry of a history, and keeps the history within its bounds.
    pub fn history(&mut self, id: EmployeeId, entry: HistoryEntry) {
        let dropped = history::dropped_by(entry.version);
        self.rows.push(Write::History(id, entry));
        if let Some(version) = dropped {
            self.rows.push(Write::RemoveHistory(id, version));
        }
    }

    /// Adds an event.
    pub fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    /// The decision that has these writes and this outcome.
    pub fn decide<T>(self, outcome: T) -> Decision<T> {
        Decision {
            outcome,
            writes: self,
        }
    }
}
