//! The history of each record, written in the same transaction as its change, and kept when the record is gone.
//!
//! It holds what the record itself no longer tells. That a record was created, by whom and when, the record tells
//! as long as it has its first version: so a creation writes nothing here, and a million of them cost nothing. The
//! first change writes that down with its own entry.

use redb::{AccessGuard, ReadableTable};
use roster_common::employee::{Employee, EmployeeId, Version};
use roster_common::history::{FieldChange, Happening, HistoryEntry};

use super::batch::{Batch, Fault};
use super::reader::ReadTransaction;
use super::tables;
use crate::store::Stamp;
use crate::store::rows::Row;

/// How many entries of one record are kept: the newest, and its beginning, which tells when it was created.
const KEPT: u64 = 1000;

/// How a record of the first version came to be, as it tells itself.
fn creation(employee: &Employee) -> Option<HistoryEntry> {
    let Employee {
        version,
        created,
        updated_by,
        ..
    } = employee;
    let entry = |what| HistoryEntry {
        version: *version,
        at: *created,
        by: updated_by.clone(),
        what,
        changes: vec![],
    };
    (*version == Version::FIRST).then(|| entry(Happening::Created))
}

impl Batch<'_> {
    /// Writes down how a record came from `before` to `after`.
    pub(super) fn record_change(
        &mut self,
        before: &Employee,
        after: &Employee,
    ) -> Result<(), Fault> {
        let changes = FieldChange::between(&before.details, &after.details);
        let (version, at, by) = (after.version, after.updated, after.updated_by.clone());
        self.record(
            before,
            &HistoryEntry {
                version,
                at,
                by,
                what: Happening::Changed,
                changes,
            },
        )
    }

    /// Writes down that a record is taken away, and what it said.
    pub(super) fn record_deletion(
        &mut self,
        before: &Employee,
        stamp: &Stamp,
    ) -> Result<(), Fault> {
        let (version, by) = (before.version.next(), stamp.by.to_string());
        let changes = FieldChange::all_gone(&before.details);
        self.record(
            before,
            &HistoryEntry {
                version,
                at: stamp.at,
                by,
                what: Happening::Deleted,
                changes,
            },
        )
    }

    /// Writes down that a record is brought back, and what it says.
    pub(super) fn record_restoration(&mut self, after: &Employee) -> Result<(), Fault> {
        let Employee {
            id,
            version,
            updated: at,
            ref updated_by,
            ref details,
            ..
        } = *after;
        let changes = FieldChange::all_back(details);
        self.put_history(
            id,
            &HistoryEntry {
                version,
                at,
                by: updated_by.clone(),
                what: Happening::Restored,
                changes,
            },
        )
    }

    /// The first and the last entry of what became of a record: nothing of one that never was, or that nobody has
    /// changed.
    pub(super) fn life(
        &self,
        id: EmployeeId,
    ) -> Result<Option<(HistoryEntry, HistoryEntry)>, Fault> {
        let mut entries = self.history.range((id.get(), 0)..=(id.get(), u64::MAX))?;
        let (Some(first), last) = (entries.next(), entries.next_back()) else {
            return Ok(None);
        };
        let read = |(key, row): (AccessGuard<'_, (u64, u64)>, AccessGuard<'_, &[u8]>)| {
            HistoryEntry::from_row(Version::new(key.value().1), row.value())
        };
        let first = read(first?)?;
        Ok(Some((
            first.clone(),
            last.transpose()?.map(read).transpose()?.unwrap_or(first),
        )))
    }

    fn record(&mut self, before: &Employee, entry: &HistoryEntry) -> Result<(), Fault> {
        if let Some(creation) = creation(before) {
            self.put_history(before.id, &creation)?;
        }
        self.put_history(before.id, entry)
    }

    fn put_history(&mut self, id: EmployeeId, entry: &HistoryEntry) -> Result<(), Fault> {
        let version = entry.version.get();
        self.history
            .insert((id.get(), version), entry.to_row()?.as_slice())?;
        if let Some(old) = version
            .checked_sub(KEPT)
            .filter(|old| *old > Version::FIRST.get())
        {
            self.history.remove((id.get(), old))?;
        }
        self.touch();
        Ok(())
    }
}

impl ReadTransaction {
    /// See [`crate::store::Store::history`].
    pub(super) fn history(
        &self,
        id: EmployeeId,
        before: Option<Version>,
        limit: usize,
    ) -> Result<Option<Vec<HistoryEntry>>, Fault> {
        let employee = match self.0.open_table(tables::EMPLOYEES)?.get(id.get())? {
            Some(row) => Some(Employee::from_row(id, row.value())?),
            None => None,
        };
        let history = self.0.open_table(tables::HISTORY)?;
        let known = employee.is_some()
            || history
                .range((id.get(), 0)..=(id.get(), u64::MAX))?
                .next()
                .is_some();
        if !known {
            return Ok(None);
        }
        let end = before.map_or(u64::MAX, Version::get);
        let entries = history
            .range((id.get(), 0)..(id.get(), end))?
            .rev()
            .map(|row| {
                let (key, row) = row?;
                Ok(HistoryEntry::from_row(
                    Version::new(key.value().1),
                    row.value(),
                )?)
            });
        let creation = employee
            .as_ref()
            .and_then(creation)
            .filter(|first| first.version.get() < end);
        Ok(Some(
            entries
                .chain(creation.map(Ok))
                .take(limit)
                .collect::<Result<_, Fault>>()?,
        ))
    }
}
