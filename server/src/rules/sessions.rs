//! Opening and ending sessions. How one session's tokens rotate is in [`session`](super::session).

use jiff::Timestamp;
use roster_common::history::AuditAction;
use roster_common::{Role, Username};

use super::account::{Account, PasswordHash};
use super::attribution::Attribution;
use super::audit::AuditLine;
use super::session::{EndReason, Limits, Session, SessionId, Verdict};
use super::session_clock::Moment;
use super::writes::{Decision, Write, Writes};

/// How many old sessions a new one purges, so that their number falls and no sign-in waits long.
pub const PURGED_AT_ONCE: usize = 16;

/// The facts a sign-in was checked against. The transaction that opens the session checks them
/// again, since the account may have changed meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInProof {
    /// The hash that the password matched.
    pub password: PasswordHash,
    /// A stronger hash of the same password, to replace it.
    pub rehashed: Option<PasswordHash>,
    /// The session that the same client had, which the new one ends.
    pub replaces: Option<SessionId>,
}

impl SignInProof {
    /// A password that matched this hash.
    pub fn by(password: PasswordHash) -> Self {
        Self {
            password,
            rehashed: None,
            replaces: None,
        }
    }
}

/// Selects sessions of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionSelector {
    /// All of them.
    All,
    /// All but one.
    AllExcept(SessionId),
    /// One, if it is of that account.
    Only(SessionId),
}

impl SessionSelector {
    /// Returns `true` if a session of the account is selected.
    pub fn selects(self, id: SessionId) -> bool {
        match self {
            Self::All => true,
            Self::AllExcept(kept) => id != kept,
            Self::Only(one) => id == one,
        }
    }
}

/// Decides what a session becomes. Changes the row in place, and has no other effect: it may run
/// twice.
pub type SessionRule = Box<dyn Fn(&mut Session, &Account) -> Verdict + Send>;

/// What a [`SessionRule`] decided, with the rows it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOutcome {
    /// What the rule answered.
    pub verdict: Verdict,
    /// The session as it is now.
    pub session: Session,
    /// The role of its account.
    pub role: Role,
}

/// Opens a session, if the account still is what the sign-in was checked against, and returns the
/// account. Ends the session that the new one replaces, and purges those that are past the absolute
/// limit.
pub fn open(
    account: Option<Account>,
    replaced: Option<Session>,
    session: &Session,
    proof: &SignInProof,
    limits: &Limits,
    now: &Moment,
) -> Decision<Option<Account>> {
    let is_admitted = |account: &Account| !account.disabled && account.password == proof.password;
    let Some(mut account) = account.filter(is_admitted) else {
        return Decision::unchanged(None);
    };
    let created = session.created;
    let mut writes = Writes::default();
    // The client overwrites its cookie, so nobody could use the old session, which would stay open.
    end_open(replaced, created, EndReason::Replaced, &mut writes);
    if let Some(rehashed) = &proof.rehashed {
        account.password = rehashed.clone();
        writes.push(Write::Account(account.clone()));
    }
    let attribution = by_owner(session, now.wall);
    let line = AuditLine::new(&attribution, AuditAction::SignedIn)
        .to(session.id)
        .from(session.address.clone());
    writes.audit(line);
    writes.push(Write::Session(Box::new(session.clone())));
    writes.push(Write::PurgeSessions {
        before: purged_before(now, limits),
        at_most: PURGED_AT_ONCE,
    });
    writes.decide(Some(account))
}

/// Applies a rule to a session and its account. `at` is for the audit.
pub fn change(
    before: &Session,
    account: &Account,
    rule: &SessionRule,
    at: Timestamp,
) -> Decision<SessionOutcome> {
    let mut session = before.clone();
    let verdict = rule(&mut session, account);
    let mut writes = Writes::default();
    if session != *before {
        if let (None, Some((_, EndReason::Reuse))) = (before.ended, session.ended) {
            let attribution = by_owner(&session, at);
            writes.audit(AuditLine::new(&attribution, AuditAction::TokenReused).to(session.id));
        }
        writes.push(Write::Session(Box::new(session.clone())));
    }
    writes.decide(SessionOutcome {
        verdict,
        session,
        role: account.role,
    })
}

