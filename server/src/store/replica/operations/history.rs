//! The history of employees, and the audit.

use std::net::IpAddr;

use async_trait::async_trait;
use jiff::Timestamp;
use roster_common::Username;
use roster_common::employee::{EmployeeId, Version};
use roster_common::history::{AuditEntry, HistoryEntry};

use crate::rules::audit::AuditLine;
use crate::rules::history;
use crate::rules::writes::{Write, Writes};
use crate::store::replica::{Database, HistoryRows, Needs, Replica};
use crate::store::{HistoryStore, Result};

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
        Ok(Some(history::page(
            employee.as_ref(),
            entries,
            before,
            limit,
        )))
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

    async fn note_refusal(
        &self,
        name: Option<Username>,
        address: IpAddr,
        at: Timestamp,
    ) -> Result<()> {
        self.write(Needs::default(), move |_| {
            let mut writes = Writes::default();
            writes.audit(AuditLine::refused_sign_in(name.clone(), address, at));
            Ok(writes.decide(()))
        })
        .await
    }
}
