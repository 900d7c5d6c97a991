//! What happens to the application, and what it wants done: the only words between it and the world.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::layout::{Position, Size};
use roster_common::api::FieldValue;
use roster_common::history::HistoryEntry;
use roster_common::{Changes, Employee, EmployeeId, Field, Query, Username, Version};

use crate::keys::Key;
use crate::remote::{ClientError, Identity, Page, Result};
use crate::state::text::Secret;
use crate::state::write::Creation;
use crate::state::{AccountCall, Draft, ThemeName, Write};

pub mod account;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// The mouse did something in a cell; only where a person has given it to the application.
    Mouse(Mouse, Position),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size.
    Resize(Size),
    /// The answer to [`Effect::RecallColumns`]: what the file says, if there is one.
    Recalled {
        /// Whose.
        user: Username,
        /// Its text, or why it cannot be read.
        text: std::result::Result<Option<String>, String>,
    },
    /// What [`Effect::KeepColumns`] or [`Effect::KeepTheme`] was to keep could not be written.
    NotKept {
        /// What is not kept: `The theme is`.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// The server answered, or did not.
    Reply(Box<Reply>),
    /// A timer that was set by [`Effect::Wait`] went off.
    Timer(Timer),
    /// To [`Effect::Compose`]: the editor has been left.
    Composed {
        /// The file, if it could be written.
        path: Option<PathBuf>,
        /// What stands in it now, if it can be read.
        text: Option<String>,
        /// What went wrong.
        failure: Option<String>,
    },
    /// This is the time.
    Clock(Timestamp),
    /// A fresh access token says this of who is signed in.
    Renewed(Identity),
    /// To [`Effect::Copy`].
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
    /// To [`Effect::Resume`].
    Resumed(Result<Option<Identity>>),
    /// To [`Effect::SignIn`].
    SignedIn(Result<Identity>),
    /// To [`Effect::SignOut`].
    SignedOut(Result<()>),
    /// To [`Effect::Load`].
    Loaded {
        /// The query's generation.
        generation: u64,
        /// The first row that was asked for.
        offset: usize,
        /// The rows.
        result: Result<Page>,
    },
    /// To [`Effect::Values`].
    Values {
        /// Of which field.
        field: Field,
        /// What was typed.
        text: String,
        /// The values.
        result: Result<Vec<FieldValue>>,
    },
    /// To [`Effect::People`].
    People {
        /// What was typed.
        text: String,
        /// The people.
        result: Result<Page>,
    },
    /// To [`Effect::Fetch`].
    Fetched {
        /// Whom.
        id: EmployeeId,
        /// The record.
        result: Result<Employee>,
    },
    /// To [`Effect::Collect`].
    Collected {
        /// What was asked.
        query: Query,
        /// The rows.
        result: Result<Page>,
    },
    /// To [`Effect::History`].
    HistoryRead {
        /// Whose.
        id: EmployeeId,
        /// Before which version.
        before: Option<Version>,
        /// The entries.
        result: Result<Vec<HistoryEntry>>,
    },
    /// To [`Effect::Apply`].
    Applied {
        /// Of which batch.
        batch: u64,
        /// Which row.
        row: usize,
        /// The record, if there is one now.
        result: Result<Option<Employee>>,
    },
    /// To [`Effect::Create`].
    Created(Result<Employee>),
    /// To [`Effect::Change`].
    Changed(Result<Employee>),
    /// To [`Effect::Delete`].
    Deleted {
        /// The record as it was.
        employee: Box<Employee>,
        /// What came of it.
        result: Result<()>,
    },
    /// To [`Effect::Account`].
    Account(account::AccountAnswer),
    /// To [`Effect::Look`].
    Looked {
        /// What was not answered.
        write: Box<Write>,
        /// The record as it is now.
        result: Result<Employee>,
    },
    /// To [`Effect::Seek`].
    Sought {
        /// Who was to be added.
        creation: Box<Creation>,
        /// Those who read so, the newest first.
        result: Result<Page>,
    },
}

impl Reply {
    /// Whether it answers an [`Effect::is_write`].
    pub fn is_to_write(&self) -> bool {
        match self {
            Self::Account(answer) => answer.is_to_write(),
            Self::Created(_)
            | Self::Changed(_)
            | Self::Deleted { .. }
            | Self::SignedOut(_)
            | Self::Looked { .. }
            | Self::Sought { .. }
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
            Self::Collected { result, .. } | Self::Sought { result, .. } => result.as_ref().err(),
            Self::Values { result, .. } => result.as_ref().err(),
            Self::HistoryRead { result, .. } => result.as_ref().err(),
            Self::Applied { result, .. } => result.as_ref().err(),
            Self::Created(result) | Self::Changed(result) => result.as_ref().err(),
            Self::Looked { result, .. } | Self::Fetched { result, .. } => result.as_ref().err(),
            Self::SignedOut(result) | Self::Deleted { result, .. } => result.as_ref().err(),
        }
    }
}

