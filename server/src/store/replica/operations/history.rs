//! The history of employees, and the audit.

use async_trait::async_trait;
use jiff::Timestamp;
use roster_common::employee::{EmployeeId, Version};
use roster_common::history::{AuditEntry, HistoryEntry};

use crate::rules::audit::AuditLine;
use crate::rules::history;
use crate::rules::writes::{Write, Writes};
use crate::store::replica::{Database, HistoryRows, Needs, Replica};
use crate::store::{HistoryStore, Result, RunStore};

#[async_trait]
impl<D: Database> HistoryStore for Replica<D> {
    async fn history(
        &self,
        id: EmployeeId,
        before: Option<Version>,
        limit: usize,
    ) -> Result<Option<Vec<HistoryEntry>>> {
        let HistoryRows {
            employee,
            has_entries,
            entries,
        } = self
            .read(|| self.database.history(id, before, limit))
            .await?;
        if employee.is_none() && !has_entries {
            return Ok(None);
        }
        let mut page = history::page(employee.as_ref(), entries, before, limit);
        self.name_runs(id, &mut page).await?;
        Ok(Some(page))
    }

    async fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>> {
        self.read(|| self.database.audit(before, limit)).await
    }

    async fn sweep_audit(&self, now: Timestamp) -> Result<()> {
        let trims = self.audit.sweep(now);
        let needs = Needs {
            oldest: trims.iter().map(|trim| trim.at_most).max().unwrap_or(0),
            ..Needs::default()
        };
        self.write(needs, move |_| {
            let mut writes = Writes::default();
            for trim in trims {
                writes.push(Write::TrimAudit(trim));
            }
            Ok(writes.decide(()))
        })
        .await
    }

    async fn add_to_audit(&self, line: AuditLine) -> Result<()> {
        self.write(Needs::default(), move |_| {
            let mut writes = Writes::default();
            writes.audit(line.clone());
            Ok(writes.decide(()))
        })
        .await
    }
}

impl<D: Database> Replica<D> {
    /// Names the run that made each entry. Entries do not hold it, since a new record has none.
    async fn name_runs(&self, id: EmployeeId, entries: &mut [HistoryEntry]) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        for run in RunStore::runs(self).await? {
            if !entries.iter().any(|entry| run.may_have_made(entry)) {
                continue;
            }
            let slices = self.run_details(run.id).await?.slices;
            for entry in entries.iter_mut().filter(|entry| run.may_have_made(entry)) {
                if slices.iter().any(|slice| slice.has_made(id, entry)) {
                    entry.run = Some(run.id);
                }
            }
        }
        Ok(())
    }
}
