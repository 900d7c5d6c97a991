//! Requests that are repeated until a server answers them, and sessions.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::report::{Harm, World};

/// Longer than a server keeps a write waiting for a primary.
const PATIENCE: Duration = Duration::from_secs(15);
/// Short, so that the gaps are those of the servers.
const PAUSE: Duration = Duration::from_millis(20);
/// Well within the life of an access token.
const REFRESH_AFTER: Duration = Duration::from_secs(60);

/// One person's client. Each request goes to one of the servers at random.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) world: Arc<World>,
    pub(crate) http: reqwest::Client,
    pub(crate) random: Rng,
    pub(crate) user: String,
}

/// A signed-in session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) access: String,
    pub(crate) cookie: String,
    refreshed: Instant,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) cookie: Option<String>,
    pub(crate) body: Value,
}

impl Answer {
    async fn of(response: Response) -> reqwest::Result<Self> {
        let status = response.status().as_u16();
        let cookie = response.headers().get(SET_COOKIE).and_then(|cookie| {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            Some(pair.split_once('=')?.1.to_owned())
        });
        let body = response.bytes().await?;
        let body = serde_json::from_slice(&body).unwrap_or_default();
        Ok(Self {
            status,
            cookie,
            body,
        })
    }
}

impl Client {
    /// A client of the admin.
    pub(crate) fn of(world: &Arc<World>) -> Self {
        let mut random = Rng::new();
        // Each network has its own limit of sign-ins; all of 127/8 is loopback.
        let address = [127, 0, random.u8(1..255), random.u8(1..255)];
        let http = reqwest::Client::builder()
            .no_proxy()
            .local_address(Some(address.into()))
            .connect_timeout(Duration::from_secs(2))
            .read_timeout(PATIENCE + Duration::from_secs(5))
            .build()
            .unwrap();
        Self {
            world: Arc::clone(world),
            http,
            random,
            user: "admin".to_owned(),
        }
    }

    /// A client of a new account.
    pub(crate) async fn with_account(world: &Arc<World>, user: &str, role: &str) -> Self {
        let mut admin = Self::of(world);
        let session = admin.sign_in().await;
        let account = json!({"username": user, "password": world.password, "role": role});
        let added = admin
            .until_answered("/users", |http, url| {
                http.post(url).bearer_auth(&session.access).json(&account)
            })
            .await;
        assert_eq!(added.status, 201, "{added:?}");
        Self {
            user: user.to_owned(),
            ..Self::of(world)
        }
    }

    /// The URL of a path on one of the servers.
    pub(crate) fn url(&mut self, path: &str) -> String {
        let server = self.random.choice(&self.world.servers).unwrap();
        format!("{server}{path}")
    }

    /// Sends a request once. Returns `None` if no server can answer it now.
    pub(crate) async fn once(
        &mut self,
        path: &str,
        request: impl Fn(&reqwest::Client, String) -> RequestBuilder,
    ) -> Option<Answer> {
        let url = self.url(path);
        let request = request(&self.http, url).timeout(PATIENCE);
        let answer = Answer::of(request.send().await.ok()?).await.ok()?;
        (![429, 503].contains(&answer.status)).then_some(answer)
    }

    /// Sends the same request until a server answers it.
    pub(crate) async fn until_answered(
        &mut self,
        path: &str,
        request: impl Fn(&reqwest::Client, String) -> RequestBuilder,
    ) -> Answer {
        loop {
            if let Some(answer) = self.once(path, &request).await {
                return answer;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub(crate) async fn sign_in(&mut self) -> Session {
        let answer = self.try_to_sign_in().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.world.writes.success();
        Session {
            access: answer.body["accessToken"].as_str().unwrap().to_owned(),
            cookie: answer.cookie.unwrap(),
            refreshed: Instant::now(),
        }
    }

    pub(crate) async fn try_to_sign_in(&mut self) -> Answer {
        let credentials = json!({"user": self.user, "pwd": self.world.password});
        self.until_answered("/auth", |http, url| http.post(url).json(&credentials))
            .await
    }

    /// Refreshes a session. One that has ended is replaced by another one, and counted.
    pub(crate) async fn refresh(&mut self, session: &mut Session) {
        let answer = self
            .until_answered("/refresh", |http, url| {
                http.post(url).header(COOKIE, pair(&session.cookie))
            })
            .await;
        if answer.status != 200 {
            let details = format!("{} at a refresh: {answer:?}", self.user);
            self.world.harm(Harm::SessionLost, &details);
            *session = self.sign_in().await;
            return;
        }
        session.access = answer.body["accessToken"].as_str().unwrap().to_owned();
        if let Some(cookie) = answer.cookie {
            session.cookie = cookie;
            self.world.writes.success();
        }
        session.refreshed = Instant::now();
    }

    /// Refreshes a session before its access token expires.
    pub(crate) async fn keep(&mut self, session: &mut Session) {
        if session.refreshed.elapsed() > REFRESH_AFTER {
            self.refresh(session).await;
        }
    }
}

/// The `Cookie` header of a refresh token.
pub(crate) fn pair(cookie: &str) -> String {
    format!("__Host-refresh={cookie}")
}