/// Something to wait for.
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

/// Something to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Go on with the session of the last run, if there is one.
    Resume,
    /// Sign in.
    SignIn {
        /// At which server.
        server: String,
        /// As whom.
        username: String,
        /// With which password.
        password: Secret,
    },
    /// End the session.
    SignOut,
    /// Ask for some rows of the table.
    Load {
        /// The query's generation.
        generation: u64,
        /// Which rows.
        query: Query,
        /// The first of them.
        offset: usize,
    },
    /// Ask for the values of a field that have a text in them.
    Values {
        /// Which field.
        field: Field,
        /// What is typed.
        text: String,
    },
    /// Ask for people by what is typed of their names.
    People {
        /// What is typed.
        text: String,
    },
    /// Ask for one record.
    Fetch {
        /// Whose.
        id: EmployeeId,
    },
    /// Read how somebody had arranged the columns, the last time at this server.
    RecallColumns {
        /// Who.
        user: Username,
    },
    /// Keep how somebody has arranged the columns, for the next time at this server.
    KeepColumns {
        /// Who.
        user: Username,
        /// The text of the file.
        text: String,
    },
    /// Keep the theme for the next time, at any server.
    KeepTheme(ThemeName),
    /// Ask for some people of a list, whether the table shows them or not.
    Collect {
        /// Which.
        query: Query,
    },
    /// Ask what became of a record.
    History {
        /// Whose.
        id: EmployeeId,
        /// Before which version; the newest if not said.
        before: Option<Version>,
    },
    /// Do one row of a batch.
    Apply {
        /// Of which batch.
        batch: u64,
        /// Which row.
        row: usize,
        /// What.
        request: Request,
    },
    /// Add a record.
    Create {
        /// Its values.
        changes: Changes,
        /// Makes a repeat harmless.
        key: String,
    },
    /// Change a record.
    Change {
        /// Which.
        id: EmployeeId,
        /// The version to which the changes apply.
        version: Version,
        /// The new values.
        changes: Changes,
    },
    /// Delete a record, if it still is as it was agreed to.
    Delete(Box<Employee>),
    /// Ask about accounts and sessions.
    Account(AccountCall),
    /// Read the record of a write that was not answered.
    Look(Box<Write>),
    /// Look for somebody whose creation was not answered, and whose form was left.
    Seek(Box<Creation>),
    /// Let go of every call that is under way: another person, or another server, is next.
    LetGo,
    /// Wait, then send the timer. A timer that is set again starts anew.
    Wait(Timer, Duration),
    /// Copy text out of the application.
    Copy {
        /// The text, which may be a password.
        text: Secret,
        /// What it is, in a few words, to tell of it afterwards.
        what: String,
    },
    /// Draw everything anew, whatever the terminal shows.
    Redraw,
    /// Have records edited as text, in the person's own editor.
    Compose(Box<Draft>),
    /// Delete the file of a text that is done.
    Discard(PathBuf),
    /// Leave the terminal to the shell until the program is continued.
    Suspend,
    /// Leave.
    Quit(Exit),
}

/// What an [`Effect::Apply`] asks of the server.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Change a record.
    Change {
        /// Which.
        id: EmployeeId,
        /// The version that was shown.
        version: Version,
        /// The new values.
        changes: Changes,
    },
    /// Delete a record.
    Delete {
        /// Which.
        id: EmployeeId,
        /// The version that was shown.
        version: Version,
    },
    /// Bring a record back that was deleted.
    Restore {
        /// Which.
        id: EmployeeId,
        /// Its values.
        changes: Changes,
    },
}

impl Effect {
    /// Whether it is the loop's to do, for it needs the terminal.
    pub fn needs_terminal(&self) -> bool {
        matches!(self, Self::Quit(_) | Self::Suspend | Self::Compose(_))
    }

    /// Whether it leaves something on the server other than it was, or tells what an earlier one has left.
    pub fn is_write(&self) -> bool {
        match self {
            Self::Account(ask) => ask.is_write(),
            Self::Create { .. }
            | Self::Change { .. }
            | Self::Delete(_)
            | Self::SignOut
            | Self::Look(_)
            | Self::Seek(_)
            | Self::Apply { .. } => true,
            _ => false,
        }
    }
}

/// The way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Ctrl-C.
    Interrupted,
}
