//! Signing in, refreshing, signing out, and who a token speaks for.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use roster_common::api::{self, Me, SignedIn, User};
use roster_common::{Password, Role, Username};
use uuid::Uuid;

use super::{App, AppError};
use crate::password::PasswordError;
use crate::rules::access::Permission;
use crate::rules::session::{End, Presented, Refusal, Session, SessionId, Verdict};
use crate::store::{Account, Attribution, LoginProof, SessionOutcome, SessionRule};
use crate::token::RefreshToken;

/// What somebody presents to sign in.
pub struct Credentials {
    /// As it was typed: it may be no username at all, which is refused like one that nobody has.
    pub username: String,
    /// As it was typed.
    pub password: Password,
}

/// Where a sign-in comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The address.
    pub address: IpAddr,
    /// The program: its `User-Agent`.
    pub client: String,
}

/// A pair of tokens, on its way out.
pub struct Pair {
    /// The JSON, with the access token.
    pub body: SignedIn,
    /// The cookie's value.
    pub refresh: RefreshToken,
    /// When the cookie ends.
    pub expires: Timestamp,
    /// What time it is: the cookie's age is counted from here.
    pub now: Timestamp,
}

/// Somebody who is signed in, and whose token has been found good for what the request wants to do.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Who.
    pub username: Username,
    /// What they may.
    pub role: Role,
    /// In which session.
    pub session: SessionId,
    /// When the session ends if nobody uses it.
    pub expires: Timestamp,
    /// What time it is.
    pub now: Timestamp,
}

impl Identity {
    /// Who changes something, and when.
    pub fn attribution(&self) -> Attribution {
        Attribution {
            by: self.username.clone(),
            at: self.now,
        }
    }

    /// The answer of `GET /me`.
    pub fn me(&self) -> Me {
        Me {
            user: User {
                username: self.username.clone(),
                role: self.role,
            },
            session: api::Session {
                id: self.session.to_string(),
                expires_at: self.expires,
            },
        }
    }
}

/// How often a sign-in is tried whose account is changed, each time, between the look at its password and the
/// transaction.
const TRIES: usize = 3;

/// Signs somebody in: a new session, in place of the one whose refresh token came with the request. A hash that is
/// weaker than new ones are is replaced.
///
/// # Errors
/// [`AppError::Credentials`], the same and after the same time for unknown, wrong and disabled;
/// [`AppError::Throttled`]; [`AppError::Busy`].
pub async fn login(
    app: &App,
    given: Credentials,
    old: Option<&str>,
    origin: Origin,
) -> Result<Pair, AppError> {
    let counted = counted_as(&given.username);
    app.throttle()
        .admit(origin.address, &counted, app.clock.now())
        .map_err(AppError::Throttled)?;
    let replaces = old
        .and_then(|token| app.tokens.verify_refresh(token).ok())
        .map(|(session, _)| session);
    for _ in 0..TRIES {
        let account = verified(app, &given, &origin).await?;
        app.throttle().succeeded(&counted);
        let rehashed = match app
            .passwords
            .strengthened(&given.password, &account.password)
            .await
        {
            // Another sign-in will do it.
            Err(PasswordError::Busy) => None,
            rehashed => rehashed?,
        };
        let proof = LoginProof {
            password: account.password,
            rehashed,
            replaces,
        };
        if let Some(pair) = open_session(app, account.username, &origin, proof).await? {
            return Ok(pair);
        }
    }
    Err(AppError::Busy)
}

/// The account whose name and password were given. A refusal is noted in the audit, under the name of an account only:
/// people type their password where the name belongs.
async fn verified(app: &App, given: &Credentials, origin: &Origin) -> Result<Account, AppError> {
    let account = match given.username.parse() {
        Ok(name) => app.store.account(&name).await?,
        Err(_) => None,
    };
    let hash = account.as_ref().map(|account| account.password.clone());
    let right = app.passwords.verify(given.password.clone(), hash).await?;
    match account {
        Some(account) if right && !account.disabled => Ok(account),
        account => {
            let name = account.map(|account| account.username);
            if let Err(error) = app
                .store
                .note_refusal(name, origin.address, app.clock.now())
                .await
            {
                // The refusal stands, also where it cannot be noted.
                tracing::error!(%error, "a refused sign-in was not noted");
            }
            Err(AppError::Credentials)
        }
    }
}

