//! Writes whose answers were lost; their results are checked when the server is back.

use super::account_call::AccountCall;
use super::pending_write::{PendingCreation, PendingWrite};

/// The writes with unknown results, except the open form's, which tracks its own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Unanswered {
    /// Changes and deletions, checked by reading the records.
    pub writes: Vec<PendingWrite>,
    /// Creations whose form was closed, checked by a search.
    pub creations: Vec<PendingCreation>,
    /// Account calls, checked by reading the lists.
    pub accounts: Vec<AccountCall>,
}

impl Unanswered {
    /// Returns `true` if nothing is unknown.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.creations.is_empty() && self.accounts.is_empty()
    }
}
