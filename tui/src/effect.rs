//! What the application wants done: plain enums, one for each place that carries them out.
//!
//! [`Effects`] collects them in order. The runtime carries each out in exactly one exhaustive
//! `match`: a [`Call`] is sent to the server, a [`LocalTask`] needs a file, the clipboard or a
//! timer, and a [`TerminalTask`] is the loop's, which owns the terminal.

use std::path::PathBuf;
use std::time::Duration;

use roster_common::{Changes, Employee, EmployeeId, Field, Query, Username, Version};

use crate::event::Timer;
use crate::state::pending_write::PendingCreation;
use crate::state::text::Secret;
use crate::state::{AccountCall, Draft, PendingWrite, ThemeName};

/// An effect for the runtime.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// By the server.
    Call(Call),
    /// By this computer.
    Local(LocalTask),
    /// By the loop that owns the terminal.
    Terminal(TerminalTask),
}

/// What is to be done, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Effects(Vec<Effect>);

impl Effects {
    /// Adds one at the end.
    pub fn push(&mut self, effect: impl Into<Effect>) {
        self.0.push(effect.into());
    }

    /// Returns `true` if one of them gives the terminal away or ends the program: no further event
    /// may be taken in before that is done.
    pub fn leave_the_loop(&self) -> bool {
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
    /// Read some rows of the table.
    Load {
        /// The query's generation.
        generation: u64,
        /// Which rows.
        query: Query,
        /// The first of them.
        offset: usize,
    },
    /// Read the values of a field that contain a text.
    Values {
        /// Which field.
        field: Field,
        /// What is typed.
        text: String,
    },
    /// Find people by what is typed of their names.
    People {
        /// What is typed.
        text: String,
    },
    /// Read one record.
    Fetch {
        /// The employee's id.
        id: EmployeeId,
    },
    /// Read some people of a list, whether the table shows them or not.
    Collect {
        /// Which.
        query: Query,
    },
    /// Read the history of a record.
    History {
        /// The employee's id.
        id: EmployeeId,
        /// Before which version; the newest entries if `None`.
        before: Option<Version>,
    },
    /// Do one row of a batch.
    Apply {
        /// Of which batch.
        batch: u64,
        /// Which row.
        row: usize,
        /// What.
        request: RowRequest,
    },
    /// Create a record.
    Create {
        /// Its values.
        changes: Changes,
        /// The idempotency key, which makes a repeat harmless.
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
    /// Delete a record, if it still is as it was shown.
    Delete(Box<Employee>),
    /// Ask about accounts and sessions.
    Account(AccountCall),
    /// Read the record of a write that was not answered.
    CheckWrite(Box<PendingWrite>),
    /// Look for somebody whose creation was not answered, and whose form was left.
    CheckCreation(Box<PendingCreation>),
}

impl Call {
    /// Returns `true` if it changes something on the server, or finds out what an earlier write has
    /// changed.
    pub fn is_write(&self) -> bool {
        match self {
            Self::Account(call) => call.is_write(),
            Self::Create { .. }
            | Self::Change { .. }
            | Self::Delete(_)
            | Self::SignOut
            | Self::CheckWrite(_)
            | Self::CheckCreation(_)
            | Self::Apply { .. } => true,
            Self::Resume
            | Self::SignIn { .. }
            | Self::Load { .. }
            | Self::Values { .. }
            | Self::People { .. }
            | Self::Fetch { .. }
            | Self::Collect { .. }
            | Self::History { .. } => false,
        }
    }
}

/// What a [`Call::Apply`] asks of the server.
#[derive(Debug, Clone, PartialEq)]
pub enum RowRequest {
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
    /// Restore a record that was deleted.
    Restore {
        /// Which.
        id: EmployeeId,
        /// Its values.
        changes: Changes,
    },
}

/// Something for this computer to do: files, the clipboard, timers.
#[derive(Debug, Clone, PartialEq)]
pub enum LocalTask {
    /// Drop every call and timer that is under way: another person, or another server, is next.
    CancelAll,
    /// Wait, then send the timer. A timer that is already set starts again.
    Wait(Timer, Duration),
    /// Read how somebody arranged the columns the last time at this server.
    LoadColumns {
        /// Who.
        user: Username,
    },
    /// Keep how somebody has arranged the columns, for the next time at this server.
    SaveColumns {
        /// Who.
        user: Username,
        /// The text of the file.
        text: String,
    },
    /// Keep the theme for the next time, at any server.
    SaveTheme(ThemeName),
    /// Copy text out of the application.
    Copy {
        /// The text, which may be a password.
        text: Secret,
        /// What it is, in a few words, for the message afterwards.
        what: String,
    },
    /// Delete the file of a text that is done.
    Discard(PathBuf),
}

/// Something that only the loop can do, since it owns the terminal.
#[derive(Debug, Clone, PartialEq)]
pub enum TerminalTask {
    /// Draw everything again, whatever the terminal shows.
    Redraw,
    /// Edit records as text, in the person's own editor.
    OpenEditor(Box<Draft>),
    /// Leave the terminal to the shell until the program is continued.
    Suspend,
    /// End the program.
    Quit(Exit),
}

/// How the program is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Ctrl-C.
    Interrupted,
}
