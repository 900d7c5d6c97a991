//! A long task with a file: how far it is, and how it is stopped.

use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinError, spawn_blocking};

use super::Worker;

/// The least time between two reports: more often nobody could read them.
const PAUSE: Duration = Duration::from_millis(100);

/// The worker's side of a running task. The task stops when this is dropped.
pub(super) struct Transfer {
    progress: watch::Receiver<u64>,
    _stop: oneshot::Sender<()>,
}

/// The task's side.
pub(super) struct Control {
    progress: watch::Sender<u64>,
    reported: Instant,
    stop: oneshot::Receiver<()>,
}

impl Worker {
    /// Begins a task. The one before, if it still runs, is stopped.
    pub(super) fn begin_transfer(&mut self) -> Control {
        let (progress, received) = watch::channel(0);
        let (stop, stopped) = oneshot::channel();
        self.transfer = Some(Transfer {
            progress: received,
            _stop: stop,
        });
        Control {
            progress,
            reported: Instant::now(),
            stop: stopped,
        }
    }
}

impl Control {
    /// Runs a task until it is done; `None` if it was stopped before. The task gets a function that
    /// reports how far it is.
    pub(super) async fn run<T>(
        self,
        task: impl AsyncFnOnce(&mut dyn FnMut(u64)) -> T,
    ) -> Option<T> {
        let Self {
            progress,
            mut reported,
            stop,
        } = self;
        let mut report = |done| {
            if reported.elapsed() >= PAUSE {
                reported = Instant::now();
                progress.send_replace(done);
            }
        };
        tokio::select! {
            done = task(&mut report) => Some(done),
            _ = stop => None,
        }
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
pub(super) async fn progress(transfer: &mut Option<Transfer>) -> u64 {
    if let Some(running) = transfer {
        if running.progress.changed().await.is_ok() {
            return *running.progress.borrow_and_update();
        }
        *transfer = None;
    }
    std::future::pending().await
}
