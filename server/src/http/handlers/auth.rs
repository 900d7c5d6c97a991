//! Signing in, refreshing and signing out.

use cookie::{Cookie, SameSite};
use hyper::StatusCode;
use hyper::header::SET_COOKIE;
use roster_common::api::{COOKIE, PLAIN_COOKIE};
use roster_common::parameters::Parameters;
use roster_common::problem::Code;
use roster_common::users::LogoutScope;

use crate::app::auth::{self, TokenPair, identify};
use crate::app::{AppError, sessions};
use crate::http::reply::{empty, json, set};
use crate::http::{CookieKind, Failure, Request, Response, extract};
use crate::rules::access::Permission;

impl CookieKind {
    fn name(self) -> &'static str {
        match self {
            Self::Host | Self::CrossSite => COOKIE,
            Self::Plain => PLAIN_COOKIE,
        }
    }

    /// The value of `Set-Cookie` (RFC 6265bis). With `max_age` 0, in seconds, it clears the cookie.
    fn cookie(self, value: &str, max_age: i64) -> String {
        let same_site = if self == Self::CrossSite {
            SameSite::None
        } else {
            SameSite::Strict
        };
        let cookie = Cookie::build((self.name(), value))
            .path("/")
            .http_only(true)
            .same_site(same_site)
            .max_age(cookie::time::Duration::seconds(max_age))
            .secure(self != Self::Plain);
        cookie.build().to_string()
    }
}

/// `POST /auth`
pub async fn sign_in(request: Request) -> Result<Response, Failure> {
    let kind = request.state.config.cookie(&request.head.headers);
    let peer = extract::peer(&request);
    let old = extract::refresh_cookie(&request.head.headers, kind.name());
    let credentials = extract::credentials(&request.head.headers, request.body).await?;
    let pair = auth::sign_in(&request.state.app, credentials, old.as_deref(), peer).await?;
    answer(kind, &pair)
}

/// `POST /refresh`. A refusal clears the cookie; other errors keep it, so that the client can
/// retry.
pub async fn refresh(request: Request) -> Result<Response, Failure> {
    let kind = request.state.config.cookie(&request.head.headers);
    let token = extract::refresh_cookie(&request.head.headers, kind.name());
    let token = token.ok_or_else(|| {
        Failure::new(Code::RefreshMissing, "No refresh cookie. Sign in at /auth.")
    })?;
    match auth::refresh(&request.state.app, &token).await {
        Ok(pair) => answer(kind, &pair),
        Err(error @ AppError::Refresh(_)) => Err(Failure::from(error).clearing(kind.cookie("", 0))),
        Err(error) => Err(error.into()),
    }
}

/// `POST /logout`: 204 even if the cookie is missing or invalid. With a scope, it ends other
/// sessions, too, and also requires the access token.
pub async fn sign_out(request: Request) -> Result<Response, Failure> {
    let kind = request.state.config.cookie(&request.head.headers);
    let token = extract::refresh_cookie(&request.head.headers, kind.name());
    match (scope(request.head.uri.query().unwrap_or_default())?, token) {
        (Some(scope), token) => end_many(&request, scope, token.as_deref()).await,
        (None, Some(token)) => {
            auth::sign_out(&request.state.app, &token).await?;
            Ok(signed_out(kind))
        }
        (None, None) => Ok(signed_out(kind)),
    }
}

/// Ends many sessions of a user. Access token and cookie must belong to the same session.
async fn end_many(
    request: &Request,
    scope: LogoutScope,
    token: Option<&str>,
) -> Result<Response, Failure> {
    let app = &request.state.app;
    let who = identify(
        app,
        extract::bearer(&request.head.headers)?,
        Permission::Read,
    )
    .await?;
    let missing = || Failure::new(Code::RefreshMissing, "Send the refresh cookie as well.");
    auth::check_cookie(app, &who, token.ok_or_else(missing)?)?;
    sessions::end_many(app, &who, scope).await?;
    Ok(match scope {
        LogoutScope::All => signed_out(request.state.config.cookie(&request.head.headers)),
        LogoutScope::Others => empty(StatusCode::NO_CONTENT),
    })
}

/// Reads `scope` from a query.
fn scope(query: &str) -> Result<Option<LogoutScope>, Failure> {
    let mut parameters = Parameters::read(query);
    let scope = parameters.choice(
        "scope",
        &LogoutScope::BOTH.map(|scope| (scope.as_str(), scope)),
    );
    parameters.finish().map_err(Failure::query)?;
    Ok(scope)
}

fn signed_out(kind: CookieKind) -> Response {
    let mut response = empty(StatusCode::NO_CONTENT);
    set(&mut response, SET_COOKIE, kind.cookie("", 0));
    response
}

fn answer(kind: CookieKind, pair: &TokenPair) -> Result<Response, Failure> {
    let mut response = json(&pair.body)?;
    let max_age = pair.expires.duration_since(pair.now).as_secs();
    let cookie = kind.cookie(pair.refresh.expose(), max_age);
    set(&mut response, SET_COOKIE, cookie);
    // `http::handle` takes it for the log.
    response
        .extensions_mut()
        .insert(pair.body.user.username.clone());
    Ok(response)
}
