//! What readers see: the committed state, in memory. A read takes one whole version and waits for
//! nothing.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};

use super::accounts::{AccountChange, Accounts};
use crate::store::directory::{Directory, RecordChange};

/// The newest version of everything.
pub(super) struct Projection {
    accounts: ArcSwap<Accounts>,
    directory: ArcSwap<Directory>,
    /// Held while the next version is made.
    next: Mutex<()>,
}

impl Projection {
    /// Shows what a store has loaded.
    pub(super) fn new(accounts: Accounts, directory: Directory) -> Self {
        Self {
            accounts: ArcSwap::from_pointee(accounts),
            directory: ArcSwap::from_pointee(directory),
            next: Mutex::new(()),
        }
    }

    /// Loads everything again. `load` gets the version for the new directory; if it fails, nothing
    /// changes.
    pub(super) fn reload<E>(
        &self,
        load: impl FnOnce(u64) -> Result<(Accounts, Directory), E>,
    ) -> Result<(), E> {
        let _guard = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let (accounts, directory) = load(self.directory().version() + 1)?;
        self.accounts.store(Arc::new(accounts));
        self.directory.store(Arc::new(directory));
        Ok(())
    }

    /// Shows what has been committed.
    pub(super) fn publish(&self, accounts: Vec<AccountChange>, records: Vec<RecordChange>) {
        if !accounts.is_empty() {
            let mut next = Accounts::clone(&self.accounts.load());
            for change in accounts {
                next.apply(change);
            }
            self.accounts.store(Arc::new(next));
        }
        if !records.is_empty() {
            self.change_directory(|directory| directory.apply(records));
        }
    }

    /// Shows the directory as `change` leaves it.
    pub(super) fn change_directory(&self, change: impl FnOnce(&mut Directory)) {
        let _guard = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let mut directory = Directory::clone(&self.directory.load());
        change(&mut directory);
        self.directory.store(Arc::new(directory));
    }

    /// The accounts and sessions, for a moment: no count is kept of who looks, which all requests
    /// would write to.
    pub(super) fn accounts(&self) -> Guard<Arc<Accounts>> {
        self.accounts.load()
    }

    /// The employees, for a moment.
    pub(super) fn directory(&self) -> Guard<Arc<Directory>> {
        self.directory.load()
    }
}
