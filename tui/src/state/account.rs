//! The user's own sessions and password.

use roster_common::users::OpenSession;
use roster_common::{NewPassword, Password, listed};

use super::list::List;
use super::text::Secret;

/// The user's sessions, newest first.
pub type MySessions = List<OpenSession>;

/// The form for the user's own password.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangePassword {
    /// The current password.
    pub current: Secret,
    /// The new password.
    pub new: Secret,
    /// The new password repeated.
    pub again: Secret,
    /// The focused field.
    pub focus: PasswordField,
    /// Whether the passwords are visible.
    pub revealed: bool,
    /// The server's error, and its field.
    pub refused: Option<(PasswordField, String)>,
    /// Whether a request is in flight.
    pub saving: bool,
}

listed! {
    /// A password field, in order from top to bottom.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum PasswordField {
        /// The current password.
        #[default]
        Current,
        /// The new password.
        New,
        /// The new password repeated.
        Again,
    }
}

impl PasswordField {
    /// The next field, wrapping around.
    pub fn next(self) -> Self {
        match self {
            Self::Current => Self::New,
            Self::New => Self::Again,
            Self::Again => Self::Current,
        }
    }

    /// The previous field, wrapping around.
    pub fn previous(self) -> Self {
        self.next().next()
    }
}

impl ChangePassword {
    /// The password in a field.
    pub fn secret(&self, which: PasswordField) -> &Secret {
        match which {
            PasswordField::Current => &self.current,
            PasswordField::New => &self.new,
            PasswordField::Again => &self.again,
        }
    }

    /// The focused password.
    pub fn focused(&mut self) -> &mut Secret {
        match self.focus {
            PasswordField::Current => &mut self.current,
            PasswordField::New => &mut self.new,
            PasswordField::Again => &mut self.again,
        }
    }

    /// Whether closing the form would lose input.
    pub fn is_changed(&self) -> bool {
        PasswordField::ALL
            .into_iter()
            .any(|which| !self.secret(which).is_empty())
    }

    /// The error of a field, from validation or from the server.
    pub fn error(&self, which: PasswordField) -> Option<String> {
        let by_rule = match which {
            PasswordField::Current if self.current.is_empty() => {
                Some("Enter your current password.".to_owned())
            }
            PasswordField::Current => None,
            // The rule of the server, checked before anything is sent.
            PasswordField::New => NewPassword::parse(Password::new(self.new.expose()))
                .err()
                .map(|error| error.message),
            PasswordField::Again if self.again != self.new => {
                Some("The passwords do not match.".to_owned())
            }
            PasswordField::Again => None,
        };
        let refused = self
            .refused
            .as_ref()
            .filter(|(refused, _)| *refused == which);
        let refused = refused.map(|(_, message)| message.clone());
        // A wrong password is wiped: that it is missing is not what was wrong.
        match which {
            PasswordField::Current => refused.or(by_rule),
            PasswordField::New | PasswordField::Again => by_rule.or(refused),
        }
    }

    /// The first field with an error.
    pub fn first_error(&self) -> Option<PasswordField> {
        PasswordField::ALL
            .into_iter()
            .find(|which| self.error(*which).is_some())
    }
}
