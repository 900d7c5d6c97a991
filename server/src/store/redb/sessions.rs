//! The writes of sessions, each inside a batch.

use jiff::Timestamp;
use roster_common::Username;
use roster_common::history::Deed;

use super::audit::Line;
use super::batch::{Batch, Fault, guarded};
use crate::rules::session::{End, Limits, Session, SessionId, Verdict};
use crate::store::{Account, Admission, SessionRule, Stamp, Which};

/// How many old sessions a new one sweeps out, so that their number falls and no sign-in waits long.
const SWEEP: usize = 16;

impl Batch<'_> {
    /// See [`crate::store::Store::open_session`].
    pub(super) fn open_session(
        &mut self,
        session: Session,
        admission: Admission,
    ) -> Result<Option<Account>, Fault> {
        let Admission {
            password,
            rehashed,
            replaces,
        } = admission;
        let account = self.account(&session.user)?;
        let Some(mut account) =
            account.filter(|account| !account.disabled && account.password == password)
        else {
            return Ok(None);
        };
        let (created, replaced) = (
            session.created,
            replaces.map(|id| self.session(id)).transpose()?.flatten(),
        );
        if let Some(replaced) = replaced {
            self.end(replaced, created, End::Replaced)?;
        }
        if let Some(rehashed) = rehashed {
            account.password = rehashed;
            self.put_account(account.clone())?;
        }
        let stamp = Stamp {
            by: session.user.clone(),
            at: created,
        };
        self.audit(
            &Line::new(&stamp, Deed::SignedIn)
                .to(session.id)
                .from(session.address.clone()),
        )?;
        self.put_session(session)?;
        self.purge_sessions((created.as_millisecond()).saturating_sub(lifetime()), SWEEP)?;
        Ok(Some(account))
    }

    /// See [`crate::store::Store::change_session`].
    pub(super) fn change_session(
        &mut self,
        id: SessionId,
        rule: SessionRule,
    ) -> Result<Option<Verdict>, Fault> {
        let Some(before) = self.session(id)? else {
            return Ok(None);
        };
        let Some(account) = self.account(&before.user)? else {
            return Ok(None);
        };
        let mut session = before.clone();
        let verdict = guarded(|| rule(&mut session, &account))?;
        if session != before {
            self.audit_reuse(&before, &session)?;
            self.put_session(session)?;
        }
        Ok(Some(verdict))
    }

    fn audit_reuse(&mut self, before: &Session, after: &Session) -> Result<(), Fault> {
        match (before.ended, after.ended) {
            (None, Some((at, End::Reuse))) => {
                let stamp = Stamp {
                    by: after.user.clone(),
                    at,
                };
                self.audit(&Line::new(&stamp, Deed::TokenReused).to(after.id))
            }
            _ => Ok(()),
        }
    }

    /// See [`crate::store::Store::end_session`].
    pub(super) fn end_session(
        &mut self,
        id: SessionId,
        at: Timestamp,
        why: End,
    ) -> Result<(), Fault> {
        let Some(session) = self.session(id)?.filter(|session| session.ended.is_none()) else {
            return Ok(());
        };
        if why == End::Logout {
            let stamp = Stamp {
                by: session.user.clone(),
                at,
            };
            self.audit(&Line::new(&stamp, Deed::SignedOut).to(id))?;
        }
        self.end(session, at, why)
    }

    /// See [`crate::store::Store::end_sessions`].
    pub(super) fn end_sessions(
        &mut self,
        user: &Username,
        which: Which,
        stamp: &Stamp,
    ) -> Result<usize, Fault> {
        let sessions = self.sessions_of(user, which)?;
        let (count, line) = (sessions.len(), Line::new(stamp, Deed::SessionEnded));
        match which {
            _ if count == 0 => {}
            Which::Only(id) => self.audit(&line.to(id))?,
            Which::All | Which::AllBut(_) => {
                self.audit(&line.to(user).noting(format!("{count} ended")))?;
            }
        }
        self.revoke(sessions, stamp.at)?;
        Ok(count)
    }

    /// The sessions of a user that have not ended.
    pub(super) fn sessions_of(&self, user: &Username, which: Which) -> Result<Vec<Session>, Fault> {
        let meant = |id: &SessionId| match which {
            Which::All => true,
            Which::AllBut(kept) => *id != kept,
            Which::Only(one) => *id == one,
        };
        let ids = self.session_ids_of(user)?.into_iter().filter(meant);
        ids.filter_map(|id| self.session(id).transpose()).collect()
    }

    /// Ends sessions without a line of their own in the audit.
    pub(super) fn revoke(&mut self, sessions: Vec<Session>, at: Timestamp) -> Result<(), Fault> {
        sessions
            .into_iter()
            .try_for_each(|session| self.end(session, at, End::Revoked))
    }

    /// See [`crate::store::Store::confirm_session`].
    pub(super) fn confirm_session(
        &mut self,
        id: SessionId,
        generation: u64,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let Some(mut session) = self.session(id)? else {
            return Ok(());
        };
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
