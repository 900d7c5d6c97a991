//! Signing in.

use std::net::IpAddr;

use roster_common::{Password, Username};
use uuid::Uuid;

use super::attempt::{self, Admission};
use super::auth::{TokenPair, pair};
use super::{App, AppError};
use crate::password::PasswordError;
use crate::rules::session::{Session, SessionId};
use crate::rules::throttle::AttemptResult;
use crate::store::{Account, AuditLine, SignInProof};
use crate::token::{Subject, VerifiedRefresh};

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
    let attempt = attempt::of(app, &credentials.username, peer.address, old.as_ref()).await?;
    let admission = Admission::admit(app, attempt)?;
    let replaces = old.map(|token| token.session);
    let signed_in = try_to_sign_in(app, &credentials, replaces, &peer).await;
    admission.settle(match &signed_in {
        Ok(_) => AttemptResult::Succeeded,
        Err(AppError::Credentials) => AttemptResult::Failed,
        // Nothing was found out about the password.
        Err(_) => AttemptResult::GivenBack,
    });
    signed_in
}

async fn try_to_sign_in(
    app: &App,
    credentials: &Credentials,
    replaces: Option<SessionId>,
    peer: &ClientInfo,
) -> Result<TokenPair, AppError> {
    // Hashing takes long, and the account may change meanwhile. `open_session` then opens none, and
    // the credentials are checked again.
    for _ in 0..TRIES {
        let account = verify_credentials(app, credentials, peer).await?;
        let strengthened =
            app.passwords
                .strengthened(&credentials.password, &account.password, peer.address);
        let rehashed = match strengthened.await {
            // A full queue must not fail the sign-in; the next one upgrades the hash.
            Err(PasswordError::Busy) => None,
            rehashed => rehashed?,
        };
        let proof = SignInProof {
            password: account.password,
            rehashed,
            replaces,
        };
        if let Some(pair) = open_session(app, account.username, peer, proof).await? {
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
        .verify(credentials.password.clone(), hash, peer.address)
        .await?;
    match account {
        Some(account) if is_correct && !account.disabled => Ok(account),
        account => {
            let name = account.map(|account| account.username);
            let line = AuditLine::refused_sign_in(name, peer.address, app.clock.now());
            if let Err(error) = app.store.add_to_audit(line).await {
                // The refusal stands even if it cannot be audited.
                tracing::error!(%error, "could not record a refused sign-in");
            }
            Err(AppError::Credentials)
        }
    }
}

async fn open_session(
    app: &App,
    user: Username,
    peer: &ClientInfo,
    proof: SignInProof,
) -> Result<Option<TokenPair>, AppError> {
    let moment = app.moment();
    let now = moment.session;
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
    // Also fills in the key and the digest, so it comes before the transaction that stores the
    // session.
    let refresh = app.tokens.sign_refresh(&mut session)?;
    match app
        .store
        .open_session(session.clone(), proof, app.limits, moment)
        .await?
    {
        Some(account) => {
            let subject = Subject::of(&session, account.role);
            pair(app, subject, session.expires, Some(refresh), moment).map(Some)
        }
        None => Ok(None),
    }
}
