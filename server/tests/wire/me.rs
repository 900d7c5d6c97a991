//! One's own sessions and one's own password.

use reqwest::Method;
use reqwest::header::COOKIE;
use serde_json::{Value, json};

use crate::support::{Answer, Person, SECOND, Server, password_of};

const NEW: &str = "eve writes other books";

fn change(current: &str, new: &str) -> Value {
    json!({"current": current, "new": new})
}

/// Signs out with a scope, by both tokens of a session.
async fn sign_out(person: &Person, scope: &str) -> Answer {
    let cookie = format!("__Host-refresh={}", person.cookie);
    person
        .ask(Method::POST, &format!("/logout?scope={scope}"))
        .header(COOKIE.as_str(), &cookie)
        .await
}

#[tokio::test]
async fn a_user_sees_their_sessions() {
    let server = Server::start().await;
    let there = server
        .post("/auth", json!({"user": "eve", "pwd": password_of("eve")}))
        .header("User-Agent", "phone");
    there.await.expect(200);
    server.sign_in("vic").await;
    server.turn(SECOND);
    let here = server.sign_in("eve").await;
    let sessions = here.get("/me/sessions").await.expect(200).json();
    let [newest, oldest] = &sessions.as_array().unwrap()[..] else {
        panic!("{sessions}")
    };
    assert_eq!(
        (&newest["id"], &newest["current"]),
        (&json!(here.session), &json!(true))
    );
    assert_eq!(
        (&oldest["client"], &oldest["current"]),
        (&json!("phone"), &json!(false))
    );
    assert_eq!(oldest["address"], "127.0.0.1");
    assert!(
        oldest["created"].as_str() < newest["created"].as_str(),
        "{sessions}"
    );
    assert!(
        ["used", "expires"]
            .iter()
            .all(|time| newest[time].is_string())
    );
}

#[tokio::test]
async fn one_of_the_other_sessions_is_ended_at_once() {
    let server = Server::start().await;
    let (here, there) = (server.sign_in("eve").await, server.sign_in("eve").await);
    there.get("/me").await.expect(200);
    here.delete(&format!("/me/sessions/{}", there.session))
        .await
        .expect(204);
    there
        .get("/me")
        .await
        .refused(403, "session_ended", "login");
    server
        .refresh(&there.cookie)
        .await
        .refused(403, "session_ended", "login");
    here.delete(&format!("/me/sessions/{}", there.session))
        .await
        .refused(404, "session_not_found", "none");
    here.get("/me").await.expect(200);
}

#[tokio::test]
async fn a_user_cannot_end_another_users_session() {
    let server = Server::start().await;
    let (ada, eve) = (server.sign_in("ada").await, server.sign_in("eve").await);
    for id in [
        eve.session.as_str(),
        "no-session",
        "00000000-0000-0000-0000-000000000000",
    ] {
        ada.delete(&format!("/me/sessions/{id}"))
            .await
            .refused(404, "session_not_found", "none");
    }
    eve.get("/me").await.expect(200);
}

#[tokio::test]
async fn signing_out_other_sessions_keeps_this_one() {
    let server = Server::start().await;
    let (here, there, vic) = (
        server.sign_in("eve").await,
        server.sign_in("eve").await,
        server.sign_in("vic").await,
    );
    let answer = sign_out(&here, "others").await.expect(204);
    assert_eq!(answer.header("set-cookie"), None);
    there
        .get("/me")
        .await
        .refused(403, "session_ended", "login");
    here.get("/me").await.expect(200);
    vic.get("/me").await.expect(200);
    server.refresh(&here.cookie).await.expect(200);
}

#[tokio::test]
async fn signing_out_everywhere_ends_this_session_too() {
    let server = Server::start().await;
    let (here, there) = (server.sign_in("eve").await, server.sign_in("eve").await);
    assert!(sign_out(&here, "all").await.expect(204).clears_the_cookie());
    for eve in [&here, &there] {
        eve.get("/me").await.refused(403, "session_ended", "login");
    }
}

