//! Signing in, refreshing and signing out.

use cookie::{Cookie, SameSite};
use hyper::StatusCode;
use hyper::header::SET_COOKIE;
use roster_common::api::{COOKIE, PLAIN_COOKIE};
use roster_common::parameters::Parameters;
use roster_common::problem::Code;
use roster_common::users::LogoutScope;

use crate::app::auth::{self, Staleness, TokenPair, identify};
use crate::app::{AppError, sessions, sign_in};
use crate::http::reply::{empty, json, set};
use crate::http::{CookieKind, Failure, Request, Response, extract};
use crate::rules::access::Permission;
use crate::rules::session::RefreshRefusal;
use crate::token::VerifiedRefresh;

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
            // A browser that blocks third-party cookies keeps only those that are kept apart for
            // each site with such a page.
            .partitioned(self == Self::CrossSite)
            .max_age(cookie::time::Duration::seconds(max_age))
            .secure(self != Self::Plain);
        cookie.build().to_string()
    }

    /// Returns `true` if the response may clear the cookie. The name `refresh` may be in use by
    /// another program of the host, whose cookie must stay.
    fn may_clear(self, sent: &SentCookie) -> bool {
        self != Self::Plain || matches!(sent, SentCookie::Verified(_))
    }
}

/// The refresh cookie of a request. Several cookies may have its name, if other programs of the
/// host use that, too.
enum SentCookie {
    /// No cookie has the name.
    Missing,
    /// No cookie with the name was signed by this server.
    Foreign,
    /// The token of the first cookie that was signed by this server.
    Verified(VerifiedRefresh),
}

impl SentCookie {
    fn of(request: &Request, kind: CookieKind) -> Self {
        let tokens = &request.state.app.tokens;
        let sent = extract::cookies(&request.head.headers, kind.name());
        let verified = sent
            .iter()
            .find_map(|token| tokens.verify_refresh(token).ok());
        match verified {
            Some(token) => Self::Verified(token),
            None if sent.is_empty() => Self::Missing,
            None => Self::Foreign,
        }
    }

    fn verified(self) -> Option<VerifiedRefresh> {
        match self {
            Self::Verified(token) => Some(token),
            Self::Missing | Self::Foreign => None,
        }
    }
}

/// `POST /auth`
pub async fn sign_in(request: Request) -> Result<Response, Failure> {
    let kind = request.cookie_kind();
    let peer = extract::peer(&request);
    let old = SentCookie::of(&request, kind).verified();
    let sends_basic = extract::sends_basic(&request.head.headers);
    let credentials = extract::credentials(&request.head.headers, request.body).await?;
    match sign_in::sign_in(&request.state.app, credentials, old, peer).await {
        Ok(pair) => answer(kind, &pair),
        Err(error @ AppError::Credentials) if sends_basic => {
            Err(Failure::from(error).challenging_basic())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /refresh`. A refusal clears the cookie; other errors keep it, so that the client can
/// retry.
pub async fn refresh(request: Request) -> Result<Response, Failure> {
    let kind = request.cookie_kind();
    let sent = SentCookie::of(&request, kind);
    let refreshed = match &sent {
        SentCookie::Missing => {
            let detail = "No refresh cookie. Sign in at /auth.";
            return Err(Failure::new(Code::RefreshMissing, detail));
        }
        // Refused like an invalid token, but `may_clear` decides whether the cookie is ours to
        // clear.
        SentCookie::Foreign => Err(AppError::Refresh(RefreshRefusal::Invalid)),
        SentCookie::Verified(token) => auth::refresh(&request.state.app, token).await,
    };
    match refreshed {
        Ok(pair) => answer(kind, &pair),
        Err(error @ AppError::Refresh(_)) if kind.may_clear(&sent) => {
            Err(Failure::from(error).clearing(kind.cookie("", 0)))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /logout`: 204 even if the cookie is missing or invalid. With a scope, it ends other
/// sessions, too, and also requires the access token.
pub async fn sign_out(request: Request) -> Result<Response, Failure> {
    let kind = request.cookie_kind();
    let sent = SentCookie::of(&request, kind);
    if let Some(scope) = scope(request.head.uri.query().unwrap_or_default())? {
        return end_many(&request, kind, scope, sent).await;
    }
    if let SentCookie::Verified(token) = &sent {
        auth::sign_out(&request.state.app, token.session).await?;
    }
    Ok(signed_out(kind, &sent))
}

/// Ends many sessions of a user. Access token and cookie must belong to the same session.
async fn end_many(
    request: &Request,
    kind: CookieKind,
    scope: LogoutScope,
    sent: SentCookie,
) -> Result<Response, Failure> {
    let app = &request.state.app;
    let who = identify(
        app,
        extract::bearer(&request.head.headers)?,
        Permission::Read,
        Staleness::Refused,
    )
    .await?;
    // An access token alone is not enough: whoever has copied one could sign out its owner.
    match &sent {
        SentCookie::Missing => {
            let detail = "Send the refresh cookie as well.";
            return Err(Failure::new(Code::RefreshMissing, detail));
        }
        SentCookie::Verified(token) if token.session == who.session => {}
        SentCookie::Verified(_) | SentCookie::Foreign => {
            return Err(AppError::Refresh(RefreshRefusal::Invalid).into());
        }
    }
    sessions::end_many(app, &who, scope).await?;
    Ok(match scope {
        LogoutScope::All => signed_out(kind, &sent),
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

fn signed_out(kind: CookieKind, sent: &SentCookie) -> Response {
    let mut response = empty(StatusCode::NO_CONTENT);
    if kind.may_clear(sent) {
        set(&mut response, SET_COOKIE, kind.cookie("", 0));
    }
    response
}

fn answer(kind: CookieKind, pair: &TokenPair) -> Result<Response, Failure> {
    let mut response = json(&pair.body)?;
    if let Some(refresh) = &pair.refresh {
        let cookie = kind.cookie(refresh.expose(), pair.lasts.as_secs());
        set(&mut response, SET_COOKIE, cookie);
    }
    // `http::handle` takes it for the log.
    response
        .extensions_mut()
        .insert(pair.body.user.username.clone());
    Ok(response)
}
