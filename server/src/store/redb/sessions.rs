//! The writes of accounts and sessions, each inside a batch.

use jiff::Timestamp;

use super::batch::{Batch, Fault, guarded};
use crate::rules::session::{End, Limits, Session, SessionId, Verdict};
use crate::store::{Account, SessionRule};

/// How many old sessions a new one sweeps out, so that their number falls and no sign-in waits long.
const SWEEP: usize = 16;

impl Batch<'_> {
    /// See [`crate::store::Store::add_account`].
    pub(super) fn add_account(&mut self, account: Account) -> Result<bool, Fault> {
        let free = self.account(&account.username)?.is_none();
        if free {
            self.put_account(account)?;
        }
        Ok(free)
    }

    /// See [`crate::store::Store::open_session`].
    pub(super) fn open_session(&mut self, session: Session, replaces: Option<SessionId>) -> Result<(), Fault> {
        let (created, replaced) = (session.created, replaces.map(|id| self.session(id)).transpose()?.flatten());
        if let Some(replaced) = replaced {
            self.end(replaced, created, End::Replaced)?;
        }
        self.put_session(session)?;
        self.purge_sessions((created.as_millisecond()).saturating_sub(lifetime()), SWEEP)
    }

    /// See [`crate::store::Store::change_session`].
    pub(super) fn change_session(&mut self, id: SessionId, rule: SessionRule) -> Result<Option<Verdict>, Fault> {
        let Some(before) = self.session(id)? else { return Ok(None) };
        let Some(account) = self.account(&before.user)? else { return Ok(None) };
        let mut session = before.clone();
        let verdict = guarded(|| rule(&mut session, &account))?;
        if session != before {
            self.put_session(session)?;
        }
        Ok(Some(verdict))
    }

    /// See [`crate::store::Store::end_session`].
    pub(super) fn end_session(&mut self, id: SessionId, at: Timestamp, why: End) -> Result<(), Fault> {
        match self.session(id)? {
            Some(session) => self.end(session, at, why),
            None => Ok(()),
        }
    }

    /// See [`crate::store::Store::confirm_session`].
    pub(super) fn confirm_session(&mut self, id: SessionId, generation: u64, at: Timestamp) -> Result<(), Fault> {
        let Some(mut session) = self.session(id)? else { return Ok(()) };
        if session.confirm(generation, at) {
            self.put_session(session)?;
        }
        Ok(())
    }

    fn end(&mut self, mut session: Session, at: Timestamp, why: End) -> Result<(), Fault> {
        if session.ended.is_some() {
            return Ok(());
        }
        session.end(at, why);
        self.put_session(session)
    }
}

/// For how many milliseconds a session is remembered, from its creation: its absolute limit.
fn lifetime() -> i64 {
    i64::try_from(Limits::default().absolute.as_millis()).unwrap_or(i64::MAX)
}