#[tokio::test]
async fn ending_many_sessions_needs_both_tokens_of_one_session() {
    let server = Server::start().await;
    let (here, there) = (server.sign_in("eve").await, server.sign_in("eve").await);
    let by_cookie = server
        .with_cookie(Method::POST, "/logout?scope=all", &here.cookie)
        .await;
    by_cookie.refused(401, "token_missing", "login");
    here.ask(Method::POST, "/logout?scope=all")
        .await
        .refused(401, "refresh_missing", "login");
    let mut mixed = here.clone();
    mixed.cookie.clone_from(&there.cookie);
    sign_out(&mixed, "all")
        .await
        .refused(403, "refresh_invalid", "login");
    sign_out(&here, "some")
        .await
        .refused(400, "query_invalid", "none")
        .names(&[("scope", "format")]);
    for eve in [&here, &there] {
        eve.get("/me").await.expect(200);
    }
}

#[tokio::test]
async fn a_new_password_holds_at_once_and_ends_the_other_sessions() {
    let server = Server::start().await;
    let (here, there) = (server.sign_in("eve").await, server.sign_in("eve").await);
    here.put("/me/password", change(password_of("eve"), NEW))
        .await
        .expect(204);
    there
        .get("/me")
        .await
        .refused(403, "session_ended", "login");
    server
        .refresh(&there.cookie)
        .await
        .refused(403, "session_ended", "login");
    here.get("/me").await.expect(200);
    server.refresh(&here.cookie).await.expect(200);
    let sign_in = |password: &str| {
        server
            .post("/auth", json!({"user": "eve", "pwd": password}))
            .into_future()
    };
    sign_in(password_of("eve"))
        .await
        .refused(401, "credentials_invalid", "login");
    sign_in(NEW).await.expect(200);
}

#[tokio::test]
async fn a_wrong_current_password_is_a_field_error_and_signs_no_one_out() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let refused = eve
        .put("/me/password", change("not my password", NEW))
        .await;
    refused
        .refused(422, "validation_failed", "none")
        .names(&[("current", "wrong")]);
    let refused = eve
        .put("/me/password", change(password_of("eve"), "short"))
        .await;
    refused
        .refused(422, "validation_failed", "none")
        .names(&[("new", "too_short")]);
    let refused = eve.put("/me/password", json!({"new": NEW})).await;
    refused
        .refused(422, "validation_failed", "none")
        .names(&[("current", "required")]);
    eve.get("/me").await.expect(200);
    server.sign_in("eve").await;
}

#[tokio::test]
async fn the_current_password_cannot_be_guessed_faster_than_at_the_sign_in() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    for _ in 0..3 {
        eve.put("/me/password", change("not my password", NEW))
            .await
            .expect(422);
    }
    let held = eve
        .put("/me/password", change(password_of("eve"), NEW))
        .await;
    assert_eq!(
        held.refused(429, "too_many_requests", "none")
            .header("retry-after"),
        Some("1")
    );
    server.turn(SECOND);
    eve.put("/me/password", change(password_of("eve"), NEW))
        .await
        .expect(204);
}

#[tokio::test]
async fn own_sessions_and_password_need_a_token() {
    let server = Server::start().await;
    for (method, path) in [
        (Method::GET, "/me/sessions"),
        (Method::DELETE, "/me/sessions/x"),
        (Method::PUT, "/me/password"),
    ] {
        server
            .ask(method, path)
            .await
            .refused(401, "token_missing", "login");
    }
}

#[tokio::test]
async fn a_weaker_hash_is_made_stronger_at_the_next_sign_in() {
    let mut server = Server::start().await;
    server.running.bcrypt_cost = 5;
    server.restart().await;
    server.sign_in("eve").await;
    server.running.stop().await;
    let accounts = server.running.store().accounts().await.unwrap();
    let costs: Vec<_> = accounts
        .iter()
        .map(|account| (account.username.as_str(), &account.password.0[..7]))
        .collect();
    assert_eq!(
        costs,
        [("ada", "$2b$04$"), ("eve", "$2b$05$"), ("vic", "$2b$04$")]
    );
    server.restart().await;
    server.sign_in("eve").await;
}
