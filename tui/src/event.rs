//! Events: keys, server replies, timers.

use std::path::PathBuf;

use jiff::Timestamp;
use ratatui::layout::{Position, Size};
use roster_common::api::{FieldValue, RunId, UndoReport};
use roster_common::history::HistoryEntry;
use roster_common::{Employee, EmployeeId, Field, Query, Username, Version};

use crate::export::{ExportFailure, Exported};
use crate::import::{ImportAnswer, Progress};
use crate::keys::Key;
use crate::remote::{ClientError, Identity, Page, Related, Result};
use crate::state::PendingWrite;
use crate::state::path_entry::FolderEntry;
use crate::state::pending_write::PendingCreation;
use crate::state::unsaved::FoundWork;

pub mod account;

/// An event for `update`.
#[derive(Debug, Clone)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// A mouse event at a cell; only if the mouse is enabled.
    Mouse(Mouse, Position),
    /// Text was pasted.
    Paste(String),
    /// The terminal was resized.
    Resize(Size),
    /// The result of [`LocalTask::LoadUserFiles`](crate::effect::LocalTask::LoadUserFiles): the file's
    /// text, if there is one.
    ColumnsLoaded {
        /// The user whose columns they are.
        user: Username,
        /// The file's text, or why it cannot be read.
        text: std::result::Result<Option<String>, String>,
    },
    /// Unsaved work of an earlier run, found by
    /// [`LocalTask::LoadUserFiles`](crate::effect::LocalTask::LoadUserFiles).
    WorkFound {
        /// The user whose work it is.
        user: Username,
        /// The work and its file.
        found: Box<FoundWork>,
    },
    /// The result of [`LocalTask::LoadUserFiles`](crate::effect::LocalTask::LoadUserFiles): the text of
    /// the saved filters, if there are any.
    FiltersLoaded {
        /// The user whose filters they are.
        user: Username,
        /// The file's text, or why it cannot be read.
        text: std::result::Result<Option<String>, String>,
    },
    /// Saving failed: [`LocalTask::SaveColumns`](crate::effect::LocalTask::SaveColumns) or
    /// [`LocalTask::SaveTheme`](crate::effect::LocalTask::SaveTheme).
    SaveFailed {
        /// What was not saved: `Theme`.
        what: &'static str,
        /// The reason.
        why: String,
    },
    /// A call has waited two seconds for another process that uses the same session.
    WaitsForLock,
    /// The result of a server call.
    Reply(Box<Reply>),
    /// How far the running export or import is.
    Progress(Progress),
    /// The result of [`LocalTask::ListFolder`](crate::effect::LocalTask::ListFolder).
    FolderListed {
        /// The folder, as it was asked for.
        folder: String,
        /// What is in it; nothing if it cannot be read.
        entries: Vec<FolderEntry>,
    },
    /// From the stream of changes by others.
    Stream(Box<StreamEvent>),
    /// A timer set by [`LocalTask::Wait`](crate::effect::LocalTask::Wait) fired.
    Timer(Timer),
    /// The editor of [`TerminalTask::OpenEditor`](crate::effect::TerminalTask::OpenEditor) was
    /// closed.
    EditorClosed {
        /// The file, if it could be written.
        path: Option<PathBuf>,
        /// Its text now, if it can be read.
        text: Option<String>,
        /// What went wrong.
        failure: Option<String>,
    },
    /// The editor of [`TerminalTask::EditField`](crate::effect::TerminalTask::EditField) was closed:
    /// the text, or what went wrong.
    FieldEdited(std::result::Result<String, String>),
    /// The current time.
    Clock(Timestamp),
    /// A new access token has another identity: a changed role or a longer session.
    IdentityRenewed(Identity),
    /// The result of [`LocalTask::Copy`](crate::effect::LocalTask::Copy).
    Copied {
        /// A short description of the text.
        what: String,
        /// Where the text went, or why it was not copied.
        result: std::result::Result<Clipboard, String>,
    },
}

/// What comes from [`LocalTask::Follow`](crate::effect::LocalTask::Follow).
#[derive(Debug, Clone)]
pub enum StreamEvent {
    /// The stream is open.
    Opened,
    /// A change was committed.
    Change(roster_common::event::Event),
    /// The stream could not be opened, and is not tried again.
    Ended(ClientError),
}

/// A mouse event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// The left button was pressed.
    Press,
    /// The wheel was turned up.
    WheelUp,
    /// The wheel was turned down.
    WheelDown,
}

