//! Tasks on this computer: files, the clipboard, timers.

use std::path::PathBuf;
use std::result::Result;
use std::time::Duration;

use roster_common::Username;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{Worker, changes};
use crate::effect::LocalTask;
use crate::event::{Event, Timer};
use crate::runtime::{clipboard, files};
use crate::state::text::Secret;

impl Worker {
    /// Starts a task. Files are read and written synchronously.
    pub(super) fn local(&mut self, task: LocalTask) {
        match task {
            LocalTask::CancelAll => {
                self.tasks = JoinSet::new();
                self.timers.clear();
                self.changes = None;
            }
            LocalTask::UseServer(server) => self.use_server(server),
            LocalTask::Wait(timer, pause) => self.wait(timer, pause),
            // Without a client, the calls report why.
            LocalTask::Follow => self.changes = self.client().ok().map(changes::follow),
            LocalTask::LoadColumns { user } => {
                let text = self
                    .columns_of(&user)
                    .and_then(|path| files::read(&path).map_err(|error| error.to_string()));
                self.spawn(async move { Event::ColumnsLoaded { user, text } });
            }
            // Write synchronously: writes must stay in order, and the program may end right after.
            LocalTask::SaveColumns { user, text } => {
                let written = self
                    .columns_of(&user)
                    .and_then(|path| files::write(&path, &text).map_err(|error| error.to_string()));
                self.report("Columns", written);
            }
            LocalTask::SaveTheme(theme) => {
                let path = self.options.state.join(files::THEME);
                let written = files::write(&path, theme.name()).map_err(|error| error.to_string());
                self.report("Theme", written);
            }
            LocalTask::Copy { text, what } => self.copy(text, what),
            // A file that cannot be deleted does no harm.
            LocalTask::Discard(path) => drop(std::fs::remove_file(path)),
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

    /// The file of a user's columns for this server.
    fn columns_of(&self, user: &Username) -> Result<PathBuf, String> {
        let folder = self.options.folder().map_err(|error| error.to_string())?;
        Ok(folder.join(format!("columns-{user}.json")))
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
