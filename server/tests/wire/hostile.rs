//! Requests that are too much, of another kind, or no requests at all.

use bytes::Bytes;
use futures_util::stream;
use reqwest::Method;
use serde_json::json;

use crate::support::{Raw, Server};

/// A body that does not say how long it is.
fn in_pieces(body: Vec<u8>) -> reqwest::Body {
    let pieces: Vec<_> = body
        .chunks(8192)
        .map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)))
        .collect();
    reqwest::Body::wrap_stream(stream::iter(pieces))
}

#[tokio::test]
async fn an_unknown_path_is_404_with_and_without_a_token() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    for path in [
        "/",
        "/employee",
        "/employees/",
        "/employees/1/",
        "/employees/1/future",
        "/../etc/passwd",
        "/ME",
        "//me",
        "/%6de",
    ] {
        server
            .get(path)
            .await
            .refused(404, "not_found", "none")
            .challenge(None);
        ada.get(path).await.refused(404, "not_found", "none");
    }
}

#[tokio::test]
async fn an_invalid_id_is_not_found() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    for id in [
        "0",
        "-1",
        "+1",
        "1.0",
        "1e3",
        "x",
        "%00",
        "%ff",
        "9007199254740992",
        "99999999999999999999999",
        "..%2f1",
        "1%20",
    ] {
        ada.get(&format!("/employees/{id}"))
            .await
            .refused(404, "employee_not_found", "none");
    }
}

#[tokio::test]
async fn an_unknown_method_lists_the_allowed_ones() {
    let server = Server::start().await;
    for (method, path, allow) in [
        ("GET", "/auth", "POST"),
        ("DELETE", "/refresh", "POST, GET, HEAD"),
        ("PUT", "/logout", "POST, GET, HEAD"),
        ("POST", "/me", "GET, HEAD"),
        ("PATCH", "/employees", "GET, POST, PUT, DELETE, HEAD"),
        ("POST", "/employees/1", "GET, PUT, PATCH, DELETE, HEAD"),
        ("OPTIONS", "/employees", "GET, POST, PUT, DELETE, HEAD"),
        ("TRACE", "/healthz", "GET, HEAD"),
        ("BREW", "/readyz", "GET, HEAD"),
    ] {
        let answer = server.ask(method.parse().unwrap(), path).await.refused(
            405,
            "method_not_allowed",
            "none",
        );
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    ada.post(
        "/employees",
        json!({"firstname": "Maya", "lastname": "Castro"}),
    )
    .await
    .expect(201);
    for path in ["/employees/1", "/employees?limit=5", "/me", "/healthz"] {
        let [get, head] = [
            ada.get(path).await.expect(200),
            ada.ask(Method::HEAD, path).await.expect(200),
        ];
        assert!(head.body.is_empty() && !get.body.is_empty());
        for name in [
            "content-type",
            "content-length",
            "etag",
            "link",
            "x-total-count",
        ] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
    let refused = server.ask(Method::HEAD, "/me").await.expect(401);
    assert!(refused.body.is_empty());
}

#[tokio::test]
async fn health_needs_no_token() {
    let server = Server::start().await;
    assert_eq!(
        server.get("/healthz").await.expect(200).json(),
        json!({"status": "ok"})
    );
    assert_eq!(
        server.get("/readyz").await.expect(200).json(),
        json!({"status": "ready"})
    );
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whether_or_not_it_says_its_length() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let body = |length: usize| {
        let frame = json!({"firstname": "Maya", "lastname": "Castro"}).to_string();
        format!("{frame}{}", " ".repeat(length - frame.len())).into_bytes()
    };
    let create = || ada.ask(Method::POST, "/employees");
    create()
        .body("application/json", body(64 * 1024))
        .await
        .expect(201);
    create()
        .body("application/json", in_pieces(body(64 * 1024)))
        .await
        .expect(201);
    for too_long in [
        reqwest::Body::from(body(64 * 1024 + 1)),
        in_pieces(body(64 * 1024 + 1)),
        in_pieces(body(200_000)),
    ] {
        create()
            .body("application/json", too_long)
            .await
            .refused(413, "body_too_large", "none");
    }
    let sign_in = server
        .ask(Method::POST, "/auth")
        .body("application/json", in_pieces(body(70_000)))
        .await;
    sign_in.refused(413, "body_too_large", "none");
    assert_eq!(
        ada.get("/employees").await.json().as_array().unwrap().len(),
        2
    );
}

#[tokio::test]
async fn a_body_that_says_it_is_huge_is_refused_before_it_comes() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let head = format!(
        "Authorization: Bearer {}\r\nContent-Type: text/csv\r\nContent-Length: 999999999999",
        ada.access
    );
    let answer = Raw::open(&server)
        .await
        .exchange(&format!(
            "POST /employees/import HTTP/1.1\r\nHost: r\r\nConnection: close\r\n{head}\r\n\r\n"
        ))
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 413 ") && answer.contains("\"code\":\"body_too_large\""),
        "{answer}"
    );
}

