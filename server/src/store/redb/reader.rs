//! Reading the file beside the writer: what is seldom asked for and not kept in memory.

use std::ops::Bound;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata};
use roster_common::api::RunId;
use roster_common::employee::{Employee, EmployeeId, Version};
use roster_common::history::{AuditEntry, HistoryEntry};

use super::tables::{self, meta};
use crate::store::replica::{Fault, HistoryRows};
use crate::store::rows::StoredRow;
use crate::store::{AuditCount, AuditKind, Result, Run, RunDetails, RunSlice, StoreError};

/// The open database. It is the writer's, which takes it away when the file has failed, until it is
/// open again.
pub(super) type DatabaseHandle = Arc<ArcSwapOption<Database>>;

/// One committed state of the file.
pub(in crate::store) struct ReadTransaction(pub(super) redb::ReadTransaction);

/// Begins to read the newest state.
pub(super) fn begin(handle: &DatabaseHandle) -> Result<ReadTransaction> {
    let database = handle.load_full().ok_or(StoreError::Closed)?;
    let transaction = database.begin_read().map_err(Fault::from);
    transaction.map(ReadTransaction).map_err(Fault::into_error)
}

/// Reads from the newest state, on a thread that may wait for the disk.
pub(super) async fn read<T: Send + 'static>(
    handle: &DatabaseHandle,
    read: impl FnOnce(&ReadTransaction) -> std::result::Result<T, Fault> + Send + 'static,
) -> Result<T> {
    // The transaction has all that it needs, and the writer may need the database for itself.
    let transaction = begin(handle)?;
    let done = tokio::task::spawn_blocking(move || read(&transaction));
    let done = done
        .await
        .map_err(|error| StoreError::Unreadable(error.to_string()))?;
    done.map_err(Fault::into_error)
}

impl ReadTransaction {
    /// See [`Database::history`](crate::store::replica::Database::history).
    pub(super) fn history(
        &self,
        id: EmployeeId,
        before: Option<Version>,
        limit: usize,
    ) -> std::result::Result<HistoryRows, Fault> {
        let employee = match self.0.open_table(tables::EMPLOYEES)?.get(id.get())? {
            Some(row) => Some(Employee::from_row(id, row.value())?),
            None => None,
        };
        let history = self.0.open_table(tables::HISTORY)?;
        let mut all = history.range((id.get(), 0)..=(id.get(), u64::MAX))?;
        // A page of old versions may be empty although there are entries.
        let has_entries = all.next().transpose()?.is_some();
        let end = before.map_or(u64::MAX, Version::get);
        let rows = history.range((id.get(), 0)..(id.get(), end))?.rev();
        let mut entries = Vec::new();
        for row in rows.take(limit) {
            let (key, row) = row?;
            let version = Version::new(key.value().1);
            entries.push(HistoryEntry::from_row(version, row.value())?);
        }
        Ok(HistoryRows {
            employee,
            has_entries,
            entries,
        })
    }

    /// See [`Database::runs`](crate::store::replica::Database::runs).
    pub(super) fn runs(&self) -> std::result::Result<Vec<Run>, Fault> {
        let mut runs = Vec::new();
        for row in self.0.open_table(tables::RUNS)?.iter()? {
            let (id, row) = row?;
            runs.push(Run::from_row(RunId::new(id.value()), row.value())?);
        }
        Ok(runs)
    }

    /// See [`Database::run_details`](crate::store::replica::Database::run_details).
    pub(super) fn run_details(&self, id: RunId) -> std::result::Result<RunDetails, Fault> {
        let slices = self.0.open_table(tables::RUN_SLICES)?;
        let slices = slices.range((id.get(), 0)..=(id.get(), u32::MAX))?;
        let slices = slices.map(|row| Ok(RunSlice::from_row((), row?.1.value())?));
        let report = self.0.open_table(tables::RUN_REPORTS)?.get(id.get())?;
        Ok(RunDetails {
            slices: slices.collect::<std::result::Result<_, Fault>>()?,
            report: report.map(|report| report.value().to_vec()),
        })
    }

    /// See [`Database::audit`](crate::store::replica::Database::audit).
    pub(super) fn audit(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> std::result::Result<Vec<AuditEntry>, Fault> {
        let end = before.map_or(Bound::Unbounded, Bound::Excluded);
        let audit = self.0.open_table(tables::AUDIT)?;
        let mut entries = Vec::new();
        for row in audit.range((Bound::Unbounded, end))?.rev().take(limit) {
            let (number, row) = row?;
            entries.push(AuditEntry::from_row(number.value(), row.value())?);
        }
        Ok(entries)
    }

    /// See [`Database::audit_counts`](crate::store::replica::Database::audit_counts).
    pub(super) fn audit_counts(&self) -> std::result::Result<Vec<AuditCount>, Fault> {
        let numbers = self.0.open_table(tables::META)?;
        let mut counts = Vec::new();
        for kind in AuditKind::ALL {
            let dropped = numbers.get(meta::audit_dropped(kind))?;
            counts.push(AuditCount {
                kind,
                kept: self.0.open_table(tables::audit_kind(kind))?.len()?,
                dropped: dropped.map_or(0, |number| number.value()),
            });
        }
        Ok(counts)
    }
}
