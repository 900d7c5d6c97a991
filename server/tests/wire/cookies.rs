//! The `Cookie` line, which other programs of the host share: their cookies hide none of ours, and
//! none of theirs are cleared.

use reqwest::Method;
use roster_server::http::CookieKind;
use serde_json::json;

use crate::support::{Answer, Person, Server, password_of};

/// What other programs may have left in a browser.
const FOREIGN: [&[u8]; 6] = [
    b"lang=fran\xc3\xa7ais",
    b"lang=fran\xe7ais",
    b"\xff",
    b"a=\"b",
    b"=; ;;",
    b"x__Host-refresh=y; __Host-refreshed=z",
];

/// A `Cookie` line of these pieces.
fn line(pieces: &[&[u8]]) -> Vec<u8> {
    pieces.join(&b"; "[..])
}

fn ours(person: &Person) -> Vec<u8> {
    format!("__Host-refresh={}", person.cookie).into_bytes()
}

#[tokio::test]
async fn another_programs_cookie_hides_ours_from_no_route() {
    let server = Server::start().await;
    for foreign in FOREIGN {
        let eve = server.sign_in("eve").await;
        for line in [line(&[foreign, &ours(&eve)]), line(&[&ours(&eve), foreign])] {
            server
                .ask(Method::POST, "/refresh")
                .header_bytes("cookie", &line)
                .await
                .expect(200);
        }

        let again = server
            .post("/auth", json!({"user": "eve", "pwd": password_of("eve")}))
            .header_bytes("cookie", &line(&[foreign, &ours(&eve)]))
            .await
            .expect(200);
        eve.get("/me").await.refused(403, "session_ended", "login");

        let eve = eve.after(&again);
        server
            .ask(Method::POST, "/logout")
            .header_bytes("cookie", &line(&[foreign, &ours(&eve)]))
            .await
            .expect(204);
        eve.get("/me").await.refused(403, "session_ended", "login");
    }
}

#[tokio::test]
async fn ours_is_found_in_a_line_of_its_own() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    server
        .ask(Method::POST, "/refresh")
        .header_bytes("cookie", b"lang=fran\xe7ais")
        .header_bytes("cookie", &ours(&eve))
        .await
        .expect(200);
}

/// A server on plain HTTP, whose cookie has a name that other programs use as well.
async fn plain_server() -> Server {
    let mut server = Server::start().await;
    server.running.http.cookie = CookieKind::Plain;
    server.restart().await;
    server
}

/// The value of the plain cookie that somebody gets who signs in.
async fn plain_sign_in(server: &Server) -> (Person, String) {
    let answer = server
        .post("/auth", json!({"user": "eve", "pwd": password_of("eve")}))
        .await
        .expect(200);
    let cookie = plain_cookie(&answer).unwrap().to_owned();
    let access = answer.json()["accessToken"].as_str().unwrap().to_owned();
    let session = answer.json()["session"]["id"].as_str().unwrap().to_owned();
    (Person::with(server, access, &cookie, session), cookie)
}

fn plain_cookie(answer: &Answer) -> Option<&str> {
    let pair = answer.header("set-cookie")?.split(';').next()?;
    pair.strip_prefix("refresh=")
}

/// `POST` to a path with these cookies, in this order.
async fn post(server: &Server, path: &str, cookies: &[&str]) -> Answer {
    let pairs: Vec<_> = cookies
        .iter()
        .map(|value| format!("refresh={value}"))
        .collect();
    server
        .ask(Method::POST, path)
        .header("cookie", &pairs.join("; "))
        .await
}

#[tokio::test]
async fn of_several_cookies_with_our_name_the_first_that_verifies_counts() {
    let server = plain_server().await;
    let (eve, cookie) = plain_sign_in(&server).await;
    let foreign = ["abc", "", &eve.access];
    let behind: Vec<_> = foreign.into_iter().chain([&*cookie]).collect();
    let before: Vec<_> = behind.iter().rev().copied().collect();
    for cookies in [&behind, &before] {
        let renewed = post(&server, "/refresh", cookies).await.expect(200);
        assert_ne!(plain_cookie(&renewed), Some(""), "{renewed:?}");
    }
    let out = post(&server, "/logout", &behind).await.expect(204);
    assert_eq!(plain_cookie(&out), Some(""));
    eve.get("/me").await.refused(403, "session_ended", "login");
    let refused = post(&server, "/refresh", &behind).await;
    let refused = refused.refused(403, "session_ended", "login");
    assert_eq!(plain_cookie(&refused), Some(""));
}

#[tokio::test]
async fn a_cookie_that_was_not_ours_is_not_cleared() {
    let server = plain_server().await;
    let (eve, _) = plain_sign_in(&server).await;
    for foreign in [&["abc"][..], &["abc", ""], &[&eve.access]] {
        let refused = post(&server, "/refresh", foreign).await;
        let refused = refused.refused(403, "refresh_invalid", "login");
        assert_eq!(refused.header("set-cookie"), None);
        let out = post(&server, "/logout", foreign).await.expect(204);
        assert_eq!(out.header("set-cookie"), None);
    }
    eve.get("/me").await.expect(200);
}
