//! A bcrypt that tests can observe and block.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::password::{Bcrypt, Hasher, PasswordError};

/// bcrypt that records the cost of each verification, and can be blocked.
#[derive(Default)]
pub struct WatchedHasher {
    state: Mutex<State>,
    released: Condvar,
}

#[derive(Default)]
struct State {
    held: bool,
    costs: Vec<u32>,
}

impl WatchedHasher {
    /// Blocks all verifications until the [`Hold`] is dropped.
    pub fn hold(self: &Arc<Self>) -> Hold {
        self.state().held = true;
        Hold(Arc::clone(self))
    }

    /// Returns the costs of the verifications since the last call.
    pub fn costs(&self) -> Vec<u32> {
        std::mem::take(&mut self.state().costs)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hasher for WatchedHasher {
    fn hash(&self, password: &[u8], cost: u32) -> Result<String, PasswordError> {
        Bcrypt.hash(password, cost)
    }

    fn verify(&self, password: &[u8], hash: &str) -> Result<bool, PasswordError> {
        let verdict = Bcrypt.verify(password, hash);
        let free = self.released.wait_while(self.state(), |state| state.held);
        // $2b$04$…
        let cost = hash
            .split('$')
            .nth(2)
            .and_then(|cost| cost.parse().ok())
            .unwrap();
        free.unwrap_or_else(PoisonError::into_inner)
            .costs
            .push(cost);
        verdict
    }
}

/// Blocks all verifications until it is dropped.
#[must_use]
pub struct Hold(Arc<WatchedHasher>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.state().held = false;
        self.0.released.notify_all();
    }
}
