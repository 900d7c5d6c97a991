//! A fault of the program's own in the middle of a request.

use serde_json::json;

use crate::support::{Raw, Server, password_of};

#[tokio::test]
async fn a_panic_is_answered_and_harms_no_other_request() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    server.running.clock.break_once();
    let answer = eve.get("/me").await.refused(500, "internal", "none");
    assert!(
        !answer.text().contains("clock"),
        "what went wrong is for the log alone: {}",
        answer.text()
    );
    eve.get("/me").await.expect(200);
}

#[tokio::test]
async fn one_that_holds_a_lock_does_not_lock_the_others_out() {
    let server = Server::start().await;
    let credentials = || json!({"user": "eve", "pwd": password_of("eve")});
    // The throttle is held while the clock is looked at.
    server.running.clock.break_once();
    server
        .post("/auth", credentials())
        .await
        .refused(500, "internal", "none");
    server.post("/auth", credentials()).await.expect(200);
}

#[tokio::test]
async fn the_connection_goes_on() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    server.running.clock.break_once();
    let me = |last: &str| {
        format!(
            "GET /me HTTP/1.1\r\nHost: r\r\nAuthorization: Bearer {}\r\n{last}\r\n",
            eve.access
        )
    };
    let answers = Raw::open(&server)
        .await
        .exchange(&(me("") + &me("Connection: close\r\n")))
        .await;
    let (first, second) = (answers.find("HTTP/1.1 500 "), answers.find("HTTP/1.1 200 "));
    assert!(first == Some(0) && second > first, "{answers}");
}
