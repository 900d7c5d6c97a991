//! The client of the admin socket, and the commands that need a running server.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use roster_server::serve::{AdminCommand, AdminReply, socket_of};
use zeroize::Zeroizing;

use super::data::Data;
use super::output::print;

/// Sends a command to the server that has the database open. Returns `None` if there is no such
/// server.
///
/// # Errors
/// If the server cannot be reached although it is there, or refuses the command.
pub(crate) fn send(database: &Path, command: &AdminCommand) -> anyhow::Result<Option<String>> {
    let socket = socket_of(database);
    let mut stream = match UnixStream::connect(&socket) {
        Ok(stream) => stream,
        // No server, one that was killed, or one whose socket could not be made.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::InvalidInput
            ) =>
        {
            return Ok(None);
        }
        Err(error) => {
            return Err(error)
                .with_context(|| format!("cannot reach the server at {}", socket.display()));
        }
    };
    let mut line = Zeroizing::new(serde_json::to_vec(command)?);
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    let answer: AdminReply =
        serde_json::from_str(&answer).context("the server has closed the admin socket")?;
    answer.map(Some).map_err(|error| anyhow!(error))
}

#[derive(Args)]
pub(crate) struct Status {
    #[command(flatten)]
    data: Data,
}

#[derive(Args)]
pub(crate) struct LogLevel {
    /// error, warn, info, debug or trace, or a filter as in RUST_LOG
    filter: String,
    #[command(flatten)]
    data: Data,
}

impl Status {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        ask_server(&self.data, &AdminCommand::Status)
    }
}

impl LogLevel {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        ask_server(&self.data, &AdminCommand::LogLevel(self.filter))
    }
}

fn ask_server(data: &Data, command: &AdminCommand) -> anyhow::Result<()> {
    let file = data.file()?;
    match send(file, command)? {
        Some(text) => print(text),
        None => bail!("no server has {} open", file.display()),
    }
}
