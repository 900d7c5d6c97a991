//! The table of refusals in the protocol: status, challenge, code and action of each.

use serde_json::json;

use crate::support::{ACCESS_TIME, SECOND, Server};

const MISSING: Option<&str> = Some("Bearer realm=\"roster\"");
const INVALID: Option<&str> = Some("Bearer realm=\"roster\", error=\"invalid_token\"");
const EXPIRED: Option<&str> =
    Some("Bearer realm=\"roster\", error=\"invalid_token\", error_description=\"expired\"");
const ROLE: Option<&str> = Some("Bearer realm=\"roster\", error=\"insufficient_scope\"");

#[tokio::test]
async fn without_a_token_the_answer_is_to_sign_in() {
    let server = Server::start().await;
    for path in ["/me", "/employees", "/employees/1"] {
        server
            .get(path)
            .await
            .refused(401, "token_missing", "login")
            .challenge(MISSING);
    }
    server
        .get("/me")
        .basic("ada", "x")
        .await
        .refused(401, "token_missing", "login")
        .challenge(MISSING);
    server
        .get("/me")
        .header("Authorization", "Bearer")
        .await
        .refused(401, "token_missing", "login");
    let doubled = server
        .get("/me")
        .header("Authorization", "Bearer a")
        .header("Authorization", "Bearer b");
    doubled
        .await
        .refused(401, "token_missing", "login")
        .challenge(MISSING);
}

#[tokio::test]
async fn a_token_in_the_query_or_the_body_is_none() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    server
        .get(&format!("/me?access_token={}", ada.access))
        .await
        .refused(401, "token_missing", "login");
    let body = json!({"access_token": ada.access});
    server
        .post("/employees", body)
        .await
        .refused(401, "token_missing", "login");
}

#[tokio::test]
async fn a_token_is_good_to_the_last_second_of_its_leeway_and_then_expired() {
    let server = Server::start().await;
    let vic = server.sign_in("vic").await;
    server.turn(ACCESS_TIME + SECOND * 4);
    vic.get("/me").await.expect(200);
    server.turn(SECOND);
    vic.get("/me")
        .await
        .refused(403, "token_expired", "refresh")
        .challenge(EXPIRED);
    vic.get("/employees")
        .await
        .refused(403, "token_expired", "refresh")
        .challenge(EXPIRED);
}

#[tokio::test]
async fn a_token_from_the_future_is_not_valid_yet() {
    let server = Server::start().await;
    let vic = server.sign_in("vic").await;
    server.turn(-SECOND * 5);
    vic.get("/me").await.expect(200);
    server.turn(-SECOND);
    vic.get("/me")
        .await
        .refused(403, "token_invalid", "refresh")
        .challenge(INVALID);
}

#[tokio::test]
async fn a_token_that_was_never_signed_here_is_not_valid() {
    let server = Server::start().await;
    for token in ["x", "a.b.c", "..", "\u{7f}", "Bearer", &"a".repeat(8000)] {
        if let Ok(value) = reqwest::header::HeaderValue::from_str(&format!("Bearer {token}")) {
            let answer = server
                .get("/me")
                .header("Authorization", value.to_str().unwrap())
                .await;
            answer
                .refused(403, "token_invalid", "refresh")
                .challenge(INVALID);
        }
    }
}

#[tokio::test]
async fn the_token_of_an_ended_session_asks_to_sign_in() {
    let server = Server::start().await;
    let vic = server.sign_in("vic").await;
    server
        .with_cookie(reqwest::Method::POST, "/logout", &vic.cookie)
        .await
        .expect(204);
    vic.get("/me")
        .await
        .refused(403, "session_ended", "login")
        .challenge(INVALID);
}

#[tokio::test]
async fn each_role_sees_the_role_it_needs() {
    let server = Server::start().await;
    let [vic, eve] = [server.sign_in("vic").await, server.sign_in("eve").await];
    let person = json!({"firstname": "Ada", "lastname": "Lovelace"});
    let refused = [
        (vic.post("/employees", person.clone()).await, "editor"),
        (
            vic.put("/employees/1", person.clone()).if_match("*").await,
            "editor",
        ),
        (
            vic.patch("/employees/1", person.clone())
                .if_match("*")
                .await,
            "editor",
        ),
        (vic.put("/employees", person.clone()).await, "editor"),
        (vic.post("/employees/import", person).await, "editor"),
        (vic.delete("/employees/1").if_match("*").await, "admin"),
        (eve.delete("/employees/1").if_match("*").await, "admin"),
        (
            eve.delete("/employees").json(json!({"id": 1})).await,
            "admin",
        ),
    ];
    for (answer, required) in refused {
        let answer = answer.refused(403, "role_required", "none").challenge(ROLE);
        assert_eq!(answer.json()["required"], required);
    }
    assert_eq!(vic.get("/employees").await.expect(200).text(), "[]");
}

#[tokio::test]
async fn a_refused_token_says_so_before_the_role_and_the_record_are_looked_at() {
    let server = Server::start().await;
    let vic = server.sign_in("vic").await;
    server.turn(ACCESS_TIME * 2);
    vic.delete("/employees/999")
        .await
        .refused(403, "token_expired", "refresh");
    vic.post("/employees", json!([]))
        .await
        .refused(403, "token_expired", "refresh");
}
