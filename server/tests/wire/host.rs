//! The `Host` field, and targets that bring a host of their own.

use crate::support::{Raw, Server};

/// What comes back for this head, whose connection is closed behind it.
async fn answer(server: &Server, head: &str) -> String {
    let text = format!("{head}\r\nConnection: close\r\n\r\n");
    Raw::open(server).await.exchange(&text).await
}

#[tokio::test]
async fn http_1_1_without_exactly_one_valid_host_is_a_bad_request() {
    let server = Server::start().await;
    for fields in [
        "X-Other: 1",
        "Host: a.example\r\nHost: a.example",
        "Host: a.example\r\nHost: b.example",
        "Host:",
        "Host: a b",
        "Host: ada@a.example",
        "Host: http://a.example",
        "Host: a.example/path",
        "Host: a.example:port",
        "Host: ::1",
        "Host: a.example, b.example",
    ] {
        for target in ["/healthz", "/me", "/nowhere"] {
            let answer = answer(&server, &format!("GET {target} HTTP/1.1\r\n{fields}")).await;
            assert!(
                answer.starts_with("HTTP/1.1 400 ") && answer.contains("\"code\":\"bad_request\""),
                "{fields:?}: {answer}"
            );
        }
    }
}

#[tokio::test]
async fn any_one_valid_host_will_do() {
    let server = Server::start().await;
    for host in [
        "roster.example",
        "roster.example:8080",
        "127.0.0.1",
        "[::1]:80",
    ] {
        let answer = answer(&server, &format!("GET /healthz HTTP/1.1\r\nHost: {host}")).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{host}: {answer}");
    }
}

#[tokio::test]
async fn http_1_0_needs_no_host() {
    let server = Server::start().await;
    let old = answer(&server, "GET /healthz HTTP/1.0\r\nX-Other: 1").await;
    assert!(old.starts_with("HTTP/1.0 200 "), "{old}");
    let two = answer(&server, "GET /healthz HTTP/1.0\r\nHost: a\r\nHost: b").await;
    assert!(two.starts_with("HTTP/1.0 400 "), "{two}");
}

#[tokio::test]
async fn the_host_of_an_absolute_target_is_the_one_that_counts() {
    let server = Server::start().await;
    let get = async |fields: &str| {
        let head = format!("GET http://roster.example/healthz HTTP/1.1\r\n{fields}");
        answer(&server, &head).await
    };
    assert!(
        get("Host: other.example")
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    assert!(get("X-Other: 1").await.starts_with("HTTP/1.1 400 "));
    // A page of the target's own origin may use the cookie, and one of the field's may not.
    let log_out = async |origin: &str| {
        let head = format!(
            "POST http://roster.example/logout HTTP/1.1\r\nHost: other.example\r\nOrigin: {origin}\r\nContent-Length: 0"
        );
        answer(&server, &head).await
    };
    assert!(
        log_out("http://roster.example")
            .await
            .starts_with("HTTP/1.1 204 ")
    );
    assert!(
        log_out("http://other.example")
            .await
            .starts_with("HTTP/1.1 403 ")
    );
}
