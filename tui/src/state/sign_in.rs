//! The way in.

use roster_common::Username;

use super::text::{Line, Secret};

/// The sign-in form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignIn {
    /// The server's address.
    pub server: Line,
    /// The username.
    pub username: Line,
    /// The password.
    pub password: Secret,
    /// Whose work lies under the form.
    pub covers: Option<Username>,
    /// Whether the password is shown.
    pub revealed: bool,
    /// Which of them is being written.
    pub focus: Focus,
    /// Why it stands here.
    pub reason: Option<String>,
    /// What is wrong with what is written, until something else is.
    pub wrong: Option<String>,
    /// Whether it has been told that what another person wrote is dropped, and is to be confirmed.
    pub warned: bool,
    /// Whether the server is being asked.
    pub waiting: bool,
}

/// What a person writes to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// The address.
    Server,
    /// The name.
    #[default]
    Username,
    /// The password.
    Password,
}

impl Focus {
    /// The next one, round.
    pub fn next(self) -> Self {
        match self {
            Self::Server => Self::Username,
            Self::Username => Self::Password,
            Self::Password => Self::Server,
        }
    }

    /// The one before, round.
    pub fn previous(self) -> Self {
        self.next().next()
    }
}

impl SignIn {
    /// A form for `server`, to be filled in by `username` if that is known.
    pub fn new(server: &str, username: Option<Username>, reason: Option<String>) -> Self {
        Self {
            server: Line::new(server),
            username: Line::new(username.as_ref().map(Username::as_str).unwrap_or_default()),
            focus: if username.is_some() {
                Focus::Password
            } else {
                Focus::Username
            },
            covers: username,
            reason,
            ..Self::default()
        }
    }

    /// Something else is written: what was wrong is to be seen anew.
    pub fn clear_error(&mut self) {
        self.wrong = None;
        self.warned = false;
    }

    /// The line that is being written; nothing while it is the password.
    pub fn line(&mut self) -> Option<&mut Line> {
        match self.focus {
            Focus::Server => Some(&mut self.server),
            Focus::Username => Some(&mut self.username),
            Focus::Password => None,
        }
    }
}
