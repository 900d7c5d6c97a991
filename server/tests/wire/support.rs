//! A server to talk to, people who talk to it, and answers that can be asked what they are.

use std::future::IntoFuture;
use std::io::ErrorKind;
use std::ops::Deref;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use roster_server::testing::{TestServer, USERS};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time;

use crate::contract;

/// How long an access token is good.
pub(crate) const ACCESS_TIME: SignedDuration = SignedDuration::from_mins(10);

pub(crate) const SECOND: SignedDuration = SignedDuration::from_secs(1);
pub(crate) const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A server and a client that is not signed in.
pub(crate) struct Server {
    /// The server itself, to be stopped and given other keys.
    pub(crate) running: TestServer,
    stranger: Caller,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::of(TestServer::start().await)
    }

    /// The server, and somebody to talk to it.
    pub(crate) fn of(running: TestServer) -> Self {
        let stranger = Caller {
            http: client(),
            url: running.url.clone(),
            headers: HeaderMap::new(),
        };
        Self { running, stranger }
    }

    /// Somebody of [`USERS`], signed in.
    pub(crate) async fn sign_in(&self, name: &str) -> Person {
        let answer = self
            .post("/auth", json!({"user": name, "pwd": password_of(name)}))
            .await
            .expect(200);
        Person::new(&self.stranger, &answer)
    }

    /// Sends a refresh cookie to a path.
    pub(crate) fn with_cookie(&self, method: Method, path: &str, cookie: &str) -> Ask {
        self.ask(method, path)
            .header(COOKIE.as_str(), &format!("__Host-refresh={cookie}"))
    }

    /// `POST /refresh` with a cookie.
    pub(crate) fn refresh(&self, cookie: &str) -> Ask {
        self.with_cookie(Method::POST, "/refresh", cookie)
    }

    /// `127.0.0.1:PORT`
    pub(crate) fn address(&self) -> &str {
        self.running.url.trim_start_matches("http://")
    }

    /// Lets time pass, or takes it back.
    pub(crate) fn turn(&self, by: SignedDuration) {
        self.running.turn(by);
    }

    /// Stops the server, and starts it on the same database.
    pub(crate) async fn restart(&self) {
        self.running.restart().await;
    }
}

impl Deref for Server {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.stranger
    }
}

/// The password of one of [`USERS`].
pub(crate) fn password_of(name: &str) -> &'static str {
    USERS.iter().find(|(user, _, _)| *user == name).unwrap().2
}

/// An HTTP client that does only what it is told.
fn client() -> Client {
    // Refused where another test has installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap()
}

/// Somebody who sends requests, with the same headers each time.
#[derive(Clone)]
pub(crate) struct Caller {
    http: Client,
    url: String,
    headers: HeaderMap,
}

impl Caller {
    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask {
        Ask(self
            .http
            .request(method, format!("{}{path}", self.url))
            .headers(self.headers.clone()))
    }

    pub(crate) fn get(&self, path: &str) -> Ask {
        self.ask(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Ask {
        self.ask(Method::POST, path).json(body)
    }

    pub(crate) fn put(&self, path: &str, body: Value) -> Ask {
        self.ask(Method::PUT, path).json(body)
    }

    pub(crate) fn patch(&self, path: &str, body: Value) -> Ask {
        self.ask(Method::PATCH, path).json(body)
    }

    pub(crate) fn delete(&self, path: &str) -> Ask {
        self.ask(Method::DELETE, path)
    }

    /// The same caller with another access token.
    pub(crate) fn bearing(&self, token: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        Self {
            headers,
            ..self.clone()
        }
    }
}

/// Somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Person {
    caller: Caller,
    /// The access token.
    pub(crate) access: String,
    /// The refresh token.
    pub(crate) cookie: String,
    /// The session's id.
    pub(crate) session: String,
}

impl Person {
    fn new(caller: &Caller, answer: &Answer) -> Self {
        let json = answer.json();
        let access = json["accessToken"].as_str().unwrap().to_owned();
        let session = json["session"]["id"].as_str().unwrap().to_owned();
        Self::with(caller, access, &answer.cookie(), session)
    }

    /// Somebody with these tokens.
    pub(crate) fn with(caller: &Caller, access: String, cookie: &str, session: String) -> Self {
        Self {
            caller: caller.bearing(&access),
            access,
            cookie: cookie.to_owned(),
            session,
        }
    }

    /// The person with the tokens of a refresh.
    pub(crate) fn after(&self, refresh: &Answer) -> Self {
        Self::new(&self.caller, refresh)
    }
}

/// How many employees there are.
pub(crate) async fn count(who: &Person) -> usize {
    who.get("/employees")
        .await
        .expect(200)
        .json()
        .as_array()
        .unwrap()
        .len()
}

impl Deref for Person {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

/// A request that is sent when it is awaited.
pub(crate) struct Ask(RequestBuilder);

impl Ask {
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// A header whose value need not be text.
    pub(crate) fn header_bytes(self, name: &str, value: &[u8]) -> Self {
        Self(self.0.header(name, HeaderValue::from_bytes(value).unwrap()))
    }

    pub(crate) fn if_match(self, tag: &str) -> Self {
        self.header("If-Match", tag)
    }

    pub(crate) fn json(self, body: Value) -> Self {
        Self(self.0.json(&body))
    }

    /// A body that calls itself what it may not be.
    pub(crate) fn body(self, media_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.header(CONTENT_TYPE, media_type).body(body))
    }

    /// The head of an answer whose body goes on.
    pub(crate) async fn open(self) -> Response {
        self.0.send().await.unwrap()
    }