#[tokio::test]
async fn a_head_over_sixteen_kibibytes_is_refused() {
    let server = Server::start().await;
    server
        .get("/healthz")
        .header("X-Long", &"x".repeat(15_000))
        .await
        .expect(200);
    server
        .get("/healthz")
        .header("X-Long", &"x".repeat(17_000))
        .await
        .refused(431, "head_too_large", "none");
    server
        .get(&format!("/healthz?{}", "x".repeat(17_000)))
        .await
        .refused(431, "head_too_large", "none");
    let many = (0..90).fold(server.get("/healthz"), |ask, i| {
        ask.header(&format!("X-{i}"), &"x".repeat(200))
    });
    many.await.refused(431, "head_too_large", "none");
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    for media_type in [
        "text/plain",
        "text/csv",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "",
    ] {
        let answer = ada
            .ask(Method::POST, "/employees")
            .body(media_type, r#"{"firstname":"Maya","lastname":"Castro"}"#)
            .await;
        answer.refused(415, "media_type_unsupported", "none");
    }
    let merge = r#"{"firstname":"Maya","lastname":"Castro"}"#;
    ada.ask(Method::POST, "/employees")
        .body("application/merge-patch+json", merge)
        .await
        .expect(201);
    ada.ask(Method::POST, "/employees")
        .body("Application/Json;charset=UTF-8", merge)
        .await
        .expect(201);
}

#[tokio::test]
async fn members_that_cannot_be_taken_are_named_all_at_once() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let body = r#"{"firstname":"Maya","lastname":7,"shoe":42,"manager":"1","firstname":"Ada","status":true,"id":"1"}"#;
    let answer = ada
        .ask(Method::POST, "/employees")
        .body("application/json", body)
        .await;
    answer.refused(400, "body_invalid", "none").names(&[
        ("lastname", "type"),
        ("shoe", "unknown"),
        ("manager", "type"),
        ("firstname", "duplicate"),
        ("status", "type"),
        ("id", "type"),
    ]);
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused_without_an_echo() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let deep = "[".repeat(60_000);
    for body in [
        &b""[..],
        b" ",
        b"{",
        b"{\"firstname\":\"hush",
        b"[{\"firstname\":\"hush\"}]",
        b"\"hush\"",
        b"17",
        b"{\"firstname\":\"hush\"} {}",
        b"{\"firstname\":\"hush\"}\0",
        b"{\"firstname\":\"hush\xff\"}",
        b"{\"firstname\":\"hush\xc0\xaf\"}",
        b"{\"firstname\":\"hush\\ud800\"}",
        b"{'firstname':'hush'}",
        b"{\"firstname\":\"hush\",}",
        b"{\"firstname\":NaN}",
        b"{\"manager\":1e999}",
        deep.as_bytes(),
        format!("{{\"firstname\":{deep}").as_bytes(),
    ] {
        let answer = ada
            .ask(Method::POST, "/employees")
            .body("application/json", body.to_vec())
            .await;
        assert!(
            !answer
                .refused(400, "body_invalid", "none")
                .text()
                .contains("hush")
        );
    }
    assert_eq!(ada.get("/employees").await.text(), "[]");
}

#[tokio::test]
async fn malformed_http_is_refused_and_harms_no_one() {
    let server = Server::start().await;
    for garbage in [
        "\0\0\0\0\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET /me HTTP/1.1\r\nno colon\r\n\r\n",
        "GET /me HTTP/1.1\r\nHost: r\r\nX: a\r\n b\r\n\r\n",
        "POST /auth HTTP/1.1\r\nHost: r\r\nContent-Length: -1\r\n\r\n",
        "POST /auth HTTP/1.1\r\nHost: r\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /auth HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "\u{16}\u{3}\u{1}\0\u{5}hello\r\n\r\n",
    ] {
        let answer = Raw::open(&server).await.exchange(garbage).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 400 "),
            "{garbage:?}: {answer}"
        );
    }
    server.get("/healthz").await.expect(200);
}

#[tokio::test]
async fn a_broken_chunk_is_a_bad_request() {
    let server = Server::start().await;
    let head =
        "POST /auth HTTP/1.1\r\nHost: r\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    let answer = Raw::open(&server)
        .await
        .exchange(&format!("{head}zz\r\nx\r\n0\r\n\r\n"))
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.contains("\"code\":\"bad_request\""),
        "{answer}"
    );
    assert!(
        answer.contains("x-request-id: ") && answer.contains("x-content-type-options: nosniff"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_client_that_disconnects_midway_changes_nothing() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let head = format!(
        "Host: r\r\nAuthorization: Bearer {}\r\nContent-Length: 100",
        ada.access
    );
    let mut raw = Raw::open(&server).await;
    raw.send(&format!("POST /employees HTTP/1.1\r\n{head}\r\n\r\n{{\"firstname\":\"Maya\",\"lastname\":\"Castro\"}}"))
        .await;
    drop(raw);
    assert_eq!(ada.get("/employees").await.expect(200).text(), "[]");
}

#[tokio::test]
async fn requests_sent_behind_each_other_are_answered_in_their_order() {
    let server = Server::start().await;
    let two = "GET /healthz HTTP/1.1\r\nHost: r\r\n\r\nGET /me HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n";
    let answer = Raw::open(&server).await.exchange(two).await;
    let (first, second) = (
        answer.find("HTTP/1.1 200 OK"),
        answer.find("HTTP/1.1 401 Unauthorized"),
    );
    assert!(first == Some(0) && second > first, "{answer}");
}

#[tokio::test]
async fn nothing_secret_comes_back_in_a_refusal() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let bent = format!("{}x", eve.access);
    let refusals = [
        server.bearing(&bent).get("/me").await,
        server.refresh(&format!("{}x", eve.cookie)).await,
        server
            .ask(Method::POST, "/auth")
            .basic("eve", "a guess of mine")
            .await,
        eve.delete("/employees/1").if_match("*").await,
    ];
    for answer in refusals {
        let all = format!("{:?}{}", answer.headers, answer.text());
        assert!(
            ![eve.access.as_str(), &eve.cookie, "a guess of mine"]
                .iter()
                .any(|secret| all.contains(secret)),
            "{all}"
        );
    }
}
