//! The undo stack: what was done in this session, so that it can be undone and redone.

use std::collections::BTreeMap;

use roster_common::{Changes, Employee, EmployeeId, Version};

use crate::format::{fields, people};

/// The entries of a session: those that can be undone, and those that can be redone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UndoStack {
    /// What was done, the newest last.
    pub done: Vec<UndoEntry>,
    /// What was undone, the newest last.
    pub undone: Vec<UndoEntry>,
}

/// One thing that a person did, to one record or to many.
#[derive(Debug, Clone, PartialEq)]
pub struct UndoEntry {
    /// Its description: `Isla Jarvis, title`.
    pub what: String,
    /// The edit of each record.
    pub edits: Vec<Edit>,
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
    /// An edit that made `after` of `before`.
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

    /// What it did to `who`: `Isla Jarvis, title`, `add Isla Jarvis` or `delete Isla Jarvis`.
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
    /// An entry named after what it did to whom.
    pub fn new(edits: Vec<Edit>) -> Self {
        let who = match edits.as_slice() {
            [one] => one.name(),
            many => people(many.len()),
        };
        let what = edits.first().map(|edit| edit.describe(&who));
        Self {
            what: what.unwrap_or_default(),
            edits,
        }
    }

    /// Returns `true` if it created a record: then only those who may delete can undo it.
    pub fn creates(&self) -> bool {
        self.edits.iter().any(|edit| edit.before.is_none())
    }

    /// An entry of the same name with these edits; `None` if there are none.
    pub fn with(&self, edits: Vec<Edit>) -> Option<Self> {
        (!edits.is_empty()).then(|| Self {
            what: self.what.clone(),
            edits,
        })
    }
}

impl UndoStack {
    /// Adds what a person did. What was undone before can then not be redone.
    pub fn push(&mut self, edits: Vec<Edit>) {
        if !edits.is_empty() {
            self.done.push(UndoEntry::new(edits));
            self.undone.clear();
        }
    }

    /// Removes an entry that has been undone or redone as far as possible. What remains of an entry
    /// of many records has another name, so entries are compared by their edits.
    pub fn remove(&mut self, entry: &UndoEntry) {
        self.done.retain(|it| it.edits != entry.edits);
        self.undone.retain(|it| it.edits != entry.edits);
    }

    /// Moves an entry that met a conflict to the other side, with the edits that resolving the
    /// conflict made. Returns `true` if it was one to be undone.
    pub fn decide(&mut self, entry: &UndoEntry, edits: Vec<Edit>) -> bool {
        let was_done = self.done.iter().any(|it| it.edits == entry.edits);
        self.remove(entry);
        let others = if was_done {
            &mut self.undone
        } else {
            &mut self.done
        };
        others.extend(entry.with(edits));
        was_done
    }

    /// Restored records have a new version. Every entry that began or ended in such a state now
    /// begins or ends in this one, unless somebody has changed other fields meanwhile: then it is
    /// another state.
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
