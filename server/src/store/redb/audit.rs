//! The audit: one line for each thing that was done, in the same transaction as the thing.
//!
//! It is bounded by number. Refused sign-ins, which anybody can cause, have a small share of their own, so that a
//! flood of them pushes out little else.

use std::net::IpAddr;
use std::ops::Bound;

use jiff::Timestamp;
use redb::{ReadableTable, ReadableTableMetadata};
use roster_common::Username;
use roster_common::history::{AuditEntry, Deed};

use super::batch::{Batch, Fault};
use super::reader::ReadTransaction;
use super::tables;
use crate::store::Stamp;
use crate::store::rows::Row;

/// How many lines are kept: the newest.
const KEPT: u64 = 500_000;
/// How many of them tell of refused sign-ins.
const REFUSALS_KEPT: u64 = 10_000;

/// A line, which gets its number when it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    at: Timestamp,
    by: Option<Username>,
    what: Deed,
    target: Option<String>,
    address: Option<String>,
    note: Option<String>,
}

impl Line {
    pub(super) fn new(stamp: &Stamp, what: Deed) -> Self {
        Self {
            at: stamp.at,
            by: Some(stamp.by.clone()),
            what,
            target: None,
            address: None,
            note: None,
        }
    }

    /// To whom or what it was done.
    pub(super) fn to(self, target: impl std::fmt::Display) -> Self {
        Self {
            target: Some(target.to_string()),
            ..self
        }
    }

    pub(super) fn from(self, address: String) -> Self {
        Self {
            address: Some(address),
            ..self
        }
    }

    pub(super) fn noting(self, note: String) -> Self {
        Self {
            note: Some(note),
            ..self
        }
    }

    /// The entry that it is under a number.
    fn numbered(&self, id: u64) -> AuditEntry {
        let Self {
            at,
            by,
            what,
            target,
            address,
            note,
        } = self.clone();
        AuditEntry {
            id,
            at,
            by: by.map(String::from),
            what,
            target,
            address,
            note,
        }
    }
}

impl Batch<'_> {
    /// Writes a line, and takes out the oldest where there are too many.
    pub(super) fn audit(&mut self, line: &Line) -> Result<(), Fault> {
        let number = self
            .audit
            .last()?
            .map_or(1, |(number, _)| number.value() + 1);
        let entry = line.numbered(number);
        self.audit.insert(number, entry.to_row()?.as_slice())?;
        self.touch();
        if line.what == Deed::SignInRefused {
            self.refusals.insert(number, ())?;
            self.forget_refusal(REFUSALS_KEPT)?;
        }
        self.forget_line(KEPT)
    }

    fn forget_refusal(&mut self, kept: u64) -> Result<(), Fault> {
        if self.refusals.len()? > kept
            && let Some((oldest, _)) = self.refusals.pop_first()?
        {
            self.audit.remove(oldest.value())?;
        }
        Ok(())
    }

    fn forget_line(&mut self, kept: u64) -> Result<(), Fault> {
        if self.audit.len()? > kept
            && let Some((oldest, _)) = self.audit.pop_first()?
        {
            self.refusals.remove(oldest.value())?;
        }
        Ok(())
    }

    /// See [`crate::store::Store::note_refusal`].
    pub(super) fn note_refusal(
        &mut self,
        by: Option<Username>,
        address: IpAddr,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let address = Some(address.to_string());
        self.audit(&Line {
            at,
            by,
            what: Deed::SignInRefused,
            target: None,
            address,
            note: None,
        })
    }
}

impl ReadTransaction {
    /// See [`crate::store::Store::audit`].
    pub(super) fn audit(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, Fault> {
        let end = before.map_or(Bound::Unbounded, Bound::Excluded);
        let lines = self
            .0
            .open_table(tables::AUDIT)?
            .range((Bound::Unbounded, end))?;
        let entry = |line: Result<
            (redb::AccessGuard<'_, u64>, redb::AccessGuard<'_, &[u8]>),
            redb::StorageError,
        >| {
            let (id, row) = line?;
            Ok(AuditEntry::from_row(id.value(), row.value())?)
        };
        lines.rev().take(limit).map(entry).collect()
    }
}
