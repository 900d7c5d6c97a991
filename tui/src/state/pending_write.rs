//! A write whose answer was lost, and its outcome.

use roster_common::query::{Column, Sort, Start, Window};
use roster_common::{Changes, Employee, EmployeeId, Field, Query, Username, Version};

/// An unanswered write of one record, which may have been done.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingWrite {
    /// Which record.
    pub id: EmployeeId,
    /// The version to which it applied.
    pub version: Version,
    /// Whose it is.
    pub name: String,
    /// What was asked.
    pub kind: WriteKind,
    /// The record as it was, for what was done to be undone.
    pub before: Option<Box<Employee>>,
}

/// What a [`PendingWrite`] was to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteKind {
    /// To give the record new values.
    Change(Changes),
    /// To take the record away.
    Delete,
}

/// The outcome of an unanswered write, derived from the current record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteOutcome {
    /// It was done.
    Done,
    /// The record reads as it was to, and somebody else has had it in hand: before it, since, or for the same.
    AlreadySet,
    /// It was not done, and may be asked for again.
    NotApplied,
    /// Somebody has changed the record in another way.
    ChangedByOthers,
    /// The record no longer exists.
    Gone,
}

impl PendingWrite {
    /// What was asked for a record, as it was then.
    pub fn new(before: Box<Employee>, kind: WriteKind) -> Self {
        let (id, version, name) = (before.id, before.version, before.details.full_name());
        Self {
            id,
            version,
            name,
            kind,
            before: Some(before),
        }
    }

    /// What became of it, if the record is `now` what it is; nothing if there is none. `me` is who asked.
    ///
    /// Every change makes another version, so a record of the old one was not changed.
    pub fn outcome(&self, me: &Username, now: Option<&Employee>) -> WriteOutcome {
        match (&self.kind, now) {
            (_, Some(now)) if now.version == self.version => WriteOutcome::NotApplied,
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

/// A creation whose answer was lost, and whose form was left before it came.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingCreation {
    /// The values.
    pub changes: Changes,
}

impl PendingCreation {
    /// How many who read so are looked at.
    const MOST: usize = 20;

    /// Who was to be added.
    pub fn name(&self) -> String {
        let part = |field| self.changes.get(field).unwrap_or_default();
        format!("{} {}", part(Field::Firstname), part(Field::Lastname))
    }

    /// Asks for those who read so, the newest first.
    pub fn query(&self) -> Query {
        let values = self.changes.iter().filter(|(_, value)| !value.is_empty());
        Query {
            q: String::new(),
            equals: values
                .map(|(field, value)| (field, value.to_owned()))
                .collect(),
            sort: Sort::by(Column::Id, true),
            window: Window::Page {
                limit: Self::MOST,
                start: Start::Offset(0),
            },
        }
    }

    /// Which of those who read so is the one: nobody has changed it since `me` has made it.
    pub fn found<'a>(&self, me: &Username, people: &'a [Employee]) -> Option<&'a Employee> {
        people
            .iter()
            .find(|person| person.version == Version::FIRST && person.updated_by == me.as_str())
    }
}

/// Whether `changes` would leave the record as it is.
pub fn reads_as(record: &Employee, changes: &Changes) -> bool {
    changes
        .apply_to(&record.details)
        .is_ok_and(|merged| merged == record.details)
}
