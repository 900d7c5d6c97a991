//! The person's own account: where they are signed in, and another password.

use roster_common::users::OpenSession;
use roster_common::{NewPassword, Password, listed};

use super::list::List;
use super::text::Secret;

/// The sessions of the person who is signed in, the newest first.
pub type Account = List<OpenSession>;

/// Another password, while it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangePassword {
    /// The password as it is.
    pub current: Secret,
    /// The password that is to be.
    pub new: Secret,
    /// The same again.
    pub again: Secret,
    /// Which of them is being written.
    pub focus: Which,
    /// Whether they are shown.
    pub revealed: bool,
    /// What the server says is wrong, and with which.
    pub refused: Option<(Which, String)>,
    /// Whether the server is being asked.
    pub saving: bool,
}

listed! {
    /// One of the three passwords, from top to bottom.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum Which {
        /// The one that is.
        #[default]
        Current,
        /// The one that is to be.
        New,
        /// The same again.
        Again,
    }
}

impl Which {
    /// The next one, round.
    pub fn next(self) -> Self {
        match self {
            Self::Current => Self::New,
            Self::New => Self::Again,
            Self::Again => Self::Current,
        }
    }

    /// The one before, round.
    pub fn previous(self) -> Self {
        self.next().next()
    }
}

impl ChangePassword {
    /// One of the passwords.
    pub fn secret(&self, which: Which) -> &Secret {
        match which {
            Which::Current => &self.current,
            Which::New => &self.new,
            Which::Again => &self.again,
        }
    }

    /// The one that is being written.
    pub fn focused(&mut self) -> &mut Secret {
        match self.focus {
            Which::Current => &mut self.current,
            Which::New => &mut self.new,
            Which::Again => &mut self.again,
        }
    }

    /// What keeps one of them from being saved: a rule, or the server's word.
    pub fn error(&self, which: Which) -> Option<String> {
        let by_rule = match which {
            Which::Current if self.current.is_empty() => {
                Some("Write the password that you have now.".to_owned())
            }
            Which::Current => None,
            Which::New => NewPassword::parse(Password::new(self.new.expose()))
                .err()
                .map(|error| error.message),
            Which::Again if self.again != self.new => Some("This is not the same.".to_owned()),
            Which::Again => None,
        };
        let refused = self
            .refused
            .as_ref()
            .filter(|(refused, _)| *refused == which);
        by_rule.or_else(|| refused.map(|(_, message)| message.clone()))
    }

    /// The first that cannot be saved as it is.
    pub fn first_error(&self) -> Option<Which> {
        Which::ALL
            .into_iter()
            .find(|which| self.error(*which).is_some())
    }
}
