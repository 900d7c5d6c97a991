//! Flows: tasks with several steps, from the user's request through the server's answers to the
//! message.
//!
//! Flows are made of verbs. They return the screen to open, and never open one themselves.

pub(super) mod accounts;
pub(super) mod batch;
pub(super) mod columns;
pub(super) mod completion;
pub(super) mod copy;
pub(super) mod deletion;
pub(super) mod draft;
pub(super) mod email_owner;
pub(super) mod export;
pub(super) mod filter;
pub(super) mod history;
pub(super) mod import;
pub(super) mod live;
pub(super) mod marking;
pub(super) mod navigation;
pub(super) mod offline;
pub(super) mod path;
pub(super) mod reading;
pub(super) mod saved_filters;
pub(super) mod saving;
pub(super) mod session;
pub(super) mod suggestions;
pub(super) mod unanswered;
pub(super) mod undo;
pub(super) mod unsaved;
