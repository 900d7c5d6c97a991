//! A write whose answer was lost, and its outcome.

use jiff::Timestamp;
use roster_common::query::{Column, Sort, Start, Window};
use roster_common::{Changes, Employee, EmployeeId, Field, Query, Username, Version};

/// An unanswered write of one record, which may have taken effect.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingWrite {
    /// The employee's id.
    pub id: EmployeeId,
    /// The version to which it applied.
    pub version: Version,
    /// The person's name.
    pub name: String,
    /// The change.
    pub kind: WriteKind,
    /// The record before it, for undo.
    pub before: Option<Box<Employee>>,
    /// When the record was first read and still had that version.
    pub unseen_since: Option<Timestamp>,
}

/// The kind of a [`PendingWrite`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteKind {
    /// Set these values.
    Change(Changes),
    /// Delete the record.
    Delete,
}

/// The outcome of an unanswered write, derived from the current record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteOutcome {
    /// It took effect.
    Done,
    /// The record has the new values, but someone else changed it too, or made the same change.
    AlreadySet,
    /// The record is unchanged: the request was lost, or may still take effect. It can be sent again,
    /// since it takes effect once at most.
    NotYet,
    /// Someone else changed the record differently.
    ChangedByOthers,
    /// The record no longer exists.
    Gone,
}

impl PendingWrite {
    /// A write of this kind for a record.
    pub fn new(before: Box<Employee>, kind: WriteKind) -> Self {
        let (id, version, name) = (before.id, before.version, before.details.full_name());
        Self {
            id,
            version,
            name,
            kind,
            before: Some(before),
            unseen_since: None,
        }
    }

    /// Derives the outcome from the current record, `None` if it was deleted. `me` is the user who
    /// sent it.
    ///
    /// Every change increments the version, so an equal version means no change so far.
    pub fn outcome(&self, me: &Username, now: Option<&Employee>) -> WriteOutcome {
        match (&self.kind, now) {
            (_, Some(now)) if now.version == self.version => WriteOutcome::NotYet,
            (WriteKind::Delete, None) => WriteOutcome::Done,
            (WriteKind::Delete, Some(_)) => WriteOutcome::ChangedByOthers,
            (WriteKind::Change(_), None) => WriteOutcome::Gone,
            (WriteKind::Change(changes), Some(now)) if !reads_as(now, changes) => {
                WriteOutcome::ChangedByOthers
            }
            (WriteKind::Change(_), Some(now))
                if now.version == self.version.next() && now.updated_by == me.as_str() =>
            {
                WriteOutcome::Done
            }
            (WriteKind::Change(_), Some(_)) => WriteOutcome::AlreadySet,
        }
    }
}

/// A creation whose answer was lost and whose form is closed.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingCreation {
    /// The values.
    pub changes: Changes,
    /// When it was first searched for and not found.
    pub unseen_since: Option<Timestamp>,
}

impl PendingCreation {
    /// How many matching records are checked.
    const MOST_CHECKED: usize = 20;

    /// The person's name.
    pub fn name(&self) -> String {
        let part = |field| self.changes.get(field).unwrap_or_default();
        format!("{} {}", part(Field::Firstname), part(Field::Lastname))
    }

    /// The query for records with these values, newest first.
    pub fn query(&self) -> Query {
        let values = self.changes.iter().filter(|(_, value)| !value.is_empty());
        Query {
            equals: values
                .map(|(field, value)| (field, value.to_owned()))
                .collect(),
            sort: Sort::by(Column::Id, true),
            window: Window::Page {
                limit: Self::MOST_CHECKED,
                start: Start::Offset(0),
            },
            ..Query::default()
        }
    }

    /// Finds the created record: made by `me` and unchanged since.
    pub fn found<'a>(&self, me: &Username, people: &'a [Employee]) -> Option<&'a Employee> {
        people
            .iter()
            .find(|person| person.version == Version::FIRST && person.updated_by == me.as_str())
    }
}

/// Returns `true` if the record already has these values.
pub fn reads_as(record: &Employee, changes: &Changes) -> bool {
    changes
        .apply_to(&record.details)
        .is_ok_and(|merged| merged == record.details)
}
