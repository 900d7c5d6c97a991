//! A transaction for the tests of this module: it has no rows, and forgets what is put into it.

use std::ops::RangeInclusive;

use roster_common::Username;
use roster_common::employee::{Employee, EmployeeId, Version};
use roster_common::history::HistoryEntry;

use super::fault::Fault;
use super::rows::{Rows, Transaction};
use crate::rules::account::Account;
use crate::rules::history::HistoryEnds;
use crate::rules::idempotency::KeyedRequest;
use crate::rules::runs::Run;
use crate::rules::session::{Session, SessionId};
use crate::rules::writes::Write;
use crate::store::StoreError;

/// A database without any rows. It accepts every write, except those that a test makes it refuse.
#[derive(Default)]
pub(super) struct EmptyDatabase {
    /// How many writes it has taken.
    pub(super) taken: usize,
    /// Whether a write of a history fails as a damaged row does.
    pub(super) refuses_history: bool,
}

impl Rows for EmptyDatabase {
    fn account(&self, _: &Username) -> Result<Option<Account>, Fault> {
        Ok(None)
    }

    fn accounts(&self) -> Result<Vec<Account>, Fault> {
        Ok(Vec::new())
    }

    fn session(&self, _: SessionId) -> Result<Option<Session>, Fault> {
        Ok(None)
    }

    fn open_sessions(&self, _: &Username) -> Result<Vec<Session>, Fault> {
        Ok(Vec::new())
    }

    fn employee(&self, _: EmployeeId) -> Result<Option<Employee>, Fault> {
        Ok(None)
    }

    fn number_holder(&self, _: &str) -> Result<Option<EmployeeId>, Fault> {
        Ok(None)
    }

    fn next_employee(&self) -> Result<u64, Fault> {
        Ok(1)
    }

    fn unused_ids(&self, _: RangeInclusive<u64>, _: usize) -> Result<Vec<EmployeeId>, Fault> {
        Ok(Vec::new())
    }

    fn is_used(&self, _: EmployeeId) -> Result<bool, Fault> {
        Ok(false)
    }

    fn version_floor(&self) -> Result<Version, Fault> {
        Ok(Version::FIRST)
    }

    fn request(&self, _: &Username, _: &str) -> Result<Option<KeyedRequest>, Fault> {
        Ok(None)
    }

    fn runs(&self) -> Result<Vec<Run>, Fault> {
        Ok(Vec::new())
    }

    fn history(&self, _: EmployeeId) -> Result<Vec<HistoryEntry>, Fault> {
        Ok(Vec::new())
    }

    fn history_ends(&self, _: EmployeeId) -> Result<Option<HistoryEnds>, Fault> {
        Ok(None)
    }
}

impl Transaction for EmptyDatabase {
    fn put(&mut self, write: &Write) -> Result<Vec<SessionId>, Fault> {
        if self.refuses_history && matches!(write, Write::RemoveHistory(..)) {
            let error = StoreError::Unreadable("a damaged row".into());
            return Err(Fault::Row(error));
        }
        self.taken += 1;
        Ok(Vec::new())
    }
}
