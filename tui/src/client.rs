//! The one client of `rosterd`, for the application and the command line: the only sockets.
//!
//! - [`address`] which server, and whether its address may be used
//! - [`http`] one request and its answer, and every way in which it can fail
//! - [`cookies`] the refresh cookie, and the rules under which it is kept and sent
//! - [`jar`] the file that holds them between runs, shared by all processes of a person
//! - [`session`] sign in, renew, sign out
//! - [`accounts`] the methods of accounts, histories and the audit
//! - [`api`] one method a route, with the one retry that a bad access token is worth
//! - [`rows`] a list of any length, record by record
//! - [`trust`] whose certificates are good
//! - [`upload`] the rows of an import, on their way

use std::path::PathBuf;
use std::sync::Arc;

use roster_common::api::{Session, User};
use roster_common::{Action, Employee, Problem};
use tokio::sync::{Mutex, watch};

mod accounts;
mod address;
mod api;
mod cookies;
mod http;
mod jar;
mod rows;
mod session;
mod trust;
mod upload;

pub use api::ImportFormat;
pub use rows::Rows;
pub use upload::Upload;

/// Talks to one server, as one person at a time. Clones share everything.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: http::Http,
    jar: jar::Jar,
    /// The access token in use. Held while it is renewed, so that all who wait get the new one.
    access: Mutex<Option<jar::Access>>,
    /// What the newest access token says of its holder.
    identity: watch::Sender<Option<Identity>>,
}

/// How to reach the server, and where to keep its cookies.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server's address: `http://127.0.0.1:7678`, or a host with or without a port.
    ///
    /// Without a scheme, loopback is asked over plain HTTP, at port 7678 if none is said, and every other
    /// host over TLS.
    pub server: String,
    /// The folder under which each server has its jar.
    pub state: PathBuf,
    /// Whether plain HTTP to another computer is allowed.
    pub insecure_http: bool,
    /// A file of certificates, PEM: their authorities are trusted over TLS, and no others.
    pub ca: Option<PathBuf>,
}

impl Options {
    /// The folder of this server's files.
    ///
    /// # Errors
    /// [`ClientError::Address`], as [`Client::new`].
    pub fn folder(&self) -> Result<PathBuf> {
        let address = address::Address::parse(&self.server, self.insecure_http)?;
        Ok(self.state.join(address.folder_name()))
    }
}

/// Who is signed in, and in which session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who.
    pub user: User,
    /// Which session.
    pub session: Session,
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
        /// Whether the request was sent: then it may have been done, and only its answer is lost.
        sent: bool,
    },
    /// The server refused it, and says why.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// What was found on this computer lets nobody go on before they have signed in again; the sentence says what.
    #[error("{0}")]
    SignInAgain(String),
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
    /// The server's address, or the file of the authority that vouches for it, cannot be used.
    #[error("{0}")]
    Address(String),
}

impl ClientError {
    /// Whether the person must sign in before the call can succeed.
    pub fn needs_sign_in(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.action == Action::Login,
            Self::SignInAgain(_) => true,
            _ => false,
        }
    }

    /// Whether the server asks for patience: the same call may succeed a moment later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Refused(problem) if problem.status >= 500 || problem.status == 429)
    }

    /// The same failure, met before the request of which it is told was sent.
    fn before_sending(self) -> Self {
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

impl Client {
    /// Prepares a client; asks nothing of the server yet.
    ///
    /// # Errors
    /// [`ClientError::Address`] where the address is none, or plain HTTP to another computer that is not allowed, or
    /// where the file of certificates cannot be read.
    pub fn new(options: Options) -> Result<Self> {
        let address = address::Address::parse(&options.server, options.insecure_http)?;
        let jar = jar::Jar::new(options.state.join(address.folder_name()));
        let http = http::Http::new(address, options.ca.as_deref())?;
        Ok(Self(Arc::new(Inner {
            http,
            jar,
            access: Mutex::default(),
            identity: watch::Sender::default(),
        })))
    }

    /// Who is signed in, told anew whenever a fresh token says something else: a role that was changed, a session
    /// that lasts longer. Nothing before the first token; the last one stays when a session ends.
    pub fn identity(&self) -> watch::Receiver<Option<Identity>> {
        self.0.identity.subscribe()
    }

    /// The server's origin.
    pub fn server(&self) -> &str {
        self.0.http.origin()
    }
}
