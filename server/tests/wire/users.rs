//! Accounts, as an admin manages them.

use reqwest::Method;
use roster_server::testing::USERS;
use serde_json::{Value, json};

use crate::support::{Answer, SECOND, Server, password_of};

const NEW: &str = "zoe zooms out a lot";

fn zoe(role: &str) -> Value {
    json!({"username": "Zoe", "role": role, "password": NEW})
}

async fn sign_in(server: &Server, user: &str, password: &str) -> Answer {
    server
        .post("/auth", json!({"user": user, "pwd": password}))
        .await
}

#[tokio::test]
async fn an_admin_sees_all_accounts_and_never_a_password() {
    let server = Server::start().await;
    let (ada, vic) = (server.sign_in("ada").await, server.sign_in("vic").await);
    server.turn(SECOND);
    vic.get("/me").await.expect(200);
    let answer = ada.get("/users").await.expect(200);
    assert!(
        !answer.text().contains("$2b$") && !answer.text().contains("password"),
        "{}",
        answer.text()
    );
    let list = answer.json();
    let message = |place: usize| {
        let user = &list[place];
        (
            user["username"].as_str().unwrap(),
            user["role"].as_str().unwrap(),
            user["sessions"].as_u64().unwrap(),
        )
    };
    assert_eq!(
        [0, 1, 2].map(message),
        [
            ("ada", "admin", 1),
            ("eve", "editor", 0),
            ("vic", "viewer", 1)
        ]
    );
    assert_eq!(
        (&list[0]["disabled"], &list[1]["used"]),
        (&json!(false), &Value::Null)
    );
    assert!(
        list[2]["used"].as_str() > list[2]["created"].as_str(),
        "{list}"
    );
}

#[tokio::test]
async fn a_session_past_its_time_is_counted_no_more() {
    let server = Server::start().await;
    server.sign_in("vic").await;
    server.turn(SECOND * 3600 * 24 * 8);
    let ada = server.sign_in("ada").await;
    assert_eq!(ada.get("/users").await.expect(200).json()[2]["sessions"], 0);
}

#[tokio::test]
async fn an_account_is_added_and_can_be_used_at_once() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let added = ada.post("/users", zoe("editor")).await.expect(201);
    assert_eq!(added.header("location"), Some("/users/zoe"));
    let json = added.json();
    assert_eq!(
        (&json["username"], &json["role"], &json["sessions"]),
        (&json!("zoe"), &json!("editor"), &json!(0))
    );
    let signed_in = sign_in(&server, "zoe", NEW).await.expect(200).json();
    assert_eq!(
        signed_in["user"],
        json!({"username": "zoe", "role": "editor"})
    );
    ada.post("/users", zoe("viewer"))
        .await
        .refused(409, "username_taken", "none");
}

#[tokio::test]
async fn every_error_in_a_new_account_is_named() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let refused = [
        (
            json!({"username": "a b", "role": "root", "password": "short"}),
            422,
            "validation_failed",
        ),
        (
            json!({"username": "zoe", "role": "viewer", "password": NEW, "admin": true}),
            400,
            "body_invalid",
        ),
        (
            json!({"username": 7, "role": "viewer", "password": NEW}),
            400,
            "body_invalid",
        ),
        (
            json!({"username": "zoe", "password": NEW}),
            422,
            "validation_failed",
        ),
        (json!([]), 400, "body_invalid"),
    ];
    let fields: [&[(&str, &str)]; 5] = [
        &[
            ("username", "format"),
            ("role", "format"),
            ("password", "too_short"),
        ],
        &[("admin", "unknown")],
        &[("username", "type")],
        &[("role", "required")],
        &[],
    ];
    for ((body, status, code), fields) in refused.into_iter().zip(fields) {
        let answer = ada
            .post("/users", body)
            .await
            .refused(status, code, "none")
            .names(fields);
        assert!(
            !answer.text().contains(NEW) && !answer.text().contains("\"short\""),
            "{}",
            answer.text()
        );
    }
    let doubled = r#"{"username": "zoe", "username": "zed", "role": "viewer", "password": "zoe zooms out a lot"}"#;
    let answer = ada
        .ask(Method::POST, "/users")
        .body("application/json", doubled)
        .await;
    answer
        .refused(400, "body_invalid", "none")
        .names(&[("username", "duplicate")]);
    assert_eq!(
        ada.get("/users").await.json().as_array().unwrap().len(),
        USERS.len()
    );
}

#[tokio::test]
async fn another_role_holds_from_the_very_next_request() {
    let server = Server::start().await;
    let (ada, vic) = (server.sign_in("ada").await, server.sign_in("vic").await);
    let person = json!({"firstname": "Ada", "lastname": "Lovelace"});
    assert_eq!(
        ada.patch("/users/vic", json!({"role": "editor"}))
            .await
            .expect(200)
            .json()["role"],
        "editor"
    );
    vic.get("/me").await.refused(403, "token_stale", "refresh");
    let vic = vic.after(&server.refresh(&vic.cookie).await.expect(200));
    vic.post("/employees", person.clone()).await.expect(201);
    ada.patch("/users/vic", json!({"role": "viewer"}))
        .await
        .expect(200);
    vic.post("/employees", person.clone())
        .await
        .refused(403, "token_stale", "refresh");
    let vic = vic.after(&server.refresh(&vic.cookie).await.expect(200));
    vic.post("/employees", person)
        .await
        .refused(403, "role_required", "none");
}

