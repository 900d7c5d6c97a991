//! What takes more than one step: from what a person asks for, through the server's answers, to
//! what they are told.
//!
//! A flow is made of verbs. It returns a request to open a screen, and never opens one itself.

pub(super) mod accounts;
pub(super) mod batch;
pub(super) mod columns;
pub(super) mod completion;
pub(super) mod copy;
pub(super) mod deletion;
pub(super) mod draft;
pub(super) mod filter;
pub(super) mod history;
pub(super) mod marking;
pub(super) mod offline;
pub(super) mod reading;
pub(super) mod saving;
pub(super) mod session;
pub(super) mod suggestions;
pub(super) mod unanswered;
pub(super) mod undo;
