//! The sign-in form.

use roster_common::Username;

use super::text::{LineEdit, Secret};

/// The sign-in form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignIn {
    /// The server's address.
    pub server: LineEdit,
    /// The username.
    pub username: LineEdit,
    /// The password.
    pub password: Secret,
    /// The user whose work is below the form.
    pub covers: Option<Username>,
    /// Whether the password is selected: what is typed replaces it.
    pub selected: bool,
    /// Whether the password is shown.
    pub revealed: bool,
    /// The focused field.
    pub focus: SignInField,
    /// Why the form is shown.
    pub reason: Option<String>,
    /// The error, until the input changes.
    pub wrong: Option<String>,
    /// Whether the user was warned that another user's work will be discarded.
    pub warned: bool,
    /// Whether a request is in flight.
    pub waiting: bool,
    /// Whether it was opened to go to another server, and can be closed.
    pub optional: bool,
}

/// A field of the sign-in form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignInField {
    /// The address.
    Server,
    /// The name.
    #[default]
    Username,
    /// The password.
    Password,
}

impl SignInField {
    /// The next field, wrapping around.
    pub fn next(self) -> Self {
        match self {
            Self::Server => Self::Username,
            Self::Username => Self::Password,
            Self::Password => Self::Server,
        }
    }

    /// The previous field, wrapping around.
    pub fn previous(self) -> Self {
        self.next().next()
    }
}

impl SignIn {
    /// A form for `server`, with `username` filled in if it is known.
    pub fn new(server: &str, username: Option<Username>, reason: Option<String>) -> Self {
        Self {
            server: LineEdit::new(server),
            username: LineEdit::new(username.as_ref().map(Username::as_str).unwrap_or_default()),
            focus: if username.is_some() {
                SignInField::Password
            } else {
                SignInField::Username
            },
            covers: username,
            reason,
            ..Self::default()
        }
    }

    /// A form to go from `server`, where `username` is signed in, to another one.
    pub fn elsewhere(server: &str, username: Option<Username>) -> Self {
        Self {
            focus: SignInField::Server,
            optional: true,
            ..Self::new(server, username, None)
        }
    }

    /// Moves to another field.
    pub fn go(&mut self, field: SignInField) {
        self.focus = field;
        self.selected = false;
    }

    /// Shows why a sign-in was refused. The password is kept, and selected if it was wrong.
    pub fn refuse(&mut self, why: String, is_password: bool) {
        self.wrong = Some(why);
        if is_password {
            self.focus = SignInField::Password;
            self.selected = true;
        }
    }

    /// Deletes the password if it is selected, since something else is typed.
    pub fn replace_selected(&mut self) {
        if std::mem::take(&mut self.selected) {
            self.password.clear();
        }
    }

    /// Clears the error after an edit.
    pub fn clear_error(&mut self) {
        self.wrong = None;
        self.warned = false;
    }

    /// The focused line; `None` for the password.
    pub fn line(&mut self) -> Option<&mut LineEdit> {
        match self.focus {
            SignInField::Server => Some(&mut self.server),
            SignInField::Username => Some(&mut self.username),
            SignInField::Password => None,
        }
    }
}
