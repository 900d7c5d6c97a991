//! The current user's sessions: listing and ending them.

use roster_common::users::{LogoutScope, OpenSession};

use super::auth::Identity;
use super::{App, AppError};
use crate::rules::session::SessionId;
use crate::store::{self, SessionSelector};

/// A user's open sessions, newest first.
///
/// # Errors
/// [`AppError::Store`]
pub async fn list(app: &App, who: &Identity) -> Result<Vec<OpenSession>, AppError> {
    let sessions = app.store.sessions(&who.username).await?.into_iter();
    Ok(sessions
        .filter(|session| session.expires > who.now)
        .map(|session| shown(session, who.session))
        .collect())
}

fn shown(session: store::OpenSession, asking: SessionId) -> OpenSession {
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
        created,
        used,
        expires,
        address,
        client,
        current: id == asking,
    }
}

/// Ends one of a user's sessions.
///
/// # Errors
/// [`AppError::NoSession`] where it is none of theirs, or has ended.
pub async fn end(app: &App, who: &Identity, id: SessionId) -> Result<(), AppError> {
    match app
        .store
        .end_sessions(&who.username, SessionSelector::Only(id), who.attribution())
        .await?
    {
        0 => Err(AppError::NoSession),
        _ => Ok(()),
    }
}

/// Ends a user's sessions, with or without the one of this request.
///
/// # Errors
/// [`AppError::Store`]
pub async fn end_many(app: &App, who: &Identity, scope: LogoutScope) -> Result<(), AppError> {
    let which = match scope {
        LogoutScope::Others => SessionSelector::AllExcept(who.session),
        LogoutScope::All => SessionSelector::All,
    };
    app.store
        .end_sessions(&who.username, which, who.attribution())
        .await?;
    Ok(())
}
