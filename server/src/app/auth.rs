//! Refreshing, signing out, and authenticating requests.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use roster_common::api::{self, Me, SignedIn, User};
use roster_common::{Role, Username};
use uuid::Uuid;

use super::{App, AppError};
use crate::rules::access::Permission;
use crate::rules::session::{EndReason, Presented, RefreshRefusal, SessionId, Verdict};
use crate::rules::session_clock::Moment;
use crate::store::{Attribution, LiveSession, SessionOutcome, SessionRule, StoreError};
use crate::token::{AccessClaims, RefreshToken, Subject, VerifiedRefresh};

/// The access and refresh token of a response.
pub struct TokenPair {
    /// The JSON body, which contains the access token.
    pub body: SignedIn,
    /// The refresh token, for the cookie; `None` if the client keeps the one that it has.
    pub refresh: Option<RefreshToken>,
    /// How long the session lasts unless it is used.
    pub lasts: SignedDuration,
}

/// An authenticated user whose token and role allow the request.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The user's name.
    pub username: Username,
    /// The user's role.
    pub role: Role,
    /// The session of the access token.
    pub session: SessionId,
    /// When the session expires unless used.
    pub expires: Timestamp,
    /// The moment from which the access token is refused as expired.
    pub token_ends: Timestamp,
    /// The time of the request.
    pub now: Timestamp,
    /// How long ago this server was sure of what it has in memory, if it is out of touch with the
    /// database and answers nevertheless.
    pub stale_for: Option<Duration>,
}

/// Whether a request may be answered from memory by a server that is out of touch with the
/// database, if it is [allowed](crate::store::SessionStore::stale_session) to at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staleness {
    /// No: the answer has to be current.
    Refused,
    /// Yes, and the answer says how old it is.
    Allowed,
}

impl Identity {
    /// Attributes a change to this user, now.
    pub fn attribution(&self) -> Attribution {
        Attribution {
            by: self.username.clone(),
            at: self.now,
        }
    }

    /// The response to `GET /me`.
    pub fn me(&self) -> Me {
        Me {
            user: User {
                username: self.username.clone(),
                role: self.role.into(),
            },
            session: api::SessionInfo {
                id: self.session.to_string(),
                expires_at: self.expires,
            },
        }
    }
}

/// The response to a sign-in or a refresh. `expires` is when the session does.
pub(super) fn pair(
    app: &App,
    subject: Subject,
    expires: Timestamp,
    refresh: Option<RefreshToken>,
    now: Moment,
) -> Result<TokenPair, AppError> {
    let body = SignedIn {
        user: User {
            username: subject.user.clone(),
            role: subject.role.into(),
        },
        // Sessions expire in session time, but a client only knows the time of day.
        session: api::SessionInfo {
            id: subject.session.to_string(),
            expires_at: now.to_wall(expires),
        },
        access_token: app.tokens.sign_access(subject, now.wall)?,
        token_type: "Bearer".into(),
        expires_in: app.tokens.access_ttl.as_secs().unsigned_abs(),
    };
    Ok(TokenPair {
        body,
        refresh,
        lasts: expires.duration_since(now.session),
    })
}

/// Exchanges a refresh token for a new pair, or returns the current pair again: see the rotation
/// rule in [`rules::session`](crate::rules::session).
///
/// # Errors
/// [`AppError::Refresh`] with the reason.
pub async fn refresh(app: &App, token: &VerifiedRefresh) -> Result<TokenPair, AppError> {
    let invalid = || AppError::Refresh(RefreshRefusal::Invalid);
    let now = app.moment();
    let rule = rotation(app, token.presented, now.session);
    let changed = app.store.change_session(token.session, rule, now.wall);
    let outcome = match changed.await {
        Err(error @ StoreError::Unwritable(_)) => {
            return refresh_without_writing(app, token, now, error).await;
        }
        changed => changed?.ok_or_else(invalid)?,
    };
    let SessionOutcome {
        verdict,
        session,
        role,
    } = outcome;
    match verdict {
        Verdict::Refused(refusal) => Err(AppError::Refresh(refusal)),
        Verdict::Rotated | Verdict::Repeated => {
            // The store keeps no token, so it is signed again from the row, byte for byte. That
            // fails if the key that signed it first is no longer in the ring.
            let refresh = app
                .tokens
                .sign_refresh_again(&session)
                .map_err(|_| invalid())?;
            let subject = Subject::of(&session, role);
            pair(app, subject, session.expires, Some(refresh), now)
        }
    }
}

