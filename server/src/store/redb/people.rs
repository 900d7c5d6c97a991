//! The accounts and the live sessions in memory, so that no request reads a disk to know who asks.
//!
//! This belongs to one process. With a second server on the same data it would have to be told of changes there.

use std::sync::Arc;

use imbl::{HashMap, OrdSet};
use jiff::Timestamp;
use roster_common::Username;

use super::batch::Change;
use crate::rules::session::{Session, SessionId};
use crate::store::{Account, LiveSession, OpenSession};

/// One committed state of the accounts and sessions. A clone shares all with its original.
#[derive(Clone, Default)]
pub(super) struct People {
    accounts: HashMap<Username, Arc<Account>>,
    sessions: HashMap<SessionId, Arc<Seat>>,
    /// The sessions of each user, in the order of their making: their ids are of that order.
    by_user: HashMap<Username, OrdSet<SessionId>>,
}

/// The part of a session that its requests and its owner's list need.
struct Seat {
    user: Username,
    generation: u64,
    seen: bool,
    expires: Timestamp,
    created: Timestamp,
    used: Timestamp,
    address: String,
    client: String,
}

impl People {
    pub(super) fn account(&self, name: &Username) -> Option<Account> {
        self.accounts.get(name).map(|account| (**account).clone())
    }

    /// All accounts, by name.
    pub(super) fn accounts(&self) -> Vec<Account> {
        let mut accounts: Vec<Account> = self
            .accounts
            .values()
            .map(|account| (**account).clone())
            .collect();
        accounts.sort_unstable_by(|a, b| a.username.cmp(&b.username));
        accounts
    }

    /// The sessions of a user that have not ended, the newest first.
    pub(super) fn sessions_of(&self, user: &Username) -> Vec<OpenSession> {
        let ids = self.by_user.get(user).into_iter().flatten().rev();
        ids.filter_map(|id| Some(self.sessions.get(id)?.open_session(*id)))
            .collect()
    }

    /// A session that has not ended, of an account that is not disabled.
    pub(super) fn live_session(&self, id: SessionId) -> Option<LiveSession> {
        let seat = self.sessions.get(&id)?;
        let account = self
            .accounts
            .get(&seat.user)
            .filter(|account| !account.disabled)?;
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
        self.sessions
            .get(&id)
            .is_some_and(|seat| seat.generation == generation && !seat.seen)
    }

    /// Takes over what has been committed.
    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Account(account) => self.put_account(account),
            Change::Session(session) => self.put_session(&session),
            Change::AccountGone(name) => _ = self.accounts.remove(&name),
            Change::SessionGone(id) => self.remove_session(id),
            Change::Employee(_) | Change::EmployeeGone(_) | Change::Imported(_) => {}
        }
    }

    pub(super) fn put_account(&mut self, account: Account) {
        self.accounts
            .insert(account.username.clone(), Arc::new(account));
    }

    pub(super) fn put_session(&mut self, session: &Session) {
        if session.ended.is_some() {
            self.remove_session(session.id);
            return;
        }
        let seat = Seat {
            user: session.user.clone(),
            generation: session.generation,
            seen: session.seen.is_some(),
            expires: session.expires,
            created: session.created,
            used: session.latest,
            address: session.address.clone(),
            client: session.client.clone(),
        };
        if self.sessions.insert(session.id, Arc::new(seat)).is_none() {
            self.by_user
                .entry(session.user.clone())
                .or_default()
                .insert(session.id);
        }
    }

    fn remove_session(&mut self, id: SessionId) {
        let Some(seat) = self.sessions.remove(&id) else {
            return;
        };
        if let Some(ids) = self.by_user.get_mut(&seat.user) {
            ids.remove(&id);
            if ids.is_empty() {
                self.by_user.remove(&seat.user);
            }
        }
    }
}

impl Seat {
    fn open_session(&self, id: SessionId) -> OpenSession {
        OpenSession {
            id,
            created: self.created,
            used: self.used,
            expires: self.expires,
            address: self.address.clone(),
            client: self.client.clone(),
        }
    }
}
