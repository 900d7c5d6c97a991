//! Clients that take their time. Where a limit is met, the sockets' own clock is turned, so that
//! nobody waits.

use std::time::{Duration, Instant};

use crate::support::{Person, Raw, Server, pass};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_body_that_does_not_come_is_waited_for_ten_seconds() {
    let server = Server::start().await;
    let mut raw = Raw::open(&server).await;
    raw.send(
        "POST /auth HTTP/1.1\r\nHost: r\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n",
    )
    .await;
    raw.receive("HTTP/1.1 100 Continue\r\n\r\n").await;
    raw.send("{\"user\":").await;
    pass(11).await;
    let answer = raw.rest().await;
    assert!(
        answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"code\":\"timeout\""),
        "{answer}"
    );
}

#[tokio::test]
async fn a_head_that_does_not_come_is_waited_for_ten_seconds() {
    let server = Server::start().await;
    let mut raw = Raw::open(&server).await;
    raw.send("GET /healthz HTTP/1.1\r\nHost:").await;
    // The answer to a later request shows that the server has taken in the earlier half of one.
    server.get("/healthz").await.expect(200);
    pass(11).await;
    let other = Raw::open(&server)
        .await
        .exchange("GET /healthz HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n")
        .await;
    assert!(other.starts_with("HTTP/1.1 200 OK"), "{other}");
    // Too late.
    assert_eq!(raw.exchange(" r\r\nConnection: close\r\n\r\n").await, "");
}

/// How many of each kind hang at a time.
const SLOW: usize = 40;

/// How long a head or a body may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections that have sent the beginning of something.
async fn hanging(server: &Server, beginning: &str) -> Vec<Raw> {
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut raw = Raw::open(server).await;
        raw.send(beginning).await;
        slow.push(raw);
    }
    slow
}

/// Somebody signs in, reads, changes and signs out.
async fn work(server: &Server) {
    let eve = server.sign_in("eve").await;
    let person = json!({"firstname": "Maya", "lastname": "Castro"});
    let created = eve.post("/employees", person).await.expect(201);
    let location = created.header("location").unwrap().to_owned();
    eve.patch(&location, json!({"title": "Analyst"}))
        .if_match("\"1\"")
        .await
        .expect(200);
    eve.get("/employees?limit=5&sort=-hired").await.expect(200);
    server.refresh(&eve.cookie).await.expect(200);
    server
        .with_cookie(Method::POST, "/logout", &eve.cookie)
        .await
        .expect(204);
}

/// Holds that others have been served while these had to wait, unless the machine was so slow that
/// their time is over.
fn still_hang(slow: &[Raw], begun: Instant) {
    let waiting = slow.iter().filter(|raw| raw.hangs()).count();
    assert!(
        waiting == slow.len() || begun.elapsed() >= PATIENCE,
        "{waiting} of {}",
        slow.len()
    );
}

#[tokio::test]
async fn slow_headers_block_no_other_client() {
    let server = Server::start().await;
    let begun = Instant::now();
    let mut slow = hanging(&server, "GET /healthz HTTP/1.1\r\nHost: r\r\nX-a: b\r\n").await;
    let mut quick = Raw::open(&server).await;
    quick.send("GET /healthz HTTP/1.1\r\nHost: r\r\n\r\n").await;
    for piece in ["X-b: c\r\n", "X-c:", " d"] {
        work(&server).await;
        for raw in &mut slow {
            raw.send(piece).await;
        }
    }
    assert!(!quick.hangs());
    still_hang(&slow, begun);
}

#[tokio::test]
async fn slow_bodies_block_no_other_client() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let head = format!(
        "Host: r\r\nAuthorization: Bearer {}\r\nContent-Length: 8192",
        eve.access
    );
    let begun = Instant::now();
    let mut slow = hanging(
        &server,
        &format!("POST /employees HTTP/1.1\r\n{head}\r\n\r\n{{\"firstname\":"),
    )
    .await;
    slow.extend(
        hanging(
            &server,
            "POST /auth HTTP/1.1\r\nHost: r\r\nContent-Length: 4096\r\n\r\n{",
        )
        .await,
    );
    for piece in [" ", " ", "\""] {
        work(&server).await;
        for raw in &mut slow {
            raw.send(piece).await;
        }
    }
    still_hang(&slow, begun);
}

#[tokio::test]
async fn slow_readers_block_no_other_client_and_get_everything() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    // More than lies between two sockets, whatever the system gives them.
    let length = fill(&ada, 6_000_000).await;
    let ask = format!(
        "GET /employees HTTP/1.1\r\nHost: r\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n",
        ada.access
    );
    let mut slow = Vec::new();
    for _ in 0..8 {
        let mut raw = Raw::open_narrow(&server).await;
        raw.send(&ask).await;
        raw.receive("HTTP/1.1 200 OK\r\n").await;
        slow.push(raw);
    }
    for _ in 0..3 {
        work(&server).await;
    }
    for raw in &mut slow {
        let answer = raw.rest().await;
        assert!(
            answer.len() > length && answer.ends_with("\r\n0\r\n\r\n"),
            "{} of {length}",
            answer.len()
        );
    }
}

/// Brings in employees until the list of them has so many bytes. Returns how many it has.
async fn fill(ada: &Person, bytes: usize) -> usize {
    let notes = "x".repeat(2000);
    let row = |number: usize| format!("Maya,Castro {number},{notes}\n");
    let rows: String = (0..bytes / 2000).map(row).collect();
    let csv = format!("firstname,lastname,notes\n{rows}");
    ada.ask(Method::POST, "/employees/import")
        .body("text/csv", csv)
        .await
        .expect(200);
    bytes
}
