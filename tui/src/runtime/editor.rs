//! Runs the user's editor in the terminal.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::terminal::TerminalScreen;
use super::{ExitReason, Inputs};
use crate::event::Event;
use crate::state::Draft;

/// How long the editor may take to end after a signal, to restore the terminal and save its text.
/// Shorter than the program's own limit.
const GRACE: Duration = Duration::from_millis(500);

/// Edits a draft. Also returns a reason to end: a signal, or a terminal that cannot be taken back.
/// The text is in the file in any case.
pub(super) async fn compose(
    draft: &Draft,
    screen: &mut TerminalScreen,
    inputs: &mut Inputs,
) -> (Event, Option<ExitReason>) {
    // On disk before the editor starts, so that the text survives a crash of either program.
    let path = match keep(draft) {
        Ok(path) => path,
        Err(error) => {
            let event = Event::EditorClosed {
                path: None,
                text: None,
                failure: Some(not_written(&error)),
            };
            return (event, None);
        }
    };
    let Edited { text, failure, end } = run(&path, screen, inputs).await;
    let event = Event::EditorClosed {
        path: Some(path),
        text,
        failure,
    };
    (event, end)
}

/// Edits the text of one field of a form, and leaves no file behind.
pub(super) async fn edit_field(
    text: &str,
    screen: &mut TerminalScreen,
    inputs: &mut Inputs,
) -> (Event, Option<ExitReason>) {
    let path = match write_new(text, ".txt") {
        Ok(path) => path,
        Err(error) => return (Event::FieldEdited(Err(not_written(&error))), None),
    };
    let edited = run(&path, screen, inputs).await;
    // A file that cannot be deleted does no harm.
    let _ = std::fs::remove_file(&path);
    let result = match edited.failure {
        Some(failure) => Err(failure),
        None => Ok(edited.text.unwrap_or_default()),
    };
    (Event::FieldEdited(result), edited.end)
}

fn not_written(error: &io::Error) -> String {
    format!("Can't write the text: {error}.")
}

/// What became of a file in the editor.
struct Edited {
    /// Its text, if it can be read.
    text: Option<String>,
    /// What went wrong.
    failure: Option<String>,
    /// Why the program has to end.
    end: Option<ExitReason>,
}

/// Runs the editor on a file, and takes the terminal back.
async fn run(path: &Path, screen: &mut TerminalScreen, inputs: &mut Inputs) -> Edited {
    screen.pause();
    inputs.pause();
    let (edited, end) = match edit(path, inputs).await {
        Ok(edited) => (edited, resume(screen, inputs).err()),
        Err(end) => (Err("The editor was killed.".to_owned()), Some(end)),
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("Can't read {}: {error}.", path.display()));
    Edited {
        failure: edited.err().or(text.as_ref().err().cloned()),
        text: text.ok(),
        end,
    }
}

fn resume(screen: &mut TerminalScreen, inputs: &mut Inputs) -> Result<(), ExitReason> {
    // In the terminal's own mode, a line that is not finished could not be discarded.
    screen
        .resume()
        .and_then(|()| inputs.resume())
        .map_err(|_| ExitReason::HungUp)
}

/// Writes the text to its file, or to a new private one.
fn keep(draft: &Draft) -> io::Result<PathBuf> {
    if let Some(path) = draft.path.as_ref().filter(|path| path.exists()) {
        std::fs::write(path, &draft.text)?;
        return Ok(path.clone());
    }
    write_new(&draft.text, ".csv")
}

/// Writes a text to a new file that only the user can read.
fn write_new(text: &str, suffix: &str) -> io::Result<PathBuf> {
    // `tempfile` creates it with mode 0600.
    let mut file = tempfile::Builder::new()
        .prefix("roster-")
        .suffix(suffix)
        .tempfile_in(folder())?;
    file.write_all(text.as_bytes())?;
    let (_, path) = file.keep()?;
    Ok(path)
}

/// `$XDG_RUNTIME_DIR`, otherwise the temporary folder. Relative paths are ignored: they would lead
/// into the current folder.
fn folder() -> PathBuf {
    let named = [
        std::env::var_os("XDG_RUNTIME_DIR")
            .unwrap_or_default()
            .into(),
        std::env::temp_dir(),
    ];
    named
        .into_iter()
        .find(|path| path.is_absolute())
        .unwrap_or_else(|| "/tmp".into())
}

/// Runs the editor, and ends it if the program has to end.
async fn edit(path: &Path, inputs: &mut Inputs) -> Result<Result<(), String>, ExitReason> {
    let editor = editor();
    let mut child = match start(&editor, path) {
        Ok(child) => child,
        Err(error) => {
            return Ok(Err(format!("Can't start the editor {editor}: {error}.")));
        }
    };
    let id = rustix::process::Pid::from_child(&child);
    let mut ended = spawn_blocking(move || child.wait());
    let status = tokio::select! {
        status = &mut ended => status,
        end = inputs.end() => {
            // TERM and not KILL, so that the editor can save its text.
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
            let _ = timeout(GRACE, ended).await;
            return Err(end);
        }
    };
    Ok(match status {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(match status.code() {
            Some(NOT_FOUND) => {
                format!("Editor {editor} not found. Set VISUAL or EDITOR.")
            }
            Some(code) => format!("The editor {editor} exited with code {code}."),
            None => format!("The editor {editor} was killed by a signal."),
        }),
        _ => Err(format!("Lost track of the editor {editor}.")),
    })
}

/// The shell's exit code if the program does not exist.
const NOT_FOUND: i32 = 127;

/// `VISUAL`, otherwise `EDITOR`, otherwise vi.
fn editor() -> String {
    let named = |name| {
        std::env::var(name)
            .ok()
            .filter(|editor| !editor.trim().is_empty())
    };
    named("VISUAL")
        .or_else(|| named("EDITOR"))
        .unwrap_or_else(|| "vi".to_owned())
}

/// Starts it through the shell, since `EDITOR` may have arguments. `exec` replaces the shell, so
/// that signals reach the editor; `env` allows variables in it.
fn start(editor: &str, path: &Path) -> io::Result<Child> {
    Command::new("sh")
        .arg("-c")
        .arg(format!("exec env {editor} \"$1\""))
        .arg("sh")
        .arg(path)
        .spawn()
}
