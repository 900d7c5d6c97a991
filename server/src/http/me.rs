//! What somebody who is signed in sees and changes of themselves.

use hyper::{Response, StatusCode};

use super::fields::{Fields, required};
use super::reply::{empty, json};
use super::{Body, Call, Failure, extract};
use crate::app::auth::Identity;
use crate::app::{AppError, sessions, users};

/// `GET /me`
pub async fn read(_: Call, who: Identity) -> Result<Response<Body>, Failure> {
    json(&who.me())
}

/// `PUT /me/password`
pub async fn password(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    let mut fields = Fields::read(&call.head.headers, call.body).await?;
    let (current, new) = (fields.password("current"), fields.new_password("new"));
    fields.finish()?;
    let (current, new) = (required("current", current)?, required("new", new)?);
    users::change_password(&call.site.app, &who, current, new, call.address).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `GET /me/sessions`
pub async fn sessions(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    json(&sessions::list(&call.site.app, &who).await?)
}

/// `DELETE /me/sessions/{id}`
pub async fn end_session(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    // What is no session's id is the id of none.
    let id = extract::named(&call)
        .and_then(|text| text.parse().ok())
        .ok_or(AppError::NoSession)?;
    sessions::end(&call.site.app, &who, id).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}
