//! Until when a server may answer from its memory.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use crate::clock::Uptime;
use crate::store::{Result, StoreError};

/// How long what a server has in memory may be used after it was compared with the database. So a
/// change that another server has answered takes effect here after this time at the latest, or this
/// server refuses to answer.
pub(super) const BOUND: Duration = Duration::from_secs(1);

/// The end of the time for which this server's memory may be used.
#[derive(Debug, Default)]
pub(super) struct Freshness {
    /// In milliseconds of [`Uptime`], since every request reads it.
    until: AtomicU64,
    proven: Notify,
}

impl Freshness {
    /// Everything that any server had answered before this moment is in memory, as a commit that
    /// began after it proves.
    pub(super) fn extend_from(&self, proven: Uptime) {
        let until = millis(proven.after(BOUND));
        self.until.fetch_max(until, Ordering::SeqCst);
        self.proven.notify_one();
    }

    /// Waits until the database was found for the first time.
    pub(super) async fn first(&self) {
        self.proven.notified().await;
    }

    /// How long ago everything that any server had answered was known to be in memory. `None` if it
    /// never was.
    pub(super) fn age_at(&self, now: Uptime) -> Option<Duration> {
        let until = Duration::from_millis(self.until.load(Ordering::SeqCst));
        let proven = until.checked_sub(BOUND)?;
        Some(now.since(Uptime::new(proven)))
    }

    /// # Errors
    /// [`StoreError::NotFresh`]
    pub(super) fn check_at(&self, now: Uptime) -> Result<()> {
        if millis(now) < self.until.load(Ordering::SeqCst) {
            Ok(())
        } else {
            Err(StoreError::NotFresh)
        }
    }
}

fn millis(uptime: Uptime) -> u64 {
    let since_start = uptime.since(Uptime::default());
    u64::try_from(since_start.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Uptime {
        Uptime::new(Duration::from_millis(millis))
    }

    #[test]
    fn memory_may_be_used_for_one_second_after_the_moment_that_a_commit_has_proven() {
        let freshness = Freshness::default();
        assert!(freshness.check_at(at(5)).is_err(), "nothing is proven yet");
        assert_eq!(freshness.age_at(at(5)), None);
        freshness.extend_from(at(10_000));
        assert!(freshness.check_at(at(10_999)).is_ok());
        assert!(freshness.check_at(at(11_000)).is_err());
        freshness.extend_from(at(9_000));
        assert!(
            freshness.check_at(at(10_999)).is_ok(),
            "a late answer takes nothing back"
        );
        let age = freshness.age_at(at(25_500));
        assert_eq!(age, Some(Duration::from_millis(15_500)));
    }
}
