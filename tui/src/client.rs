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

use tokio::sync::{Mutex, watch};

use crate::remote::{Identity, Result};

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
pub use rows::RowStream;
pub use upload::Upload;

/// A client of one server with one user at a time. Clones share everything.
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
