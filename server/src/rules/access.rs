//! Permissions: the only mapping from action to role.

use roster_common::Role;

/// What a request needs permission for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Read employees.
    Read,
    /// Create, change and import employees.
    Write,
    /// Delete employees.
    Delete,
    /// Manage accounts and read the audit log.
    Manage,
}

impl Permission {
    /// The required role.
    pub fn role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Write => Role::Editor,
            Self::Delete | Self::Manage => Role::Admin,
        }
    }

    /// Returns `true` if the role has the permission.
    pub fn is_allowed_for(self, role: Role) -> bool {
        role >= self.role()
    }
}

/// Whether an account is an enabled admin; at least one must always remain.
pub fn is_enabled_admin(role: Role, disabled: bool) -> bool {
    Permission::Manage.is_allowed_for(role) && !disabled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_includes_the_one_before() {
        let may = |role| {
            [
                Permission::Read,
                Permission::Write,
                Permission::Delete,
                Permission::Manage,
            ]
            .map(|p| p.is_allowed_for(role))
        };
        assert_eq!(may(Role::Viewer), [true, false, false, false]);
        assert_eq!(may(Role::Editor), [true, true, false, false]);
        assert_eq!(may(Role::Admin), [true, true, true, true]);
    }
}
