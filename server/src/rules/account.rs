//! An account: somebody who may sign in.

use jiff::Timestamp;
use roster_common::{Role, Username};

use super::access::is_enabled_admin;

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The unique name.
    pub username: Username,
    /// What the account may do.
    pub role: Role,
    /// A disabled account cannot sign in.
    pub disabled: bool,
    /// The bcrypt hash of its password.
    pub password: PasswordHash,
    /// When it was created.
    pub created: Timestamp,
}

impl Account {
    /// Returns `true` if the account can manage the others.
    pub fn is_enabled_admin(&self) -> bool {
        is_enabled_admin(self.role, self.disabled)
    }
}

/// A bcrypt hash, hidden in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}
