//! The accounts, for who manages them.

use roster_common::users::Account;
use roster_common::{NewPassword, Password, Role, Username};

use super::list::List;
use super::text::{Line, Secret};

/// The accounts, by name.
pub type Users = List<Account>;

/// A new account, or another role for one, while it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserForm {
    /// The account as it was read; nothing for a new one.
    pub account: Option<Box<Account>>,
    /// The name of a new one.
    pub name: Line,
    /// What it may do.
    pub role: Role,
    /// Whether it may not sign in.
    pub disabled: bool,
    /// The first password of a new one; one is made up where there is none.
    pub password: Secret,
    /// Whether the password is shown.
    pub revealed: bool,
    /// What is being written.
    pub focus: Entry,
    /// What the server says is wrong.
    pub refused: Option<(Entry, String)>,
    /// Whether the fields' errors are shown.
    pub tried: bool,
    /// Whether the server is being asked.
    pub saving: bool,
}

/// A field of a [`UserForm`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// The name.
    Name,
    /// What the account may do.
    Role,
    /// Whether it may sign in.
    Access,
    /// The first password.
    Password,
}

impl UserForm {
    /// An empty form.
    pub fn add() -> Self {
        Self {
            account: None,
            name: Line::default(),
            role: Role::Viewer,
            disabled: false,
            password: Secret::default(),
            revealed: false,
            focus: Entry::Name,
            refused: None,
            tried: false,
            saving: false,
        }
    }

    /// A form that holds an account.
    pub fn change(account: Account) -> Self {
        let (role, disabled) = (account.role, account.disabled);
        Self {
            account: Some(Box::new(account)),
            role,
            disabled,
            focus: Entry::Role,
            ..Self::add()
        }
    }

    /// The fields that it has, from top to bottom.
    pub fn entries(&self) -> &'static [Entry] {
        match self.account {
            None => &[Entry::Name, Entry::Role, Entry::Password],
            Some(_) => &[Entry::Role, Entry::Access],
        }
    }

    /// Goes to the next field or the one before, round.
    pub fn go(&mut self, by: isize) {
        let entries = self.entries();
        let here = entries
            .iter()
            .position(|entry| *entry == self.focus)
            .unwrap_or(0);
        let there = (here + entries.len()).saturating_add_signed(by) % entries.len();
        self.focus = entries.get(there).copied().unwrap_or(self.focus);
    }

    /// What keeps a field from being saved: a rule, or the server's word.
    pub fn error(&self, entry: Entry) -> Option<String> {
        let by_rule = match entry {
            Entry::Name if self.account.is_none() => {
                let refused = "1 to 64 of a-z 0-9 . _ @ -, first a letter or digit.";
                self.name
                    .text()
                    .parse::<Username>()
                    .is_err()
                    .then(|| refused.to_owned())
            }
            Entry::Password if !self.password.is_empty() => {
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

    /// The first field that cannot be saved as it is.
    pub fn first_error(&self) -> Option<Entry> {
        self.entries()
            .iter()
            .copied()
            .find(|entry| self.error(*entry).is_some())
    }
}

/// A password that was made up for somebody: it is shown this once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// Whose it is.
    pub name: Username,
    /// The password.
    pub password: Secret,
}
