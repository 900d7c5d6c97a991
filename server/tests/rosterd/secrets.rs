//! No password, token or key is in the log, in the database, in the metrics, in an answer that is
//! not the one meant to hold it, or open to others on the machine.
//!
//! Each secret is a canary: a text that stands nowhere else. They are sent through every row of the
//! route table, so that a new route cannot be forgotten.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, RequestBuilder, Response};
use roster_common::event;
use roster_server::http::routes::ROUTES;
use serde_json::{Value, json};

use crate::program::{ACCESS_KEY, Folder, PASSWORD, REFRESH_KEY, Rosterd, tokens};

/// A password that is nobody's.
const GUESS: &str = "canary guess 4b17";
/// One that is typed where the name belongs.
const MISPLACED: &str = "canary misplaced 90ac";
/// Passwords that accounts have for a while.
const FIRST: &str = "canary first 7d2e";
const SECOND: &str = "canary second 13f8";
const OWN: &str = "canary own 5c66";
/// Tokens that are none.
const FORGED_ACCESS: &str = "canary-access-e80b";
const FORGED_REFRESH: &str = "canary-refresh-2a9d";

/// A server whose answers are all kept.
struct WatchedHasher {
    server: Rosterd,
    http: Client,
    metrics: String,
    /// Everything that has been answered, but for the tokens where they belong.
    answers: String,
    /// The signatures of the tokens that were given, by which each can be known.
    tokens: Vec<String>,
}

impl WatchedHasher {
    fn start(folder: &Folder) -> Self {
        let mut serve = folder.serve();
        serve
            .env("RUST_LOG", "trace")
            .env("ROSTER_REGISTRATION", "open")
            .args(["--metrics", "127.0.0.1:0"]);
        let mut server = Rosterd::start(serve);
        let line: Value = serde_json::from_str(&server.logs("serving metrics")).unwrap();
        let metrics = format!(
            "http://{}/metrics",
            line["fields"]["address"].as_str().unwrap()
        );
        Self {
            server,
            http: Client::new(),
            metrics,
            answers: String::new(),
            tokens: Vec::new(),
        }
    }

    fn ask(&self, method: &Method, path: &str) -> RequestBuilder {
        self.http
            .request(method.clone(), format!("{}{path}", self.server.url))
    }

    /// Signs ada in: her access token and her refresh token, both canaries from now on.
    async fn sign_in(&mut self) -> (String, String) {
        let (access, refresh) = self.server.sign_in().await;
        self.remember(&access);
        self.remember(&refresh);
        (access, refresh)
    }

    fn remember(&mut self, token: &str) {
        self.tokens
            .push(token.rsplit('.').next().unwrap().to_owned());
    }

    /// Sends a request, and keeps the answer. An answer that gives tokens is the one meant to hold
    /// them: they are taken out of it, and nothing else.
    async fn send(&mut self, request: RequestBuilder) -> u16 {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let mut answer = text_of(response).await;
        for given in given_tokens(&answer) {
            self.remember(&given);
            answer = answer.replace(&given, "");
        }
        self.answers += &answer;
        status
    }
}

/// The head and the body.
async fn text_of(mut response: Response) -> String {
    let head: Vec<_> = response
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()))
        .collect();
    let body = match response.headers().get(CONTENT_TYPE) {
        // It goes on without an end: its beginning will do.
        Some(kind) if kind.as_bytes().starts_with(event::MEDIA_TYPE.as_bytes()) => {
            response.chunk().await.unwrap().unwrap_or_default()
        }
        _ => response.bytes().await.unwrap(),
    };
    head.concat() + str::from_utf8(&body).unwrap()
}

