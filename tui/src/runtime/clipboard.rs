//! Text on its way out of the application: through tmux, the terminal, or a file, whichever is there.

use std::env;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::terminal;
use crate::event::Clipboard;
use crate::state::text::Secret;

/// The first letters of terminals without a clipboard: the consoles of Linux and the BSDs, GNU Screen, and those
/// of old.
const WITHOUT: [&str; 4] = ["linux", "cons", "screen", "vt"];

/// Sends text to where a person can paste it from, by the first way that is open. `state` is the folder for a file.
///
/// # Errors
/// In words, where the terminal or the file cannot be written.
pub(super) async fn send(state: PathBuf, text: Secret) -> Result<Clipboard, String> {
    let copy = text.clone();
    // A terminal's own command does not get through tmux as it comes: tmux has to send it.
    if is_in_tmux() && in_background(move || to_tmux(copy.expose())).await.is_ok() {
        return Ok(Clipboard::Tmux);
    }
    let term = env::var("TERM").unwrap_or_default();
    if WITHOUT.iter().any(|name| term.starts_with(name)) {
        return in_background(move || to_file(&state, text.expose()))
            .await
            .map(Clipboard::File);
    }
    // Written between two frames: the loop, whose thread this is, is waiting.
    terminal::copy(text.expose())
        .map(|()| Clipboard::Terminal)
        .map_err(|error| error.to_string())
}

fn is_in_tmux() -> bool {
    env::var_os("TMUX").is_some_and(|socket| !socket.is_empty())
}

/// An error where tmux is not there, is older than version 3.2 or does not answer to this socket.
fn to_tmux(text: &str) -> io::Result<()> {
    let mut tmux = Command::new("tmux");
    tmux.args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut tmux = tmux.spawn()?;
    // Taken, so that it is closed after the text: that tells tmux that this is all.
    let written = tmux
        .stdin
        .take()
        .map_or(Ok(()), |mut input| input.write_all(text.as_bytes()));
    match tmux.wait()?.success() {
        true => written,
        false => Err(io::Error::other("tmux refused it")),
    }
}

/// Names and addresses are nobody else's to read.
fn to_file(state: &Path, text: &str) -> io::Result<PathBuf> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(state)?;
    let path = state.join("copied.txt");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)?;
    file.write_all(text.as_bytes())?;
    Ok(path)
}

async fn in_background<T: Send + 'static>(
    send: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, String> {
    let sent = tokio::task::spawn_blocking(send)
        .await
        .map_err(io::Error::from);
    sent.and_then(|sent| sent)
        .map_err(|error| error.to_string())
}
