//! What one server shows of the store: the committed state to readers, and events to followers.

use std::sync::Arc;

use arc_swap::Guard;
use roster_common::employee::EmployeeId;
use roster_common::event::Event;

use super::accounts::{AccountChange, Accounts};
use super::events::Events;
use super::group::ToPublish;
use super::projection::Projection;
use crate::metrics::Histogram;
use crate::store::directory::{Directory, RecordChange};

/// The bounds of how many writes a commit has.
const SIZES: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/// The committed state in memory, and what happened lately.
pub(in crate::store) struct View {
    pub(super) projection: Projection,
    pub(super) events: Events,
    pub(super) writes_per_commit: Arc<Histogram>,
}

impl View {
    /// Shows the state that a store has loaded. `serial` is that of its newest commit.
    pub(in crate::store) fn new(serial: u64, accounts: Accounts, directory: Directory) -> Self {
        Self {
            projection: Projection::new(accounts, directory),
            events: Events::since(serial),
            writes_per_commit: Arc::new(Histogram::new(SIZES)),
        }
    }

    /// Shows a commit of `writes` writes. Commits must come in the order of their serials, from one
    /// thread at a time.
    pub(in crate::store) fn publish(&self, serial: u64, to_publish: ToPublish, writes: usize) {
        let ToPublish {
            accounts,
            records,
            events,
            forgotten,
        } = to_publish;
        self.writes_per_commit.observe(writes as u64);
        self.publish_commits(accounts, records, &forgotten, [(serial, events)]);
    }

    /// Shows commits: the state that they led to, the employees whom they forgot, and the events of
    /// each serial.
    pub(in crate::store) fn publish_commits(
        &self,
        accounts: Vec<AccountChange>,
        records: Vec<RecordChange>,
        forgotten: &[EmployeeId],
        events: impl IntoIterator<Item = (u64, Vec<Event>)>,
    ) {
        self.projection.publish(accounts, records);
        self.events.forget(forgotten);
        // Followers look up what an event is about, and must find it.
        for (serial, events) in events {
            self.events.publish(serial, events);
        }
    }

    /// The accounts and sessions, as of the newest commit that was shown.
    pub(in crate::store) fn accounts(&self) -> Guard<Arc<Accounts>> {
        self.projection.accounts()
    }

    /// The employees, as of the newest commit that was shown.
    pub(in crate::store) fn directory(&self) -> Guard<Arc<Directory>> {
        self.projection.directory()
    }

    /// Loads the state again, after commits that are not known. `load` gets the version for the new
    /// directory.
    pub(in crate::store) fn reload<E>(
        &self,
        serial: u64,
        load: impl FnOnce(u64) -> Result<(Accounts, Directory), E>,
    ) -> Result<(), E> {
        self.projection.reload(load)?;
        self.events.reset(serial);
        Ok(())
    }
}
