//! Bodies in gzip, and what pretends to be.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Ask, Caller, Server, count, password_of};

fn gzip(plain: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// A body in gzip.
fn encoded(who: &Caller, method: Method, path: &str, media_type: &str, body: Vec<u8>) -> Ask {
    who.ask(method, path)
        .body(media_type, body)
        .header("Content-Encoding", "gzip")
}

fn json_in_gzip(who: &Caller, method: Method, path: &str, body: Value) -> Ask {
    encoded(
        who,
        method,
        path,
        "application/json",
        gzip(body.to_string()),
    )
}

/// So many MiB of spaces, each a gzip member of about 1 KiB.
fn bomb(mebibytes: usize) -> Vec<u8> {
    gzip(vec![b' '; 1 << 20]).repeat(mebibytes)
}

#[tokio::test]
async fn every_body_may_come_in_gzip() {
    let server = Server::start().await;
    let credentials = json!({"user": "ada", "pwd": password_of("ada")});
    json_in_gzip(&server, Method::POST, "/auth", credentials)
        .await
        .expect(200);
    let ada = server.sign_in("ada").await;
    let maya = json!({"firstname": "Maya", "lastname": "Castro"});
    json_in_gzip(&ada, Method::POST, "/employees", maya)
        .await
        .expect(201);
    json_in_gzip(
        &ada,
        Method::PATCH,
        "/employees/1",
        json!({"title": "Lead"}),
    )
    .if_match("*")
    .await
    .expect(200);
    let account = json!({"username": "zoe", "role": "viewer", "password": "a long enough one"});
    json_in_gzip(&ada, Method::POST, "/users", account)
        .await
        .expect(201);
    let rows = gzip("firstname,lastname\nLin,Wu\nZoë,Müller\n");
    encoded(&ada, Method::POST, "/employees/import", "text/csv", rows)
        .await
        .expect(200);
    assert_eq!(count(&ada).await, 3);
}

#[tokio::test]
async fn another_coding_is_refused_with_the_one_that_is_read() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    for (path, media_type) in [
        ("/auth", "application/json"),
        ("/employees", "application/json"),
        ("/employees/import", "text/csv"),
    ] {
        for coding in ["br", "deflate", "zstd", "gzip, gzip", "compress"] {
            let answer = ada
                .ask(Method::POST, path)
                .body(media_type, "{}")
                .header("Content-Encoding", coding)
                .await
                .refused(415, "media_type_unsupported", "none");
            assert_eq!(answer.header("accept-encoding"), Some("gzip"));
        }
    }
}

#[tokio::test]
async fn an_invalid_gzip_body_is_refused() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let rows = gzip("firstname,lastname\nLin,Wu\n");
    for body in [b"firstname,lastname\nLin,Wu\n", &rows[..rows.len() - 3]] {
        encoded(
            &ada,
            Method::POST,
            "/employees/import",
            "text/csv",
            body.to_vec(),
        )
        .await
        .refused(400, "body_invalid", "none");
    }
    encoded(
        &ada,
        Method::POST,
        "/employees",
        "application/json",
        b"{}".to_vec(),
    )
    .await
    .refused(400, "body_invalid", "none");
    assert_eq!(count(&ada).await, 0);
}

#[tokio::test]
async fn a_decompression_bomb_is_refused_by_its_decoded_size() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let small = bomb(8);
    assert!(small.len() < 64 * 1024);
    for path in ["/auth", "/employees", "/users"] {
        encoded(&ada, Method::POST, path, "application/json", small.clone())
            .await
            .refused(413, "body_too_large", "none");
    }
    encoded(
        &ada,
        Method::POST,
        "/employees/import",
        "application/x-ndjson",
        bomb(513),
    )
    .await
    .refused(413, "body_too_large", "none");
    assert_eq!(count(&ada).await, 0);
}
