//! Backups at regular intervals, of which the newest are kept.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::store::redb::RedbStore;

/// How long to wait after a backup that failed, unless the next is due before.
const RETRY: SignedDuration = SignedDuration::from_mins(10);

/// The form of a backup's name; such names sort by time.
const NAME: &str = "roster-%Y%m%dT%H%M%SZ.redb";

/// When to write backups, and where.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The folder of the backups, which must exist.
    pub folder: PathBuf,
    /// The time from one to the next.
    pub every: SignedDuration,
    /// How many are kept.
    pub keep: usize,
}

impl Schedule {
    /// Writes backups until it is dropped. The first is due at once, unless there is a newer one
    /// than `every` already.
    pub async fn run(self, store: Arc<RedbStore>, clock: Arc<dyn Clock>) {
        let mut wait = self.wait(clock.now());
        loop {
            tokio::time::sleep(wait).await;
            let now = clock.now();
            wait = match self.back_up(&store, now).await {
                Ok(path) => {
                    tracing::info!(path = %path.display(), "wrote a backup");
                    self.wait(now)
                }
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "cannot write a backup");
                    self.every.min(RETRY).unsigned_abs()
                }
            };
        }
    }

    async fn back_up(&self, store: &RedbStore, now: Timestamp) -> anyhow::Result<PathBuf> {
        let target = self.folder.join(now.strftime(NAME).to_string());
        store.backup(target.clone()).await?;
        for name in surplus(self.names()?, self.keep) {
            fs::remove_file(self.folder.join(name))?;
        }
        Ok(target)
    }

    /// How long it is until the next backup.
    fn wait(&self, now: Timestamp) -> Duration {
        // A folder that cannot be read is reported with the backup that then fails.
        let names = self.names().unwrap_or_default();
        let newest = names.iter().filter_map(|name| written(name)).max();
        let since = newest.map(|newest| now.duration_since(newest));
        // The clock may have been set back since then.
        let left = since.map_or(SignedDuration::ZERO, |since| self.every - since);
        left.clamp(SignedDuration::ZERO, self.every).unsigned_abs()
    }

    /// The names of the backups in the folder.
    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            names.extend(
                name.into_string()
                    .ok()
                    .filter(|name| written(name).is_some()),
            );
        }
        Ok(names)
    }
}

/// When a backup of this name was written; `None` if it is not the name of one.
fn written(name: &str) -> Option<Timestamp> {
    let time = jiff::civil::DateTime::strptime(NAME, name).ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(time).ok()
}

/// The backups to delete: all but the newest `keep`.
fn surplus(mut names: Vec<String>, keep: usize) -> Vec<String> {
    names.sort_unstable();
    names.truncate(names.len().saturating_sub(keep));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(day: i8) -> String {
        format!("roster-202611{day:02}T120000Z.redb")
    }

    #[test]
    fn the_newest_are_kept() {
        let names = vec![name(3), name(1), name(4), name(2)];
        assert_eq!(surplus(names.clone(), 3), [name(1)]);
        assert!(surplus(names, 4).is_empty());
    }

    #[test]
    fn the_next_is_due_when_the_newest_is_old_enough() {
        let folder = tempfile::tempdir().unwrap();
        let schedule = Schedule {
            folder: folder.path().into(),
            every: SignedDuration::from_hours(24),
            keep: 7,
        };
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let now = "2026-11-27T18:00:00Z".parse().unwrap();
        assert_eq!(schedule.wait(now), hours(0));
        for other in ["notes.txt", "roster.redb", "roster-20261127T170000Z.redb~"] {
            fs::write(folder.path().join(other), "").unwrap();
        }
        assert_eq!(schedule.wait(now), hours(0));
        for (newest, wait) in [(26, 0), (27, 18), (28, 24)] {
            fs::write(folder.path().join(name(newest)), "").unwrap();
            assert_eq!(schedule.wait(now), hours(wait), "{newest}");
        }
    }
}
