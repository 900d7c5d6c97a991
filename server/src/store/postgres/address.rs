//! Where the database is, and why it cannot be used.

use std::path::PathBuf;

use secrecy::SecretString;

use super::connection::SqlError;
use crate::rules::key_names::KeyMismatch;

/// Where the database is.
#[derive(Debug, Clone)]
pub struct Address {
    /// A URL such as `postgres://user:password@one,two/roster`.
    pub url: SecretString,
    /// The certificates to trust (PEM) instead of the system's.
    pub authorities: Option<PathBuf>,
    /// Allows connections to other computers without TLS.
    pub insecure: bool,
}

impl Address {
    /// Whether a URL contains a password.
    pub fn has_password(url: &str) -> bool {
        let config: Result<tokio_postgres::Config, _> = url.trim().parse();
        config.is_ok_and(|config| config.get_password().is_some())
    }
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is no such URL. It is not repeated, since it may have a password.
    #[error("the database URL must have the form postgres://user:password@host,host/database")]
    Url,
    /// The certificates cannot be used.
    #[error("cannot use the certificates in {}: {why}", .path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// What failed.
        why: String,
    },
    /// TLS cannot be used.
    #[error("cannot use TLS: {0}")]
    Tls(String),
    /// A newer version of rosterd wrote the tables.
    #[error(
        "the database was written by a newer version: its format is {found}, but this version supports {known}"
    )]
    Newer {
        /// Its format.
        found: u64,
        /// The newest format that this version knows.
        known: u64,
    },
    /// It has no tables of Roster.
    #[error("the database is empty")]
    Missing,
    /// Servers use it.
    #[error("servers use the database; stop them first")]
    InUse,
    /// It was to be filled.
    #[error("the database is not empty")]
    NotEmpty,
    /// The servers would refuse each other's tokens.
    #[error(transparent)]
    Keys(#[from] KeyMismatch),
    /// PostgreSQL would lose commits in a crash.
    #[error("PostgreSQL runs with {0} = off, and could lose acknowledged changes; turn it on")]
    Unsafe(String),
    /// It cannot be reached, read or written.
    #[error("cannot open the database: {0}")]
    Unusable(String),
}

impl From<SqlError> for OpenError {
    fn from(error: SqlError) -> Self {
        Self::Unusable(error.to_string())
    }
}
