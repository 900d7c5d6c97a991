//! The accounts and the live sessions in memory, so that no request reads a disk to know who asks.
//!
//! This belongs to one process. With a second server on the same data it would have to be told of changes there.

use std::sync::Arc;

use imbl::HashMap;
use jiff::Timestamp;
use roster_common::Username;

use super::batch::Change;
use crate::rules::session::{Session, SessionId};
use crate::store::{Account, LiveSession};

/// One committed state of the accounts and sessions. A clone shares all with its original.
#[derive(Clone, Default)]
pub(super) struct People {
    accounts: HashMap<Username, Arc<Account>>,
    sessions: HashMap<SessionId, Arc<Seat>>,
}

/// The part of a session that its requests need.
struct Seat {
    user: Username,
    generation: u64,
    seen: bool,
    expires: Timestamp,
}

impl People {
    pub(super) fn account(&self, name: &Username) -> Option<Account> {
        self.accounts.get(name).map(|account| (**account).clone())
    }

    /// A session that has not ended, of an account that is not disabled.
    pub(super) fn live_session(&self, id: SessionId) -> Option<LiveSession> {
        let seat = self.sessions.get(&id)?;
        let account = self.accounts.get(&seat.user).filter(|account| !account.disabled)?;
        Some(LiveSession {
            user: seat.user.clone(),
            role: account.role,
            generation: seat.generation,
            seen: seat.seen,
            expires: seat.expires,
        })
    }

    /// How many sessions have not ended.
    pub(super) fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Whether [`Session::confirm`] would change something.
    pub(super) fn awaits_confirmation(&self, id: SessionId, generation: u64) -> bool {
        self.sessions.get(&id).is_some_and(|seat| seat.generation == generation && !seat.seen)
    }

    /// Takes over what has been committed.
    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Account(account) => self.put_account(account),
            Change::Session(session) => self.put_session(&session),
            Change::SessionGone(id) => _ = self.sessions.remove(&id),
            Change::Employee(_) | Change::EmployeeGone(_) => {}
        }
    }

    pub(super) fn put_account(&mut self, account: Account) {
        self.accounts.insert(account.username.clone(), Arc::new(account));
    }

    pub(super) fn put_session(&mut self, session: &Session) {
        if session.ended.is_some() {
            self.sessions.remove(&session.id);
            return;
        }
        let seat = Seat {
            user: session.user.clone(),
            generation: session.generation,
            seen: session.seen.is_some(),
            expires: session.expires,
        };
        self.sessions.insert(session.id, Arc::new(seat));
    }
}
