//! How soon a server shows what another one has answered.
//!
//! `lag URL URL` creates employees on the first server and asks the second one for each, and signs
//! out on the first and asks the second one with the token, each until that has taken effect.
//! Prints the median, the 99th percentile and the longest time of both, in microseconds. Signs in as
//! `bench` with the password in `PASSWORD`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failure ends the measurement, and it prints figures"
)]

use std::time::{Duration, Instant};

use reqwest::Client;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::{Value, json};

const CHANGES: usize = 500;
/// As many as one address may begin at once on one of two servers, and less.
const SIGN_OUTS: usize = 40;
/// A delay beyond this breaks the promise of a second in any case.
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() {
    // Only the first of several may be installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [one, other] = &arguments[..] else {
        panic!("usage: lag URL URL");
    };
    let pair = Pair {
        one: one.clone(),
        other: other.clone(),
        password: std::env::var("PASSWORD").unwrap(),
        http: Client::builder().no_proxy().build().unwrap(),
    };
    let (access, _) = pair.sign_in().await;
    let mut changes = Vec::new();
    for number in 0..CHANGES {
        changes.push(pair.change(&access, number).await);
    }
    let mut sign_outs = Vec::new();
    for _ in 0..SIGN_OUTS {
        sign_outs.push(pair.sign_out().await);
    }
    println!("{} {}", spread(changes), spread(sign_outs));
}

/// Two servers on one database.
struct Pair {
    one: String,
    other: String,
    password: String,
    http: Client,
}

impl Pair {
    /// Signs in. Returns the access and the refresh token.
    async fn sign_in(&self) -> (String, String) {
        let request = self.http.post(format!("{}/auth", self.one));
        let credentials = json!({"user": "bench", "pwd": self.password});
        let answer = request.json(&credentials).send().await.unwrap();
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap().to_owned();
        let body: Value = answer.json().await.unwrap();
        let access = body["accessToken"].as_str().unwrap().to_owned();
        (access, cookie.split(';').next().unwrap().to_owned())
    }

    /// How long after its answer an employee is there on the other server.
    async fn change(&self, access: &str, number: usize) -> Duration {
        let request = self.http.post(format!("{}/employees", self.one));
        let employee = json!({"firstname": "Maya", "lastname": format!("Castro {number}")});
        let request = request.bearer_auth(access).json(&employee);
        let answer = request.send().await.unwrap();
        let answered = Instant::now();
        assert_eq!(answer.status(), 201);
        let created: Value = answer.json().await.unwrap();
        let path = format!("/employees/{}", created["id"]);
        self.until(&path, access, 200, answered).await
    }

    /// How long after its answer a sign-out holds on the other server.
    async fn sign_out(&self) -> Duration {
        let (access, cookie) = self.sign_in().await;
        // It may be the other server's first request with this token, which is written down.
        self.until("/me", &access, 200, Instant::now()).await;
        let request = self.http.post(format!("{}/logout", self.one));
        let answer = request.header(COOKIE, cookie).send().await.unwrap();
        let answered = Instant::now();
        assert_eq!(answer.status(), 204);
        self.until("/me", &access, 403, answered).await
    }

    /// Asks the other server until it answers with a status. Returns how long after `since` the
    /// request was sent that got it.
    async fn until(&self, path: &str, access: &str, status: u16, since: Instant) -> Duration {
        loop {
            let sent = since.elapsed();
            let request = self.http.get(format!("{}{path}", self.other));
            let answer = request.bearer_auth(access).send().await.unwrap();
            if answer.status() == status {
                return sent;
            }
            assert!(sent < PATIENCE, "{path} is still {}", answer.status());
        }
    }
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 100].as_micros();
    format!("{} {} {}", at(50), at(99), at(100))
}
