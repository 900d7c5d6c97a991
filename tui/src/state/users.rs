//! User management.

use roster_common::users::Account;
use roster_common::{NewPassword, Password, Role, Username};

use super::list::List;
use super::text::{LineEdit, Secret};

/// The accounts, by name.
pub type Users = List<Account>;

/// The form of a new or changed account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserForm {
    /// The account; `None` for a new one.
    pub account: Option<Box<Account>>,
    /// The username of a new account.
    pub name: LineEdit,
    /// The role.
    pub role: Role,
    /// Whether it is disabled.
    pub disabled: bool,
    /// The initial password of a new account; generated if empty.
    pub password: Secret,
    /// Whether the password is shown.
    pub revealed: bool,
    /// The focused field.
    pub focus: UserField,
    /// The server's error, and its field.
    pub refused: Option<(UserField, String)>,
    /// Whether the fields' errors are shown.
    pub tried: bool,
    /// Whether a request is in flight.
    pub saving: bool,
}

/// A field of a [`UserForm`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserField {
    /// The username.
    Name,
    /// The role.
    Role,
    /// Whether the account is enabled.
    Account,
    /// The initial password.
    Password,
}

/// The role that the form shows at first: the least one for a role that only a newer server knows.
pub fn shown_role(account: &Account) -> Role {
    account.role.known().unwrap_or(Role::Viewer)
}

impl UserForm {
    /// An empty form.
    pub fn add() -> Self {
        Self {
            account: None,
            name: LineEdit::default(),
            role: Role::Viewer,
            disabled: false,
            password: Secret::default(),
            revealed: false,
            focus: UserField::Name,
            refused: None,
            tried: false,
            saving: false,
        }
    }

    /// A form for an existing account.
    pub fn change(account: Account) -> Self {
        let disabled = account.disabled;
        Self {
            role: shown_role(&account),
            account: Some(Box::new(account)),
            disabled,
            focus: UserField::Role,
            ..Self::add()
        }
    }

    /// Its fields, from top to bottom.
    pub fn entries(&self) -> &'static [UserField] {
        match self.account {
            None => &[UserField::Name, UserField::Role, UserField::Password],
            Some(_) => &[UserField::Role, UserField::Account],
        }
    }

    /// Moves to the next or previous field, wrapping around.
    pub fn go(&mut self, by: isize) {
        let entries = self.entries();
        let here = entries
            .iter()
            .position(|entry| *entry == self.focus)
            .unwrap_or(0);
        let there = (here + entries.len()).saturating_add_signed(by) % entries.len();
        self.focus = entries.get(there).copied().unwrap_or(self.focus);
    }

    /// Whether closing the form would lose input.
    pub fn is_changed(&self) -> bool {
        let (role, disabled) = self
            .account
            .as_ref()
            .map_or((Role::Viewer, false), |account| {
                (shown_role(account), account.disabled)
            });
        let has_text = !self.name.text().is_empty() || !self.password.is_empty();
        has_text || (self.role, self.disabled) != (role, disabled)
    }

    /// A field's error, from validation or from the server.
    pub fn error(&self, entry: UserField) -> Option<String> {
        let by_rule = match entry {
            UserField::Name if self.account.is_none() && self.name.text().is_empty() => {
                Some("Username is required.".to_owned())
            }
            UserField::Name if self.account.is_none() => {
                let refused = "1 to 64 of a-z 0-9 . _ @ -; start with a letter or digit.";
                self.name
                    .text()
                    .parse::<Username>()
                    .is_err()
                    .then(|| refused.to_owned())
            }
            // An empty one is valid: a password is generated for the account.
            UserField::Password if !self.password.is_empty() => {
                NewPassword::parse(Password::new(self.password.expose()))
                    .err()
                    .map(|error| error.message)
            }
            _ => None,
        };
        let refused = self
            .refused
            .as_ref()
            .filter(|(refused, _)| *refused == entry);
        by_rule.or_else(|| refused.map(|(_, message)| message.clone()))
    }

    /// The first field with an error.
    pub fn first_error(&self) -> Option<UserField> {
        self.entries()
            .iter()
            .copied()
            .find(|entry| self.error(*entry).is_some())
    }
}

/// A generated password, shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedPassword {
    /// The username.
    pub name: Username,
    /// The password.
    pub password: Secret,
}
