//! The processes of this computer, as the system tells of them.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::terminal::PATIENCE;

/// A process that goes on: its number, and when it began, which tells it from a later one of the
/// same number.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    parent: u32,
    began: String,
}

impl Process {
    /// Reads of one; nothing of one that is gone. One that has ended is, though its parent has not
    /// asked for it yet.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name before them may have anything in it.
        let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let ended = matches!(fields[0], "Z" | "X");
        (!ended).then(|| Self {
            pid,
            parent: fields[1].parse().unwrap(),
            began: fields[19].to_owned(),
        })
    }

    /// All that go on.
    pub(crate) fn all() -> Vec<Self> {
        let names = fs::read_dir("/proc")
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        names
            .filter_map(|name| Self::of(name.to_str()?.parse().ok()?))
            .collect()
    }

    /// Those that this one has begun, and what they have begun, as far as their parents go on.
    pub(crate) fn descendants(&self) -> Vec<Self> {
        let all = Self::all();
        let mut found = vec![self.clone()];
        let mut at = 0;
        while let Some(parent) = found.get(at).map(|process| process.pid) {
            found.extend(
                all.iter()
                    .filter(|process| process.parent == parent)
                    .cloned(),
            );
            at += 1;
        }
        found.split_off(1)
    }

    /// Whether it has this in its environment, where that may be read.
    pub(crate) fn has_in_its_environment(&self, entry: &str) -> bool {
        let environment = fs::read(self.folder().join("environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|other| other == entry.as_bytes())
    }

    /// Waits until it has ended.
    #[track_caller]
    pub(crate) fn ends(&self) {
        let since = Instant::now();
        // Its parent may be another by then.
        while Self::of(self.pid).is_some_and(|now| now.began == self.began) {
            assert!(since.elapsed() < PATIENCE, "{self:?} goes on");
            std::thread::yield_now();
        }
    }

    /// How long all its threads have had a processor. One that has ended takes its time along.
    pub(crate) fn processor_time(&self) -> Duration {
        let tasks = fs::read_dir(self.folder().join("task")).unwrap();
        let message = tasks
            .filter_map(|task| fs::read_to_string(task.unwrap().path().join("schedstat")).ok());
        message
            .map(|message| {
                Duration::from_nanos(message.split(' ').next().unwrap().parse().unwrap())
            })
            .sum()
    }

    fn folder(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.pid))
    }
}
