//! The client of `rosterd`, shared by the application and the command line. Nothing else opens a
//! socket.
//!
//! - [`address`] the server's address, and whether it may be used
//! - [`http`] one request and its answer, and every way it can fail
//! - [`cookies`] the refresh cookie: when it is stored and sent
//! - [`jar`] the file that keeps cookies and token between runs, shared by all of the user's
//!   processes
//! - [`session`] sign in, renew, sign out
//! - [`accounts`] the methods for accounts, histories and the audit log
//! - [`api`] one method per route, with one retry after a rejected access token
//! - [`changes`] the stream of changes, event by event
//! - [`rows`] a list of any length, streamed record by record
//! - [`trust`] which certificates are trusted
//! - [`upload`] the rows of an import, streamed to the server

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Mutex, watch};

use crate::remote::{Identity, Result};

mod accounts;
mod address;
mod api;
mod changes;
mod cookies;
mod http;
mod jar;
mod rows;
mod session;
mod trust;
mod upload;

pub use api::ImportFormat;
pub use changes::ChangeStream;
pub use rows::RowStream;
pub use upload::Upload;

/// A client of one server with one user at a time. Clones share everything.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: http::Http,
    jar: jar::Jar,
    /// The current access token. The lock is held during a renewal, so that every waiting task gets
    /// the new token.
    access: Mutex<Option<jar::AccessToken>>,
    /// The identity in the newest access token.
    identity: watch::Sender<Option<Identity>>,
}

/// How to reach the server, and where its cookies are stored.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server's address: `http://127.0.0.1:7678`, or a host with or without a port.
    ///
    /// Without a scheme, loopback gets plain HTTP, on port 7678 if none is given, and every other
    /// host gets TLS.
    pub server: String,
    /// The folder that holds one jar per server.
    pub state: PathBuf,
    /// Whether plain HTTP to a remote host is allowed.
    pub insecure_http: bool,
    /// A PEM file of CA certificates: the only ones trusted over TLS.
    pub ca: Option<PathBuf>,
}

impl Options {
    /// The folder of this server's files.
    ///
    /// # Errors
    /// [`ClientError::Address`](crate::remote::ClientError::Address), as [`Client::new`].
    pub fn folder(&self) -> Result<PathBuf> {
        let address = address::Address::parse(&self.server, self.insecure_http)?;
        Ok(self.state.join(address.folder_name()))
    }
}

impl Client {
    /// Creates a client. It sends nothing yet.
    ///
    /// # Errors
    /// [`ClientError::Address`](crate::remote::ClientError::Address) if the address is invalid, if
    /// it needs plain HTTP to a remote host and that is not allowed, or if the certificate file
    /// cannot be read.
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

    /// Watches who is signed in. It changes whenever a new token says something else: another role,
    /// a longer session. It is `None` before the first token and keeps the last identity after a
    /// session ends.
    pub fn identity(&self) -> watch::Receiver<Option<Identity>> {
        self.0.identity.subscribe()
    }

    /// Watches whether a call waits for another process that has locked the cookie jar, and has
    /// done so for two seconds.
    pub fn waits_for_lock(&self) -> watch::Receiver<bool> {
        self.0.jar.waiting()
    }

    /// The server's origin.
    pub fn server(&self) -> &str {
        self.0.http.origin()
    }
}