/// The result of a [`Call`](crate::effect::Call).
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
        /// The query's number.
        query_number: u64,
        /// The index of the first row requested.
        offset: usize,
        /// The rows.
        result: Result<Page>,
    },
    /// To [`Call::Values`](crate::effect::Call::Values).
    Values {
        /// The field.
        field: Field,
        /// The text that was typed.
        text: String,
        /// The values.
        result: Result<Vec<FieldValue>>,
    },
    /// To [`Call::EmailOwners`](crate::effect::Call::EmailOwners).
    EmailOwners {
        /// The address.
        email: String,
        /// The people who have it, ignoring case; at most two.
        result: Result<Page>,
    },
    /// To [`Call::People`](crate::effect::Call::People).
    People {
        /// The text that was typed.
        text: String,
        /// The people.
        result: Result<Page>,
    },
    /// To [`Call::Fetch`](crate::effect::Call::Fetch).
    Fetched {
        /// The employee's id.
        id: EmployeeId,
        /// The record.
        result: Result<Employee>,
    },
    /// To [`Call::Collect`](crate::effect::Call::Collect).
    Collected {
        /// The query that was sent.
        query: Query,
        /// The rows.
        result: Result<Page>,
    },
    /// To [`Call::Export`](crate::effect::Call::Export).
    Exported(std::result::Result<Exported, ExportFailure>),
    /// To [`Call::Import`](crate::effect::Call::Import).
    Import(Box<ImportAnswer>),
    /// To [`Call::UndoRun`](crate::effect::Call::UndoRun).
    RunUndone {
        /// The run that was to be undone.
        run: RunId,
        /// What was undone.
        result: Result<UndoReport>,
    },
    /// To [`Call::History`](crate::effect::Call::History).
    HistoryRead {
        /// The employee's id.
        id: EmployeeId,
        /// The version that the entries precede.
        before: Option<Version>,
        /// The entries.
        result: Result<Vec<HistoryEntry>>,
    },
    /// To [`Call::Related`](crate::effect::Call::Related).
    RelatedLoaded {
        /// The employee's id.
        id: EmployeeId,
        /// The reports and the last changes.
        result: Result<Related>,
    },
    /// To [`Call::Apply`](crate::effect::Call::Apply).
    Applied {
        /// The batch number.
        batch: u64,
        /// The row's index.
        row: usize,
        /// The new record; `None` after a deletion.
        result: Result<Option<Employee>>,
    },
    /// To [`Call::Create`](crate::effect::Call::Create).
    Created(Result<Employee>),
    /// To [`Call::Restore`](crate::effect::Call::Restore).
    Restored(Result<Employee>),
    /// To [`Call::Change`](crate::effect::Call::Change).
    Changed(Result<Employee>),
    /// To [`Call::Delete`](crate::effect::Call::Delete).
    Deleted {
        /// The record before the deletion.
        employee: Box<Employee>,
        /// Whether it was deleted.
        result: Result<()>,
    },
    /// To [`Call::Account`](crate::effect::Call::Account).
    Account(account::AccountAnswer),
    /// To [`Call::CheckWrite`](crate::effect::Call::CheckWrite).
    WriteChecked {
        /// The unanswered write.
        write: Box<PendingWrite>,
        /// The current record.
        result: Result<Employee>,
    },
    /// To [`Call::CheckCreation`](crate::effect::Call::CheckCreation).
    CreationChecked {
        /// The unanswered creation.
        creation: Box<PendingCreation>,
        /// The records with these values, newest first.
        result: Result<Page>,
    },
}

impl Reply {
    /// Returns `true` for a reply to a write; see
    /// [`Call::is_write`](crate::effect::Call::is_write).
    pub fn is_to_write(&self) -> bool {
        match self {
            Self::Account(answer) => answer.is_to_write(),
            Self::Import(answer) => matches!(**answer, ImportAnswer::Done(_)),
            Self::Created(_)
            | Self::Restored(_)
            | Self::Changed(_)
            | Self::Deleted { .. }
            | Self::SignedOut(_)
            | Self::WriteChecked { .. }
            | Self::CreationChecked { .. }
            | Self::RunUndone { .. }
            | Self::Applied { .. } => true,
            _ => false,
        }
    }

    /// The error, if the call failed.
    pub fn error(&self) -> Option<&ClientError> {
        // Without a wildcard: a reply that is forgotten here would hide that the server is
        // unreachable.
        match self {
            Self::Resumed(result) => result.as_ref().err(),
            Self::Account(answer) => answer.error(),
            Self::SignedIn(result) => result.as_ref().err(),
            Self::Loaded { result, .. }
            | Self::People { result, .. }
            | Self::EmailOwners { result, .. } => result.as_ref().err(),
            Self::Collected { result, .. } | Self::CreationChecked { result, .. } => {
                result.as_ref().err()
            }
            Self::Values { result, .. } => result.as_ref().err(),
            Self::Exported(Err(ExportFailure::Client(error))) => Some(error),
            Self::Exported(_) => None,
            Self::Import(answer) => answer.error(),
            Self::RunUndone { result, .. } => result.as_ref().err(),
            Self::HistoryRead { result, .. } => result.as_ref().err(),
            Self::RelatedLoaded { result, .. } => result.as_ref().err(),
            Self::Applied { result, .. } => result.as_ref().err(),
            Self::Created(result) | Self::Restored(result) | Self::Changed(result) => {
                result.as_ref().err()
            }
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
    /// Show the next frame of the spinner.
    Spinner,
    /// Try to reach the server again.
    Retry,
    /// Reload the rows, since others have changed them.
    Reload,
    /// Follow the changes by others again.
    Follow,
    /// Check the unanswered writes again.
    CheckWrites,
    /// Stop waiting for a list of suggestions.
    TypedAhead,
    /// Load the reports and the last changes of the open record's person.
    Related,
}

/// Where copied text was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clipboard {
    /// The terminal (OSC 52), which does not acknowledge it.
    Terminal,
    /// A tmux buffer, and through tmux the terminal.
    Tmux,
    /// A file, if there is neither.
    File(PathBuf),
}
