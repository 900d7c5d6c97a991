//! The writes of one transaction, and what they change for readers and followers.

use std::panic::{AssertUnwindSafe, catch_unwind};

use roster_common::employee::EmployeeId;
use roster_common::event::Event;

use super::accounts::AccountChange;
use super::fault::Fault;
use super::rows::{Declared, Needs, Rows, Transaction};
use crate::rules::writes::{Decision, Write, Writes};
use crate::store::directory::RecordChange;

/// The writes that share one transaction.
pub struct WriteGroup<'t> {
    transaction: &'t mut dyn Transaction,
    to_publish: ToPublish,
    is_dirty: bool,
}

/// What a transaction changes for readers and followers, once it is committed.
#[derive(Default)]
pub(in crate::store) struct ToPublish {
    pub(super) accounts: Vec<AccountChange>,
    pub(super) records: Vec<RecordChange>,
    pub(super) events: Vec<Event>,
    /// Forgotten employees, whose events are dropped.
    pub(super) forgotten: Vec<EmployeeId>,
}

impl<'t> WriteGroup<'t> {
    /// Begins with no writes.
    pub(in crate::store) fn new(transaction: &'t mut dyn Transaction) -> Self {
        Self {
            transaction,
            to_publish: ToPublish::default(),
            is_dirty: false,
        }
    }

    /// Runs one write: decides first and then puts the rows, so that a write that fails to decide
    /// leaves nothing behind. One that fails while it puts them fails the whole group, whose
    /// transaction is aborted.
    pub(super) fn write<T>(
        &mut self,
        needs: &Needs,
        decide: impl Fn(&dyn Rows) -> Result<Decision<T>, Fault>,
    ) -> Result<T, Fault> {
        let rows = Declared {
            rows: &*self.transaction,
            needs,
        };
        // A rule that panics harms neither the transaction nor the other writes.
        let decided = catch_unwind(AssertUnwindSafe(|| decide(&rows)));
        let Decision { outcome, writes } = decided.map_err(Fault::Panic)??;
        // A part of the rows may be in the transaction by then, so a failure is not of this write
        // alone.
        self.put(writes).map_err(Fault::of_whole_group)?;
        Ok(outcome)
    }

    fn put(&mut self, writes: Writes) -> Result<(), Fault> {
        let Writes { rows, events } = writes;
        for write in rows {
            self.is_dirty = true;
            let purged = self.transaction.put(&write)?;
            self.to_publish
                .accounts
                .extend(purged.into_iter().map(AccountChange::SessionRemoved));
            self.to_publish.collect(write);
        }
        self.to_publish.events.extend(events);
        Ok(())
    }

    /// What to show after the commit; `None` if nothing was written and there is nothing to commit.
    pub(in crate::store) fn finish(self) -> Option<ToPublish> {
        self.is_dirty.then_some(self.to_publish)
    }
}

/// Making what readers see of so many records takes longer than a wait for the disk, or starting a
/// thread.
const LARGE: usize = 256;

impl ToPublish {
    /// Whether it is worth while to make what readers see of it during the commit.
    pub(in crate::store) fn is_large(&self) -> bool {
        self.records.len() >= LARGE
    }

    /// What followers will be told.
    pub(in crate::store) fn events(&self) -> &[Event] {
        &self.events
    }

    /// Keeps what readers see of a row.
    fn collect(&mut self, write: Write) {
        match write {
            Write::Account(account) => self.accounts.push(AccountChange::Account(account)),
            Write::RemoveAccount(name) => self.accounts.push(AccountChange::AccountRemoved(name)),
            Write::Session(session) => self.accounts.push(AccountChange::Session(session)),
            Write::Employee(employee) => self.records.push(RecordChange::Put(employee)),
            Write::RemoveEmployee(id) => self.records.push(RecordChange::Removed(id)),
            Write::Forget(ids) => self.forgotten.extend(ids),
            // Not in memory, except for the purged sessions, which `put` adds.
            Write::PurgeSessions { .. }
            | Write::Moment(_)
            | Write::NextEmployee(_)
            | Write::History(..)
            | Write::RemoveHistory(..)
            | Write::Audit(_)
            | Write::TrimAudit(_)
            | Write::Request(_)
            | Write::PurgeRequests { .. }
            | Write::Run(_)
            | Write::RunSlice(..)
            | Write::RunReport(..)
            | Write::RemoveRun(_)
            | Write::RemoveRunReport(_)
            | Write::Touch => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use roster_common::employee::{EmployeeId, Version};

    use super::*;
    use crate::store::replica::empty::EmptyDatabase;

    fn decided(rows: Vec<Write>) -> Decision<()> {
        Decision {
            outcome: (),
            writes: Writes {
                rows,
                events: Vec::new(),
            },
        }
    }

    fn history_removed() -> Write {
        Write::RemoveHistory(EmployeeId::try_from(7).unwrap(), Version::new(1))
    }

    #[test]
    fn a_write_that_fails_halfway_fails_the_whole_group() {
        let mut database = EmptyDatabase {
            refuses_history: true,
            ..EmptyDatabase::default()
        };
        let mut group = WriteGroup::new(&mut database);
        let rows = |_: &dyn Rows| Ok(decided(vec![Write::Touch, history_removed()]));
        let failed = group.write(&Needs::default(), rows);
        assert!(matches!(failed, Err(Fault::Database(_))), "{failed:?}");
        drop(group);
        assert_eq!(database.taken, 1, "a part of it is in the transaction");
    }

    #[test]
    fn a_write_that_cannot_decide_leaves_nothing_and_fails_alone() {
        let mut database = EmptyDatabase::default();
        let mut group = WriteGroup::new(&mut database);
        let undeclared = |rows: &dyn Rows| {
            rows.history_ends(EmployeeId::try_from(7).unwrap())?;
            Ok(decided(vec![Write::Touch]))
        };
        let failed = group.write(&Needs::default(), undeclared);
        assert!(matches!(failed, Err(Fault::Row(_))), "{failed:?}");
        let panics = |_: &dyn Rows| -> Result<Decision<()>, Fault> { panic!("a bug") };
        let failed = group.write(&Needs::default(), panics);
        assert!(matches!(failed, Err(Fault::Panic(_))), "{failed:?}");
        assert!(group.finish().is_none(), "there is nothing to commit");
        assert_eq!(database.taken, 0);
    }
}
