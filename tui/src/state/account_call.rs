//! Calls about accounts and sessions.

use roster_common::users::OpenSession;
use roster_common::{Role, Username};

use super::text::Secret;

/// A call about the user's own account or about others.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountCall {
    /// List the user's sessions.
    Sessions,
    /// End one of the user's sessions.
    EndSession(Box<OpenSession>),
    /// End the user's other sessions.
    EndOthers,
    /// Change the user's own password.
    ChangePassword {
        /// The current password.
        current: Secret,
        /// The new password.
        new: Secret,
    },
    /// List all accounts.
    Users,
    /// Add an account.
    Add {
        /// The username.
        name: Username,
        /// The role.
        role: Role,
        /// The initial password; generated if `None`.
        password: Option<Secret>,
    },
    /// Change an account's role, or disable or enable it.
    Change {
        /// The username.
        name: Username,
        /// The new role; unchanged if `None`.
        role: Option<Role>,
        /// Whether it is disabled; unchanged if `None`.
        disabled: Option<bool>,
    },
    /// Give an account a generated password.
    ResetPassword(Username),
    /// End all sessions of an account.
    EndSessionsOf(Username),
    /// Delete an account.
    Remove(Username),
}

impl AccountCall {
    /// Returns `true` if it changes something on the server.
    pub fn is_write(&self) -> bool {
        !matches!(self, Self::Sessions | Self::Users)
    }

    /// Returns `true` if it belongs to user management.
    pub fn is_of_users(&self) -> bool {
        match self {
            Self::Users
            | Self::Add { .. }
            | Self::Change { .. }
            | Self::ResetPassword(_)
            | Self::EndSessionsOf(_)
            | Self::Remove(_) => true,
            Self::Sessions
            | Self::EndSession(_)
            | Self::EndOthers
            | Self::ChangePassword { .. } => false,
        }
    }
}
