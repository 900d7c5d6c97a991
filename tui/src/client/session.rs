//! Sign in, renew, sign out: everything that changes the jar.
//!
//! Only one task of one process refreshes at a time, and only if nobody else just did. If a process
//! dies half-way, the jar still holds the older cookie, and the server answers it again.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::COOKIE;
use reqwest::{Method, RequestBuilder};
use roster_common::api::{SignedIn, path};
use roster_common::users::LogoutScope;
use roster_common::{Code, Password, Problem, Username};

use super::jar::{AccessToken, Contents};
use super::{Client, Inner};
use crate::remote::{ClientError, Identity, Result};

/// The delays before each retry of a refresh that got no answer.
const RETRY_DELAYS: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// The time limit of a refresh; other tasks wait for it.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(10);

impl Client {
    /// Signs in and stores the cookie. Then the session that the jar held before is ended; if the
    /// cookie cannot be stored, the old session stays and the new one is ended.
    pub async fn sign_in(&self, username: &Username, password: &Password) -> Result<Identity> {
        let mut current = self.0.access.lock().await;
        let locked = self.0.jar.lock().await?;
        let kept = match locked.read().await {
            // A damaged jar asks for a sign-in, and this is one.
            Err(error) if error.needs_sign_in() => Contents::default(),
            other => other?,
        };
        let request = self
            .0
            .post(path::AUTH)
            .basic_auth(username, Some(password.expose()));
        let (new, access) = self
            .0
            .exchange(Contents::default(), path::AUTH, request)
            .await?;
        let stored = locked.write(new.clone()).await;
        self.0.end(if stored.is_ok() { &kept } else { &new }).await;
        stored?;
        self.0.publish(&access);
        Ok(current.insert(access).identity())
    }

    /// Resumes the stored session; `None` if there is none.
    ///
    /// Asks the server only if the stored access token has expired.
    pub async fn resume(&self) -> Result<Option<Identity>> {
        Ok(self
            .0
            .renew_access(None)
            .await?
            .map(|access| access.identity()))
    }

    /// Renews the access token now, unless another process has done so since the last read.
    pub async fn renew(&self) -> Result<Identity> {
        let held = self.0.access.lock().await.clone();
        let access = self.0.renew_access(held.as_ref()).await?;
        access
            .map(|access| access.identity())
            .ok_or_else(|| sign_in_first(self.0.http.origin()))
    }

    /// Ends the session and deletes the cookie. If the server does not answer, the cookie is kept.
    pub async fn sign_out(&self) -> Result<()> {
        let mut current = self.0.access.lock().await;
        let locked = self.0.jar.lock().await?;
        let kept = locked.read().await?;
        self.0
            .send_with_cookie(&kept, path::LOGOUT, self.0.post(path::LOGOUT))
            .await?;
        locked.remove().await?;
        *current = None;
        Ok(())
    }
}

impl Client {
    /// Ends the user's other sessions.
    pub async fn sign_out_others(&self) -> Result<()> {
        self.end_many(LogoutScope::Others).await
    }

    /// Ends all of the user's sessions and deletes the cookie of this one.
    pub async fn sign_out_everywhere(&self) -> Result<()> {
        self.end_many(LogoutScope::All).await?;
        let mut current = self.0.access.lock().await;
        self.0.jar.lock().await?.remove().await?;
        *current = None;
        Ok(())
    }

    /// The cookie identifies the session; the access token identifies the user.
    async fn end_many(&self, scope: LogoutScope) -> Result<()> {
        // First, because renewing an expired token also replaces the cookie that is read next.
        self.0.access().await?;
        let kept = self.0.jar.lock().await?.read().await?;
        let mut url = self.0.http.url(path::LOGOUT);
        let cookie = kept
            .cookies
            .header(&url)
            .ok_or_else(|| sign_in_first(self.0.http.origin()))?;
        url.set_query(Some(&format!("scope={}", scope.as_str())));
        self.call(
            self.0
                .http
                .request(Method::POST, url)
                .header(COOKIE, cookie),
        )
        .await
        .map(drop)
    }
}

impl Inner {
    /// Returns a token that is valid by the local clock, renewing it before it expires. Only a
    /// call or an open stream of changes keeps a session alive.
    pub(super) async fn access(&self) -> Result<AccessToken> {
        let now = Timestamp::now();
        let Some(held) = self.access.lock().await.clone() else {
            return self
                .renew_access(None)
                .await?
                .ok_or_else(|| sign_in_first(self.http.origin()));
        };
        if !held.expires_soon(now) {
            return Ok(held);
        }
        match self.renew_access(Some(&held)).await {
            Err(error) if !error.needs_sign_in() && !held.is_expired(now) => Ok(held),
            renewed => renewed?.ok_or_else(|| sign_in_first(self.http.origin())),
        }
    }

    /// Publishes the identity, if it changed.
    fn publish(&self, access: &AccessToken) {
        let identity = Some(access.identity());
        self.identity.send_if_modified(|known| {
            let is_news = *known != identity;
            known.clone_from(&identity);
            is_news
        });
    }

