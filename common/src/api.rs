//! The bodies that are not a record or a problem, and the paths.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::{Role, Username};
use crate::employee::EmployeeId;
use crate::field_error::FieldError;

/// The paths of the protocol.
pub mod path {
    use crate::account::Username;
    use crate::employee::{EmployeeId, Field};
    use crate::problem::Code;

    /// Sign in.
    pub const AUTH: &str = "/auth";
    /// A new access token for the refresh cookie.
    pub const REFRESH: &str = "/refresh";
    /// End the session of the refresh cookie.
    pub const LOGOUT: &str = "/logout";
    /// Open an account for oneself.
    pub const REGISTER: &str = "/register";
    /// Who is signed in.
    pub const ME: &str = "/me";
    /// One's own password.
    pub const MY_PASSWORD: &str = "/me/password";
    /// One's own sessions.
    pub const MY_SESSIONS: &str = "/me/sessions";
    /// The accounts.
    pub const USERS: &str = "/users";
    /// What was done, by whom.
    pub const AUDIT: &str = "/audit";
    /// The records.
    pub const EMPLOYEES: &str = "/employees";
    /// Many records at once.
    pub const IMPORT: &str = "/employees/import";
    /// The values that a field has, with the field's name behind it.
    pub const VALUES: &str = "/employees/values";
    /// The changes of the records, as they are committed.
    pub const EVENTS: &str = "/events";
    /// What the codes of refusals mean, with the code behind it.
    pub const PROBLEMS: &str = "/problems";
    /// The process runs.
    pub const HEALTHZ: &str = "/healthz";
    /// The server takes requests and its store takes writes.
    pub const READYZ: &str = "/readyz";
    /// The protocol in its machine form.
    pub const OPENAPI: &str = "/openapi.json";

    /// One record.
    pub fn employee(id: EmployeeId) -> String {
        format!("{EMPLOYEES}/{id}")
    }

    /// What became of one record over time.
    pub fn history(id: EmployeeId) -> String {
        format!("{EMPLOYEES}/{id}/history")
    }

    /// What one code means.
    pub fn problem(code: Code) -> String {
        format!("{PROBLEMS}/{}", code.as_str())
    }

    /// One of one's own sessions.
    pub fn my_session(id: &str) -> String {
        format!("{MY_SESSIONS}/{id}")
    }

    /// One account.
    pub fn user(name: &Username) -> String {
        format!("{USERS}/{name}")
    }

    /// All sessions of one account.
    pub fn sessions_of(name: &Username) -> String {
        format!("{USERS}/{name}/sessions")
    }

    /// The values of one field, one of [`Field::SHARED`].
    pub fn values(field: Field) -> String {
        format!("{VALUES}/{field}")
    }
}

/// The name of the refresh cookie over TLS and on loopback (RFC 6265bis, section 4.1.3.2: `__Host-`).
pub const COOKIE: &str = "__Host-refresh";

/// The name of the refresh cookie over plain HTTP elsewhere, where that has been switched on.
pub const PLAIN_COOKIE: &str = "refresh";

/// The answer to a sign-in and to a refresh. The refresh token is in the cookie and never here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    /// The access token, for `Authorization: Bearer`.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// For how many seconds the access token is good.
    pub expires_in: u64,
    /// Who signed in.
    pub user: User,
    /// The session.
    pub session: Session,
}

impl std::fmt::Debug for SignedIn {
    /// Everything but the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            access_token: _,
            token_type,
            expires_in,
            user,
            session,
        } = self;
        f.debug_struct("SignedIn")
            .field("token_type", token_type)
            .field("expires_in", expires_in)
            .field("user", user)
            .field("session", session)
            .finish_non_exhaustive()
    }
}

/// Who somebody is, and what they may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name.
    pub username: Username,
    /// The role.
    pub role: Role,
}

/// A session, as its holder sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Its id, a UUID.
    pub id: String,
    /// When it ends if it is not used before then.
    pub expires_at: Timestamp,
}

/// The answer of `GET /me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// Who.
    pub user: User,
    /// In which session.
    pub session: Session,
}

/// A value that employees have in a field, and how many have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldValue {
    /// The value, in the spelling that most of them have.
    pub value: String,
    /// How many have it, whatever the case and the accents.
    pub count: u64,
}

/// What an import does with the good rows where some are bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportMode {
    /// Nothing is imported.
    #[default]
    Atomic,
    /// They are imported.
    Partial,
}

/// The answer to an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// What was asked for.
    pub mode: ImportMode,
    /// Whether this was only a rehearsal: nothing has been written, whatever the rows say.
    pub dry_run: bool,
    /// How many records have been created, or would have been.
    pub created: u64,
    /// How many rows are refused.
    pub refused: u64,
    /// One entry a row, in the order of the body; of more rows than [`Self::MOST_ROWS`] the first so many that are
    /// refused.
    pub rows: Vec<ImportRow>,
}

impl ImportReport {
    /// The most rows of which a report tells one by one.
    pub const MOST_ROWS: usize = 10_000;
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// The line on which the row begins, counted from 1.
    pub line: u64,
    /// What became of it.
    pub result: RowResult,
    /// The new record, where one was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<EmployeeId>,
    /// What is wrong with it, where it was refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowResult {
    /// A record was created.
    Created,
    /// Good, and not created: another row was refused in atomic mode, or it was a rehearsal.
    Skipped,
    /// It was refused.
    Refused,
}
