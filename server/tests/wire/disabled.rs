//! An account that is disabled while somebody is signed in to it.

use reqwest::Method;
use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn its_tokens_are_refused_at_once_and_its_cookie_is_removed() {
    let server = Server::start().await;
    let (ada, eve) = (server.sign_in("ada").await, server.sign_in("eve").await);
    eve.get("/employees").await.expect(200);
    ada.patch("/users/eve", json!({"disabled": true}))
        .await
        .expect(200);
    eve.get("/employees")
        .await
        .refused(403, "session_ended", "login");
    for method in [Method::POST, Method::GET] {
        let answer = server.with_cookie(method, "/refresh", &eve.cookie).await;
        assert!(
            answer
                .refused(403, "account_disabled", "login")
                .clears_the_cookie()
        );
    }
    server
        .with_cookie(Method::POST, "/logout", &eve.cookie)
        .await
        .expect(204);
    server.restart().await;
    eve.get("/employees")
        .await
        .refused(403, "session_ended", "login");
}

#[tokio::test]
async fn an_enabled_account_must_sign_in_again() {
    let server = Server::start().await;
    let (ada, eve) = (server.sign_in("ada").await, server.sign_in("eve").await);
    for disabled in [true, false] {
        let answer = ada
            .patch("/users/eve", json!({ "disabled": disabled }))
            .await
            .expect(200)
            .json();
        assert_eq!(
            (&answer["disabled"], &answer["sessions"]),
            (&json!(disabled), &json!(0))
        );
    }
    eve.get("/me").await.refused(403, "session_ended", "login");
    server
        .refresh(&eve.cookie)
        .await
        .refused(403, "session_ended", "login");
    server.sign_in("eve").await.get("/me").await.expect(200);
}
