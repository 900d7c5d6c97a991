//! A confirmation dialog.

use roster_common::api::{RunCounts, RunId};
use roster_common::{Employee, Status};

use super::account_call::AccountCall;
use super::undo::UndoEntry;
use super::unsaved::FoundWork;

/// A confirmation dialog.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirm {
    /// The question.
    pub question: Question,
    /// The selected answer; the first one changes nothing.
    pub chosen: usize,
}

/// What a [`Confirm`] asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// Delete this record?
    Delete {
        /// The record.
        employee: Box<Employee>,
        /// Who changed it since the question was first asked.
        changed_by: Option<String>,
        /// How many people report to them, as far as known.
        reports: usize,
    },
    /// Discard the form's changes?
    Discard,
    /// Leave a form that may or may not be saved?
    LeaveUnconfirmed,
    /// Reopen the unfinished text, or start over with the marked people?
    KeptDraft {
        /// How many people the text contains.
        people: usize,
    },
    /// Continue the work that an earlier run has left?
    UnsavedWork(Box<FoundWork>),
    /// Also change the status of people who are not in the file that is imported?
    MissingPeople {
        /// How many.
        people: u64,
        /// The status that they get.
        status: Status,
    },
    /// Undo this import, or redo it?
    UndoRun(UndoneRun),
    /// Sign out?
    SignOut,
    /// Make this change to a session or an account?
    Account(Box<AccountCall>),
}

/// An import to undo, or the undo of one.
#[derive(Debug, Clone, PartialEq)]
pub struct UndoneRun {
    /// The run to undo.
    pub run: RunId,
    /// Its description: `import of people.csv`.
    pub what: String,
    /// How many people it has changed.
    pub counts: RunCounts,
    /// Whether it is the undo of an import, so that the import is redone.
    pub is_redo: bool,
}

impl UndoneRun {
    /// The run of an entry, if it is one of an import.
    pub fn of(entry: &UndoEntry, is_redo: bool) -> Option<Self> {
        Some(Self {
            run: entry.run?,
            what: entry.what.clone(),
            counts: entry.counts,
            is_redo,
        })
    }
}

impl Question {
    /// The number of answers.
    pub fn answers(&self) -> usize {
        if matches!(self, Self::KeptDraft { .. } | Self::UnsavedWork(_)) {
            3
        } else {
            2
        }
    }
}

impl Confirm {
    /// Opens a confirmation with the safe answer selected.
    pub fn new(question: Question) -> Self {
        Self {
            question,
            chosen: 0,
        }
    }
}
