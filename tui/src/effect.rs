//! Effects: what `update` asks the runtime to do.
//!
//! [`Effects`] collects them in order. The runtime matches each exhaustively in one place: a
//! [`Call`] goes to the server, a [`LocalTask`] needs a file, the clipboard or a timer, and a
//! [`TerminalTask`] belongs to the loop, which owns the terminal.

use std::path::PathBuf;
use std::time::Duration;

use roster_common::api::RunId;
use roster_common::{Changes, Employee, EmployeeId, Field, Query, Username, Version};

use crate::event::Timer;
use crate::export::ExportJob;
use crate::import::ImportJob;
use crate::state::pending_write::PendingCreation;
use crate::state::text::Secret;
use crate::state::unsaved::UnsavedWork;
use crate::state::{AccountCall, Draft, PendingWrite, ThemeName};

/// An effect for the runtime.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A call to the server.
    Call(Call),
    /// A task on this computer.
    Local(LocalTask),
    /// A task for the loop, which owns the terminal.
    Terminal(TerminalTask),
}

/// The effects of one update, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Effects(Vec<Effect>);

impl Effects {
    /// Appends an effect.
    pub fn push(&mut self, effect: impl Into<Effect>) {
        self.0.push(effect.into());
    }

    /// Returns `true` if an effect hands over the terminal or ends the program. No further event
    /// may be handled before that.
    pub fn must_run_first(&self) -> bool {
        self.0
            .iter()
            .any(|effect| matches!(effect, Effect::Terminal(task) if *task != TerminalTask::Redraw))
    }
}

impl IntoIterator for Effects {
    type Item = Effect;
    type IntoIter = std::vec::IntoIter<Effect>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Extend<Effect> for Effects {
    fn extend<I: IntoIterator<Item = Effect>>(&mut self, effects: I) {
        self.0.extend(effects);
    }
}

impl From<Call> for Effect {
    fn from(call: Call) -> Self {
        Self::Call(call)
    }
}

impl From<LocalTask> for Effect {
    fn from(task: LocalTask) -> Self {
        Self::Local(task)
    }
}

impl From<TerminalTask> for Effect {
    fn from(task: TerminalTask) -> Self {
        Self::Terminal(task)
    }
}

/// A call to the server. Each is answered by a [`Reply`](crate::event::Reply).
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// Resume the session of the last run, if there is one.
    Resume,
    /// Sign in. Other calls still go to the current server.
    SignIn {
        /// The server's address.
        server: String,
        /// The username.
        username: String,
        /// The password.
        password: Secret,
    },
    /// End the session.
    SignOut,
    /// Load rows of the table.
    Load {
        /// The query's number.
        query_number: u64,
        /// The filter, order and window.
        query: Query,
        /// The index of the first row.
        offset: usize,
    },
    /// Load values of a field for suggestions.
    Values {
        /// The field.
        field: Field,
        /// The text typed so far.
        text: String,
        /// Only people who match this filter are counted.
        filter: String,
    },
    /// Look for people with an email address.
    EmailOwners {
        /// The address.
        email: String,
    },
    /// Search people by name.
    People {
        /// The text typed so far.
        text: String,
    },
    /// Load one record.
    Fetch {
        /// The employee's id.
        id: EmployeeId,
    },
    /// Load people independently of the table.
    Collect {
        /// The query.
        query: Query,
    },
    /// Write people to a file or a text. Its progress comes as
    /// [`Event::Progress`](crate::event::Event::Progress).
    Export(Box<ExportJob>),
    /// Take a step of an import. Its progress comes as
    /// [`Event::Progress`](crate::event::Event::Progress).
    Import(Box<ImportJob>),
    /// Undo an import, or the undo of one.
    UndoRun {
        /// The run.
        run: RunId,
    },
    /// Load history entries of a record.
    History {
        /// The employee's id.
        id: EmployeeId,
        /// Load entries before this version; the newest ones if `None`.
        before: Option<Version>,
    },
    /// Load what the open record shows beyond its fields: the reports and the last changes.
    Related {
        /// The employee's id.
        id: EmployeeId,
    },
    /// Send one row of a batch.
    Apply {
        /// The batch number.
        batch: u64,
        /// The row's index.
        row: usize,
        /// What to do with the record.
        request: RowRequest,
    },
    /// Create a record.
    Create {
        /// The values.
        changes: Changes,
        /// The idempotency key, which makes a repeat harmless.
        key: String,
    },
    /// Restore a deleted record under its id.
    Restore {
        /// The employee's id.
        id: EmployeeId,
        /// The values.
        changes: Changes,
    },
    /// Change a record.
    Change {
        /// The employee's id.
        id: EmployeeId,
        /// The version that the changes are based on.
        version: Version,
        /// The new values.
        changes: Changes,
    },
    /// Delete a record, if it is unchanged since it was shown.
    Delete(Box<Employee>),
    /// A call about accounts or sessions.
    Account(AccountCall),
    /// Load the record of an unanswered write.
    CheckWrite(Box<PendingWrite>),
    /// Search for a record whose creation was not answered and whose form is closed.
    CheckCreation(Box<PendingCreation>),
}

