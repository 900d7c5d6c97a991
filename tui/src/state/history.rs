//! The history of one record.

use roster_common::history::{ChangeKind, FieldChange, HistoryEntry};
use roster_common::{Employee, EmployeeId, Version};

/// The history of one record, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The employee's id.
    pub id: EmployeeId,
    /// The person's name.
    pub name: String,
    /// The entries loaded so far.
    pub entries: Vec<HistoryEntry>,
    /// Whether a request is in flight.
    pub asking: bool,
    /// Whether the oldest entry is loaded.
    pub complete: bool,
    /// The selected line.
    pub focus: usize,
}

/// One line of a [`History`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryLine<'a> {
    /// An entry: who, what, when.
    Entry(&'a HistoryEntry),
    /// A field of that entry.
    Change(&'a HistoryEntry, &'a FieldChange),
}

impl History {
    /// How many entries are loaded at a time.
    pub const PAGE: usize = 50;

    /// An empty history, to be loaded.
    pub fn new(id: EmployeeId, name: String) -> Self {
        Self {
            id,
            name,
            entries: Vec::new(),
            asking: false,
            complete: false,
            focus: 0,
        }
    }

    /// Its lines.
    pub fn lines(&self) -> impl Iterator<Item = HistoryLine<'_>> {
        self.entries.iter().flat_map(|entry| {
            let changes = entry
                .changes
                .iter()
                .map(|change| HistoryLine::Change(entry, change));
            std::iter::once(HistoryLine::Entry(entry)).chain(changes)
        })
    }

    /// The version before which the next page ends, if the cursor is near the end of the loaded
    /// entries.
    pub fn next_page_before(&self) -> Option<Option<Version>> {
        let near = self.lines().count() < self.focus + Self::PAGE;
        (near && !self.asking && !self.complete).then(|| self.oldest())
    }

    /// The version of the oldest loaded entry.
    pub fn oldest(&self) -> Option<Version> {
        self.entries.last().map(|entry| entry.version)
    }

    /// Appends older entries.
    pub fn take(&mut self, entries: Vec<HistoryEntry>) {
        self.asking = false;
        self.complete = entries.len() < Self::PAGE;
        self.entries.extend(entries);
    }

    /// Moves the cursor.
    pub fn move_by(&mut self, by: isize) {
        let last = self.lines().count().saturating_sub(1);
        self.focus = self.focus.saturating_add_signed(by).min(last);
    }

    /// The values before the selected change: of its field, or of all fields of the entry. Empty
    /// for a creation or restore.
    pub fn old_values(&self) -> Vec<&FieldChange> {
        match self.lines().nth(self.focus) {
            Some(HistoryLine::Entry(entry) | HistoryLine::Change(entry, _))
                if entry.what == ChangeKind::Restored =>
            {
                Vec::new()
            }
            Some(HistoryLine::Entry(entry)) => entry.changes.iter().collect(),
            Some(HistoryLine::Change(_, change)) => vec![change],
            None => Vec::new(),
        }
    }

    /// The deletion, if the record is deleted.
    pub fn deletion(&self) -> Option<&HistoryEntry> {
        self.entries
            .first()
            .filter(|entry| matches!(entry.what, ChangeKind::Deleted | ChangeKind::Merged))
    }

    /// The record before its deletion, if the cursor is on that entry.
    pub fn deleted_record(&self) -> Option<Employee> {
        let deletion = self.deletion().filter(|_| self.focus == 0)?;
        Some(Employee {
            id: self.id,
            details: deletion.deleted_values()?.to_details().ok()?,
            // A deletion counts as a version.
            version: Version::new(deletion.version.get().saturating_sub(1)),
            created: deletion.at,
            updated: deletion.at,
            updated_by: deletion.by.clone(),
        })
    }
}
