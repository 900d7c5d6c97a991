//! The undo stack: the changes of this session that can be undone and redone.

use std::collections::BTreeMap;

use roster_common::api::{RunCounts, RunId};
use roster_common::{Changes, Employee, EmployeeId, Version};

use crate::format::{fields, people};

/// The undo and redo entries of a session.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UndoStack {
    /// Entries to undo, newest last.
    pub done: Vec<UndoEntry>,
    /// Entries to redo, newest last.
    pub undone: Vec<UndoEntry>,
}

/// One undoable action, on one record or many.
#[derive(Debug, Clone, PartialEq)]
pub struct UndoEntry {
    /// Its description: `Isla Jarvis, title`.
    pub what: String,
    /// The edit of each record; none for an import.
    pub edits: Vec<Edit>,
    /// The import, or the undo of one, which the server undoes as a whole.
    pub run: Option<RunId>,
    /// How many people the import, or the undo of one, has changed.
    pub counts: RunCounts,
}

/// A record before and after an edit.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The record before; `None` if the edit created it.
    pub before: Option<Box<Employee>>,
    /// The record after; `None` if the edit deleted it.
    pub after: Option<Box<Employee>>,
}

impl Edit {
    /// The edit from `before` to `after`.
    pub fn new(before: Option<Employee>, after: Option<Employee>) -> Self {
        Self {
            before: before.map(Box::new),
            after: after.map(Box::new),
        }
    }

    fn states(&mut self) -> impl Iterator<Item = &mut Box<Employee>> {
        self.before.iter_mut().chain(self.after.iter_mut())
    }

    /// The person's name.
    fn name(&self) -> String {
        self.after
            .as_ref()
            .or(self.before.as_ref())
            .map(|person| person.details.full_name())
            .unwrap_or_default()
    }

    /// Describes the edit: `Isla Jarvis, title`, `add Isla Jarvis` or `delete Isla Jarvis`.
    fn describe(&self, who: &str) -> String {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                let changes = Changes::between(&before.details, &after.details);
                format!("{who}, {}", fields(&changes))
            }
            (None, _) => format!("add {who}"),
            (_, None) => format!("delete {who}"),
        }
    }
}

impl UndoEntry {
    /// An entry with a description of its edits.
    pub fn new(edits: Vec<Edit>) -> Self {
        let who = match edits.as_slice() {
            [one] => one.name(),
            many => people(many.len()),
        };
        let what = edits.first().map(|edit| edit.describe(&who));
        Self {
            what: what.unwrap_or_default(),
            edits,
            run: None,
            counts: RunCounts::default(),
        }
    }

    /// The entry of an import, or of the undo of one.
    pub fn of_run(what: String, run: RunId, counts: RunCounts) -> Self {
        Self {
            what,
            edits: Vec::new(),
            run: Some(run),
            counts,
        }
    }

    /// Returns `true` if it created a record: only users who may delete can undo that.
    pub fn creates(&self) -> bool {
        self.edits.iter().any(|edit| edit.before.is_none())
    }

    /// An entry of the same name with these edits; `None` if there are none.
    pub fn with(&self, edits: Vec<Edit>) -> Option<Self> {
        (!edits.is_empty()).then(|| Self {
            what: self.what.clone(),
            edits,
            run: None,
            counts: RunCounts::default(),
        })
    }
}

impl UndoStack {
    /// Pushes an entry and clears the redo entries.
    pub fn push(&mut self, edits: Vec<Edit>) {
        if !edits.is_empty() {
            self.push_entry(UndoEntry::new(edits));
        }
    }

    /// Pushes an entry and clears the redo entries.
    pub fn push_entry(&mut self, entry: UndoEntry) {
        self.done.push(entry);
        self.undone.clear();
    }

    /// Removes the entry of a run. Returns it, and whether it was one to undo.
    pub fn take_run(&mut self, run: RunId) -> Option<(UndoEntry, bool)> {
        let of_run = |entry: &UndoEntry| entry.run == Some(run);
        if let Some(at) = self.done.iter().position(of_run) {
            return Some((self.done.remove(at), true));
        }
        let at = self.undone.iter().position(of_run)?;
        Some((self.undone.remove(at), false))
    }

    /// Returns `true` if the entry is one to undo, not to redo.
    pub fn is_done(&self, entry: &UndoEntry) -> bool {
        self.done.iter().any(|it| it.edits == entry.edits)
    }

    /// What becomes of the entry, `undone` or `redone`, for a message.
    pub fn participle(&self, entry: &UndoEntry) -> &'static str {
        if self.is_done(entry) {
            "undone"
        } else {
            "redone"
        }
    }

    /// Removes an entry that was undone or redone as far as possible. Entries are compared by their
    /// edits, since a partly undone one has another description.
    pub fn remove(&mut self, entry: &UndoEntry) {
        self.done.retain(|it| it.edits != entry.edits);
        self.undone.retain(|it| it.edits != entry.edits);
    }

    /// Moves an entry that met a conflict to the other stack, with the edits made by resolving it.
    /// Returns `true` if it was an undo.
    pub fn finish_conflict(&mut self, entry: &UndoEntry, edits: Vec<Edit>) -> bool {
        let was_done = self.is_done(entry);
        self.remove(entry);
        let others = if was_done {
            &mut self.undone
        } else {
            &mut self.done
        };
        others.extend(entry.with(edits));
        was_done
    }

    /// A restored record has a new version. Entries that refer to the old one are updated, unless
    /// someone else has changed other fields meanwhile.
    pub fn rebind(&mut self, restored: &BTreeMap<(EmployeeId, Version), &Employee>) {
        let edits = self
            .done
            .iter_mut()
            .chain(&mut self.undone)
            .flat_map(|entry| &mut entry.edits);
        for state in edits.flat_map(Edit::states) {
            if let Some(now) = restored
                .get(&(state.id, state.version))
                .filter(|now| now.details == state.details)
            {
                **state = (*now).clone();
            }
        }
    }
}
