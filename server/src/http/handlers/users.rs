//! Managing accounts, and registration.

use hyper::StatusCode;
use hyper::header::LOCATION;
use roster_common::Username;
use roster_common::api::path;

use crate::app::AppError;
use crate::app::auth::Identity;
use crate::app::users::{self, AccountUpdate, NewAccount};
use crate::http::fields::{Fields, required};
use crate::http::reply::{created, empty, json, set};
use crate::http::{Failure, Request, Response, extract};
use crate::store::AccountRefusal;

/// `POST /register`
pub async fn register(request: Request) -> Result<Response, Failure> {
    users::registration_is_open(&request.state.app)?;
    let mut fields = Fields::read(&request.head.headers, request.body).await?;
    let (username, password) = (fields.parsed("user"), fields.new_password("pwd"));
    fields.finish()?;
    let (username, password) = (required("user", username)?, required("pwd", password)?);
    created(&users::register(&request.state.app, username, password, request.address).await?)
}

/// `GET /users`
pub async fn list(request: Request, _: Identity) -> Result<Response, Failure> {
    json(&users::list(&request.state.app).await?)
}

/// `POST /users`
pub async fn create(request: Request, who: Identity) -> Result<Response, Failure> {
    let mut fields = Fields::read(&request.head.headers, request.body).await?;
    let (username, role, password) = (
        fields.parsed("username"),
        fields.parsed("role"),
        fields.new_password("password"),
    );
    // Unknown members are reported before missing ones, since a misspelt name is both.
    fields.finish()?;
    let username: Username = required("username", username)?;
    let new = NewAccount {
        username,
        role: required("role", role)?,
        password: required("password", password)?,
    };
    let account = users::create(&request.state.app, &who, new, request.address).await?;
    let mut response = created(&account)?;
    set(&mut response, LOCATION, path::user(&account.username));
    Ok(response)
}

/// `PATCH /users/{name}`
pub async fn change(request: Request, who: Identity) -> Result<Response, Failure> {
    let name = username(&request)?;
    let mut fields = Fields::read(&request.head.headers, request.body).await?;
    let changes = AccountUpdate {
        role: fields.parsed("role"),
        disabled: fields.flag("disabled"),
        password: fields.new_password("password"),
    };
    fields.finish()?;
    let changed = users::change(&request.state.app, &who, &name, changes, request.address);
    json(&changed.await?)
}

/// `DELETE /users/{name}`
pub async fn remove(request: Request, who: Identity) -> Result<Response, Failure> {
    users::remove(&request.state.app, &who, &username(&request)?).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `DELETE /users/{name}/sessions`
pub async fn end_sessions(request: Request, who: Identity) -> Result<Response, Failure> {
    users::end_sessions(&request.state.app, &who, &username(&request)?).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// The username in the path. An invalid one is treated as unknown.
fn username(request: &Request) -> Result<Username, AppError> {
    let name = extract::named(request).and_then(|text| text.parse().ok());
    name.ok_or(AppError::Account(AccountRefusal::Unknown))
}
