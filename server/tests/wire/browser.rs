//! What a browser says of where a request comes from, at the endpoints of the cookie.

use reqwest::Method;
use serde_json::json;

use crate::support::{Server, password_of};

#[tokio::test]
async fn another_sites_page_can_do_nothing_with_the_cookie() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let host = server.running.url.clone();
    for (name, value) in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Sec-Fetch-Site", "anything"),
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Origin", ""),
        ("Origin", &format!("{host}.evil.example")),
        ("Origin", &format!("{host}0")),
    ] {
        for (method, path) in
            [(Method::POST, "/refresh"), (Method::GET, "/refresh"), (Method::POST, "/logout"), (Method::GET, "/logout")]
        {
            let answer = server.with_cookie(method, path, &eve.cookie).header(name, value).await;
            assert_eq!(answer.refused(403, "cross_site", "none").challenge(None).header("set-cookie"), None);
        }
        let credentials = json!({"user": "eve", "pwd": password_of("eve")});
        let answer = server.with_cookie(Method::POST, "/auth", &eve.cookie).json(credentials).header(name, value).await;
        assert_eq!(answer.refused(403, "cross_site", "none").header("set-cookie"), None);
    }
    // Nothing has come of any of it.
    eve.get("/me").await.expect(200);
    server.refresh(&eve.cookie).await.expect(200);
}

#[tokio::test]
async fn the_servers_own_pages_and_programs_pass() {
    let server = Server::start().await;
    let mut eve = server.sign_in("eve").await;
    let own = server.running.url.clone();
    for (name, value) in [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "none"), ("Origin", own.as_str())] {
        let answer = server.refresh(&eve.cookie).header(name, value).await;
        eve = eve.after(&answer.expect(200));
    }
    let both = server.refresh(&eve.cookie).header("Sec-Fetch-Site", "cross-site").header("Origin", &own).await;
    both.refused(403, "cross_site", "none");
}

#[tokio::test]
async fn no_other_site_may_read_an_answer() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    for answer in [
        eve.get("/me").header("Origin", "https://evil.example").await,
        eve.ask(Method::OPTIONS, "/employees").header("Origin", "https://evil.example").await,
        server.refresh(&eve.cookie).header("Origin", &server.running.url).await,
    ] {
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "{answer:?}");
    }
}