/// The access token of a sign-in's body, and the refresh token of its cookie.
fn given_tokens(answer: &str) -> Vec<String> {
    let between = |before: &str, after: char| {
        let rest = answer.split_once(before)?.1;
        rest.split(after)
            .next()
            .filter(|token| !token.is_empty())
            .map(str::to_owned)
    };
    [
        between("\"accessToken\":\"", '"'),
        between("set-cookie: __Host-refresh=", ';'),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A body that has a canary wherever some route looks for a password or a token.
fn loaded_body() -> Value {
    let mut body = json!({"user": MISPLACED, "username": MISPLACED, "role": GUESS, "id": GUESS, "firstname": 7});
    for name in [
        "pwd",
        "password",
        "current",
        "new",
        "refreshToken",
        "accessToken",
    ] {
        body[name] = json!(GUESS);
    }
    body
}

/// Sends the canaries through a route: with good tokens, with bad ones, and by the header.
async fn send_through(watched: &mut WatchedHasher, method: &Method, path: &str) {
    let cookie = |token: &str| format!("__Host-refresh={token}");
    let (access, refresh) = watched.sign_in().await;
    for path in [
        path.to_owned(),
        format!("{path}?scope=all&limit=1"),
        format!("{path}?password={}", GUESS.replace(' ', "+")),
    ] {
        let good = watched
            .ask(method, &path)
            .bearer_auth(&access)
            .header("Cookie", cookie(&refresh));
        watched
            .send(good.header("If-Match", "*").json(&loaded_body()))
            .await;
    }
    let bad = watched
        .ask(method, path)
        .bearer_auth(FORGED_ACCESS)
        .header("Cookie", cookie(FORGED_REFRESH));
    watched.send(bad.json(&loaded_body())).await;
    watched
        .send(watched.ask(method, path).basic_auth(MISPLACED, Some(GUESS)))
        .await;
    let (open, nested) = (
        format!("{{\"pwd\": \"{GUESS}"),
        format!("{{\"user\": {{\"pwd\": \"{GUESS}\"}}}}"),
    );
    for body in [open, nested, GUESS.to_owned()] {
        let broken = watched
            .ask(method, path)
            .bearer_auth(&access)
            .header("Content-Type", "application/json");
        watched.send(broken.body(body)).await;
    }
}

/// What the passwords are for: accounts are opened and made, and change theirs.
async fn use_passwords(watched: &mut WatchedHasher) {
    let (access, refresh) = watched.sign_in().await;
    let (renewed, _) = tokens(watched.server.refresh(&refresh)).await;
    watched.remember(&renewed);
    let ask = |watched: &WatchedHasher, method: Method, path: &str, body: Value| {
        watched.ask(&method, path).bearer_auth(&access).json(&body)
    };
    let requests = [
        (
            ask(
                watched,
                Method::POST,
                "/register",
                json!({"user": "reg", "pwd": FIRST}),
            ),
            201,
        ),
        (
            ask(
                watched,
                Method::POST,
                "/users",
                json!({"username": "eve", "password": FIRST, "role": "editor"}),
            ),
            201,
        ),
        (
            ask(
                watched,
                Method::POST,
                "/auth",
                json!({"user": "eve", "pwd": FIRST}),
            ),
            200,
        ),
        (
            ask(
                watched,
                Method::PATCH,
                "/users/eve",
                json!({"password": SECOND}),
            ),
            200,
        ),
        (
            watched
                .ask(&Method::POST, "/auth")
                .basic_auth("eve", Some(SECOND)),
            200,
        ),
        (
            ask(
                watched,
                Method::POST,
                "/auth",
                json!({"user": MISPLACED, "pwd": GUESS}),
            ),
            401,
        ),
        (
            ask(
                watched,
                Method::POST,
                "/auth",
                json!({"user": "ada", "pwd": GUESS}),
            ),
            401,
        ),
        (
            ask(
                watched,
                Method::PUT,
                "/me/password",
                json!({"current": PASSWORD, "new": OWN}),
            ),
            204,
        ),
        (
            ask(
                watched,
                Method::PUT,
                "/me/password",
                json!({"current": OWN, "new": PASSWORD}),
            ),
            204,
        ),
    ];
    for (number, (request, expected)) in requests.into_iter().enumerate() {
        assert_eq!(watched.send(request).await, expected, "request {number}");
    }
}

#[tokio::test]
async fn no_secret_appears_in_log_database_metrics_or_responses() {
    let folder = Folder::with_ada();
    let mut watched = WatchedHasher::start(&folder);
    use_passwords(&mut watched).await;
    for route in ROUTES.iter() {
        let path = route
            .path
            .replace("{id}", "1")
            .replace("{name}", "eve")
            .replace("{field}", "title");
        send_through(&mut watched, &route.method, &path).await;
    }
    let metrics = text_of(reqwest::get(&watched.metrics).await.unwrap()).await;
    let alive = fs::read(folder.database()).unwrap();
    let (_, log) = watched.server.terminate();
    let closed = fs::read(folder.database()).unwrap();

    let places = [
        ("the log", log.as_bytes()),
        ("the metrics", metrics.as_bytes()),
        ("an answer", watched.answers.as_bytes()),
        ("the open database", &alive),
        ("the closed database", &closed),
    ];
    let holds = |place: &[u8], secret: &str| {
        place
            .windows(secret.len())
            .any(|bytes| bytes == secret.as_bytes())
    };
    let basic = STANDARD.encode(format!("{MISPLACED}:{GUESS}"));
    let passwords = [PASSWORD, GUESS, MISPLACED, FIRST, SECOND, OWN, &basic];
    let keys = [FORGED_ACCESS, FORGED_REFRESH, ACCESS_KEY, REFRESH_KEY];
    let tokens = watched.tokens.iter().map(String::as_str);
    for secret in tokens.chain(passwords).chain(keys) {
        for (name, place) in places {
            assert!(!holds(place, secret), "{name} has {secret}");
        }
    }
    // What is looked for could be found: names are no secrets, and stand where they belong.
    let [log, metrics, answers, alive, closed] = places.map(|(_, place)| place);
    assert!(
        holds(log, "/refresh")
            && holds(log, "\"ada\"")
            && holds(metrics, "/me/password")
            && holds(answers, "eve")
    );
    assert!(holds(alive, "ada") && holds(closed, "ada") && watched.tokens.len() > 2 * ROUTES.len());
}

#[test]
fn the_database_is_its_owners_alone() {
    let folder = Folder::with_ada();
    assert_eq!(
        fs::metadata(folder.database())
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
}
