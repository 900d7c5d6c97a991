//! Unsaved work, kept in a file so that the end of the program does not lose it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use roster_common::{Changes, Employee, EmployeeId, Field, Username};
use serde::{Deserialize, Serialize};

use super::batch::{Batch, BatchRow, Outcome, Stage, Step};
use super::conflict::{Conflict, Side};
use super::form::{Form, Purpose};

/// How long unsaved work is offered.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The texts of fields, by their names.
type Texts = BTreeMap<String, String>;

/// The file of unsaved work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptWork {
    /// When it was last changed.
    pub at: Timestamp,
    /// The work.
    pub work: UnsavedWork,
}

/// Work that is not saved on the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnsavedWork {
    /// The form of a new person.
    New {
        /// The idempotency key, so that a person who was added after all is not added twice.
        key: String,
        /// What was entered.
        texts: Texts,
    },
    /// The form of a record, and its conflict.
    Record {
        /// The record on which it is based.
        base: Box<Employee>,
        /// The changed fields.
        texts: Texts,
        /// The conflict, if it was open.
        conflict: Option<KeptConflict>,
    },
    /// The form of many records.
    Many {
        /// The records.
        ids: Vec<EmployeeId>,
        /// The changed fields; an empty one is cleared for everyone.
        texts: Texts,
    },
    /// A bulk change that is not finished.
    Batch {
        /// Its title.
        title: String,
        /// The records that are left, each with its changes; without any it is deleted.
        rows: Vec<(EmployeeId, Option<Texts>)>,
    },
}

/// A conflict that is partly resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptConflict {
    /// The current record.
    pub theirs: Box<Employee>,
    /// The fields that were decided: whether the user's value was taken.
    pub mine: BTreeMap<String, bool>,
}

/// The work that was kept last, and its user.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Keeping {
    /// Who signed in last.
    pub user: Option<Username>,
    /// What is in the file now.
    pub last: Option<Kept>,
    /// The file of an earlier run whose work is continued: removed once it is in the own one.
    pub resumed: Option<PathBuf>,
}

/// What is in the file. Bulk changes may be long, so they are written once for each stage.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// A bulk change, by its number.
    Batch(u64, Stage),
    /// Other work.
    Work(Box<UnsavedWork>),
}

impl KeptWork {
    /// Reads the file. Returns `None` if it is older than a week, or cannot be read.
    pub fn read(text: &str, now: Timestamp) -> Option<Self> {
        let kept: Self = serde_json::from_str(text).ok()?;
        let age = now.duration_since(kept.at);
        (age < KEPT_FOR).then_some(kept)
    }
}

/// Work that was found at the start, and its file.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundWork {
    /// The work, with its time.
    pub kept: KeptWork,
    /// The file.
    pub path: PathBuf,
}

impl UnsavedWork {
    /// The unsaved work of a form.
    pub fn of_form(form: &Form, conflict: Option<&Conflict>) -> Option<Self> {
        // The form of an undo has nothing that was typed.
        if !form.is_changed() || form.undoing.is_some() {
            return None;
        }
        let changes = match &form.purpose {
            // It is deleted again, or there, when the work is resumed.
            Purpose::Restore(base) => form.differences(base),
            Purpose::Create { .. } | Purpose::Edit(_) | Purpose::Many(_) => form.changes(),
        };
        let texts = changes
            .iter()
            .map(|(field, _)| (field.name().to_owned(), form.text(field).to_owned()))
            .collect();
        Some(match &form.purpose {
            Purpose::Create { key } => Self::New {
                key: key.clone(),
                texts,
            },
            Purpose::Edit(base) | Purpose::Restore(base) => Self::Record {
                base: base.clone(),
                texts,
                conflict: conflict.map(KeptConflict::of),
            },
            Purpose::Many(ids) => Self::Many {
                ids: ids.clone(),
                texts,
            },
        })
    }

    /// What is left of a bulk change.
    pub fn of_batch(batch: &Batch) -> Self {
        let is_left = |row: &&BatchRow| {
            matches!(
                row.outcome,
                Outcome::Waiting | Outcome::Asked | Outcome::Unanswered
            )
        };
        let row = |row: &BatchRow| match &row.step {
            Step::Change(changes) => Some((row.id, Some(texts_of(changes)))),
            Step::Delete => Some((row.id, None)),
            Step::Restore(_) => None,
        };
        Self::Batch {
            title: batch.title.clone(),
            rows: batch.rows.iter().filter(is_left).filter_map(row).collect(),
        }
    }

    /// What it is about, for a question: `Maya Castro`.
    pub fn subject(&self) -> String {
        match self {
            Self::New { .. } => "a new person".to_owned(),
            Self::Record { base, .. } => base.details.full_name(),
            Self::Many { ids, .. } => crate::format::people(ids.len()),
            Self::Batch { rows, .. } => crate::format::people(rows.len()),
        }
    }
}

fn texts_of(changes: &Changes) -> Texts {
    let texts = changes.iter();
    texts
        .map(|(field, text)| (field.name().to_owned(), text.to_owned()))
        .collect()
}

/// The fields of kept texts. A field that this version does not know is left out.
pub fn fields(texts: &Texts) -> impl Iterator<Item = (Field, &str)> {
    texts
        .iter()
        .filter_map(|(name, text)| Some((Field::from_name(name)?, text.as_str())))
}

impl KeptConflict {
    fn of(conflict: &Conflict) -> Self {
        let decided = conflict
            .rows
            .iter()
            .filter(|row| !row.merged)
            .filter_map(|row| Some((row.field.name().to_owned(), row.take? == Side::Mine)));
        Self {
            theirs: conflict.theirs.clone(),
            mine: decided.collect(),
        }
    }
}
