//! What one server shows of the store: the committed state to readers, and events to followers.

use std::sync::Arc;
use std::thread;

use arc_swap::Guard;
use roster_common::employee::EmployeeId;
use roster_common::event::Event;

use super::accounts::{AccountChange, Accounts};
use super::events::Events;
use super::group::ToPublish;
use super::projection::{Next, Projection};
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

    /// Makes what readers and followers will see of a commit of `writes` writes, once it is done.
    /// Commits must come in the order of their serials, from one thread at a time.
    pub(in crate::store) fn next(
        &self,
        serial: u64,
        to_publish: ToPublish,
        writes: usize,
    ) -> NextView<'_> {
        let ToPublish {
            accounts,
            records,
            events,
            forgotten,
        } = to_publish;
        NextView {
            view: self,
            projection: self.projection.next(accounts, records),
            forgotten,
            events: vec![(serial, events)],
            writes: Some(writes),
        }
    }

    /// Shows commits: the state that they led to, the employees whom they forgot, and the events of
    /// each serial.
    pub(in crate::store) fn publish_commits(
        &self,
        accounts: Vec<AccountChange>,
        records: Vec<RecordChange>,
        forgotten: Vec<EmployeeId>,
        events: Vec<(u64, Vec<Event>)>,
    ) {
        let next = NextView {
            view: self,
            projection: self.projection.next(accounts, records),
            forgotten,
            events,
            writes: None,
        };
        next.show();
    }

    /// The accounts and sessions, as of the newest commit that was shown.
    pub(in crate::store) fn accounts(&self) -> Guard<Arc<Accounts>> {
        self.projection.accounts()
    }

    /// The employees, as of the newest commit that was shown.
    pub(in crate::store) fn directory(&self) -> Guard<Arc<Directory>> {
        self.projection.directory()
    }

    /// Makes what a start or a large import leaves out, some orders and parts of the index, where no
    /// request waits for it.
    pub(in crate::store) fn complete(self: &Arc<Self>) {
        let view = Arc::clone(self);
        let complete = move || {
            view.directory().build_index();
            let directory = Guard::into_inner(view.directory());
            let missing = directory.missing_orders();
            view.projection.change_directory(|newest| {
                for (sort, order) in missing {
                    newest.adopt(sort, order, &directory);
                }
            });
        };
        // Without a thread, orders are made when somebody asks for them.
        _ = thread::Builder::new().name("orders".into()).spawn(complete);
    }

    /// Loads the state again, after commits that are not known. `load` gets the version for the new
    /// directory, which is then made complete in the background.
    pub(in crate::store) fn reload<E>(
        self: &Arc<Self>,
        serial: u64,
        load: impl FnOnce(u64) -> Result<(Accounts, Directory), E>,
    ) -> Result<(), E> {
        self.projection.reload(load)?;
        self.events.reset(serial);
        self.complete();
        Ok(())
    }
}

/// What readers and followers will see once it is committed. If it is dropped instead, they see
/// nothing of it.
pub(in crate::store) struct NextView<'a> {
    view: &'a View,
    projection: Next<'a>,
    forgotten: Vec<EmployeeId>,
    /// The events of each serial.
    events: Vec<(u64, Vec<Event>)>,
    /// How many writes of this server were committed.
    writes: Option<usize>,
}

impl NextView<'_> {
    /// Shows it to readers, and then tells followers.
    pub(in crate::store) fn show(self) {
        if let Some(writes) = self.writes {
            self.view.writes_per_commit.observe(writes as u64);
        }
        self.projection.show();
        self.view.events.forget(&self.forgotten);
        // Followers look up what an event is about, and must find it.
        for (serial, events) in self.events {
            self.view.events.publish(serial, events);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use roster_common::employee::Field;
    use roster_common::query::{Column, Sort};

    use super::*;

    /// Waits for the order by address, which takes long to make.
    fn wait_for_order(view: &View) {
        let by_email = Sort::by(Column::Field(Field::Email), false);
        let end = Instant::now() + Duration::from_secs(20);
        while view.directory().order(&by_email).is_none() {
            assert!(Instant::now() < end, "the order is not made");
            thread::yield_now();
        }
    }

    #[test]
    fn what_a_start_or_a_reload_leaves_out_is_made_afterwards() {
        let view = Arc::new(View::new(0, Accounts::default(), Directory::of_nobody(0)));
        view.complete();
        wait_for_order(&view);
        let before = view.directory().version();
        view.reload(1, |version| {
            Ok::<_, std::convert::Infallible>((Accounts::default(), Directory::of_nobody(version)))
        })
        .unwrap();
        assert!(view.directory().version() > before);
        wait_for_order(&view);
    }
}
