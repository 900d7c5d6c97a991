//! A disk with no room left, and one that takes no write at all: the limit on the size of files
//! stands in for both.

use std::fs;

use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::program::{Folder, Rosterd, tokens};

fn person(number: usize) -> Value {
    json!({"firstname": "Maya", "lastname": format!("Castro {number}"), "notes": "n".repeat(1000)})
}

async fn status(server: &Rosterd, path: &str, access: &str) -> u16 {
    server
        .get(path, access)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn on_a_full_disk_reads_work_and_writes_recover_later() {
    let folder = Folder::with_ada();
    let server = folder.start();
    let (access, cookie) = server.sign_in().await;
    assert_eq!(
        server
            .post("/employees", &access, &person(1))
            .send()
            .await
            .unwrap()
            .status(),
        201
    );
    assert_eq!(status(&server, "/readyz", &access).await, 200);

    server.limit_files(Some(0));
    for _ in 0..3 {
        let refused = server
            .post("/employees", &access, &person(2))
            .send()
            .await
            .unwrap();
        assert_eq!(refused.status(), 503);
        assert!(refused.headers().contains_key("retry-after"));
        assert_eq!(status(&server, "/readyz", &access).await, 503);
    }
    let renewed = server.refresh(&cookie).send().await.unwrap();
    assert_eq!(
        (
            renewed.status().as_u16(),
            renewed.headers().get("set-cookie")
        ),
        (200, None)
    );
    let renewed: Value = renewed.json().await.unwrap();
    let access = renewed["accessToken"].as_str().unwrap().to_owned();
    assert_eq!(status(&server, "/healthz", &access).await, 200);
    assert_eq!(status(&server, "/employees/1", &access).await, 200);
    assert_eq!(status(&server, "/employees/2", &access).await, 404);

    server.limit_files(None);
    assert_eq!(status(&server, "/readyz", &access).await, 200);
    let (access, _) = tokens(server.refresh(&cookie)).await;
    assert_eq!(
        server
            .post("/employees", &access, &person(2))
            .send()
            .await
            .unwrap()
            .status(),
        201
    );
    assert_eq!(status(&server, "/employees/2", &access).await, 200);
}

#[tokio::test]
async fn a_write_that_does_not_fit_leaves_nothing_behind() {
    let folder = Folder::with_ada();
    let mut server = folder.start();
    let (access, _) = server.sign_in().await;
    let rows: Vec<_> = (0..2000).map(|number| person(number).to_string()).collect();
    let import = || {
        let request = server
            .http
            .post(format!("{}/employees/import?mode=atomic", server.url))
            .bearer_auth(&access);
        request
            .header(CONTENT_TYPE, "application/x-ndjson")
            .body(rows.join("\n"))
            .send()
    };

    server.limit_files(Some(fs::metadata(folder.database()).unwrap().len()));
    assert_eq!(import().await.unwrap().status(), 503);
    let list = server.get("/employees", &access).send().await.unwrap();
    assert_eq!(list.text().await.unwrap(), "[]");

    server.limit_files(None);
    assert_eq!(import().await.unwrap().status(), 200);
    server.kill();
    let server = folder.start();
    let page = server
        .get("/employees?limit=1", &access)
        .send()
        .await
        .unwrap();
    assert_eq!(page.headers()["x-total-count"], "2000");
}
