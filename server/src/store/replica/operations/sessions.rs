//! Sessions.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use roster_common::Username;

use crate::rules::session::{EndReason, Limits, Session, SessionId};
use crate::rules::session_clock::Moment;
use crate::rules::sessions;
use crate::rules::writes::{Decision, Write, Writes};
use crate::store::replica::{Database, Needs, Replica};
use crate::store::{
    Account, Attribution, LiveSession, OpenSession, Result, SessionOutcome, SessionRule,
    SessionSelector, SessionStore, SignInProof, StoreError,
};

#[async_trait]
impl<D: Database> SessionStore for Replica<D> {
    async fn open_session(
        &self,
        session: Session,
        proof: SignInProof,
        limits: Limits,
        now: Moment,
    ) -> Result<Option<Account>> {
        let needs = Needs {
            sessions: proof.replaces.into_iter().collect(),
            ..Needs::default()
        };
        self.write(needs, move |rows| {
            let account = rows.account(&session.user)?;
            let replaced = match proof.replaces {
                Some(id) => rows.session(id)?,
                None => None,
            };
            Ok(sessions::open(
                account, replaced, &session, &proof, &limits, &now,
            ))
        })
        .await
    }

    async fn sessions(&self, user: &Username) -> Result<Vec<OpenSession>> {
        Ok(self.view.projection.accounts().sessions_of(user))
    }

    async fn end_sessions(
        &self,
        user: &Username,
        selector: SessionSelector,
        attribution: Attribution,
    ) -> Result<usize> {
        let user = user.clone();
        let needs = Needs {
            sessions_of: vec![user.clone()],
            ..Needs::default()
        };
        self.write(needs, move |rows| {
            let open = rows.open_sessions(&user)?;
            Ok(sessions::end_selected(open, &user, selector, &attribution))
        })
        .await
    }

    async fn change_session(
        &self,
        id: SessionId,
        rule: SessionRule,
        at: Timestamp,
    ) -> Result<Option<SessionOutcome>> {
        self.write(rotation_of(id), move |rows| {
            let Some(session) = rows.session(id)? else {
                return Ok(Decision::unchanged(None));
            };
            let Some(account) = rows.account(&session.user)? else {
                return Ok(Decision::unchanged(None));
            };
            Ok(sessions::change(&session, &account, &rule, at).map(Some))
        })
        .await
    }

    async fn end_session(&self, id: SessionId, at: Timestamp, why: EndReason) -> Result<()> {
        self.write(one(id), move |rows| {
            Ok(sessions::end(rows.session(id)?, at, why))
        })
        .await
    }

    async fn live_session(&self, id: SessionId) -> Result<Option<LiveSession>> {
        self.database.check_fresh()?;
        let known = self.view.projection.accounts().live_session(id);
        if known.is_some() || !self.database.is_shared() {
            return Ok(known);
        }
        // Another server may have opened it a moment ago, and a client that hears that it has
        // ended forgets it.
        self.catch_up().await?;
        Ok(self.view.projection.accounts().live_session(id))
    }

    async fn stale_session(&self, id: SessionId) -> Result<(Option<LiveSession>, Duration)> {
        let age = self.database.stale_for().ok_or(StoreError::NotFresh)?;
        Ok((self.view.projection.accounts().live_session(id), age))
    }

    async fn confirm_session(&self, id: SessionId, generation: u64, now: Timestamp) -> Result<()> {
        let accounts = self.view.projection.accounts();
        if !accounts.awaits_confirmation(id, generation) {
            return Ok(());
        }
        drop(accounts);
        self.write(rotation_of(id), move |rows| {
            Ok(sessions::confirm(rows.session(id)?, generation, now))
        })
        .await
    }

    fn kept_moment(&self) -> Option<Moment> {
        self.kept_moment
    }

    async fn keep_moment(&self, moment: Moment) -> Result<()> {
        self.write(Needs::default(), move |_| {
            let mut writes = Writes::default();
            writes.push(Write::Moment(moment));
            Ok(writes.decide(()))
        })
        .await
    }
}

/// The needs of the most frequent writes, which hardly ever add a row.
fn rotation_of(id: SessionId) -> Needs {
    Needs {
        oldest: 0,
        ..one(id)
    }
}

fn one(id: SessionId) -> Needs {
    Needs {
        sessions: vec![id],
        ..Needs::default()
    }
}
