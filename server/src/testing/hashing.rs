//! bcrypt, watched and held up.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::password::{Bcrypt, Hasher, PasswordError};

/// bcrypt that notes what it has compared, and can be held up.
#[derive(Default)]
pub struct WatchedHasher {
    state: Mutex<State>,
    let_go: Condvar,
}

#[derive(Default)]
struct State {
    held: bool,
    costs: Vec<u32>,
}

impl WatchedHasher {
    /// Lets no comparison end until the [`Hold`] is dropped.
    pub fn hold(self: &Arc<Self>) -> Hold {
        self.state().held = true;
        Hold(Arc::clone(self))
    }

    /// The cost of each comparison that has ended since this was last asked.
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
        let free = self.let_go.wait_while(self.state(), |state| state.held);
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

/// As long as this lives, no comparison ends.
#[must_use]
pub struct Hold(Arc<WatchedHasher>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.state().held = false;
        self.0.let_go.notify_all();
    }
}
