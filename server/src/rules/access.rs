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
    /// See and change other people's accounts, and read the audit.
    Manage,
}

impl Permission {
    /// The least role that may.
    pub fn role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Write => Role::Editor,
            Self::Delete | Self::Manage => Role::Admin,
        }
    }

    /// Whether a role may.
    pub fn is_given_to(self, role: Role) -> bool {
        role >= self.role()
    }
}

/// Whether an account can manage the others: of these one must always be left.
pub fn is_acting_admin(role: Role, disabled: bool) -> bool {
    Permission::Manage.is_given_to(role) && !disabled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_what_the_one_before_may_and_more() {
        let may = |role| {
            [
                Permission::Read,
                Permission::Write,
                Permission::Delete,
                Permission::Manage,
            ]
            .map(|p| p.is_given_to(role))
        };
        assert_eq!(may(Role::Viewer), [true, false, false, false]);
        assert_eq!(may(Role::Editor), [true, true, false, false]);
        assert_eq!(may(Role::Admin), [true, true, true, true]);
    }
}
