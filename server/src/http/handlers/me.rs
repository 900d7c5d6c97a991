//! The current user's account and sessions.

use hyper::StatusCode;

use crate::app::auth::Identity;
use crate::app::{AppError, sessions, users};
use crate::http::fields::{Fields, required};
use crate::http::reply::{empty, json};
use crate::http::{Failure, Request, Response, extract};

/// `GET /me`
pub async fn read(_: Request, who: Identity) -> Result<Response, Failure> {
    json(&who.me())
}

/// `PUT /me/password`
pub async fn password(request: Request, who: Identity) -> Result<Response, Failure> {
    let mut fields = Fields::read(&request.head.headers, request.body).await?;
    let (current, new) = (fields.password("current"), fields.new_password("new"));
    fields.finish()?;
    let (current, new) = (required("current", current)?, required("new", new)?);
    users::change_password(&request.state.app, &who, current, new, request.address).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `GET /me/sessions`
pub async fn sessions(request: Request, who: Identity) -> Result<Response, Failure> {
    json(&sessions::list(&request.state.app, &who).await?)
}

/// `DELETE /me/sessions/{id}`
pub async fn end_session(request: Request, who: Identity) -> Result<Response, Failure> {
    // An invalid id is treated as unknown.
    let id = extract::named(&request)
        .and_then(|text| text.parse().ok())
        .ok_or(AppError::NoSession)?;
    sessions::end(&request.state.app, &who, id).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}
