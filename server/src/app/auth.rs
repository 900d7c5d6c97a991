//! Signing in, refreshing, signing out, and authenticating requests.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use roster_common::api::{self, Me, SignedIn, User};
use roster_common::{Password, Role, Username};
use uuid::Uuid;

use super::{App, AppError};
use crate::password::PasswordError;
use crate::rules::access::Permission;
use crate::rules::session::{EndReason, Presented, Refusal, Session, SessionId, Verdict};
use crate::store::{Account, Attribution, SessionOutcome, SessionRule, SignInProof};
use crate::token::{RefreshToken, VerifiedRefresh};

/// The credentials of a sign-in.
pub struct Credentials {
    /// The username as typed. An invalid one is refused like an unknown one.
    pub username: String,
    /// The password as typed.
    pub password: Password,
}

/// Where a sign-in comes from; shown in the list of sessions.
#[derive(Debug, Clone)]
pub struct ClientInfo {
    /// The client's address.
    pub address: IpAddr,
    /// The client program's `User-Agent`.
    pub client: String,
}

/// The access and refresh token of a response.
pub struct TokenPair {
    /// The JSON body, which contains the access token.
    pub body: SignedIn,
    /// The refresh token, for the cookie.
    pub refresh: RefreshToken,
    /// When the cookie expires.
    pub expires: Timestamp,
    /// The current time; the cookie's `Max-Age` counts from here.
    pub now: Timestamp,
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
                role: self.role,
            },
            session: api::SessionInfo {
                id: self.session.to_string(),
                expires_at: self.expires,
            },
        }
    }
}

/// How often a sign-in is retried if the account changes between the password check and the
/// transaction.
const TRIES: usize = 3;

/// Signs a user in with a new session. It replaces the session of `old`, the refresh token that
/// came with the request. A weak password hash is upgraded.
///
/// # Errors
/// [`AppError::Credentials`], after the same time whether the name is unknown, the password wrong
/// or the account disabled; [`AppError::Throttled`]; [`AppError::Busy`].
pub async fn sign_in(
    app: &App,
    credentials: Credentials,
    old: Option<VerifiedRefresh>,
    peer: ClientInfo,
) -> Result<TokenPair, AppError> {
    let key = throttle_key(&credentials.username);
    app.throttle()
        .admit(peer.address, &key, app.clock.now())
        .map_err(AppError::Throttled)?;
    let replaces = old.map(|token| token.session);
    // Hashing takes long, and the account may change meanwhile. `open_session` then opens none, and
    // the credentials are checked again.
    for _ in 0..TRIES {
        let account = verify_credentials(app, &credentials, &peer).await?;
        app.throttle().succeeded(&key);
        let rehashed = match app
            .passwords
            .strengthened(&credentials.password, &account.password)
            .await
        {
            // A full queue must not fail the sign-in; the next one upgrades the hash.
            Err(PasswordError::Busy) => None,
            rehashed => rehashed?,
        };
        let proof = SignInProof {
            password: account.password,
            rehashed,
            replaces,
        };
        if let Some(pair) = open_session(app, account.username, &peer, proof).await? {
            return Ok(pair);
        }
    }
    Err(AppError::Busy)
}

/// Verifies username and password. A refusal is audited only under an existing account's name,
/// since people type passwords into the username field.
async fn verify_credentials(
    app: &App,
    credentials: &Credentials,
    peer: &ClientInfo,
) -> Result<Account, AppError> {
    let account = match credentials.username.parse() {
        Ok(name) => app.store.account(&name).await?,
        Err(_) => None,
    };
    let hash = account.as_ref().map(|account| account.password.clone());
    let is_correct = app
        .passwords
        .verify(credentials.password.clone(), hash)
        .await?;
    match account {
        Some(account) if is_correct && !account.disabled => Ok(account),
        account => {
            let name = account.map(|account| account.username);
            if let Err(error) = app
                .store
                .note_refusal(name, peer.address, app.clock.now())
                .await
            {
                // The refusal stands even if it cannot be audited.
                tracing::error!(%error, "could not record a refused sign-in");
            }
            Err(AppError::Credentials)
        }
    }
}