#[tokio::test]
async fn a_password_that_an_admin_sets_signs_its_owner_out_and_replaces_the_old_one() {
    let server = Server::start().await;
    let (ada, eve) = (server.sign_in("ada").await, server.sign_in("eve").await);
    ada.patch("/users/eve", json!({"password": NEW}))
        .await
        .expect(200);
    eve.get("/me").await.refused(403, "session_ended", "login");
    server
        .refresh(&eve.cookie)
        .await
        .refused(403, "session_ended", "login");
    sign_in(&server, "eve", password_of("eve"))
        .await
        .refused(401, "credentials_invalid", "login");
    sign_in(&server, "eve", NEW).await.expect(200);
    ada.get("/me").await.expect(200);
    let refused = ada
        .patch("/users/eve", json!({"password": "qwerty123456"}))
        .await;
    refused
        .refused(422, "validation_failed", "none")
        .names(&[("password", "common")]);
}

#[tokio::test]
async fn a_deleted_account_is_gone_with_its_sessions() {
    let server = Server::start().await;
    let (ada, eve) = (server.sign_in("ada").await, server.sign_in("eve").await);
    ada.delete("/users/eve").await.expect(204);
    eve.get("/me").await.refused(403, "session_ended", "login");
    assert!(
        server
            .refresh(&eve.cookie)
            .await
            .refused(403, "refresh_invalid", "login")
            .clears_the_cookie()
    );
    sign_in(&server, "eve", password_of("eve"))
        .await
        .refused(401, "credentials_invalid", "login");
    ada.delete("/users/eve")
        .await
        .refused(404, "user_not_found", "none");
}

#[tokio::test]
async fn an_admin_ends_all_sessions_of_a_user() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let (here, there) = (server.sign_in("eve").await, server.sign_in("eve").await);
    ada.delete("/users/eve/sessions").await.expect(204);
    for eve in [&here, &there] {
        eve.get("/me").await.refused(403, "session_ended", "login");
        server
            .refresh(&eve.cookie)
            .await
            .refused(403, "session_ended", "login");
    }
    ada.delete("/users/eve/sessions").await.expect(204);
    server.sign_in("eve").await.get("/me").await.expect(200);
}

#[tokio::test]
async fn the_last_admin_stays_until_there_is_another() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    ada.patch("/users/ada", json!({"role": "editor"}))
        .await
        .refused(409, "last_admin", "none");
    ada.patch("/users/ada", json!({"disabled": true}))
        .await
        .refused(409, "last_admin", "none");
    ada.delete("/users/ada")
        .await
        .refused(409, "last_admin", "none");
    ada.get("/users").await.expect(200);
    ada.patch("/users/eve", json!({"role": "admin"}))
        .await
        .expect(200);
    ada.delete("/users/ada").await.expect(204);
    ada.get("/users")
        .await
        .refused(403, "session_ended", "login");
    server
        .sign_in("eve")
        .await
        .delete("/users/eve")
        .await
        .refused(409, "last_admin", "none");
}

#[tokio::test]
async fn two_admins_who_demote_each_other_at_once_leave_one() {
    let server = Server::start().await;
    server
        .sign_in("ada")
        .await
        .patch("/users/eve", json!({"role": "admin"}))
        .await
        .expect(200);
    let (ada, eve) = (server.sign_in("ada").await, server.sign_in("eve").await);
    let demotion = json!({"role": "viewer"});
    let (one, other) = tokio::join!(
        ada.patch("/users/eve", demotion.clone()).into_future(),
        eve.patch("/users/ada", demotion).into_future()
    );
    let done = [&one, &other]
        .iter()
        .filter(|answer| answer.status == 200)
        .count();
    assert_eq!(done, 1, "{} {}", one.text(), other.text());
}

#[tokio::test]
async fn an_unknown_account_cannot_be_changed_or_deleted() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    for name in ["zoe", "no%20name", "%00"] {
        let path = format!("/users/{name}");
        ada.patch(&path, json!({"role": "editor"}))
            .await
            .refused(404, "user_not_found", "none");
        ada.patch(&path, json!({"password": NEW}))
            .await
            .refused(404, "user_not_found", "none");
        ada.delete(&path)
            .await
            .refused(404, "user_not_found", "none");
        ada.delete(&format!("{path}/sessions"))
            .await
            .refused(404, "user_not_found", "none");
    }
}

#[tokio::test]
async fn only_admins_manage_accounts() {
    let server = Server::start().await;
    let people = [server.sign_in("vic").await, server.sign_in("eve").await];
    for (method, path) in [
        (Method::GET, "/users"),
        (Method::POST, "/users"),
        (Method::PATCH, "/users/vic"),
        (Method::DELETE, "/users/ada"),
        (Method::DELETE, "/users/ada/sessions"),
    ] {
        server
            .ask(method.clone(), path)
            .await
            .refused(401, "token_missing", "login");
        for person in &people {
            let answer =
                person
                    .ask(method.clone(), path)
                    .await
                    .refused(403, "role_required", "none");
            assert_eq!(answer.json()["required"], "admin");
        }
    }
}
