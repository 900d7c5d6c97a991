//! Why a write failed inside its transaction.

use std::any::Any;

use crate::store::StoreError;
use crate::store::rows::BadRow;

/// Why a write failed inside its transaction.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database failed, or the rows of a write could not all be put: every write of the group
    /// fails.
    #[error(transparent)]
    Database(StoreError),
    /// A row that a rule asks for cannot be read, or was not declared in [`Needs`](super::Needs):
    /// only this write fails.
    #[error(transparent)]
    Row(StoreError),
    /// The rule panicked: only this write fails, and the panic goes on in its caller.
    #[error("a rule panicked")]
    Panic(Box<dyn Any + Send>),
}

impl Fault {
    /// The same failure, but of every write of the group.
    pub(super) fn of_whole_group(self) -> Self {
        match self {
            Self::Row(error) => Self::Database(error),
            fault => fault,
        }
    }

    /// What the caller of the store gets.
    ///
    /// # Panics
    /// If the rule did.
    pub(in crate::store) fn into_error(self) -> StoreError {
        match self {
            Self::Database(error) | Self::Row(error) => error,
            Self::Panic(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl From<BadRow> for Fault {
    fn from(error: BadRow) -> Self {
        Self::Row(StoreError::Unreadable(error.to_string()))
    }
}
