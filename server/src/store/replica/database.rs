//! What a store does itself: it runs jobs in transactions, and reads rows that are not in memory.

use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use roster_common::api::RunId;
use roster_common::employee::{Employee, EmployeeId, Version};
use roster_common::history::{AuditEntry, HistoryEntry};

use super::job::Job;
use crate::store::{AuditCount, Result, Run, RunDetails};

/// The database below a [`Replica`](super::Replica).
#[async_trait]
pub trait Database: Send + Sync + 'static {
    /// Accepts a job. It is applied in a transaction, and answered after the commit has been shown
    /// to readers.
    ///
    /// # Errors
    /// [`StoreError::Closed`](crate::store::StoreError::Closed)
    fn submit(&self, job: Box<dyn Job>) -> Result<()>;

    /// Whether other servers write to it too, so that memory may be a moment behind.
    fn is_shared(&self) -> bool {
        false
    }

    /// Checks that what this server has in memory may still be used. A database that only this
    /// server writes to always allows it.
    ///
    /// # Errors
    /// [`StoreError::NotFresh`](crate::store::StoreError::NotFresh)
    fn check_fresh(&self) -> Result<()> {
        Ok(())
    }

    /// How old what this server has in memory is, if it may be that old for a read that may be
    /// stale.
    fn stale_for(&self) -> Option<Duration> {
        None
    }

    /// See [`StoreMonitor::servers`](crate::store::StoreMonitor::servers).
    fn servers(&self) -> NonZeroU32 {
        NonZeroU32::MIN
    }

    /// See [`StoreMonitor::clock_skew`](crate::store::StoreMonitor::clock_skew).
    fn clock_skew(&self) -> Option<SignedDuration> {
        None
    }

    /// The rows of an employee's history.
    async fn history(
        &self,
        id: EmployeeId,
        before: Option<Version>,
        limit: usize,
    ) -> Result<HistoryRows>;

    /// At most `limit` entries of the audit, newest first, of those numbered below `before`.
    async fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>>;

    /// The runs, oldest first.
    async fn runs(&self) -> Result<Vec<Run>>;

    /// What is kept of a run beside itself.
    async fn run_details(&self, id: RunId) -> Result<RunDetails>;

    /// How many lines of the audit there are, and how many there were.
    async fn audit_counts(&self) -> Result<Vec<AuditCount>>;
}

/// The rows of one employee's history, all of one committed state.
#[derive(Debug)]
pub struct HistoryRows {
    /// The employee, if not deleted.
    pub employee: Option<Employee>,
    /// Whether the history has any entry, asked for or not.
    pub has_entries: bool,
    /// The entries asked for, newest first.
    pub entries: Vec<HistoryEntry>,
}
