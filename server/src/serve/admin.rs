//! The admin socket: a Unix socket beside the database, for the operator's commands while the
//! server runs.
//!
//! A client sends one [`AdminCommand`] as a line of JSON and gets one [`AdminReply`] as a line of
//! JSON. Only the owner of the socket can connect, who could as well read the database.

use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::socket::SocketListener;
use crate::app::operator::{self, AccountCommand};
use crate::app::{App, health};
use crate::http::ServerState;
use crate::store::redb::{FORMAT, RedbStore};

/// The longest command, in bytes.
const ORDER_SIZE: u64 = 64 * 1024;

/// How long a client may take to send its command.
const PATIENCE: Duration = Duration::from_secs(10);

/// What an operator asks of a running server.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdminCommand {
    /// Adds or changes an account.
    Account(AccountCommand),
    /// Lists the accounts.
    Accounts,
    /// Writes a backup.
    Backup(PathBuf),
    /// Returns the state of the server.
    Status,
    /// Sets the filter of the log, as in `RUST_LOG`.
    LogLevel(String),
}

/// What was done, or why not, for the operator to read.
pub type AdminReply = Result<String, String>;

/// Where the admin socket of a database is.
pub fn socket_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".socket");
    name.into()
}

/// What the admin socket gives access to.
pub struct Admin {
    /// The server.
    pub state: Arc<ServerState>,
    /// The store below it.
    pub store: Arc<RedbStore>,
    /// The file of the store.
    pub database: PathBuf,
    /// The address that the server listens on.
    pub address: String,
    /// When the server was started.
    pub started: Instant,
    /// Sets the filter of the log.
    pub set_log_level: SetLogLevel,
}

/// Sets the filter of the log, or says what is wrong with it.
pub type SetLogLevel = Box<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// The admin socket of a server. It is removed when this is dropped.
pub struct AdminSocket(SocketListener);

impl AdminSocket {
    /// Opens the socket of a database that this process has open, so that one that is there already
    /// is of a server that was killed.
    ///
    /// # Errors
    /// If it cannot be made, for example because its path is too long for a socket.
    pub fn bind(database: &Path) -> io::Result<Self> {
        SocketListener::bind_private(&socket_of(database)).map(Self)
    }

    /// Answers orders, until it is dropped.
    pub async fn serve(self, admin: Admin) {
        let admin = Arc::new(admin);
        loop {
            match self.0.accept().await {
                Ok(stream) => {
                    tokio::spawn(answer(stream, Arc::clone(&admin)));
                }
                Err(error) => {
                    tracing::error!(%error, "cannot accept a connection to the admin socket");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

/// Answers one command. A client that goes away early gets no answer, and its command is carried out.
async fn answer(stream: UnixStream, admin: Arc<Admin>) {
    let (reader, mut writer) = stream.into_split();
    let mut line = zeroize::Zeroizing::new(Vec::new());
    let mut reader = BufReader::new(reader.take(ORDER_SIZE));
    let read = tokio::time::timeout(PATIENCE, reader.read_until(b'\n', &mut line));
    if !matches!(read.await, Ok(Ok(_))) {
        return;
    }
    let answer = match serde_json::from_slice(&line) {
        Ok(command) => admin.carry_out(command).await,
        Err(error) => Err(error.to_string()),
    };
    let mut answer = serde_json::to_vec(&answer).unwrap_or_default();
    answer.push(b'\n');
    let _ = writer.write_all(&answer).await;
}

impl Admin {
    async fn carry_out(&self, command: AdminCommand) -> AdminReply {
        let app = &self.state.app;
        match command {
            AdminCommand::Account(command) => {
                let (store, now) = (&*app.store, app.clock.now());
                let done = operator::carry_out(store, &app.passwords, command, now).await;
                done.map_err(|error| error.to_string())
            }
            AdminCommand::Accounts => {
                let accounts = operator::list(&*app.store).await;
                accounts.map_err(|error| error.to_string())
            }
            AdminCommand::Backup(target) => {
                // The command gets the report as JSON and words it as for a backup of its own.
                let report = self.store.backup(target).await;
                let report = report.map_err(|error| error.to_string())?;
                serde_json::to_string(&report).map_err(|error| error.to_string())
            }
            AdminCommand::Status => self.status(app).await,
            AdminCommand::LogLevel(filter) => {
                (self.set_log_level)(&filter)?;
                tracing::info!(filter, "the log level was changed");
                Ok(format!("log level {filter}\n"))
            }
        }
    }

    async fn status(&self, app: &App) -> AdminReply {
        let failed = |error: crate::app::AppError| error.to_string();
        let figures = health::figures(app).await.map_err(failed)?;
        let accounts = app.store.accounts().await;
        let accounts = accounts.map_err(|error| error.to_string())?.len();
        let ready = match health::check(app).await {
            Ok(()) => "yes".to_owned(),
            Err(error) => format!("no: {error}"),
        };
        let mut status = String::new();
        let up = self.started.elapsed().as_secs();
        for (name, value) in [
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("process", std::process::id().to_string()),
            ("uptime", format!("{up} s")),
            ("address", self.address.clone()),
            ("database", self.database.display().to_string()),
            ("format", FORMAT.to_string()),
            ("employees", figures.employees.to_string()),
            ("accounts", accounts.to_string()),
            ("sessions", figures.sessions.to_string()),
            ("ready", ready),
        ] {
            // Writing to a string cannot fail.
            let _ = writeln!(status, "{name}\t{value}");
        }
        Ok(status)
    }
}
