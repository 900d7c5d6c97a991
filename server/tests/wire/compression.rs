//! Answers in gzip, for who asks.

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::Method;
use roster_server::http::Compression;

use crate::support::{Answer, Person, Server};

/// A server that compresses on loopback too, with this many people in it.
async fn with_people(count: usize) -> (Server, Person) {
    let mut server = Server::start().await;
    server.running.http.compression = Compression::All;
    server.restart().await;
    let ada = server.sign_in("ada").await;
    let csv = format!("firstname,lastname\n{}", "Ada,Lovelace\n".repeat(count));
    ada.ask(Method::POST, "/employees/import")
        .body("text/csv", csv)
        .await
        .expect(200);
    (server, ada)
}

async fn asked(who: &Person, path: &str, media_type: &str, coding: &str) -> Answer {
    who.get(path)
        .header("Accept", media_type)
        .header("Accept-Encoding", coding)
        .await
        .expect(200)
}

fn unpacked(answer: &Answer) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(&answer.body[..])
        .read_to_end(&mut plain)
        .unwrap();
    plain
}

#[tokio::test]
async fn lists_of_every_form_come_in_gzip_and_are_the_same() {
    let (_server, ada) = with_people(2000).await;
    for (path, media_type) in [
        ("/employees", "application/json"),
        ("/employees", "text/csv"),
        ("/employees", "application/x-ndjson"),
        ("/employees?limit=100", "application/json"),
        ("/openapi.json", "application/json"),
    ] {
        let (plain, packed) = (
            asked(&ada, path, media_type, "br").await,
            asked(&ada, path, media_type, "gzip").await,
        );
        assert_eq!(
            (
                plain.header("content-encoding"),
                packed.header("content-encoding")
            ),
            (None, Some("gzip")),
            "{path}"
        );
        assert_eq!(
            (plain.header("vary"), packed.header("vary")),
            (Some("accept-encoding"), Some("accept-encoding"))
        );
        assert_eq!(unpacked(&packed), plain.body, "{path} as {media_type}");
        assert!(
            packed.body.len() * 4 < plain.body.len(),
            "{} of {}",
            packed.body.len(),
            plain.body.len()
        );
        assert_eq!(plain.header("link"), packed.header("link"));
    }
}

#[tokio::test]
async fn gzip_is_only_sent_to_clients_that_accept_it() {
    let (_server, ada) = with_people(100).await;
    for coding in ["", "gzip;q=0", "identity, gzip;q=0.9", "*;q=0"] {
        let answer = asked(&ada, "/employees", "application/json", coding).await;
        assert_eq!(answer.header("content-encoding"), None, "{coding}");
        assert_eq!(answer.json().as_array().unwrap().len(), 100);
    }
}

#[tokio::test]
async fn short_tagged_and_token_responses_are_not_compressed() {
    let (server, ada) = with_people(1).await;
    let notes = "a long story ".repeat(150);
    ada.patch("/employees/1", serde_json::json!({ "notes": notes }))
        .if_match("*")
        .await
        .expect(200);
    let one = asked(&ada, "/employees/1", "application/json", "gzip").await;
    assert!(
        one.body.len() > 1024 && one.header("etag") == Some("\"2\""),
        "{one:?}"
    );
    assert_eq!(
        (one.header("content-encoding"), one.header("vary")),
        (None, None)
    );
    let short = asked(&ada, "/me", "application/json", "gzip").await;
    assert_eq!(
        (short.header("content-encoding"), short.header("vary")),
        (None, None)
    );
    let refreshed = server
        .refresh(&ada.cookie)
        .header("Accept-Encoding", "gzip")
        .await
        .expect(200);
    assert_eq!(
        (
            refreshed.header("content-encoding"),
            refreshed.header("vary")
        ),
        (None, None)
    );
}

#[tokio::test]
async fn responses_on_loopback_are_not_compressed_by_default() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let document = asked(&ada, "/openapi.json", "application/json", "gzip").await;
    assert!(document.body.len() > 1024);
    assert_eq!(
        (document.header("content-encoding"), document.header("vary")),
        (None, None)
    );
}
