//! The server's answers about accounts and sessions.

use roster_common::users::{Account, OpenSession};

use crate::remote::{ClientError, Result};
use crate::state::AccountCall;
use crate::state::text::Secret;

/// The answer to an [`AccountCall`].
#[derive(Debug, Clone)]
pub enum AccountAnswer {
    /// To [`AccountCall::Sessions`].
    Sessions(Result<Vec<OpenSession>>),
    /// To [`AccountCall::Users`].
    Users(Result<Vec<Account>>),
    /// To a write.
    Done {
        /// The call.
        ask: Box<AccountCall>,
        /// The password generated for it, if any.
        password: Option<Secret>,
        /// Whether it worked.
        result: Result<()>,
    },
}

impl AccountAnswer {
    /// Returns `true` for a reply to a write; see [`AccountCall::is_write`].
    pub fn is_to_write(&self) -> bool {
        matches!(self, Self::Done { .. })
    }

    /// The error, if the call failed.
    pub fn error(&self) -> Option<&ClientError> {
        match self {
            Self::Sessions(result) => result.as_ref().err(),
            Self::Users(result) => result.as_ref().err(),
            Self::Done { result, .. } => result.as_ref().err(),
        }
    }
}
