//! Tasks on this computer: files, the clipboard, timers.

use std::path::{Path, PathBuf};
use std::result::Result;
use std::time::Duration;

use jiff::Timestamp;
use roster_common::Username;
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::import::Checked;
use super::{Worker, changes};
use crate::effect::LocalTask;
use crate::event::{Event, Timer};
use crate::runtime::{clipboard, files};
use crate::state::text::Secret;
use crate::state::unsaved::{FoundWork, KeptWork, UnsavedWork};

impl Worker {
    /// Starts a task. Files are read and written synchronously.
    pub(super) fn local(&mut self, task: LocalTask) {
        match task {
            LocalTask::CancelAll => {
                self.tasks = JoinSet::new();
                self.timers.clear();
                self.changes = None;
                self.transfer = None;
                self.checked = Checked::default();
            }
            LocalTask::UseServer(server) => self.use_server(server),
            LocalTask::Wait(timer, pause) => self.wait(timer, pause),
            // Without a client, the calls report why.
            LocalTask::Follow => self.changes = self.client().ok().map(changes::follow),
            LocalTask::LoadUserFiles { user } => self.load_files_of(&user),
            // Write synchronously: writes must stay in order, and the program may end right after.
            LocalTask::SaveColumns { user, text } => {
                let written = self.write_of("columns", &user, &text);
                self.report("Columns", written);
            }
            LocalTask::KeepWork { user, work } => {
                let kept = self.keep_work(&user, work.as_deref());
                self.report("Unsaved work", kept);
            }
            LocalTask::SaveFilters { user, text } => {
                let written = self.write_of("filters", &user, &text);
                self.report("Filters", written);
            }
            LocalTask::SaveTheme(theme) => {
                let path = self.options.state.join(files::THEME);
                let written = files::write(&path, theme.name()).map_err(|error| error.to_string());
                self.report("Theme", written);
            }
            LocalTask::Copy { text, what } => self.copy(text, what),
            LocalTask::StopTransfer => self.transfer = None,
            LocalTask::ListFolder { folder } => self.list_folder(folder),
            // A file that cannot be deleted does no harm.
            LocalTask::Discard(path) => drop(std::fs::remove_file(path)),
        }
    }

    /// Reports the user's columns, their filters and, if there is any, their unsaved work.
    fn load_files_of(&mut self, user: &Username) {
        let (owner, text) = (user.clone(), self.read_of("columns", user));
        self.spawn(async move { Event::ColumnsLoaded { user: owner, text } });
        let (owner, text) = (user.clone(), self.read_of("filters", user));
        self.spawn(async move { Event::FiltersLoaded { user: owner, text } });
        if let Some(found) = self.unsaved_work_of(user) {
            let user = user.clone();
            self.spawn(async move { Event::WorkFound { user, found } });
        }
    }

    fn wait(&mut self, timer: Timer, pause: Duration) {
        let task = self.tasks.spawn(async move {
            sleep(pause).await;
            Event::Timer(timer)
        });
        if let Some(earlier) = self.timers.insert(timer, task) {
            earlier.abort();
        }
    }

    /// Reports a failed save.
    fn report(&mut self, what: &'static str, written: Result<(), String>) {
        if let Err(why) = written {
            self.spawn(async move { Event::SaveFailed { what, why } });
        }
    }

    /// A user's file for this server: `columns`, `filters` or `unsaved`.
    fn file_of(&self, what: &str, user: &Username) -> Result<PathBuf, String> {
        let folder = self.options.folder().map_err(|error| error.to_string())?;
        Ok(folder.join(format!("{what}-{user}.json")))
    }

    fn read_of(&self, what: &str, user: &Username) -> Result<Option<String>, String> {
        files::read(&self.file_of(what, user)?).map_err(|error| error.to_string())
    }

    fn write_of(&self, what: &str, user: &Username, text: &str) -> Result<(), String> {
        files::write(&self.file_of(what, user)?, text).map_err(|error| error.to_string())
    }

    /// Writes the file, so that whatever ends the program does not lose the work, or removes it. Each
    /// process has a file of its own: another one, and what an earlier one has left, lose nothing.
    fn keep_work(&self, user: &Username, work: Option<&UnsavedWork>) -> Result<(), String> {
        let path = self.file_of("unsaved", user)?;
        let path = path.with_extension(format!("{}.json", std::process::id()));
        let Some(work) = work else {
            // A file that cannot be removed is offered once more.
            let _ = std::fs::remove_file(path);
            return Ok(());
        };
        let kept = KeptWork {
            at: Timestamp::now(),
            work: work.clone(),
        };
        let text = serde_json::to_string(&kept).map_err(|error| error.to_string())?;
        files::write(&path, &text).map_err(|error| error.to_string())
    }

    /// The newest work that an earlier run has left; the others are offered at later starts.
    fn unsaved_work_of(&self, user: &Username) -> Option<Box<FoundWork>> {
        let own = self.file_of("unsaved", user).ok()?;
        let files = std::fs::read_dir(own.parent()?).ok()?.flatten();
        let left = files.filter(|file| {
            let process = process_of(&file.path(), &own);
            // What still runs is left alone.
            process.is_some_and(|process| !is_running(process))
        });
        let found = left.filter_map(|file| read_work(file.path()));
        found.max_by_key(|found| found.kept.at).map(Box::new)
    }

    /// Lists a folder on another thread, since it may be on a slow disk.
    fn list_folder(&mut self, folder: String) {
        self.spawn(async move {
            let path = files::expanded(&folder);
            let listed = tokio::task::spawn_blocking(move || files::list(&path)).await;
            Event::FolderListed {
                folder,
                entries: listed.unwrap_or_default(),
            }
        });
    }

    fn copy(&mut self, text: Secret, what: String) {
        let send = clipboard::send(self.options.state.clone(), text);
        self.spawn(async move {
            Event::Copied {
                what,
                result: send.await,
            }
        });
    }
}

/// The process whose unsaved work a file holds, as `unsaved-ada.1234.json`, if it is one of the
/// user's.
fn process_of(path: &Path, own: &Path) -> Option<u32> {
    let name = path.file_name()?.to_str()?;
    let rest = name.strip_prefix(own.file_stem()?.to_str()?)?;
    let process = rest.strip_prefix('.')?.strip_suffix(".json")?;
    process.parse().ok()
}

/// Reads a file of unsaved work. What is too old or cannot be read is removed.
fn read_work(path: PathBuf) -> Option<FoundWork> {
    let text = files::read(&path).ok()??;
    let kept = KeptWork::read(&text, Timestamp::now());
    if kept.is_none() {
        let _ = std::fs::remove_file(&path);
    }
    Some(FoundWork { kept: kept?, path })
}

/// Whether a process runs, which may be this one.
fn is_running(process: u32) -> bool {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    process.is_some_and(|process| test_kill_process(process) != Err(Errno::SRCH))
}
