//! Who may do what: the one table from action to role.

use roster_common::Role;

/// What a request wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Read employees.
    Read,
    /// Create, change and import employees.
    Write,
    /// Take employees away.
    Delete,
}

impl Permission {
    /// The least role that may.
    pub fn role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Write => Role::Editor,
            Self::Delete => Role::Admin,
        }
    }

    /// Whether a role may.
    pub fn is_given_to(self, role: Role) -> bool {
        role >= self.role()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_what_the_one_before_may_and_more() {
        let may = |role| [Permission::Read, Permission::Write, Permission::Delete].map(|p| p.is_given_to(role));
        assert_eq!(may(Role::Viewer), [true, false, false]);
        assert_eq!(may(Role::Editor), [true, true, false]);
        assert_eq!(may(Role::Admin), [true, true, true]);
    }
}
