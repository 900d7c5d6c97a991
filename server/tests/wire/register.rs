//! Opening an account for oneself.

use roster_server::config::Registration;
use serde_json::{Value, json};

use crate::support::{SECOND, Server};

const PASSWORD: &str = "zoe zooms out a lot";

fn zoe() -> Value {
    json!({"user": "Zoe", "pwd": PASSWORD})
}

async fn open_server() -> Server {
    let mut server = Server::start().await;
    server.running.registration = Registration::Open;
    server.restart().await;
    server
}

#[tokio::test]
async fn it_is_closed_unless_the_operator_opens_it() {
    let server = Server::start().await;
    server
        .post("/register", zoe())
        .await
        .refused(403, "registration_closed", "none");
    server
        .post("/register", json!([]))
        .await
        .refused(403, "registration_closed", "none");
    server
        .post("/auth", zoe())
        .await
        .refused(401, "credentials_invalid", "login");
}

#[tokio::test]
async fn open_registration_creates_a_viewer_who_can_sign_in() {
    let server = open_server().await;
    let registered = server.post("/register", zoe()).await.expect(201);
    assert_eq!(
        registered.json(),
        json!({"username": "zoe", "role": "viewer"})
    );
    assert_eq!(registered.header("set-cookie"), None);
    let signed_in = server.post("/auth", zoe()).await.expect(200).json();
    assert_eq!(signed_in["user"]["role"], "viewer");
}

#[tokio::test]
async fn a_taken_name_is_refused_and_keeps_its_password() {
    let server = open_server().await;
    server
        .post("/register", json!({"user": "ADA", "pwd": PASSWORD}))
        .await
        .refused(409, "username_taken", "none");
    server
        .post("/auth", json!({"user": "ada", "pwd": PASSWORD}))
        .await
        .refused(401, "credentials_invalid", "login");
    server.sign_in("ada").await;
}

#[tokio::test]
async fn registration_refuses_roles_invalid_names_and_weak_passwords() {
    let server = open_server().await;
    let role = json!({"user": "zoe", "pwd": PASSWORD, "role": "admin"});
    server
        .post("/register", role)
        .await
        .refused(400, "body_invalid", "none")
        .names(&[("role", "unknown")]);
    let weak = json!({"user": "z o e", "pwd": "qwerty123456"});
    let refused = server
        .post("/register", weak)
        .await
        .refused(422, "validation_failed", "none");
    refused.names(&[("user", "format"), ("pwd", "common")]);
}

#[tokio::test]
async fn an_address_opens_a_few_accounts_and_then_waits() {
    let server = open_server().await;
    for number in 0..10 {
        server
            .post(
                "/register",
                json!({"user": format!("zoe{number}"), "pwd": PASSWORD}),
            )
            .await
            .expect(201);
    }
    let held = server
        .post("/register", zoe())
        .await
        .refused(429, "too_many_requests", "none");
    assert_eq!(held.header("retry-after"), Some("60"));
    server.turn(SECOND * 60);
    server.post("/register", zoe()).await.expect(201);
}

#[tokio::test]
async fn no_other_sites_page_opens_one() {
    let server = open_server().await;
    let asked = server
        .post("/register", zoe())
        .header("Sec-Fetch-Site", "cross-site");
    asked.await.refused(403, "cross_site", "none");
}