/// Answers a refresh that the store cannot write: with another access token, and the same refresh
/// token as before. Nothing rotates, so the next refresh that can be written tells a thief from the
/// owner as always.
///
/// Only the current refresh token is answered. An older one may be a reuse, which must be written.
async fn refresh_without_writing(
    app: &App,
    token: &VerifiedRefresh,
    now: Moment,
    error: StoreError,
) -> Result<TokenPair, AppError> {
    app.readiness.doubt();
    let live = app.store.live_session(token.session).await?;
    let live = live.filter(|live| live.is_current(&token.presented) && live.expires > now.session);
    let live = live.ok_or(error)?;
    let subject = Subject {
        user: live.user,
        role: live.role,
        session: token.session,
        generation: live.generation,
    };
    pair(app, subject, live.expires, None, now)
}

/// The rotation rule for one request. The store may run it twice, so the id of the next token is
/// chosen beforehand.
fn rotation(app: &App, presented: Presented, now: Timestamp) -> SessionRule {
    let (limits, jti) = (app.limits, Uuid::now_v7());
    let tokens = Arc::clone(&app.tokens);
    Box::new(move |session, account| {
        // Restored if the new token cannot be signed, so that a refusal changes nothing.
        let before = session.clone();
        let verdict = session.rotate(presented, account.disabled, now, jti, &limits);
        if verdict == Verdict::Rotated && tokens.sign_refresh(session).is_err() {
            *session = before;
            return Verdict::Refused(RefreshRefusal::Invalid);
        }
        verdict
    })
}

/// Ends a session. Does nothing if it is unknown or has ended.
///
/// # Errors
/// [`AppError::Store`]
pub async fn sign_out(app: &App, session: SessionId) -> Result<(), AppError> {
    app.store
        .end_session(session, app.clock.now(), EndReason::Logout)
        .await?;
    Ok(())
}

/// Authenticates an access token and checks that the role has the permission.
///
/// # Errors
/// [`AppError::Token`], [`AppError::SessionEnded`], [`AppError::TokenStale`], [`AppError::Role`]
pub async fn identify(
    app: &App,
    token: &str,
    permission: Permission,
    staleness: Staleness,
) -> Result<Identity, AppError> {
    let now = app.moment();
    let claims = app
        .tokens
        .verify_access(token, now.wall)
        .map_err(AppError::Token)?;
    let mut found = find_session(app, &claims, permission, staleness, now.session).await?;
    // Another server may have made a generation that this one does not know yet.
    let is_unseen = claims.generation == found.live.generation && !found.live.seen;
    let is_confirmed = !is_unseen && claims.generation <= found.live.generation;
    // Without the database nothing can be confirmed now, and the next request tries again.
    if !is_confirmed && found.stale_for.is_none() {
        // Written once per generation, before the response: from now on, presenting an older
        // refresh token is reuse.
        let confirmed = app
            .store
            .confirm_session(claims.sid, claims.generation, now.session);
        match confirmed.await {
            // Then an older one is found out later: reads go on while the store cannot write.
            Err(StoreError::Unwritable(_)) if is_unseen && permission == Permission::Read => {
                app.readiness.doubt();
            }
            confirmed => confirmed?,
        }
        // That may have waited for seconds, in which another server may have ended the session.
        found = find_session(app, &claims, permission, staleness, now.session).await?;
    }
    let FoundSession { live, stale_for } = found;
    Ok(Identity {
        username: live.user,
        role: live.role,
        session: claims.sid,
        expires: now.to_wall(live.expires),
        token_ends: claims.accepted_until(),
        now: now.wall,
        stale_for,
    })
}

/// The open session of an access token.
struct FoundSession {
    live: LiveSession,
    /// How old it may be; `None` if it is not.
    stale_for: Option<Duration>,
}

/// Finds the session of an access token, and checks what depends on it.
async fn find_session(
    app: &App,
    claims: &AccessClaims,
    permission: Permission,
    staleness: Staleness,
    now: Timestamp,
) -> Result<FoundSession, AppError> {
    let (live, stale_for) = match app.store.live_session(claims.sid).await {
        Err(StoreError::NotFresh) if staleness == Staleness::Allowed => {
            let (live, age) = app.store.stale_session(claims.sid).await?;
            (live, Some(age))
        }
        live => (live?, None),
    };
    let live = live
        .filter(|live| live.user == claims.sub && live.expires > now)
        .ok_or(AppError::SessionEnded)?;
    if claims.role != live.role {
        return Err(AppError::TokenStale);
    }
    if !permission.is_allowed_for(live.role) {
        return Err(AppError::Role(permission.role()));
    }
    Ok(FoundSession { live, stale_for })
}

/// Returns `true` if the session of an authenticated user is still open.
pub async fn is_open(app: &App, who: &Identity) -> bool {
    let now = app.moment().session;
    let live = app.store.live_session(who.session).await;
    live.is_ok_and(|live| live.is_some_and(|live| live.user == who.username && live.expires > now))
}
