//! The paths, and request and response bodies that have no module of their own.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::{Role, Username};
use crate::employee::Employee;
use crate::extensible::Extensible;
use crate::warning::RecordWarning;

mod import;
mod run;

pub use import::{
    EmptyCells, ImportMode, ImportOptions, ImportReport, ImportRow, MatchBy, MatchReport, Matching,
    MissingPeople, RowResult,
};
pub use run::{ImportRun, KeptEmployee, KeptReason, RunCounts, RunId, UndoReport};

/// The paths of the protocol: the templates of the server's routes, and functions that fill them.
pub mod path {
    use super::RunId;
    use crate::account::Username;
    use crate::employee::{EmployeeId, Field};
    use crate::problem::Code;

    /// Signs in.
    pub const AUTH: &str = "/auth";
    /// Exchanges the refresh cookie for a new access token.
    pub const REFRESH: &str = "/refresh";
    /// Ends the session of the refresh cookie.
    pub const LOGOUT: &str = "/logout";
    /// Registers an account.
    pub const REGISTER: &str = "/register";
    /// The account that is signed in.
    pub const ME: &str = "/me";
    /// The password of the account that is signed in.
    pub const MY_PASSWORD: &str = "/me/password";
    /// The sessions of the account that is signed in.
    pub const MY_SESSIONS: &str = "/me/sessions";
    /// One of these sessions.
    pub const MY_SESSION: &str = "/me/sessions/{id}";
    /// All accounts.
    pub const USERS: &str = "/users";
    /// One account.
    pub const USER: &str = "/users/{name}";
    /// The sessions of one account.
    pub const USER_SESSIONS: &str = "/users/{name}/sessions";
    /// The audit log.
    pub const AUDIT: &str = "/audit";
    /// All employees.
    pub const EMPLOYEES: &str = "/employees";
    /// One employee.
    pub const EMPLOYEE: &str = "/employees/{id}";
    /// Merges another employee into one.
    pub const MERGE: &str = "/employees/{id}/merge";
    /// The history of one employee.
    pub const HISTORY: &str = "/employees/{id}/history";
    /// Imports many employees at once.
    pub const IMPORT: &str = "/employees/import";
    /// The runs: imports that changed something, and what undid them.
    pub const RUNS: &str = "/employees/imports";
    /// Undoes a run.
    pub const UNDO_RUN: &str = "/employees/imports/{run}/undo";
    /// The values that a field has.
    pub const VALUES: &str = "/employees/values/{field}";
    /// The stream of changes to employees.
    pub const EVENTS: &str = "/events";
    /// The explanation of a problem code.
    pub const PROBLEM: &str = "/problems/{code}";
    /// Whether the process runs.
    pub const HEALTHZ: &str = "/healthz";
    /// Whether the server takes requests and its store takes writes.
    pub const READYZ: &str = "/readyz";
    /// The OpenAPI document.
    pub const OPENAPI: &str = "/openapi.json";

    /// [`EMPLOYEE`] with that id.
    pub fn employee(id: EmployeeId) -> String {
        EMPLOYEE.replace("{id}", &id.to_string())
    }

    /// [`MERGE`] with that id.
    pub fn merge(id: EmployeeId) -> String {
        MERGE.replace("{id}", &id.to_string())
    }

    /// [`HISTORY`] with that id.
    pub fn history(id: EmployeeId) -> String {
        HISTORY.replace("{id}", &id.to_string())
    }

    /// [`UNDO_RUN`] with that run.
    pub fn undo_run(run: RunId) -> String {
        UNDO_RUN.replace("{run}", &run.to_string())
    }

    /// [`PROBLEM`] with that code.
    pub fn problem(code: Code) -> String {
        PROBLEM.replace("{code}", code.as_str())
    }

    /// [`MY_SESSION`] with that id.
    pub fn my_session(id: &str) -> String {
        MY_SESSION.replace("{id}", id)
    }

    /// [`USER`] with that name.
    pub fn user(name: &Username) -> String {
        USER.replace("{name}", name.as_str())
    }

    /// [`USER_SESSIONS`] with that name.
    pub fn sessions_of(name: &Username) -> String {
        USER_SESSIONS.replace("{name}", name.as_str())
    }

    /// [`VALUES`] with that field, one of [`Field::with_values`].
    pub fn values(field: Field) -> String {
        VALUES.replace("{field}", field.name())
    }
}

/// The name of the refresh cookie over TLS and on loopback (`__Host-`: RFC 6265bis, section
/// 4.1.3.2).
pub const COOKIE: &str = "__Host-refresh";

/// The name of the refresh cookie over plain HTTP to other hosts, if that is enabled.
pub const PLAIN_COOKIE: &str = "refresh";

/// The response to a sign-in and to a refresh. The refresh token is in the cookie, never here.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    /// The access token, for `Authorization: Bearer`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// The lifetime of the access token in seconds.
    pub expires_in: u64,
    /// The account that signed in.
    pub user: User,
    /// The session that was opened or continued.
    pub session: SessionInfo,
}

impl std::fmt::Debug for SignedIn {
    /// Leaves out the token.
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

/// An account by name and role.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name.
    pub username: Username,
    /// The role.
    pub role: Extensible<Role>,
}

/// A session, as its holder sees it.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// Its id, a UUID.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::uuid"))]
    pub id: String,
    /// When it ends unless it is used before.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    #[serde(with = "crate::time")]
    pub expires_at: Timestamp,
}

/// The response of `GET /me`.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The account that is signed in.
    pub user: User,
    /// The session of the access token.
    pub session: SessionInfo,
}

/// The response to a change of a record: the record as it is now, and warnings about it.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedEmployee {
    /// The record.
    #[serde(flatten)]
    pub employee: Employee,
    /// Values that are likely to be mistakes; absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<RecordWarning>,
}

/// A value of a field, and how many employees have it.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldValue {
    /// The value, in its most common spelling.
    pub value: String,
    /// How many employees have it, in any case and with or without accents.
    pub count: u64,
    /// The manager's full name, if the value is a manager's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// An employee in a page with names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedEmployee {
    /// The employee.
    #[serde(flatten)]
    pub employee: Employee,
    /// The full name of the manager; absent if there is none, or they were deleted.
    #[serde(
        rename = "managerName",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub manager_name: Option<String>,
}

/// The response of `GET /healthz` and `GET /readyz`.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The state of the server.
    pub status: HealthStatus,
    /// What the operator should know although the server works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The state of a server that answers.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::one_list))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// Liveness: the process is up.
    Ok,
    /// The server takes requests, and its store takes writes.
    Ready,
}
