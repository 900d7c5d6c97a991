//! How the server ends: what is under way is answered, what is new is not taken.

use tokio::net::TcpStream;

use crate::support::{Raw, Server};

/// Waits until nobody listens any more.
async fn until_closed(server: &Server) {
    while TcpStream::connect(server.address()).await.is_ok() {}
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_server_ends() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let body = r#"{"firstname":"Maya","lastname":"Castro"}"#;
    let head = format!(
        "Host: r\r\nExpect: 100-continue\r\nAuthorization: Bearer {}",
        eve.access
    );
    let mut raw = Raw::open(&server).await;
    raw.send(&format!(
        "POST /employees HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    ))
    .await;
    raw.receive("HTTP/1.1 100 Continue\r\n\r\n").await;
    let rest = async {
        until_closed(&server).await;
        let answer = raw.exchange(body).await;
        assert!(
            answer.starts_with("HTTP/1.1 201 Created") && answer.contains("\"firstname\":\"Maya\""),
            "{answer}"
        );
    };
    tokio::join!(server.running.stop(), rest);
    server.restart().await;
    eve.get("/employees/1").await.expect(200);
}

#[tokio::test]
async fn while_it_ends_the_server_is_not_ready() {
    let server = Server::start().await;
    let mut raw = Raw::open(&server).await;
    raw.send("GET /readyz HTTP/1.1\r\nHost: r\r\n").await;
    // The answer to a later request shows that the server has taken in the earlier half of one.
    server.get("/healthz").await.expect(200);
    let rest = async {
        until_closed(&server).await;
        let answer = raw.exchange("\r\n").await;
        assert!(
            answer.starts_with("HTTP/1.1 503 ") && answer.contains("\"code\":\"unavailable\""),
            "{answer}"
        );
    };
    tokio::join!(server.running.stop(), rest);
}

#[tokio::test]
async fn idle_connections_do_not_hold_it_up() {
    let server = Server::start().await;
    let mut raw = Raw::open(&server).await;
    server.get("/healthz").await.expect(200);
    server.running.stop().await;
    assert_eq!(raw.rest().await, "");
}