/// Ends a session, if it is open.
pub fn end(session: Option<Session>, at: Timestamp, why: EndReason) -> Decision<()> {
    let mut writes = Writes::default();
    let session = session.filter(|session| session.ended.is_none());
    if let Some(session) = &session
        && why == EndReason::Logout
    {
        let attribution = by_owner(session, at);
        writes.audit(AuditLine::new(&attribution, AuditAction::SignedOut).to(session.id));
    }
    end_open(session, at, why, &mut writes);
    writes.decide(())
}

/// Ends the selected sessions among the open ones of a user, from elsewhere. Returns how many.
pub fn end_selected(
    mut sessions: Vec<Session>,
    user: &Username,
    selector: SessionSelector,
    attribution: &Attribution,
) -> Decision<usize> {
    sessions.retain(|session| selector.selects(session.id));
    let count = sessions.len();
    if count == 0 {
        return Decision::unchanged(0);
    }
    let line = AuditLine::new(attribution, AuditAction::SessionEnded);
    let mut writes = Writes::default();
    writes.audit(match selector {
        SessionSelector::Only(id) => line.to(id),
        SessionSelector::All | SessionSelector::AllExcept(_) => {
            line.to(user).noting(format!("{count} ended"))
        }
    });
    revoke(sessions, attribution.at, &mut writes);
    writes.decide(count)
}

/// Marks that an access token of a generation was accepted; see [`Session::confirm`].
pub fn confirm(session: Option<Session>, generation: u64, now: Timestamp) -> Decision<()> {
    let mut writes = Writes::default();
    if let Some(mut session) = session
        && session.confirm(generation, now)
    {
        writes.push(Write::Session(Box::new(session)));
    }
    writes.decide(())
}

/// Ends sessions without a line of their own in the audit.
pub fn revoke(sessions: Vec<Session>, at: Timestamp, writes: &mut Writes) {
    for session in sessions {
        end_open(Some(session), at, EndReason::Revoked, writes);
    }
}

fn end_open(session: Option<Session>, at: Timestamp, why: EndReason, writes: &mut Writes) {
    if let Some(mut session) = session
        && session.ended.is_none()
    {
        session.end(at, why);
        writes.push(Write::Session(Box::new(session)));
    }
}

fn by_owner(session: &Session, at: Timestamp) -> Attribution {
    Attribution {
        by: session.user.clone(),
        at,
    }
}

/// Sessions that were created before this millisecond are past their absolute limit, even if the
/// clock was ahead when the server started.
fn purged_before(now: &Moment, limits: &Limits) -> i64 {
    let certain = limits.absolute.saturating_add(now.stopped);
    now.session
        .checked_sub(certain)
        .unwrap_or(Timestamp::MIN)
        .as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn sessions_are_purged_by_the_configured_limit() {
        let limits = Limits {
            absolute: SignedDuration::from_hours(1),
            ..Limits::default()
        };
        let now = Moment::at(Timestamp::from_second(7200).unwrap());
        assert_eq!(purged_before(&now, &limits), 3_600_000);
        let after_a_stop = Moment {
            stopped: SignedDuration::from_mins(30),
            ..now
        };
        assert_eq!(purged_before(&after_a_stop, &limits), 1_800_000);
        assert_eq!(
            purged_before(&Moment::at(Timestamp::MIN), &limits),
            Timestamp::MIN.as_millisecond()
        );
    }

    #[test]
    fn a_selector_selects_all_all_but_one_or_only_one() {
        let ids = [1, 2, 3].map(SessionId::from_u128);
        let two = ids[1];
        for (selector, expected) in [
            (SessionSelector::All, [true, true, true]),
            (SessionSelector::AllExcept(two), [true, false, true]),
            (SessionSelector::Only(two), [false, true, false]),
        ] {
            assert_eq!(ids.map(|id| selector.selects(id)), expected, "{selector:?}");
        }
    }
}
