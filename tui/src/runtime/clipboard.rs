//! Copies text: through tmux, the terminal, or to a file.

use std::env;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::terminal;
use crate::event::Clipboard;
use crate::state::text::Secret;

/// Prefixes of `TERM` without a clipboard: the Linux and BSD consoles, GNU Screen, and old
/// terminals.
const WITHOUT: [&str; 4] = ["linux", "cons", "screen", "vt"];

/// Copies text by the first way that works. `state` is the folder for a file.
///
/// # Errors
/// A message, if the terminal or the file cannot be written.
pub(super) async fn send(state: PathBuf, text: Secret) -> Result<Clipboard, String> {
    let copy = text.clone();
    // tmux blocks the terminal's clipboard sequence, so tmux has to send it.
    if is_in_tmux() && in_background(move || to_tmux(copy.expose())).await.is_ok() {
        return Ok(Clipboard::Tmux);
    }
    let term = env::var("TERM").unwrap_or_default();
    if WITHOUT.iter().any(|name| term.starts_with(name)) {
        return in_background(move || to_file(&state, text.expose()))
            .await
            .map(Clipboard::File);
    }
    // Safe to write here: this is the loop's thread, so no frame is being drawn.
    terminal::copy(text.expose())
        .map(|()| Clipboard::Terminal)
        .map_err(|error| error.to_string())
}

fn is_in_tmux() -> bool {
    env::var_os("TMUX").is_some_and(|socket| !socket.is_empty())
}

/// Fails if tmux is missing, older than 3.2, or does not answer on this socket.
fn to_tmux(text: &str) -> io::Result<()> {
    let mut tmux = Command::new("tmux");
    tmux.args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut tmux = tmux.spawn()?;
    // Take the pipe so that it closes after the text: tmux reads until then.
    let written = tmux
        .stdin
        .take()
        .map_or(Ok(()), |mut input| input.write_all(text.as_bytes()));
    if tmux.wait()?.success() {
        written
    } else {
        Err(io::Error::other("tmux refused it"))
    }
}

/// Personal data: only the user may read the file.
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