/// Under which name the throttle counts a sign-in: never longer than a username, so that what it remembers of a flood
/// of invented names stays small.
pub(super) fn counted_as(username: &str) -> String {
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
    origin: &Origin,
    proof: LoginProof,
) -> Result<Option<Pair>, AppError> {
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
        address: origin.address.to_string(),
        client: origin.client.clone(),
    };
    let refresh = app.tokens.seal(&mut session)?;
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
) -> Result<Pair, AppError> {
    let body = SignedIn {
        access_token: app.tokens.access(session, role, now)?,
        token_type: "Bearer".into(),
        expires_in: app.tokens.access_ttl.as_secs().unsigned_abs(),
        user: User {
            username: session.user.clone(),
            role,
        },
        session: api::Session {
            id: session.id.to_string(),
            expires_at: session.expires,
        },
    };
    Ok(Pair {
        body,
        refresh,
        expires: session.expires,
        now,
    })
}

/// Answers a refresh token with a new pair, or the current one again, as the rotation rule says.
///
/// # Errors
/// [`AppError::Refresh`], with why.
pub async fn refresh(app: &App, token: &str) -> Result<Pair, AppError> {
    let invalid = || AppError::Refresh(Refusal::Invalid);
    let (id, presented) = app.tokens.verify_refresh(token).map_err(|_| invalid())?;
    let now = app.clock.now();
    let rule = rotation(app, presented, now);
    let Some(outcome) = app.store.change_session(id, rule).await? else {
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
            // If the key of the current token has left the ring, the token cannot be given again.
            let refresh = app.tokens.refresh(&session).map_err(|_| invalid())?;
            pair(app, &session, role, refresh, now)
        }
    }
}

/// The rotation rule for one request. It may run twice, so the id of the next token is drawn beforehand.
fn rotation(app: &App, presented: Presented, now: Timestamp) -> SessionRule {
    let (limits, jti) = (app.limits, Uuid::now_v7());
    let tokens = Arc::clone(&app.tokens);
    Box::new(move |session, account| {
        let before = session.clone();
        let verdict = session.rotate(presented, account.disabled, now, jti, &limits);
        if verdict == Verdict::Rotated && tokens.seal(session).is_err() {
            *session = before;
            return Verdict::Refused(Refusal::Invalid);
        }
        verdict
    })
}

/// Ends the session that a refresh token names. A token that names none ends none.
///
/// # Errors
/// [`AppError::Store`]
pub async fn logout(app: &App, token: &str) -> Result<(), AppError> {
    if let Ok((session, _)) = app.tokens.verify_refresh(token) {
        app.store
            .end_session(session, app.clock.now(), End::Logout)
            .await?;
    }
    Ok(())
}

/// Whether a refresh token is one of the session that an access token speaks for.
///
/// # Errors
/// [`Refusal::Invalid`]
pub fn check_cookie(app: &App, who: &Identity, token: &str) -> Result<(), AppError> {
    match app.tokens.verify_refresh(token) {
        Ok((session, _)) if session == who.session => Ok(()),
        _ => Err(AppError::Refresh(Refusal::Invalid)),
    }
}

/// Finds out for whom an access token speaks, and whether they may do what they want.
///
/// # Errors
/// [`AppError::Token`], [`AppError::SessionEnded`], [`AppError::Stale`], [`AppError::Role`]
pub async fn identify(app: &App, token: &str, wanted: Permission) -> Result<Identity, AppError> {
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
    if !wanted.is_given_to(live.role) {
        return Err(AppError::Role(wanted.role()));
    }
    if claims.generation == live.generation && !live.seen {
        // Once a generation, and durable before the answer: an older token that comes back is then told apart.
        app.store
            .confirm_session(claims.sid, claims.generation, now)
            .await?;
    }
    Ok(Identity {
        username: live.user,
        role: live.role,
        session: claims.sid,
        expires: live.expires,
        now,
    })
}

/// Whether the session of somebody who was identified is still open.
pub async fn is_open(app: &App, who: &Identity) -> bool {
    let now = app.clock.now();
    let live = app.store.live_session(who.session).await;
    live.is_ok_and(|live| live.is_some_and(|live| live.user == who.username && live.expires > now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_long_a_name_is_little_of_it_is_remembered() {
        assert_eq!(counted_as(" Ada.Lovelace "), "ada.lovelace");
        assert_eq!(
            counted_as(&"Ж".repeat(60_000)).chars().count(),
            Username::MAX_CHARS
        );
    }
}