    /// Returns another token than the rejected one: from a sibling task, from the jar, or freshly
    /// refreshed. `None` if the jar holds no cookie.
    pub(super) async fn renew_access(
        &self,
        old: Option<&AccessToken>,
    ) -> Result<Option<AccessToken>> {
        let mut current = self.access.lock().await;
        if let Some(newer) = current.as_ref().filter(|access| is_usable(access, old)) {
            return Ok(Some(newer.clone()));
        }
        let renewed = self.refresh_with_retries(old).await;
        if let Ok(Some(access)) = &renewed {
            same_person(current.as_ref(), access)?;
            self.publish(access);
        }
        match &renewed {
            Ok(access) => current.clone_from(access),
            Err(error) if error.needs_sign_in() => *current = None,
            Err(_) => {}
        }
        renewed
    }

    /// Retries a few times if no answer comes, since the answer may have been lost. The jar is
    /// unlocked in between.
    async fn refresh_with_retries(&self, old: Option<&AccessToken>) -> Result<Option<AccessToken>> {
        let mut pauses = RETRY_DELAYS.into_iter();
        loop {
            match (self.refresh_once(old).await, pauses.next()) {
                (Err(ClientError::Unreachable { .. }), Some(pause)) => {
                    tokio::time::sleep(pause).await;
                }
                (answer, _) => return answer,
            }
        }
    }

    /// One attempt: reads the jar, refreshes if nobody else did, writes the jar. Nothing needs to
    /// be locked or written if the jar has a usable token.
    async fn refresh_once(&self, old: Option<&AccessToken>) -> Result<Option<AccessToken>> {
        if let Some(access) = self.jar.access().await.filter(|it| is_usable(it, old)) {
            return Ok(Some(access));
        }
        let locked = self.jar.lock().await?;
        let kept = locked.read().await?;
        match &kept.access {
            Some(access) if is_usable(access, old) => return Ok(kept.access),
            _ if kept.cookies.header(&self.http.url(path::REFRESH)).is_none() => return Ok(None),
            _ => {}
        }
        let request = self.post(path::REFRESH).timeout(REFRESH_TIMEOUT);
        match self.exchange(kept, path::REFRESH, request).await {
            // Write first, so that a crash cannot lose a token that was used.
            Ok((contents, access)) => {
                locked.write(contents).await?;
                Ok(Some(access))
            }
            Err(error) => {
                if error.needs_sign_in() {
                    locked.remove().await?;
                }
                Err(error)
            }
        }
    }

    /// Ends a session that no jar holds any longer. If that fails, it ends by itself when it has
    /// not been used for long enough.
    async fn end(&self, contents: &Contents) {
        if contents
            .cookies
            .header(&self.http.url(path::LOGOUT))
            .is_some()
        {
            let request = self.post(path::LOGOUT).timeout(REFRESH_TIMEOUT);
            let _ = self.send_with_cookie(contents, path::LOGOUT, request).await;
        }
    }

    /// Forgets the session of `ended`, and continues with the one that the same user has opened
    /// since in another process, if any.
    pub(super) async fn adopt_newer_session(
        &self,
        ended: &AccessToken,
    ) -> Result<Option<AccessToken>> {
        let locked = self.jar.lock().await?;
        if locked
            .read()
            .await?
            .access
            .is_some_and(|access| access.is_same_session(ended))
        {
            locked.remove().await?;
        }
        drop(locked);
        self.renew_access(Some(ended)).await
    }

    /// Exchanges credentials for tokens: the cookie that is kept, or those in the request. Returns
    /// the jar's new contents and the access token in them.
    async fn exchange(
        &self,
        mut kept: Contents,
        path: &str,
        request: RequestBuilder,
    ) -> Result<(Contents, AccessToken)> {
        let sent_at = Timestamp::now();
        let response = self.send_with_cookie(&kept, path, request).await?;
        kept.cookies.take(response.headers(), &self.http.url(path));
        let answer: SignedIn = self.http.json(response).await?;
        if kept.cookies.header(&self.http.url(path::REFRESH)).is_none() {
            return Err(ClientError::Protocol(
                "it sets no valid refresh cookie".into(),
            ));
        }
        let access = AccessToken::new(answer, sent_at);
        kept.access = Some(access.clone());
        Ok((kept, access))
    }

    async fn send_with_cookie(
        &self,
        kept: &Contents,
        path: &str,
        request: RequestBuilder,
    ) -> Result<reqwest::Response> {
        let request = match kept.cookies.header(&self.http.url(path)) {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        };
        self.http.send(request).await
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.http.request(Method::POST, self.http.url(path))
    }
}

/// Whether a token differs from the rejected one and has not expired.
fn is_usable(access: &AccessToken, old: Option<&AccessToken>) -> bool {
    !access.is_expired(Timestamp::now()) && old.is_none_or(|old| old.token() != access.token())
}

/// A call that one user started must not continue as another user who signed in meanwhile.
fn same_person(mine: Option<&AccessToken>, renewed: &AccessToken) -> Result<()> {
    match mine {
        Some(mine) if !mine.is_same_user(renewed) => {
            let other = &renewed.identity().user.username;
            Err(ClientError::SignInAgain(format!(
                "{other} has since signed in on this computer. Sign in again."
            )))
        }
        _ => Ok(()),
    }
}

pub(super) fn sign_in_first(server: &str) -> ClientError {
    let detail = format!("Not signed in to {server}.");
    ClientError::Refused(Box::new(Problem::new(Code::TokenMissing, detail)))
}
