//! The accounts, for admins; and the one account that somebody opens for themselves.

use hyper::header::LOCATION;
use hyper::{Response, StatusCode};
use roster_common::Username;
use roster_common::api::path;

use super::fields::{Fields, required};
use super::reply::{created, empty, json, set};
use super::{Body, Call, Failure, extract};
use crate::app::AppError;
use crate::app::auth::Identity;
use crate::app::users::{self, Changes, New};
use crate::store::AccountRefused;

/// `POST /register`
pub async fn register(call: Call) -> Result<Response<Body>, Failure> {
    users::registration_is_open(&call.site.app)?;
    let mut fields = Fields::read(&call.head.headers, call.body).await?;
    let (username, password) = (fields.parsed("user"), fields.new_password("pwd"));
    fields.finish()?;
    let (username, password) = (required("user", username)?, required("pwd", password)?);
    created(&users::register(&call.site.app, username, password, call.address).await?)
}

/// `GET /users`
pub async fn list(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    json(&users::list(&call.site.app, &who).await?)
}

/// `POST /users`
pub async fn create(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    let mut fields = Fields::read(&call.head.headers, call.body).await?;
    let (username, role, password) = (
        fields.parsed("username"),
        fields.parsed("role"),
        fields.new_password("password"),
    );
    fields.finish()?;
    let username: Username = required("username", username)?;
    let new = New {
        username,
        role: required("role", role)?,
        password: required("password", password)?,
    };
    let account = users::create(&call.site.app, &who, new).await?;
    let mut response = created(&account)?;
    set(&mut response, LOCATION, path::user(&account.username));
    Ok(response)
}

/// `PATCH /users/{name}`
pub async fn change(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    let name = username(&call)?;
    let mut fields = Fields::read(&call.head.headers, call.body).await?;
    let changes = Changes {
        role: fields.parsed("role"),
        disabled: fields.flag("disabled"),
        password: fields.new_password("password"),
    };
    fields.finish()?;
    json(&users::change(&call.site.app, &who, &name, changes).await?)
}

/// `DELETE /users/{name}`
pub async fn remove(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    users::remove(&call.site.app, &who, &username(&call)?).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `DELETE /users/{name}/sessions`
pub async fn end_sessions(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    users::end_sessions(&call.site.app, &who, &username(&call)?).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// The account that the path names. What is no username is that of nobody.
fn username(call: &Call) -> Result<Username, AppError> {
    let name = extract::named(call).and_then(|text| text.parse().ok());
    name.ok_or(AppError::Account(AccountRefused::Unknown))
}
