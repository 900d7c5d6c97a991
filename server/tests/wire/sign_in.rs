//! Signing in: both forms of credentials, the cookie, and what a wrong guess learns.

use std::net::{IpAddr, Ipv4Addr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use reqwest::Method;
use roster_common::{NewPassword, Password, Role};
use roster_server::password::Passwords;
use roster_server::store::Account;
use serde_json::{Value, json};

use crate::support::{Answer, SECOND, Server, password_of};

const BASIC: Option<&str> = Some("Basic realm=\"roster\", charset=\"UTF-8\"");
const BEARER: Option<&str> = Some("Bearer realm=\"roster\"");

fn basic(bytes: impl AsRef<[u8]>) -> String {
    format!("Basic {}", STANDARD.encode(bytes))
}

/// A refusal without what is different each time.
fn without_id(answer: &Answer) -> Value {
    let mut problem = answer.json();
    problem
        .as_object_mut()
        .unwrap()
        .remove("request_id")
        .unwrap();
    problem
}

#[tokio::test]
async fn credentials_come_in_the_header_or_as_json_under_either_name() {
    let server = Server::start().await;
    let password = password_of("eve");
    for ask in [
        server.ask(Method::POST, "/auth").basic("eve", password),
        server.ask(Method::POST, "/auth").header(
            "Authorization",
            &basic(format!("eve:{password}")).replace('=', ""),
        ),
        server.ask(Method::POST, "/auth").header(
            "Authorization",
            &basic(format!("EVE:{password}")).replace("Basic", "bAsIc "),
        ),
        server.post("/auth", json!({"user": "eve", "pwd": password})),
        server.post("/auth", json!({"username": " Eve ", "password": password})),
        server.ask(Method::POST, "/auth").body(
            "Application/JSON; charset=utf-8",
            format!(r#"{{"user":"eve","pwd":"{password}"}}"#),
        ),
    ] {
        let answer = ask.await.expect(200);
        let eve = server.bearing(answer.json()["accessToken"].as_str().unwrap());
        assert_eq!(
            eve.get("/me").await.expect(200).json()["user"],
            json!({"username": "eve", "role": "editor"})
        );
    }
}

#[tokio::test]
async fn a_sign_in_returns_user_and_lifetime_but_no_refresh_token_in_json() {
    let server = Server::start().await;
    let answer = server
        .post("/auth", json!({"user": "vic", "pwd": password_of("vic")}))
        .await
        .expect(200);
    let json = answer.json();
    assert_eq!(json.as_object().unwrap().len(), 5);
    assert_eq!(
        (&json["tokenType"], &json["expiresIn"]),
        (&json!("Bearer"), &json!(600))
    );
    assert_eq!(json["user"], json!({"username": "vic", "role": "viewer"}));
    let me = server
        .bearing(json["accessToken"].as_str().unwrap())
        .get("/me")
        .await
        .expect(200)
        .json();
    assert_eq!(
        me,
        json!({"user": json["user"], "session": json["session"]})
    );
    assert!(!answer.text().contains(&answer.cookie()));
}

#[tokio::test]
async fn the_cookie_is_for_this_host_alone_and_for_no_script() {
    let server = Server::start().await;
    let answer = server
        .post("/auth", json!({"user": "vic", "pwd": password_of("vic")}))
        .await
        .expect(200);
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
    let mut attributes: Vec<_> = answer
        .header("set-cookie")
        .unwrap()
        .split("; ")
        .skip(1)
        .collect();
    attributes.sort_unstable();
    assert_eq!(
        attributes,
        [
            "HttpOnly",
            "Max-Age=604800",
            "Path=/",
            "SameSite=Strict",
            "Secure"
        ]
    );
}

#[tokio::test]
async fn unknown_wrong_and_too_long_get_the_same_answer() {
    let server = Server::start().await;
    let right = password_of("vic");
    let wrong = server
        .post(
            "/auth",
            json!({"user": "vic", "pwd": "vic views the chair"}),
        )
        .await;
    let wrong = without_id(
        &wrong
            .refused(401, "credentials_invalid", "login")
            .challenge(BEARER),
    );
    for (user, password) in [
        ("nobody", right.to_owned()),
        ("no name at all", right.to_owned()),
        ("", right.to_owned()),
        ("vic", String::new()),
        ("ada", format!("{right}\u{0}")),
        ("eve", "é".repeat(37)),
        ("eve", format!("{}{}", password_of("eve"), " ".repeat(100))),
        (&"v".repeat(1000), right.to_owned()),
    ] {
        let answer = server
            .post("/auth", json!({"user": user, "pwd": password}))
            .await;
        let answer = answer
            .refused(401, "credentials_invalid", "login")
            .challenge(BEARER);
        assert_eq!(without_id(&answer), wrong, "{user}");
        assert_eq!(answer.header("set-cookie"), None);
    }
    let answer = server
        .ask(Method::POST, "/auth")
        .basic("nobody", right)
        .await;
    assert_eq!(
        without_id(
            &answer
                .refused(401, "credentials_invalid", "login")
                .challenge(BASIC)
        ),
        wrong
    );
}

/// A server with one account more.
pub(crate) async fn server_with(name: &str, password: &str, disabled: bool) -> Server {
    let server = Server::start().await;
    server.running.stop().await;
    let hash = Passwords::new(4)
        .unwrap()
        .hash(
            NewPassword::parse(Password::new(password)).unwrap(),
            IpAddr::V4(Ipv4Addr::LOCALHOST),
        )
        .await
        .unwrap();
    let account = Account {
        username: name.parse().unwrap(),
        role: Role::Admin,
        disabled,
        password: hash,
        created: Timestamp::UNIX_EPOCH,
    };
    assert!(
        server
            .running
            .store()
            .add_account(account, "ada".parse().unwrap())
            .await
            .unwrap()
    );
    server.restart().await;
    server
}

#[tokio::test]
async fn a_disabled_account_gets_the_answer_of_a_wrong_password() {
    let server = server_with("dora", "dora may not any more", true).await;
    let right = server
        .post(
            "/auth",
            json!({"user": "dora", "pwd": "dora may not any more"}),
        )
        .await;
    let right = right
        .refused(401, "credentials_invalid", "login")
        .challenge(BEARER);
    let wrong = server
        .post(
            "/auth",
            json!({"user": "dora", "pwd": "dora may not at all"}),
        )
        .await;
    assert_eq!(without_id(&right), without_id(&wrong));
    assert_eq!(right.header("set-cookie"), None);
}

#[tokio::test]
async fn a_password_of_73_bytes_is_not_cut_to_one_of_72() {
    let longest = "é1".repeat(24);
    let server = server_with("lena", &longest, false).await;
    let guess = |password: &str| server.post("/auth", json!({"user": "lena", "pwd": password}));
    guess(&longest).await.expect(200);
    for longer in [
        format!("{longest}x"),
        format!("{longest}\u{0}"),
        longest.repeat(2),
    ] {
        guess(&longer)
            .await
            .refused(401, "credentials_invalid", "login");
    }
    server.turn(SECOND);
    // The same letters, typed with their accents apart.
    guess(&longest.replace('é', "e\u{301}")).await.expect(200);
}

#[tokio::test]
async fn credentials_must_come_and_only_once() {
    let server = Server::start().await;
    let missing = |answer: Answer| {
        answer
            .refused(400, "credentials_missing", "login")
            .challenge(None)
    };
    missing(server.ask(Method::POST, "/auth").await);
    missing(
        server
            .ask(Method::POST, "/auth")
            .header("Authorization", "Bearer x")
            .await,
    );
    missing(server.post("/auth", json!({})).await);
    missing(server.post("/auth", json!({"user": "vic"})).await);
    missing(
        server
            .post("/auth", json!({"pwd": password_of("vic")}))
            .await,
    );
    let both = json!({"user": "vic", "pwd": password_of("vic")});
    missing(
        server
            .post("/auth", both)
            .basic("vic", password_of("vic"))
            .await,
    );
    let twice = basic(format!("vic:{}", password_of("vic")));
    let twice = server
        .ask(Method::POST, "/auth")
        .header("Authorization", &twice)
        .header("Authorization", &twice);
    missing(twice.await);
}

#[tokio::test]
async fn basic_is_a_challenge_only_to_those_who_sent_it() {
    let server = Server::start().await;
    for basic in ["vic", "nobody", "dora"] {
        let by_header = server
            .ask(Method::POST, "/auth")
            .basic(basic, "not the password");
        by_header
            .await
            .refused(401, "credentials_invalid", "login")
            .challenge(BASIC);
        // A browser would open its own dialog over the page.
        let by_form = server.post("/auth", json!({"user": basic, "pwd": "not the password"}));
        by_form
            .await
            .refused(401, "credentials_invalid", "login")
            .challenge(BEARER);
    }
}

#[tokio::test]
async fn an_empty_body_is_no_second_source_of_credentials() {
    let server = Server::start().await;
    for (media_type, body) in [
        ("application/json", "{}"),
        ("application/json", " {\n} "),
        ("application/json", ""),
        ("application/json", "\r\n"),
        ("application/x-www-form-urlencoded", "{}"),
        ("application/x-www-form-urlencoded", ""),
    ] {
        let ask = server
            .ask(Method::POST, "/auth")
            .basic("vic", password_of("vic"));
        ask.body(media_type, body).await.expect(200);
    }
    for body in [r#"{"user":"vic"}"#, "[]", "null", "user=vic"] {
        let ask = server
            .ask(Method::POST, "/auth")
            .basic("vic", password_of("vic"));
        ask.body("application/json", body)
            .await
            .refused(400, "credentials_missing", "login");
    }
}

#[tokio::test]
async fn a_header_that_is_no_credentials_is_refused() {
    let server = Server::start().await;
    for value in [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic AAA A",
        &basic(b"vic:\xff\xfe"),
        &basic("no colon"),
        &basic(""),
    ] {
        let answer = server
            .ask(Method::POST, "/auth")
            .header("Authorization", value)
            .await;
        answer.refused(400, "credentials_missing", "login");
    }
}

#[tokio::test]
async fn members_that_are_unknown_doubled_or_no_text_are_named() {
    let server = Server::start().await;
    for (body, named) in [
        (
            r#"{"user":"vic","pwd":"x","admin":true}"#,
            ("admin", "unknown"),
        ),
        (r#"{"user":7,"pwd":"x"}"#, ("user", "type")),
        (r#"{"user":"vic","pwd":null}"#, ("pwd", "type")),
        (r#"{"user":"vic","pwd":["x"]}"#, ("pwd", "type")),
        (
            r#"{"user":"vic","pwd":"x","password":"y"}"#,
            ("password", "duplicate"),
        ),
        (
            r#"{"user":"vic","pwd":"x","pwd":"y"}"#,
            ("pwd", "duplicate"),
        ),
        (
            r#"{"user":"eve","user":"vic","pwd":"x"}"#,
            ("user", "duplicate"),
        ),
    ] {
        let answer = server
            .ask(Method::POST, "/auth")
            .body("application/json", body)
            .await;
        answer.refused(400, "body_invalid", "none").names(&[named]);
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused_without_an_echo() {
    let server = Server::start().await;
    for body in [
        &b"{"[..],
        b"[]",
        b"null",
        b"\"vic\"",
        b"user=vic&pwd=secret",
        br#"{"user":"vic","pwd":"secret"} x"#,
        br#"{"user":"vic","pwd":"secret"}{}"#,
        b"{\"user\":\"vic\",\"pwd\":\"secret\xff\"}",
        b"\xef\xbb\xbf{}",
        br#"{"user":"vic","pwd":"secret\ud800"}"#,
    ] {
        let answer = server
            .ask(Method::POST, "/auth")
            .body("application/json", body.to_vec())
            .await;
        assert!(
            !answer
                .refused(400, "body_invalid", "none")
                .text()
                .contains("secret")
        );
    }
    let form = server
        .ask(Method::POST, "/auth")
        .body("application/x-www-form-urlencoded", "user=vic&pwd=x")
        .await;
    form.refused(415, "media_type_unsupported", "none");
}

#[tokio::test]
async fn repeated_guesses_must_wait() {
    let server = Server::start().await;
    let guess = || {
        server.post(
            "/auth",
            json!({"user": "vic", "pwd": "vic views the chair"}),
        )
    };
    for _ in 0..3 {
        guess().await.refused(401, "credentials_invalid", "login");
    }
    let answer = guess()
        .await
        .refused(429, "too_many_requests", "none")
        .challenge(None);
    assert_eq!(answer.header("retry-after"), Some("1"));
    // The right password has to wait as well, or a guess could be told from it.
    server
        .post("/auth", json!({"user": "vic", "pwd": password_of("vic")}))
        .await
        .refused(429, "too_many_requests", "none");
    server.sign_in("eve").await;
    server.turn(SECOND);
    guess().await.refused(401, "credentials_invalid", "login");
    assert_eq!(
        guess()
            .await
            .refused(429, "too_many_requests", "none")
            .header("retry-after"),
        Some("2")
    );
    server.turn(SECOND * 2);
    server.sign_in("vic").await;
    guess().await.refused(401, "credentials_invalid", "login");
}

#[tokio::test]
async fn the_back_off_doubles_to_thirty_seconds_even_for_unknown_names() {
    let server = Server::start().await;
    for name in ["vic", "nobody", "no name"] {
        let guess = || server.post("/auth", json!({"user": name, "pwd": "anything at all"}));
        let mut waits = Vec::new();
        for _ in 0..10 {
            let answer = guess().await;
            if answer.status == 429 {
                let wait = answer.header("retry-after").unwrap().parse().unwrap();
                waits.push(wait);
                server.turn(SECOND * wait);
                guess().await.refused(401, "credentials_invalid", "login");
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30], "{name}");
    }
}

#[tokio::test]
async fn one_address_may_not_try_name_after_name() {
    let server = Server::start().await;
    let guess = |name: u32| {
        server.post(
            "/auth",
            json!({"user": format!("user{name}"), "pwd": "anything at all"}),
        )
    };
    for name in 0..100 {
        guess(name)
            .await
            .refused(401, "credentials_invalid", "login");
    }
    let answer = guess(100).await.refused(429, "too_many_requests", "none");
    assert_eq!(answer.header("retry-after"), Some("1"));
    server.turn(SECOND);
    server.sign_in("vic").await;
}

#[tokio::test]
async fn signing_in_again_with_an_old_cookie_ends_that_session_only() {
    let server = Server::start().await;
    let [here, elsewhere] = [server.sign_in("vic").await, server.sign_in("vic").await];
    let credentials = json!({"user": "vic", "pwd": password_of("vic")});
    let again = server
        .with_cookie(Method::POST, "/auth", &here.cookie)
        .json(credentials)
        .await
        .expect(200);
    let again = here.after(&again);
    assert_ne!(again.session, here.session);
    here.get("/me").await.refused(403, "session_ended", "login");
    server
        .refresh(&here.cookie)
        .await
        .refused(403, "session_ended", "login");
    elsewhere.get("/me").await.expect(200);
    again.get("/me").await.expect(200);
    server.refresh(&elsewhere.cookie).await.expect(200);
}

#[tokio::test]
async fn a_wrong_password_with_an_old_cookie_ends_nothing() {
    let server = Server::start().await;
    let vic = server.sign_in("vic").await;
    let wrong = json!({"user": "vic", "pwd": "vic views the chair"});
    server
        .with_cookie(Method::POST, "/auth", &vic.cookie)
        .json(wrong)
        .await
        .refused(401, "credentials_invalid", "login");
    let credentials = json!({"user": "vic", "pwd": password_of("vic")});
    server
        .with_cookie(Method::POST, "/auth", "forged")
        .json(credentials)
        .await
        .expect(200);
    vic.get("/me").await.expect(200);
}
