//! Types shared by the application and the client: errors, identity, pages. No sockets.

use std::collections::BTreeMap;
use std::path::PathBuf;

use roster_common::api::{SessionInfo, User};
use roster_common::history::HistoryEntry;
use roster_common::{Code, Employee, EmployeeId, Problem, Remedy};

/// The signed-in user and their session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user: User,
    /// The session.
    pub session: SessionInfo,
}

/// A page of employees.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The records.
    pub rows: Vec<Employee>,
    /// The names of the records' managers, if they were asked for.
    pub managers: BTreeMap<EmployeeId, String>,
    /// The number of records before the first one.
    pub offset: usize,
    /// The number of records in the whole list.
    pub total: usize,
}

/// What belongs to a record but is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Related {
    /// The names of the first people who report to the person, in alphabetical order.
    pub reports: Vec<String>,
    /// How many report to the person.
    pub report_count: usize,
    /// The last changes of the record, the newest first.
    pub changes: Vec<HistoryEntry>,
}

/// A failed call.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClientError {
    /// No answer: connection refused, network down, or timeout.
    #[error("Can't reach {server} ({why}). Is rosterd running?")]
    Unreachable {
        /// The server's origin.
        server: String,
        /// The reason.
        why: String,
        /// Whether the request was sent; then it may have taken effect.
        sent: bool,
    },
    /// The server refused the request.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// Signing in again is required, for the local reason given.
    #[error("{0}")]
    SignInAgain(String),
    /// The response is not from a compatible rosterd.
    #[error("invalid response from the server: {0}")]
    Protocol(String),
    /// The cookie jar cannot be read or written.
    #[error("cannot use the cookie jar {path}: {why}")]
    Jar {
        /// The file.
        path: PathBuf,
        /// The reason.
        why: String,
    },
    /// The server's address or the CA file cannot be used.
    #[error("{0}")]
    Address(String),
}

impl ClientError {
    /// Returns `true` if the user must sign in before the call can succeed.
    pub fn needs_sign_in(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.action == Remedy::Login,
            Self::SignInAgain(_) => true,
            _ => false,
        }
    }

    /// Returns `true` if the username or the password is wrong.
    pub fn is_wrong_password(&self) -> bool {
        matches!(self, Self::Refused(problem) if problem.code == Code::CredentialsInvalid)
    }

    /// Returns `true` if a retry may succeed.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Refused(problem) if problem.status >= 500 || problem.status == 429)
    }

    /// Marks the failure as one from before the request was sent.
    pub(crate) fn before_sending(self) -> Self {
        match self {
            Self::Unreachable { server, why, .. } => Self::Unreachable {
                server,
                why,
                sent: false,
            },
            other => other,
        }
    }
}

/// The result of a call.
pub type Result<T> = std::result::Result<T, ClientError>;
