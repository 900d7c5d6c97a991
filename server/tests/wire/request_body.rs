//! Imports that take their time to arrive, or never do.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Person, Raw, Server, count, pass};

/// The head of an import whose body comes in chunks.
fn head(who: &Person, query: &str) -> String {
    let token = &who.access;
    format!(
        "POST /employees/import{query} HTTP/1.1\r\nHost: r\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

/// An import that has begun, of which this has been sent.
async fn begun(server: &Server, who: &Person, text: &str) -> Raw {
    let mut raw = Raw::open(server).await;
    raw.send(head(who, "")).await;
    raw.send(chunk(text.as_bytes())).await;
    raw
}

fn json_of(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn rows_may_be_cut_anywhere() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let text = "firstname,lastname,notes\r\n智也,\"渡辺, Jr\",\"says \"\"hello\"\"\r\ntwice\"\r\nZoë,Müller,\r\n";
    let mut raw = Raw::open(&server).await;
    raw.send(head(&eve, "")).await;
    for byte in text.as_bytes() {
        raw.send(chunk(&[*byte])).await;
    }
    raw.send("0\r\n\r\n").await;
    let report = json_of(&raw.rest().await);
    assert_eq!(
        (&report["rows"][0]["line"], &report["rows"][1]["line"]),
        (&json!(2), &json!(4)),
        "the first row has two lines"
    );
    let tomoya = eve.get("/employees/1").await.expect(200).json();
    assert_eq!(
        (&tomoya["lastname"], &tomoya["notes"]),
        (&json!("渡辺, Jr"), &json!("says \"hello\"\ntwice"))
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_changes_nothing() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let mut raw = begun(&server, &eve, "firstname,lastname\nMaya,Castro\nAda,Love").await;
    raw.end().await;
    let answer = raw.rest().await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400 "),
        "{answer}"
    );
    // The next import has the place that this one had.
    eve.ask(Method::POST, "/employees/import")
        .body("text/csv", "firstname,lastname\nA,B\n")
        .await
        .expect(200);
    assert_eq!(count(&eve).await, 1);
}

#[tokio::test]
async fn others_write_while_an_import_arrives() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let mut raw = begun(&server, &eve, "firstname,lastname\nMaya,Castro\n").await;
    let created = eve
        .post(
            "/employees",
            json!({"firstname": "Ada", "lastname": "Lovelace"}),
        )
        .await
        .expect(201);
    assert_eq!(created.json()["id"], 1);
    raw.send(chunk(b"Grace,Hopper\n")).await;
    raw.send("0\r\n\r\n").await;
    let report = json_of(&raw.rest().await);
    assert_eq!(
        (&report["created"], &report["rows"][0]["id"]),
        (&json!(2), &json!(2))
    );
}

#[tokio::test]
async fn an_import_of_which_nothing_comes_is_waited_for_ten_seconds() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let mut raw = Raw::open(&server).await;
    raw.send(head(&eve, "").replace(
        "Transfer-Encoding",
        "Expect: 100-continue\r\nTransfer-Encoding",
    ))
    .await;
    raw.receive("HTTP/1.1 100 Continue\r\n\r\n").await;
    raw.send(chunk(b"firstname,lastname\nMaya,Castro\n")).await;
    pass(11).await;
    let answer = raw.rest().await;
    assert!(
        answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"code\":\"timeout\""),
        "{answer}"
    );
    assert_eq!(count(&eve).await, 0);
}

#[tokio::test]
async fn a_third_import_is_asked_to_come_again() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let mut under_way = Vec::new();
    for _ in 0..2 {
        let mut raw = Raw::open(&server).await;
        raw.send(head(&eve, "").replace(
            "Transfer-Encoding",
            "Expect: 100-continue\r\nTransfer-Encoding",
        ))
        .await;
        raw.receive("HTTP/1.1 100 Continue\r\n\r\n").await;
        under_way.push(raw);
    }
    let third = || {
        eve.ask(Method::POST, "/employees/import")
            .body("text/csv", "firstname,lastname\nMaya,Castro\n")
    };
    let refused = third().await.refused(503, "unavailable", "none");
    assert_eq!(refused.header("retry-after"), Some("60"));
    for mut raw in under_way {
        raw.send([chunk(b"firstname,lastname\n"), b"0\r\n\r\n".to_vec()].concat())
            .await;
        assert_eq!(json_of(&raw.rest().await)["created"], 0);
    }
    third().await.expect(200);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_comes() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let head = head(&eve, "").replace("Transfer-Encoding: chunked", "Content-Length: 536870913");
    let answer = Raw::open(&server).await.exchange(&head).await;
    assert!(
        answer.starts_with("HTTP/1.1 413 ") && answer.contains("at most 512 MiB"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_large_import_reports_only_the_first_refused_rows() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let import = |text: String| {
        eve.ask(Method::POST, "/employees/import?mode=partial")
            .body("text/csv", text)
    };
    let good = "A,B\n".repeat(10_000);
    let report = import(format!("firstname,lastname\n{good}A,\n"))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&report["created"], &report["refused"]),
        (&json!(10_000), &json!(1))
    );
    let rows = report["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["line"]), (1, &json!(10_002)));

    let bad = "A,\n".repeat(10_001);
    let report = import(format!("firstname,lastname\n{bad}"))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&report["created"], &report["refused"]),
        (&json!(0), &json!(10_001))
    );
    assert_eq!(report["rows"].as_array().unwrap().len(), 10_000);
}
