//! A question before something that cannot be taken back.

use roster_common::Employee;

use super::account_call::AccountCall;

/// A question before something that cannot be taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirm {
    /// What is asked.
    pub question: Question,
    /// The answer that is chosen: the first one leaves everything as it is.
    pub chosen: usize,
}

/// What a [`Confirm`] asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// Whether to delete this record, as it was read.
    Delete {
        /// The record.
        employee: Box<Employee>,
        /// Who has changed it since the question was first asked.
        changed_by: Option<String>,
        /// How many people report to them, as far as that is known.
        reports: usize,
    },
    /// Whether to leave a form and lose what was typed.
    Discard,
    /// Whether to leave a form of which it is not known whether it is saved.
    Abandon,
    /// Whether to open the text that is kept, or to begin another one of those who are marked now.
    KeptText {
        /// How many people it has.
        people: usize,
    },
    /// Whether to sign out.
    SignOut,
    /// Whether to do this to a session or an account.
    Account(Box<AccountCall>),
}

impl Question {
    /// How many answers it has.
    pub fn answers(&self) -> usize {
        if matches!(self, Self::KeptText { .. }) {
            3
        } else {
            2
        }
    }
}

impl Confirm {
    /// A question, with the harmless answer chosen.
    pub fn new(question: Question) -> Self {
        Self {
            question,
            chosen: 0,
        }
    }
}
