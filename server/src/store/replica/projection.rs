//! What readers see: the committed state, in memory. A read takes one whole version and waits for
//! nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

    /// Makes what readers will see once these changes are committed. Nothing else changes what they
    /// see until it is shown or dropped.
    pub(super) fn next(
        &self,
        accounts: Vec<AccountChange>,
        records: Vec<RecordChange>,
    ) -> Next<'_> {
        let making = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let accounts = (!accounts.is_empty()).then(|| {
            let mut next = Accounts::clone(&self.accounts.load());
            for change in accounts {
                next.apply(change);
            }
            Arc::new(next)
        });
        let directory = (!records.is_empty()).then(|| {
            let mut next = Directory::clone(&self.directory.load());
            next.apply(records);
            Arc::new(next)
        });
        Next {
            projection: self,
            accounts,
            directory,
            _making: making,
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

/// The next version of what has changed.
pub(super) struct Next<'a> {
    projection: &'a Projection,
    accounts: Option<Arc<Accounts>>,
    directory: Option<Arc<Directory>>,
    _making: MutexGuard<'a, ()>,
}

impl Next<'_> {
    /// Shows it to readers.
    pub(super) fn show(self) {
        if let Some(accounts) = self.accounts {
            self.projection.accounts.store(accounts);
        }
        if let Some(directory) = self.directory {
            self.projection.directory.store(directory);
        }
    }
}
