//! What happens to the application: keys, answers, timers.

use std::path::PathBuf;

use jiff::Timestamp;
use ratatui::layout::{Position, Size};
use roster_common::api::FieldValue;
use roster_common::history::HistoryEntry;
use roster_common::{Employee, EmployeeId, Field, Query, Username, Version};

use crate::keys::Key;
use crate::remote::{ClientError, Identity, Page, Result};
use crate::state::PendingWrite;
use crate::state::pending_write::PendingCreation;

pub mod account;

/// An event for `update`.
#[derive(Debug, Clone)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// The mouse did something in a cell; only where a person has given it to the application.
    Mouse(Mouse, Position),
    /// Text was pasted.
    Paste(String),
    /// The terminal was resized.
    Resize(Size),
    /// The answer to [`LocalTask::LoadColumns`](crate::effect::LocalTask::LoadColumns): what
    /// the file says, if there is one.
    ColumnsLoaded {
        /// Whose columns.
        user: Username,
        /// Its text, or why it cannot be read.
        text: std::result::Result<Option<String>, String>,
    },
    /// What [`LocalTask::SaveColumns`](crate::effect::LocalTask::SaveColumns) or
    /// [`LocalTask::SaveTheme`](crate::effect::LocalTask::SaveTheme) was to keep could not be
    /// written.
    SaveFailed {
        /// What is not kept: `The theme is`.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// The result of a server call.
    Reply(Box<Reply>),
    /// A timer that was set by [`LocalTask::Wait`](crate::effect::LocalTask::Wait) went off.
    Timer(Timer),
    /// To [`TerminalTask::OpenEditor`](crate::effect::TerminalTask::OpenEditor): the editor has
    /// been left.
    EditorClosed {
        /// The file, if it could be written.
        path: Option<PathBuf>,
        /// What stands in it now, if it can be read.
        text: Option<String>,
        /// What went wrong.
        failure: Option<String>,
    },
    /// The current time.
    Clock(Timestamp),
    /// A fresh access token says this of who is signed in.
    IdentityRenewed(Identity),
    /// To [`LocalTask::Copy`](crate::effect::LocalTask::Copy).
    Copied {
        /// What it was, in a few words.
        what: String,
        /// Where it went, or why nowhere.
        result: std::result::Result<Clipboard, String>,
    },
}

/// What a mouse does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// The first button went down.
    Press,
    /// The wheel turned away from the person.
    WheelUp,
    /// The wheel turned towards the person.
    WheelDown,
}

/// An answer, with what it answers.
#[derive(Debug, Clone)]
pub enum Reply {
    /// To [`Call::Resume`](crate::effect::Call::Resume).
    Resumed(Result<Option<Identity>>),
    /// To [`Call::SignIn`](crate::effect::Call::SignIn).
    SignedIn(Result<Identity>),
    /// To [`Call::SignOut`](crate::effect::Call::SignOut).
    SignedOut(Result<()>),
    /// To [`Call::Load`](crate::effect::Call::Load).
    Loaded {
        /// The query's generation.
        generation: u64,
        /// The first row that was asked for.
        offset: usize,
        /// The rows.
        result: Result<Page>,
    },
    /// To [`Call::Values`](crate::effect::Call::Values).
    Values {
        /// Of which field.
        field: Field,
        /// What was typed.
        text: String,
        /// The values.
        result: Result<Vec<FieldValue>>,
    },
    /// To [`Call::People`](crate::effect::Call::People).
    People {
        /// What was typed.
        text: String,
        /// The people.
        result: Result<Page>,
    },
    /// To [`Call::Fetch`](crate::effect::Call::Fetch).
    Fetched {
        /// Whom.
        id: EmployeeId,
        /// The record.
        result: Result<Employee>,
    },
    /// To [`Call::Collect`](crate::effect::Call::Collect).
    Collected {
        /// What was asked.
        query: Query,
        /// The rows.
        result: Result<Page>,
    },
    /// To [`Call::History`](crate::effect::Call::History).
    HistoryRead {
        /// The employee's id.
        id: EmployeeId,
        /// Before which version.
        before: Option<Version>,
        /// The entries.
        result: Result<Vec<HistoryEntry>>,
    },
    /// To [`Call::Apply`](crate::effect::Call::Apply).
    Applied {
        /// Of which batch.
        batch: u64,
        /// Which row.
        row: usize,
        /// The record, if there is one now.
        result: Result<Option<Employee>>,
    },
    /// To [`Call::Create`](crate::effect::Call::Create).
    Created(Result<Employee>),
    /// To [`Call::Change`](crate::effect::Call::Change).
    Changed(Result<Employee>),
    /// To [`Call::Delete`](crate::effect::Call::Delete).
    Deleted {
        /// The record as it was.
        employee: Box<Employee>,
        /// What came of it.
        result: Result<()>,
    },
    /// To [`Call::Account`](crate::effect::Call::Account).
    Account(account::AccountAnswer),
    /// To [`Call::CheckWrite`](crate::effect::Call::CheckWrite).
    WriteChecked {
        /// What was not answered.
        write: Box<PendingWrite>,
        /// The record as it is now.
        result: Result<Employee>,
    },
    /// To [`Call::CheckCreation`](crate::effect::Call::CheckCreation).
    CreationChecked {
        /// Who was to be added.
        creation: Box<PendingCreation>,
        /// Those who read so, the newest first.
        result: Result<Page>,
    },
}

impl Reply {
    /// Whether it answers an [`Call::is_write`](crate::effect::Call::is_write).
    pub fn is_to_write(&self) -> bool {
        match self {
            Self::Account(answer) => answer.is_to_write(),
            Self::Created(_)
            | Self::Changed(_)
            | Self::Deleted { .. }
            | Self::SignedOut(_)
            | Self::WriteChecked { .. }
            | Self::CreationChecked { .. }
            | Self::Applied { .. } => true,
            _ => false,
        }
    }

    /// Why it is not what was asked for, if it is not.
    pub fn error(&self) -> Option<&ClientError> {
        match self {
            Self::Resumed(result) => result.as_ref().err(),
            Self::Account(answer) => answer.error(),
            Self::SignedIn(result) => result.as_ref().err(),
            Self::Loaded { result, .. } | Self::People { result, .. } => result.as_ref().err(),
            Self::Collected { result, .. } | Self::CreationChecked { result, .. } => {
                result.as_ref().err()
            }
            Self::Values { result, .. } => result.as_ref().err(),
            Self::HistoryRead { result, .. } => result.as_ref().err(),
            Self::Applied { result, .. } => result.as_ref().err(),
            Self::Created(result) | Self::Changed(result) => result.as_ref().err(),
            Self::WriteChecked { result, .. } | Self::Fetched { result, .. } => {
                result.as_ref().err()
            }
            Self::SignedOut(result) | Self::Deleted { result, .. } => result.as_ref().err(),
        }
    }
}

/// A timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timer {
    /// The next frame of the spinner.
    Spinner,
    /// The next try to reach the server.
    Retry,
}

/// Where copied text goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clipboard {
    /// The terminal, which may hand it on to the desktop, and does not say whether it did.
    Terminal,
    /// A buffer of tmux, and through it the terminal.
    Tmux,
    /// A file, where there is neither.
    File(PathBuf),
}
