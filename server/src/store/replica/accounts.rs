//! The accounts and the live sessions in memory, so that no request reads a disk to know who asks.
//!
//! Each server has its own copy, which follows the store's commits.

use std::sync::Arc;

use imbl::{HashMap, OrdSet};
use jiff::Timestamp;
use roster_common::Username;

use crate::rules::session::{Session, SessionId};
use crate::store::{Account, LiveSession, OpenSession};

/// One committed state of the accounts and sessions. A clone shares all with its original.
#[derive(Clone, Default)]
pub(in crate::store) struct Accounts {
    accounts: HashMap<Username, Arc<Account>>,
    sessions: HashMap<SessionId, Arc<SessionEntry>>,
    /// The sessions of each user, in the order of their making: their ids are of that order.
    by_user: HashMap<Username, OrdSet<SessionId>>,
}

/// A committed change of the accounts and sessions.
pub(in crate::store) enum AccountChange {
    /// An account was added or has changed.
    Account(Account),
    /// An account was deleted.
    AccountRemoved(Username),
    /// A session was opened or has changed.
    Session(Box<Session>),
    /// A session was forgotten.
    SessionRemoved(SessionId),
}

/// The part of a session that its requests and its owner's list need.
struct SessionEntry {
    user: Username,
    generation: u64,
    digest: [u8; 32],
    seen: bool,
    expires: Timestamp,
    created: Timestamp,
    used: Timestamp,
    address: String,
    client: String,
}

impl Accounts {
    pub(in crate::store) fn account(&self, name: &Username) -> Option<Account> {
        self.accounts.get(name).map(|account| (**account).clone())
    }

    /// All accounts, by name.
    pub(in crate::store) fn accounts(&self) -> Vec<Account> {
        let mut accounts: Vec<Account> = self
            .accounts
            .values()
            .map(|account| (**account).clone())
            .collect();
        accounts.sort_unstable_by(|a, b| a.username.cmp(&b.username));
        accounts
    }

    /// The sessions of a user that have not ended, the newest first.
    pub(in crate::store) fn sessions_of(&self, user: &Username) -> Vec<OpenSession> {
        let ids = self.by_user.get(user).into_iter().flatten().rev();
        ids.filter_map(|id| Some(self.sessions.get(id)?.open_session(*id)))
            .collect()
    }

    /// A session that has not ended, of an account that is not disabled.
    pub(in crate::store) fn live_session(&self, id: SessionId) -> Option<LiveSession> {
        let entry = self.sessions.get(&id)?;
        let account = self
            .accounts
            .get(&entry.user)
            .filter(|account| !account.disabled)?;
        Some(LiveSession {
            user: entry.user.clone(),
            role: account.role,
            generation: entry.generation,
            digest: entry.digest,
            seen: entry.seen,
            expires: entry.expires,
        })
    }

    /// How many sessions have not ended.
    pub(in crate::store) fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Whether [`Session::confirm`] may change something. A generation that is not known yet comes
    /// from another server.
    pub(in crate::store) fn awaits_confirmation(&self, id: SessionId, generation: u64) -> bool {
        self.sessions.get(&id).is_none_or(|entry| {
            entry.generation < generation || entry.generation == generation && !entry.seen
        })
    }

    /// Applies a committed change.
    pub(in crate::store) fn apply(&mut self, change: AccountChange) {
        match change {
            AccountChange::Account(account) => self.put_account(account),
            AccountChange::AccountRemoved(name) => _ = self.accounts.remove(&name),
            AccountChange::Session(session) => self.put_session(&session),
            AccountChange::SessionRemoved(id) => self.remove_session(id),
        }
    }

    pub(in crate::store) fn put_account(&mut self, account: Account) {
        self.accounts
            .insert(account.username.clone(), Arc::new(account));
    }

    pub(in crate::store) fn put_session(&mut self, session: &Session) {
        if session.ended.is_some() {
            self.remove_session(session.id);
            return;
        }
        let entry = SessionEntry {
            user: session.user.clone(),
            generation: session.generation,
            digest: session.digest,
            seen: session.seen.is_some(),
            expires: session.expires,
            created: session.created,
            used: session.latest,
            address: session.address.clone(),
            client: session.client.clone(),
        };
        // The user of a session never changes, so one that is replaced is in the index.
        if self.sessions.insert(session.id, Arc::new(entry)).is_none() {
            self.by_user
                .entry(session.user.clone())
                .or_default()
                .insert(session.id);
        }
    }

    fn remove_session(&mut self, id: SessionId) {
        let Some(entry) = self.sessions.remove(&id) else {
            return;
        };
        if let Some(ids) = self.by_user.get_mut(&entry.user) {
            ids.remove(&id);
            if ids.is_empty() {
                self.by_user.remove(&entry.user);
            }
        }
    }
}

impl SessionEntry {
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
