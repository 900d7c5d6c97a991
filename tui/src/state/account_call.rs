//! What is asked of the server about accounts and sessions.

use roster_common::users::OpenSession;
use roster_common::{Role, Username};

use super::text::Secret;

/// A call about the person's own account, or about others.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountCall {
    /// The person's open sessions.
    Sessions,
    /// The end of one of them.
    EndSession(Box<OpenSession>),
    /// The end of all of them but this one.
    EndOthers,
    /// Another password for the person.
    ChangePassword {
        /// The password as it is.
        current: Secret,
        /// The password that is to be.
        new: Secret,
    },
    /// The accounts.
    Users,
    /// One more account.
    Add {
        /// Its name.
        name: Username,
        /// What it may do.
        role: Role,
        /// Its first password; one that is made up if there is none.
        password: Option<Secret>,
    },
    /// What an account may do, and whether it may sign in.
    Change {
        /// Which.
        name: Username,
        /// Another role, if there is to be one.
        role: Option<Role>,
        /// Whether it is shut from now on, if that is to be another.
        disabled: Option<bool>,
    },
    /// Another password for an account, made up.
    ResetPassword(Username),
    /// The end of all sessions of an account.
    EndSessionsOf(Username),
    /// The end of an account.
    Remove(Username),
}

impl AccountCall {
    /// Whether it leaves something on the server other than it was.
    pub fn is_write(&self) -> bool {
        !matches!(self, Self::Sessions | Self::Users)
    }

    /// Whether it is about the accounts, and not about the person's own.
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
