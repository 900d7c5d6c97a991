//! The history of a record, which is kept when the record is deleted.
//!
//! A creation writes no entry, since the record itself has its creator and time. The first change
//! writes the entry of the creation together with its own.

use roster_common::employee::{Employee, EmployeeId, Version};
use roster_common::history::{ChangeKind, FieldChange, HistoryEntry};

use super::attribution::Attribution;

/// How many entries of one record are kept: the newest, and the first, which says when it was
/// created.
pub const KEPT: u64 = 1000;

/// The first and the last entry in the history of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEnds {
    /// The oldest entry.
    pub first: HistoryEntry,
    /// The newest entry, which may be the first.
    pub last: HistoryEntry,
}

impl HistoryEnds {
    /// Whether the person was forgotten, and must not come back.
    pub fn is_forgotten(&self) -> bool {
        self.last.what == ChangeKind::Forgotten
    }
}

/// How a record came from `before` to `after`.
pub fn change(before: &Employee, after: &Employee) -> Vec<HistoryEntry> {
    let entry = HistoryEntry {
        version: after.version,
        at: after.updated,
        by: after.updated_by.clone(),
        what: ChangeKind::Changed,
        run: None,
        into: None,
        changes: FieldChange::between(&before.details, &after.details),
    };
    creation(before).into_iter().chain([entry]).collect()
}

/// That a record is deleted, and what it said. The deletion counts as `version`.
pub fn deletion(
    before: &Employee,
    version: Version,
    attribution: &Attribution,
) -> Vec<HistoryEntry> {
    let entry = HistoryEntry {
        version,
        at: attribution.at,
        by: attribution.by.to_string(),
        what: ChangeKind::Deleted,
        run: None,
        into: None,
        changes: FieldChange::removed_values(&before.details),
    };
    creation(before).into_iter().chain([entry]).collect()
}

/// That a record is merged into another one, and what it said. The merge counts as `version`.
pub fn merger(
    before: &Employee,
    version: Version,
    into: EmployeeId,
    attribution: &Attribution,
) -> Vec<HistoryEntry> {
    let mut entries = deletion(before, version, attribution);
    if let Some(last) = entries.last_mut() {
        last.what = ChangeKind::Merged;
        last.into = Some(into);
    }
    entries
}

/// That a record is restored, and what it says.
pub fn restoration(after: &Employee) -> HistoryEntry {
    HistoryEntry {
        version: after.version,
        at: after.updated,
        by: after.updated_by.clone(),
        what: ChangeKind::Restored,
        run: None,
        into: None,
        changes: FieldChange::restored_values(&after.details),
    }
}

/// The entry that is dropped when a version gets one. The first is never dropped.
pub fn dropped_by(version: Version) -> Option<Version> {
    let old = version.get().checked_sub(KEPT)?;
    (old > Version::FIRST.get()).then(|| Version::new(old))
}

/// How a record of the first version was created, as it says itself.
pub fn creation(employee: &Employee) -> Option<HistoryEntry> {
    if employee.version != Version::FIRST {
        return None;
    }
    Some(HistoryEntry {
        version: employee.version,
        at: employee.created,
        by: employee.updated_by.clone(),
        what: ChangeKind::Created,
        run: None,
        into: None,
        changes: Vec::new(),
    })
}

/// A page of a history: at most `limit` stored entries, newest first, and the creation of a record
/// that says it itself. Both are of versions before `before`.
pub fn page(
    employee: Option<&Employee>,
    stored: Vec<HistoryEntry>,
    before: Option<Version>,
    limit: usize,
) -> Vec<HistoryEntry> {
    let own = employee
        .and_then(creation)
        .filter(|entry| before.is_none_or(|before| entry.version < before));
    stored.into_iter().chain(own).take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entry_gives_way_but_never_the_first() {
        for (version, dropped) in [
            (1, None),
            (KEPT, None),
            (KEPT + 1, None),
            (KEPT + 2, Some(2)),
            (KEPT + 3, Some(3)),
        ] {
            let dropped_version = dropped_by(Version::new(version));
            assert_eq!(dropped_version, dropped.map(Version::new), "{version}");
        }
    }
}
