//! Request and response bodies for accounts and sessions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::account::{Password, Role, Username};
use crate::extensible::Extensible;

/// One entry of `GET /me/sessions`: a session of the caller that has not ended.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// Its id, a UUID.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::uuid"))]
    pub id: String,
    /// When it was opened.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    #[serde(with = "crate::time")]
    pub created: Timestamp,
    /// When it was last used, accurate to the lifetime of an access token.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    #[serde(with = "crate::time")]
    pub used: Timestamp,
    /// When it ends unless it is used before.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    #[serde(with = "crate::time")]
    pub expires: Timestamp,
    /// The address from which it was opened.
    pub address: String,
    /// The `User-Agent` of the program that opened it.
    pub client: String,
    /// Whether it is the session of this request.
    pub current: bool,
}

/// An account, without its password.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::absent_not_null))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name.
    pub username: Username,
    /// Its role.
    pub role: Extensible<Role>,
    /// Whether the account is disabled, so that it cannot sign in.
    pub disabled: bool,
    /// When it was created.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    #[serde(with = "crate::time")]
    pub created: Timestamp,
    /// The number of its open sessions.
    pub sessions: usize,
    /// When one of its open sessions was last used; absent if none is open.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::time::optional"
    )]
    pub used: Option<Timestamp>,
}

/// The body of `POST /users`.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
#[derive(Debug, Clone, Serialize)]
pub struct NewUser {
    /// The name of the new account.
    #[cfg_attr(
        feature = "schema",
        schemars(schema_with = "crate::schema::typed_username")
    )]
    pub username: Username,
    /// Its first password.
    #[cfg_attr(
        feature = "schema",
        schemars(schema_with = "crate::schema::new_password")
    )]
    #[serde(serialize_with = "exposed")]
    pub password: Password,
    /// Its role.
    pub role: Role,
}

/// The body of `PATCH /users/{name}`. Absent members stay unchanged.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields, transform = crate::schema::absent_not_null))]
#[derive(Debug, Clone, Default, Serialize)]
pub struct UserChanges {
    /// The new role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Disables or enables the account. Disabling it ends its sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// A new password, which ends its sessions.
    #[cfg_attr(
        feature = "schema",
        schemars(schema_with = "crate::schema::new_password")
    )]
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "exposed_if_any"
    )]
    pub password: Option<Password>,
}

/// The body of `PUT /me/password`.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
#[derive(Debug, Clone, Serialize)]
pub struct PasswordChange {
    /// The current password.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::password"))]
    #[serde(serialize_with = "exposed")]
    pub current: Password,
    /// The new password.
    #[cfg_attr(
        feature = "schema",
        schemars(schema_with = "crate::schema::new_password")
    )]
    #[serde(serialize_with = "exposed")]
    pub new: Password,
}

/// Which sessions `POST /logout?scope=…` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoutScope {
    /// All except the session of this request.
    Others,
    /// All sessions.
    All,
}

impl LogoutScope {
    /// Both values.
    pub const BOTH: [Self; 2] = [Self::Others, Self::All];

    /// The word in the query.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Others => "others",
            Self::All => "all",
        }
    }
}

/// Serializes a password; only used for requests that set one.
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
    fn unchanged_fields_are_not_sent() {
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
