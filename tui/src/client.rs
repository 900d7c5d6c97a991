//! The one client of `rosterd`, for the application and the command line: the only sockets.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use roster_common::api::{ImportMode, ImportReport, Me, Session, User};
use roster_common::{Changes, Employee, EmployeeId, Password, Problem, Query, Username, Version};

/// Talks to one server, as one person at a time. Clones share everything.
#[derive(Clone)]
pub struct Client(#[expect(dead_code)] Arc<()>);

/// How to reach the server, and where to keep its cookies.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server's origin: `http://127.0.0.1:7678`.
    pub server: String,
    /// The folder under which each server has its jar.
    pub state: PathBuf,
    /// Whether plain HTTP to another computer is allowed.
    pub insecure_http: bool,
}

/// Who is signed in, in which session, and until when the access token is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who.
    pub user: User,
    /// Which session.
    pub session: Session,
    /// When the access token must be renewed.
    pub access_expires: Timestamp,
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

/// A call that did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClientError {
    /// No answer: nothing listens, the link is down, or it took too long.
    #[error("{server} cannot be reached: {why}")]
    Unreachable {
        /// The origin that was asked.
        server: String,
        /// What failed.
        why: String,
    },
    /// The server refused it, and says why.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// What answers is not a rosterd, or not one that this client understands.
    #[error("the answer cannot be understood: {0}")]
    Protocol(String),
    /// The cookie jar cannot be read or written.
    #[error("the cookie jar {path} cannot be used: {why}")]
    Jar {
        /// The file.
        path: PathBuf,
        /// What failed.
        why: String,
    },
    /// The server's address cannot be used.
    #[error("{0}")]
    Address(String),
}

/// The answer of a call.
pub type Result<T> = std::result::Result<T, ClientError>;

impl Client {
    /// Prepares a client; asks nothing of the server yet.
    pub fn new(_options: Options) -> Result<Self> {
        Ok(Self(Arc::new(())))
    }
    /// The server's origin.
    pub fn server(&self) -> &str {
        ""
    }
    /// Signs in, and keeps the cookie.
    pub async fn sign_in(&self, _username: &Username, _password: &Password) -> Result<Identity> {
        missing()
    }
    /// Goes on with the session of the stored cookie; nothing if none is stored.
    pub async fn resume(&self) -> Result<Option<Identity>> {
        missing()
    }
    /// Renews the access token now.
    pub async fn renew(&self) -> Result<Identity> {
        missing()
    }
    /// Ends the session, and deletes the cookie.
    pub async fn sign_out(&self) -> Result<()> {
        missing()
    }
    /// Asks who is signed in.
    pub async fn me(&self) -> Result<Me> {
        missing()
    }
    /// A page of employees, or all of them where the query's window says so.
    pub async fn employees(&self, _query: &Query) -> Result<Page> {
        missing()
    }
    /// One employee.
    pub async fn employee(&self, _id: EmployeeId) -> Result<Employee> {
        missing()
    }
    /// Adds an employee. The key makes a repeat of the same call harmless.
    pub async fn create(&self, _changes: &Changes, _idempotency_key: &str) -> Result<Employee> {
        missing()
    }
    /// Changes some fields of the version that was read (PATCH with `If-Match`).
    pub async fn change(&self, _id: EmployeeId, _version: Version, _changes: &Changes) -> Result<Employee> {
        missing()
    }
    /// Takes an employee away, if it still is as it was read.
    pub async fn delete(&self, _id: EmployeeId, _version: Version) -> Result<()> {
        missing()
    }
    /// Imports CSV.
    pub async fn import_csv(&self, _csv: Vec<u8>, _mode: ImportMode, _dry_run: bool) -> Result<ImportReport> {
        missing()
    }
}

fn missing<T>() -> Result<T> {
    Err(ClientError::Protocol("not yet".into()))
}
