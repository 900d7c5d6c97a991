//! A confirmation dialog.

use roster_common::{Employee, Status};

use super::account_call::AccountCall;
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
    /// Sign out?
    SignOut,
    /// Make this change to a session or an account?
    Account(Box<AccountCall>),
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