    pub(crate) fn basic(self, user: &str, password: &str) -> Self {
        Self(self.0.basic_auth(user, Some(password)))
    }
}

impl IntoFuture for Ask {
    type Output = Answer;
    type IntoFuture = BoxFuture<'static, Answer>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async {
            let (client, request) = self.0.build_split();
            let request = request.unwrap();
            let (method, path) = (request.method().clone(), request.url().path().to_owned());
            let response = client.execute(request).await.unwrap();
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let answer = Answer {
                status,
                headers,
                body: response.bytes().await.unwrap(),
            };
            answer.is_as_all_are();
            contract::check(&method, &path, &answer);
            answer
        })
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// What every answer has, whatever it says.
    fn is_as_all_are(&self) {
        assert!(
            self.header("x-request-id").is_some_and(|id| id.len() == 36),
            "{self:?}"
        );
        assert_eq!(
            self.header("x-content-type-options"),
            Some("nosniff"),
            "{self:?}"
        );
        assert_eq!(self.header("cache-control"), Some("no-store"), "{self:?}");
        assert_eq!(
            self.header("content-security-policy"),
            Some("default-src 'none'; frame-ancestors 'none'")
        );
        assert_eq!(
            self.header("cross-origin-resource-policy"),
            Some("same-origin"),
            "{self:?}"
        );
        assert_eq!(self.header("strict-transport-security"), None, "{self:?}");
        if self.status >= 400 {
            assert_eq!(
                self.header("content-type"),
                Some("application/problem+json"),
                "{self:?}"
            );
        }
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Holds a refusal to its status, code and action, and to what follows from them.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str, action: &str) -> Self {
        let problem = self.json();
        let message = (
            self.status,
            problem["code"].as_str(),
            problem["action"].as_str(),
        );
        assert_eq!(message, (status, Some(code), Some(action)), "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("/problems/{code}"));
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"));
        assert!(
            ["title", "detail"]
                .iter()
                .all(|text| problem[text].as_str().is_some_and(|t| !t.is_empty()))
        );
        self
    }

    /// Holds a refusal to its challenge, or to having none.
    #[track_caller]
    pub(crate) fn challenge(self, challenge: Option<&str>) -> Self {
        assert_eq!(self.header("www-authenticate"), challenge);
        self
    }

    /// Holds a refusal to the fields that it names, each with its rule.
    #[track_caller]
    pub(crate) fn names(self, fields: &[(&str, &str)]) -> Self {
        let problem = self.json();
        let named = problem["errors"].as_array().into_iter().flatten();
        let named: Vec<_> = named
            .map(|e| (e["field"].as_str().unwrap(), e["code"].as_str().unwrap()))
            .collect();
        assert_eq!(named, fields, "{problem}");
        self
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The value of the refresh cookie that the answer sets.
    #[track_caller]
    pub(crate) fn cookie(&self) -> String {
        let cookie = self
            .header("set-cookie")
            .unwrap()
            .split(';')
            .next()
            .unwrap();
        cookie.strip_prefix("__Host-refresh=").unwrap().to_owned()
    }

    /// Whether the answer takes the refresh cookie away.
    pub(crate) fn clears_the_cookie(&self) -> bool {
        self.header("set-cookie") == Some(CLEARED)
    }
}

/// Lets the runtime's time pass, as the sockets see it.
pub(crate) async fn pass(seconds: u64) {
    time::pause();
    time::advance(Duration::from_secs(seconds)).await;
    time::resume();
}

/// The header that takes the refresh cookie away.
pub(crate) const CLEARED: &str =
    "__Host-refresh=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0";

/// A bare connection, for what no HTTP client would send.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn open(server: &Server) -> Self {
        Self(TcpStream::connect(server.address()).await.unwrap())
    }

    /// One that takes in little at a time.
    pub(crate) async fn open_narrow(server: &Server) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        Self(
            socket
                .connect(server.address().parse().unwrap())
                .await
                .unwrap(),
        )
    }

    /// Whether nothing has come, and the connection stands.
    pub(crate) fn hangs(&self) -> bool {
        self.0
            .try_read(&mut [0])
            .is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Says that nothing more will be sent.
    pub(crate) async fn end(&mut self) {
        self.0.shutdown().await.unwrap();
    }

    /// Waits for these very bytes.
    pub(crate) async fn receive(&mut self, expected: &str) {
        let mut bytes = vec![0; expected.len()];
        self.0.read_exact(&mut bytes).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
    }

    /// What comes until these words have.
    pub(crate) async fn until(&mut self, words: &str) -> String {
        let mut bytes = Vec::new();
        loop {
            let seen = bytes.len().saturating_sub(words.len());
            assert_ne!(
                self.0.read_buf(&mut bytes).await.unwrap(),
                0,
                "{words:?} has not come"
            );
            if bytes[seen..]
                .windows(words.len())
                .any(|window| window == words.as_bytes())
            {
                return String::from_utf8_lossy(&bytes).into_owned();
            }
        }
    }

    /// All that comes until the server closes the connection.
    pub(crate) async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        // A server that closes before it has read everything may reset the connection behind its
        // answer.
        let _ = self.0.read_to_end(&mut bytes).await;
        String::from_utf8(bytes).unwrap()
    }

    /// Sends this, and takes all that comes; nothing from a server that has closed the connection
    /// already.
    pub(crate) async fn exchange(&mut self, text: &str) -> String {
        let _ = self.0.write_all(text.as_bytes()).await;
        self.rest().await
    }
}
