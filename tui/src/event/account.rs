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
        /// What was asked.
        ask: Box<AccountCall>,
        /// The password that was made up for it, if one was.
        password: Option<Secret>,
        /// What came of it.
        result: Result<()>,
    },
}

impl AccountAnswer {
    /// Whether it answers an [`AccountCall::is_write`].
    pub fn is_to_write(&self) -> bool {
        matches!(self, Self::Done { .. })
    }

    /// Why it is not what was asked for, if it is not.
    pub fn error(&self) -> Option<&ClientError> {
        match self {
            Self::Sessions(result) => result.as_ref().err(),
            Self::Users(result) => result.as_ref().err(),
            Self::Done { result, .. } => result.as_ref().err(),
        }
    }
}
