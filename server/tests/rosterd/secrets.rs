//! No password, token or key is in the log, in the database, or open to others on the machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::program::{ACCESS_KEY, PASSWORD, Place, REFRESH_KEY, Rosterd, tokens};

#[tokio::test]
async fn nothing_secret_is_logged_or_kept() {
    let place = Place::with_ada();
    let mut serve = place.serve();
    serve.env("RUST_LOG", "trace");
    let server = Rosterd::start(serve);
    let (access, first) = server.sign_in().await;
    let (renewed, second) = tokens(server.refresh(&first)).await;
    server.get("/me", &renewed).send().await.unwrap();
    server.get("/me", &format!("{renewed}x")).send().await.unwrap();
    server.refresh(&format!("{second}x")).send().await.unwrap();
    server.post("/auth", &access, &json!({"user": "ada", "pwd": "a guess of mine"})).send().await.unwrap();
    let (_, log) = server.terminate();
    assert!(log.contains("answered") && log.contains("/refresh"), "{log}");

    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let tokens = [&access, &first, &renewed, &second].map(|token| signature(token));
    let database = fs::read(place.database()).unwrap();
    let is_kept = |secret: &str| database.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
    for secret in tokens.iter().map(String::as_str).chain([PASSWORD, "a guess of mine", ACCESS_KEY, REFRESH_KEY]) {
        assert!(!log.contains(secret) && !is_kept(secret), "{secret}");
    }
    // What is looked for could be found: the name is there in plain text.
    assert!(is_kept("ada"));
}

#[test]
fn the_database_is_its_owners_alone() {
    let place = Place::with_ada();
    assert_eq!(fs::metadata(place.database()).unwrap().permissions().mode() & 0o777, 0o600);
}