impl Call {
    /// Returns `true` if it changes something on the server, or checks the result of an earlier
    /// write.
    pub fn is_write(&self) -> bool {
        // Without a wildcard, so that each new call has to be put on one side.
        match self {
            Self::Account(call) => call.is_write(),
            Self::Import(job) => matches!(**job, ImportJob::Run(_)),
            Self::Create { .. }
            | Self::Restore { .. }
            | Self::Change { .. }
            | Self::Delete(_)
            | Self::SignOut
            | Self::CheckWrite(_)
            | Self::CheckCreation(_)
            | Self::UndoRun { .. }
            | Self::Apply { .. } => true,
            Self::Resume
            | Self::SignIn { .. }
            | Self::Load { .. }
            | Self::Values { .. }
            | Self::EmailOwners { .. }
            | Self::People { .. }
            | Self::Fetch { .. }
            | Self::Collect { .. }
            | Self::Export(_)
            | Self::History { .. }
            | Self::Related { .. } => false,
        }
    }
}

/// The request of a [`Call::Apply`].
#[derive(Debug, Clone, PartialEq)]
pub enum RowRequest {
    /// Change a record.
    Change {
        /// The employee's id.
        id: EmployeeId,
        /// The version that was shown.
        version: Version,
        /// The new values.
        changes: Changes,
    },
    /// Delete a record.
    Delete {
        /// The employee's id.
        id: EmployeeId,
        /// The version that was shown.
        version: Version,
    },
    /// Restore a deleted record.
    Restore {
        /// The employee's id.
        id: EmployeeId,
        /// The values.
        changes: Changes,
    },
}

/// A task on this computer: files, the clipboard, timers.
#[derive(Debug, Clone, PartialEq)]
pub enum LocalTask {
    /// Cancel all calls and timers, since the user or the server changes.
    CancelAll,
    /// Send all further calls to this server, on which the user has signed in.
    UseServer(String),
    /// Send the timer after a delay. A timer that is already set restarts.
    Wait(Timer, Duration),
    /// Follow the changes by others, from now on. Their stream ends when it cannot be opened.
    Follow,
    /// Load what is kept for a user of this server: the column arrangement and unsaved work.
    LoadUserFiles {
        /// The username.
        user: Username,
    },
    /// Save a user's column arrangement for this server.
    SaveColumns {
        /// The username.
        user: Username,
        /// The file's text.
        text: String,
    },
    /// Keep a user's unsaved work, or remove what was kept.
    KeepWork {
        /// The username.
        user: Username,
        /// The work, if there is any.
        work: Option<Box<UnsavedWork>>,
    },
    /// Save a user's filters for this server.
    SaveFilters {
        /// The username.
        user: Username,
        /// The file's text.
        text: String,
    },
    /// Save the theme, for every server.
    SaveTheme(ThemeName),
    /// Copy text to the clipboard.
    Copy {
        /// The text, which may be a password.
        text: Secret,
        /// A short description for the message.
        what: String,
    },
    /// Stop the running export, or the step of an import. It is answered soon.
    StopTransfer,
    /// List the files in a folder.
    ListFolder {
        /// Its path as it was typed, up to the last slash; empty for the current folder.
        folder: String,
    },
    /// Delete the file of a finished draft, or of unsaved work that is not wanted.
    Discard(PathBuf),
}

/// A task for the loop, which owns the terminal.
#[derive(Debug, Clone, PartialEq)]
pub enum TerminalTask {
    /// Redraw the whole screen.
    Redraw,
    /// Open the draft in the user's editor.
    OpenEditor(Box<Draft>),
    /// Open the text of one field in the user's editor.
    EditField(String),
    /// Suspend to the shell until the program is continued.
    Suspend,
    /// End the program.
    Quit(Exit),
}

/// How the program was asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The user quit.
    Done,
    /// Ctrl-C.
    Interrupted,
}
