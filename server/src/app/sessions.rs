//! The current user's sessions: listing and ending them.

use roster_common::users::{LogoutScope, OpenSession};

use super::auth::Identity;
use super::{App, AppError};
use crate::rules::session::SessionId;
use crate::rules::session_clock::Moment;
use crate::store::{self, SessionSelector};

/// Returns the user's open sessions, newest first.
///
/// # Errors
/// [`AppError::Store`]
pub async fn list(app: &App, who: &Identity) -> Result<Vec<OpenSession>, AppError> {
    let now = app.moment();
    let sessions = app.store.sessions(&who.username).await?.into_iter();
    Ok(sessions
        .filter(|session| session.expires > now.session)
        .map(|session| to_api(session, who.session, now))
        .collect())
}

fn to_api(session: store::OpenSession, current: SessionId, now: Moment) -> OpenSession {
    let store::OpenSession {
        id,
        created,
        used,
        expires,
        address,
        client,
    } = session;
    OpenSession {
        id: id.to_string(),
        // The store counts in session time, which differs from the time of day after a clock was
        // set.
        created: now.to_wall(created),
        used: now.to_wall(used),
        expires: now.to_wall(expires),
        address,
        client,
        current: id == current,
    }
}

/// Ends one of the user's sessions.
///
/// # Errors
/// [`AppError::NoSession`] if it belongs to another user or has ended.
pub async fn end(app: &App, who: &Identity, id: SessionId) -> Result<(), AppError> {
    let selector = SessionSelector::Only(id);
    let ended = app
        .store
        .end_sessions(&who.username, selector, who.attribution())
        .await?;
    if ended == 0 {
        return Err(AppError::NoSession);
    }
    Ok(())
}

/// Ends the user's other sessions, or all of them.
///
/// # Errors
/// [`AppError::Store`]
pub async fn end_many(app: &App, who: &Identity, scope: LogoutScope) -> Result<(), AppError> {
    let selector = match scope {
        LogoutScope::Others => SessionSelector::AllExcept(who.session),
        LogoutScope::All => SessionSelector::All,
    };
    app.store
        .end_sessions(&who.username, selector, who.attribution())
        .await?;
    Ok(())
}
