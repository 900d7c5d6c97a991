//! Clients that take their time: the sockets' own clock is turned here, so that nobody waits.

use std::time::Duration;

use tokio::time;

use crate::support::{Raw, Server};

/// Lets the runtime's time pass, as the sockets see it.
async fn pass(seconds: u64) {
    time::pause();
    time::advance(Duration::from_secs(seconds)).await;
    time::resume();
}

#[tokio::test]
async fn a_body_that_does_not_come_is_waited_for_ten_seconds() {
    let server = Server::start().await;
    let mut raw = Raw::open(&server).await;
    raw.send("POST /auth HTTP/1.1\r\nHost: r\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n").await;
    raw.receive("HTTP/1.1 100 Continue\r\n\r\n").await;
    raw.send("{\"user\":").await;
    pass(11).await;
    let answer = raw.rest().await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"code\":\"timeout\""), "{answer}");
    server.get("/healthz").await.expect(200);
}

#[tokio::test]
async fn a_head_that_does_not_come_is_waited_for_ten_seconds() {
    let server = Server::start().await;
    let mut raw = Raw::open(&server).await;
    raw.send("GET /healthz HTTP/1.1\r\nHost:").await;
    // The answer to a later request shows that the server has taken in the earlier half of one.
    server.get("/healthz").await.expect(200);
    pass(11).await;
    assert_eq!(raw.rest().await, "");
}
