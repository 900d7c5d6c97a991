//! Accounts and sessions, as they are listed and changed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::account::{Password, Role, Username};

/// One entry of `GET /me/sessions`: a session of the caller that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// Its id, a UUID.
    pub id: String,
    /// When the person signed in.
    pub created: Timestamp,
    /// When it was last refreshed, or its newest access token first accepted: right to within the life of an access
    /// token.
    pub used: Timestamp,
    /// When it ends if it is not used before then.
    pub expires: Timestamp,
    /// The address that it was opened from.
    pub address: String,
    /// The program that opened it: its `User-Agent`.
    pub client: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// One entry of `GET /users`: an account, without its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The name.
    pub username: Username,
    /// What it may do.
    pub role: Role,
    /// Whether it may not sign in.
    pub disabled: bool,
    /// When it was made.
    pub created: Timestamp,
    /// How many sessions are open.
    pub sessions: usize,
    /// When one of them was last used, as [`OpenSession::used`]; nothing where none is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Timestamp>,
}

/// The body of `POST /users`.
#[derive(Debug, Clone, Serialize)]
pub struct NewUser {
    /// The name.
    pub username: Username,
    /// The first password.
    #[serde(serialize_with = "exposed")]
    pub password: Password,
    /// What the account may do.
    pub role: Role,
}

/// The body of `PATCH /users/{name}`: what is not said stays as it is.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UserChanges {
    /// What the account may do from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether it may not sign in; `true` ends its sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Another password, which ends its sessions.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "exposed_if_any"
    )]
    pub password: Option<Password>,
}

/// The body of `PUT /me/password`.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordChange {
    /// The password as it is.
    #[serde(serialize_with = "exposed")]
    pub current: Password,
    /// The password that is to be.
    #[serde(serialize_with = "exposed")]
    pub new: Password,
}

/// Which sessions `POST /logout?scope=…` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All but the one that asks.
    Others,
    /// All.
    All,
}

impl Scope {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Others, Self::All];

    /// The word in the query.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Others => "others",
            Self::All => "all",
        }
    }
}

/// The request that sets a password is the one place where it is written out.
fn exposed<S: Serializer>(password: &Password, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(password.expose())
}

fn exposed_if_any<S: Serializer>(
    password: &Option<Password>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    password
        .as_ref()
        .map(Password::expose)
        .serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_to_change_is_not_said() {
        let changes = UserChanges {
            disabled: Some(false),
            ..UserChanges::default()
        };
        assert_eq!(
            serde_json::to_value(&changes).unwrap(),
            serde_json::json!({"disabled": false})
        );
        let changes = UserChanges {
            password: Some(Password::new("a new password")),
            ..UserChanges::default()
        };
        assert_eq!(
            serde_json::to_value(&changes).unwrap(),
            serde_json::json!({"password": "a new password"})
        );
        assert!(!format!("{changes:?}").contains("a new"));
    }
}
