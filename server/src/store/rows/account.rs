//! An account, by its username.

use jiff::Timestamp;
use roster_common::Username;
use serde::{Deserialize, Serialize};

use super::numbers::Numbered;
use super::{BadValue, StoredRow};
use crate::store::{Account, PasswordHash};

/// The format of an [`Account`].
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct AccountFormat {
    role: u8,
    disabled: bool,
    password: String,
    /// Milliseconds since 1970.
    created: i64,
}

impl StoredRow for Account {
    type Format<'r> = AccountFormat;
    type Key = Username;
    const TABLE: &'static str = "accounts";

    fn format(&self) -> impl Serialize {
        let Self {
            username: _,
            role,
            disabled,
            password,
            created,
        } = self;
        AccountFormat {
            role: role.number(),
            disabled: *disabled,
            password: password.0.clone(),
            created: created.as_millisecond(),
        }
    }

    fn from_format(username: Username, format: AccountFormat) -> Result<Self, BadValue> {
        Ok(Self {
            username,
            role: Numbered::from_number(format.role)?,
            disabled: format.disabled,
            password: PasswordHash(format.password),
            created: Timestamp::from_millisecond(format.created)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use roster_common::Role;

    use super::super::tests::{pin, refuses_damage};
    use super::*;

    fn account() -> Account {
        Account {
            username: "ada".parse().unwrap(),
            role: Role::Admin,
            disabled: true,
            password: PasswordHash("$2b$12$x".into()),
            created: Timestamp::from_millisecond(1_000).unwrap(),
        }
    }

    #[test]
    fn the_bytes_of_an_account_are_fixed() {
        let account = account();
        pin(
            &account,
            account.username.clone(),
            "010201082432622431322478d00f",
        );
    }

    #[test]
    fn a_damaged_account_or_one_of_an_unknown_role_is_an_error() {
        refuses_damage(&account(), || account().username);
        let error = Account::from_row(account().username, &[1, 99, 0, 0, 0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid row in accounts: 99 is not a valid Role"
        );
    }
}
