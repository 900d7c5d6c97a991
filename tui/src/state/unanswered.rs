//! What was asked of the server and never answered: it may have been done, and is found out when
//! the server is back.

use super::account_call::AccountCall;
use super::write::{Creation, PendingWrite};

/// All of which it is not known what became of it; but for the form that is still open, which knows
/// it of itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Unanswered {
    /// Changes and deletions: the records tell it.
    pub writes: Vec<PendingWrite>,
    /// Who was to be added, and whose form was left: they are looked for.
    pub creations: Vec<Creation>,
    /// What was asked about accounts and sessions: their lists tell it.
    pub accounts: Vec<AccountCall>,
}

impl Unanswered {
    /// Whether all is known.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.creations.is_empty() && self.accounts.is_empty()
    }
}
