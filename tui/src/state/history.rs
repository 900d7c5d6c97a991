//! The history of one record.

use roster_common::history::{ChangeKind, FieldChange, HistoryEntry};
use roster_common::{Employee, EmployeeId, Version};

/// The history of one record, the newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The employee's id.
    pub id: EmployeeId,
    /// The name.
    pub name: String,
    /// What is here of it.
    pub entries: Vec<HistoryEntry>,
    /// Whether a request is in flight.
    pub asking: bool,
    /// Whether there is nothing older.
    pub complete: bool,
    /// The line of the cursor.
    pub focus: usize,
}

/// One line of a [`History`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryLine<'a> {
    /// Who did what, and when.
    Entry(&'a HistoryEntry),
    /// A field that it changed.
    Change(&'a HistoryEntry, &'a FieldChange),
}

impl History {
    /// How many entries are asked for at a time.
    pub const PAGE: usize = 50;

    /// A history of which nothing is here yet.
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

    /// Before which version to ask for more, where the cursor is near the end of what is here.
    pub fn width_ranges(&self) -> Option<Option<Version>> {
        let near = self.lines().count() < self.focus + Self::PAGE;
        (near && !self.asking && !self.complete).then(|| self.oldest())
    }

    /// The version of the oldest entry that is here.
    pub fn oldest(&self) -> Option<Version> {
        self.entries.last().map(|entry| entry.version)
    }

    /// Takes in older entries.
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

    /// The values before the change of the cursor: of its field, or of all fields of the entry. Before somebody was
    /// brought back there were none.
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

    /// The deletion that was the end of it, if it has ended.
    pub fn deletion(&self) -> Option<&HistoryEntry> {
        self.entries
            .first()
            .filter(|entry| entry.what == ChangeKind::Deleted)
    }

    /// The record as it was before the deletion of the cursor's line, if that was the end of it.
    pub fn lost(&self) -> Option<Employee> {
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
