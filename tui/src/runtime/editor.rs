//! Somebody's own editor, with the terminal to itself.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use tokio::task::spawn_blocking;

use super::terminal::Screen;
use super::{End, World};
use crate::event::Event;
use crate::state::Draft;

/// Has the text edited, and takes the terminal back. What was written is in the file, whatever happens.
///
/// # Errors
/// Where a signal ends the program meanwhile, or the terminal cannot be taken back.
pub(super) async fn compose(draft: &Draft, screen: &mut Screen, world: &mut World) -> Result<Event, End> {
    let path = match keep(draft) {
        Ok(path) => path,
        Err(error) => {
            let why = format!("The text cannot be written: {error}.");
            return Ok(Event::Composed { path: None, text: Err(why) });
        }
    };
    screen.hand_over();
    world.let_go();
    let text = match edit(&path, world).await {
        Ok(text) => text,
        Err(end) => return Err(end),
    };
    world.take_back().map_err(|_| End::HungUp)?;
    screen.take_back().map_err(|_| End::HungUp)?;
    Ok(Event::Composed { path: Some(path), text })
}

/// Writes the text to its file, or to a new one that nobody else can read.
fn keep(draft: &Draft) -> io::Result<PathBuf> {
    if let Some(path) = draft.path.as_ref().filter(|path| path.exists()) {
        std::fs::write(path, &draft.text)?;
        return Ok(path.clone());
    }
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    // The crate makes it with mode 0600.
    let mut file = tempfile::Builder::new().prefix("roster-").suffix(".csv").tempfile_in(folder)?;
    file.write_all(draft.text.as_bytes())?;
    let (_, path) = file.keep()?;
    Ok(path)
}

/// Runs the editor to its end, or ends it where the program is told to end.
async fn edit(path: &Path, world: &mut World) -> Result<Result<String, String>, End> {
    let mut child = match start(path) {
        Ok(child) => child,
        Err(error) => return Ok(Err(format!("The editor cannot be started: {error}."))),
    };
    let id = rustix::process::Pid::from_child(&child);
    let ended = spawn_blocking(move || child.wait());
    let status = tokio::select! {
        status = ended => status,
        end = world.end() => {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
            return Err(end);
        }
    };
    let shown = path.display();
    Ok(match status {
        Ok(Ok(status)) if status.success() => {
            std::fs::read_to_string(path).map_err(|error| format!("{shown} cannot be read: {error}."))
        }
        Ok(Ok(status)) => Err(match status.code() {
            Some(code) => format!("The editor ended with {code}."),
            None => "The editor was ended by a signal.".to_owned(),
        }),
        _ => Err("The editor was lost.".to_owned()),
    })
}

/// `VISUAL`, else `EDITOR`, else vi; through the shell, for people write arguments there.
fn start(path: &Path) -> io::Result<Child> {
    let named = |name| std::env::var(name).ok().filter(|editor| !editor.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    Command::new("sh").arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(path).spawn()
}
