//! The vocabulary that the application and the client share: errors, identity, pages. It opens no
//! sockets.

use std::path::PathBuf;

use roster_common::api::{SessionInfo, User};
use roster_common::{Employee, Problem, Remedy};

/// Who is signed in, and in which session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who.
    pub user: User,
    /// Which session.
    pub session: SessionInfo,
}

/// Some of the employees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The records.
    pub rows: Vec<Employee>,
    /// How many come before the first of these.
    pub offset: usize,
    /// How many the whole list has.
    pub total: usize,
}

/// A failed call.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClientError {
    /// No answer: nothing listens, the link is down, or it took too long.
    #[error("cannot reach {server}: {why}")]
    Unreachable {
        /// The origin that was asked.
        server: String,
        /// What failed.
        why: String,
        /// Whether the request was sent: then it may have been done, and only its answer is lost.
        sent: bool,
    },
    /// The server refused it, and says why.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// What was found on this computer lets nobody go on before they have signed in again; the
    /// sentence says what.
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
        /// What failed.
        why: String,
    },
    /// The server's address, or the file of the authority that vouches for it, cannot be used.
    #[error("{0}")]
    Address(String),
}

impl ClientError {
    /// Whether the person must sign in before the call can succeed.
    pub fn needs_sign_in(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.action == Remedy::Login,
            Self::SignInAgain(_) => true,
            _ => false,
        }
    }

    /// Whether a retry in a moment may succeed.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Refused(problem) if problem.status >= 500 || problem.status == 429)
    }

    /// The same failure, if it was met before the request was sent.
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

/// The answer of a call.
pub type Result<T> = std::result::Result<T, ClientError>;
