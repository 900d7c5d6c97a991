//! Signing in, refreshing, signing out: the cookie and the JSON.

use cookie::{Cookie, SameSite};
use hyper::header::SET_COOKIE;
use hyper::{Response, StatusCode};
use roster_common::api::{COOKIE, PLAIN_COOKIE};
use roster_common::problem::Code;

use super::reply::{empty, json, set};
use super::{Body, Call, CookieKind, Failure, extract};
use crate::app::auth::{self, Identity, Pair};

impl CookieKind {
    fn name(self) -> &'static str {
        match self {
            Self::Host | Self::Across => COOKIE,
            Self::Plain => PLAIN_COOKIE,
        }
    }

    /// The refresh cookie (RFC 6265bis), for so many seconds; for none, the order to forget it.
    fn cookie(self, value: &str, seconds: i64) -> String {
        let same_site = if self == Self::Across { SameSite::None } else { SameSite::Strict };
        let cookie = Cookie::build((self.name(), value)).path("/").http_only(true).same_site(same_site);
        let cookie = cookie.max_age(cookie::time::Duration::seconds(seconds));
        cookie.secure(self != Self::Plain).build().to_string()
    }
}

/// `POST /auth`
pub async fn login(call: Call) -> Result<Response<Body>, Failure> {
    let kind = call.site.entrance.cookie(&call.head.headers);
    let origin = extract::origin(&call);
    let old = extract::refresh_cookie(&call.head.headers, kind.name());
    let credentials = extract::credentials(&call.head.headers, call.body).await?;
    let pair = auth::login(&call.site.app, credentials, old.as_deref(), origin).await?;
    answer(kind, &pair)
}

/// `POST /refresh`: a refusal takes the cookie away, a failure leaves it.
pub async fn refresh(call: Call) -> Result<Response<Body>, Failure> {
    let kind = call.site.entrance.cookie(&call.head.headers);
    let token = extract::refresh_cookie(&call.head.headers, kind.name());
    let token =
        token.ok_or_else(|| Failure::new(Code::RefreshMissing, "Sign in at /auth: there is no refresh cookie."))?;
    match auth::refresh(&call.site.app, &token).await {
        Ok(pair) => answer(kind, &pair),
        Err(error) => {
            let refused = matches!(error, crate::app::AppError::Refresh(_));
            let failure = Failure::from(error);
            Err(if refused { failure.clearing(kind.cookie("", 0)) } else { failure })
        }
    }
}

/// `POST /logout`: 204, whatever the cookie was.
pub async fn logout(call: Call) -> Result<Response<Body>, Failure> {
    let kind = call.site.entrance.cookie(&call.head.headers);
    if let Some(token) = extract::refresh_cookie(&call.head.headers, kind.name()) {
        auth::logout(&call.site.app, &token).await?;
    }
    let mut response = empty(StatusCode::NO_CONTENT);
    set(&mut response, SET_COOKIE, kind.cookie("", 0));
    Ok(response)
}

/// `GET /me`
pub async fn me(_: Call, who: Identity) -> Result<Response<Body>, Failure> {
    json(&who.me())
}

fn answer(kind: CookieKind, pair: &Pair) -> Result<Response<Body>, Failure> {
    let mut response = json(&pair.body)?;
    let left = pair.expires.duration_since(pair.now).as_secs();
    set(&mut response, SET_COOKIE, kind.cookie(pair.refresh.expose(), left));
    // For the log.
    response.extensions_mut().insert(pair.body.user.username.clone());
    Ok(response)
}
