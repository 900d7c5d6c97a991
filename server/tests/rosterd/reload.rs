//! SIGHUP: keys and certificates are reloaded while the server runs.

use std::fs;

use reqwest::{Certificate, Client, StatusCode};
use roster_server::testing::Authority;

use crate::program::{ACCESS_KEY, Folder, REFRESH_KEY, Rosterd, tokens};

const NEW_KEY: &str = "c7d2e91f5a3b84067d9ce1f2a48b3d60";

async fn status(server: &Rosterd, access: &str) -> StatusCode {
    server.get("/me", access).send().await.unwrap().status()
}

#[tokio::test]
async fn keys_in_files_are_changed_without_a_restart() {
    let folder = Folder::with_ada();
    let key = folder.path().join("access.key");
    fs::write(&key, format!("old:{ACCESS_KEY}")).unwrap();
    let mut serve = folder.serve();
    serve
        .env_remove("ACCESS_TOKEN_KEY")
        .env("ACCESS_TOKEN_KEY_FILE", &key);
    let mut server = Rosterd::start(serve);
    let (old, cookie) = server.sign_in().await;

    fs::write(&key, format!("new:{NEW_KEY},old:{ACCESS_KEY}")).unwrap();
    server.hang_up();
    server.logs("reloaded the keys");
    assert_eq!(status(&server, &old).await, 200);
    let (new, _) = tokens(server.refresh(&cookie)).await;

    fs::write(&key, format!("new:{NEW_KEY}")).unwrap();
    server.hang_up();
    server.logs("reloaded the keys");
    assert_eq!(
        (status(&server, &old).await, status(&server, &new).await),
        (StatusCode::FORBIDDEN, StatusCode::OK)
    );
}

#[tokio::test]
async fn an_invalid_key_ring_is_ignored() {
    let folder = Folder::with_ada();
    let file = folder.path().join(".env");
    fs::write(
        &file,
        format!("ACCESS_TOKEN_KEY={ACCESS_KEY}\nREFRESH_TOKEN_KEY={REFRESH_KEY}\n"),
    )
    .unwrap();
    let mut serve = folder.serve();
    serve.env_remove("ACCESS_TOKEN_KEY");
    let mut server = Rosterd::start(serve);
    let (access, cookie) = server.sign_in().await;
    for (line, why) in [
        ("ACCESS_TOKEN_KEY=short", "ACCESS_TOKEN_KEY has 5 bytes"),
        (&format!("ACCESS_TOKEN_KEY={REFRESH_KEY}"), "share a secret"),
        (
            "ACCESS_TOKEN_KEY=hush hush",
            "a line that is not NAME=value",
        ),
        ("", "ACCESS_TOKEN_KEY is not set"),
    ] {
        fs::write(&file, line).unwrap();
        server.hang_up();
        let message = server.logs("keeping the old keys");
        assert!(
            message.contains(why) && !message.contains("hush"),
            "{message}"
        );
        assert_eq!(status(&server, &access).await, 200);
    }
    // What the process was started with the file does not change.
    fs::write(
        &file,
        format!("ACCESS_TOKEN_KEY={NEW_KEY}\nREFRESH_TOKEN_KEY=short\n"),
    )
    .unwrap();
    server.hang_up();
    server.logs("reloaded the keys");
    assert_eq!(status(&server, &access).await, 403);
    let (access, _) = tokens(server.refresh(&cookie)).await;
    assert_eq!(status(&server, &access).await, 200);
}

#[tokio::test]
async fn a_certificate_is_replaced_without_a_restart() {
    let folder = Folder::with_ada();
    let (first, second) = (Authority::new(), Authority::new());
    let pair = first.pair();
    let mut serve = folder.serve();
    serve
        .env("ROSTER_TLS_CERT", &pair.certificate)
        .env("ROSTER_TLS_KEY", &pair.key);
    let mut server = Rosterd::start(serve);
    assert!(
        server.url.starts_with("https://127.0.0.1:"),
        "{}",
        server.url
    );
    assert!(is_trusted(&server, &first).await && !is_trusted(&server, &second).await);

    fs::copy(second.pair().certificate, &pair.certificate).unwrap();
    server.hang_up();
    let message = server.logs("keeping the old certificate");
    assert!(message.contains("do not match"), "{message}");
    assert!(is_trusted(&server, &first).await);

    fs::copy(second.pair().key, &pair.key).unwrap();
    server.hang_up();
    server.logs("reloaded the certificate");
    assert!(is_trusted(&server, &second).await && !is_trusted(&server, &first).await);
    let (status, _) = server.terminate();
    assert_eq!(status.code(), Some(0));
}

/// Whether a client that trusts this authority alone gets an answer.
async fn is_trusted(server: &Rosterd, authority: &Authority) -> bool {
    let authority = Certificate::from_pem(&fs::read(authority.certificate()).unwrap()).unwrap();
    let http = Client::builder()
        .no_proxy()
        .tls_certs_only([authority])
        .build()
        .unwrap();
    http.get(format!("{}/healthz", server.url))
        .send()
        .await
        .is_ok_and(|answer| answer.status() == 200)
}