/// The key under which the throttle counts a sign-in. It is cut to a username's length, so that a
/// flood of invented names needs little memory.
pub(super) fn throttle_key(username: &str) -> String {
    username
        .trim()
        .chars()
        .take(Username::MAX_CHARS)
        .collect::<String>()
        .to_ascii_lowercase()
}

async fn open_session(
    app: &App,
    user: Username,
    peer: &ClientInfo,
    proof: SignInProof,
) -> Result<Option<TokenPair>, AppError> {
    let now = app.clock.now();
    let mut session = Session {
        id: Uuid::now_v7(),
        user,
        created: now,
        generation: 1,
        issued: now,
        expires: Session::expiry(now, now, &app.limits),
        jti: Uuid::now_v7(),
        kid: String::new(),
        digest: [0; 32],
        seen: None,
        earlier: Vec::new(),
        latest: now,
        ended: None,
        address: peer.address.to_string(),
        client: peer.client.clone(),
    };
    let refresh = app.tokens.sign_refresh(&mut session)?;
    match app
        .store
        .open_session(session.clone(), proof, app.limits)
        .await?
    {
        Some(account) => pair(app, &session, account.role, refresh, now).map(Some),
        None => Ok(None),
    }
}

fn pair(
    app: &App,
    session: &Session,
    role: Role,
    refresh: RefreshToken,
    now: Timestamp,
) -> Result<TokenPair, AppError> {
    let body = SignedIn {
        access_token: app.tokens.sign_access(session, role, now)?,
        token_type: "Bearer".into(),
        expires_in: app.tokens.access_ttl.as_secs().unsigned_abs(),
        user: User {
            username: session.user.clone(),
            role,
        },
        session: api::SessionInfo {
            id: session.id.to_string(),
            expires_at: session.expires,
        },
    };
    Ok(TokenPair {
        body,
        refresh,
        expires: session.expires,
        now,
    })
}

/// Exchanges a refresh token for a new pair, or returns the current pair again: see the rotation
/// rule in [`rules::session`](crate::rules::session).
///
/// # Errors
/// [`AppError::Refresh`] with the reason.
pub async fn refresh(app: &App, token: &VerifiedRefresh) -> Result<TokenPair, AppError> {
    let invalid = || AppError::Refresh(Refusal::Invalid);
    let now = app.clock.now();
    let rule = rotation(app, token.presented, now);
    let Some(outcome) = app.store.change_session(token.session, rule).await? else {
        return Err(invalid());
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
            pair(app, &session, role, refresh, now)
        }
    }
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
            return Verdict::Refused(Refusal::Invalid);
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
/// [`AppError::Token`], [`AppError::SessionEnded`], [`AppError::Stale`], [`AppError::Role`]
pub async fn identify(
    app: &App,
    token: &str,
    permission: Permission,
) -> Result<Identity, AppError> {
    let now = app.clock.now();
    let claims = app
        .tokens
        .verify_access(token, now)
        .map_err(AppError::Token)?;
    let live = app.store.live_session(claims.sid).await?;
    let live = live
        .filter(|live| live.user == claims.sub && live.expires > now)
        .ok_or(AppError::SessionEnded)?;
    if claims.role != live.role {
        return Err(AppError::Stale);
    }
    if !permission.is_allowed_for(live.role) {
        return Err(AppError::Role(permission.role()));
    }
    if claims.generation == live.generation && !live.seen {
        // Written once per generation, before the response: from now on, presenting an older
        // refresh token is reuse.
        app.store
            .confirm_session(claims.sid, claims.generation, now)
            .await?;
    }
    Ok(Identity {
        username: live.user,
        role: live.role,
        session: claims.sid,
        expires: live.expires,
        token_ends: claims.accepted_until(),
        now,
    })
}

/// Returns `true` if the session of an authenticated user is still open.
pub async fn is_open(app: &App, who: &Identity) -> bool {
    let now = app.clock.now();
    let live = app.store.live_session(who.session).await;
    live.is_ok_and(|live| live.is_some_and(|live| live.user == who.username && live.expires > now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_username_uses_little_memory() {
        assert_eq!(throttle_key(" Ada.Lovelace "), "ada.lovelace");
        assert_eq!(
            throttle_key(&"Ж".repeat(60_000)).chars().count(),
            Username::MAX_CHARS
        );
    }
}
