//! A long task with a file: how far it is, and how it is stopped.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinError, spawn_blocking};

use super::Worker;
use crate::import::Progress;

/// The least time between two reports: more often nobody could read them.
const PAUSE: Duration = Duration::from_millis(100);

/// The worker's side of a running task. The task stops when this is dropped.
pub(super) struct Transfer {
    progress: watch::Receiver<Option<Progress>>,
    _stop: oneshot::Sender<()>,
}

/// The task's side.
pub(super) struct Control {
    reporter: Reporter,
    stop: oneshot::Receiver<()>,
}

/// Reports how far a task is.
#[derive(Clone)]
pub(super) struct Reporter {
    progress: watch::Sender<Option<Progress>>,
    /// When it was reported last.
    reported: Arc<Mutex<Instant>>,
}

impl Worker {
    /// Begins a task. The one before, if it still runs, is stopped.
    pub(super) fn begin_transfer(&mut self) -> Control {
        let (progress, received) = watch::channel(None);
        let (stop, stopped) = oneshot::channel();
        self.transfer = Some(Transfer {
            progress: received,
            _stop: stop,
        });
        let reporter = Reporter {
            progress,
            reported: Arc::new(Mutex::new(Instant::now())),
        };
        Control {
            reporter,
            stop: stopped,
        }
    }
}

impl Control {
    /// Runs a task until it is done; `None` if it was stopped before.
    pub(super) async fn run<T>(self, task: impl AsyncFnOnce(Reporter) -> T) -> Option<T> {
        tokio::select! {
            done = task(self.reporter) => Some(done),
            _ = self.stop => None,
        }
    }
}

impl Reporter {
    /// Reports, unless that was done a moment ago.
    pub(super) fn report(&self, progress: Progress) {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let is_end = matches!(progress, Progress::Sent { done, all } if done >= all);
        if reported.elapsed() >= PAUSE || is_end {
            *reported = Instant::now();
            drop(reported);
            self.report_now(progress);
        }
    }

    /// Reports at once.
    pub(super) fn report_now(&self, progress: Progress) {
        self.progress.send_replace(Some(progress));
    }
}

/// Runs a task on a thread of its own, since it also reads and writes files, and takes long. It may
/// use the client, whose sockets the loop's thread serves.
pub(super) async fn in_background<T: Send + 'static>(
    task: impl AsyncFnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    spawn_blocking(move || Handle::current().block_on(task())).await
}

/// The next report of the running task.
pub(super) async fn progress(transfer: &mut Option<Transfer>) -> Progress {
    if let Some(running) = transfer {
        while running.progress.changed().await.is_ok() {
            if let Some(progress) = running.progress.borrow_and_update().clone() {
                return progress;
            }
        }
        *transfer = None;
    }
    std::future::pending().await
}
