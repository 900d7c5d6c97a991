//! Where a request comes from, and who may say so.

use reqwest::Method;
use roster_server::http::{CookieKind, Origin};
use serde_json::{Value, json};

use crate::support::{Answer, Ask, Server, password_of};

/// So many sign-ins one address has at once.
const BURST: usize = 100;

/// How many of a few more are let in, each under another name and from what is said to be another
/// address.
async fn let_in(server: &Server) -> usize {
    let mut let_in = 0;
    for number in 0..BURST + 10 {
        let guess = json!({"user": format!("nobody{number}"), "pwd": "a guess of mine"});
        let answer = server
            .post("/auth", guess)
            .header("X-Forwarded-For", &format!("192.0.2.{number}"))
            .await;
        let_in += usize::from(answer.status == 401);
    }
    let_in
}

#[tokio::test]
async fn only_a_listed_proxy_is_believed() {
    let mut server = Server::start().await;
    assert_eq!(
        let_in(&server).await,
        BURST,
        "whatever it says, it is one address"
    );
    server.running.http.proxies = vec!["127.0.0.0/8".parse().unwrap()].into();
    server.restart().await;
    assert_eq!(let_in(&server).await, BURST + 10, "they are many");
}

/// A server behind a listed proxy on another host, reached over plain HTTP.
async fn server_behind_a_proxy() -> Server {
    let mut server = Server::start().await;
    server.running.http.proxies = vec!["127.0.0.0/8".parse().unwrap()].into();
    server.running.http.cookie = CookieKind::Plain;
    server.running.http.origins = vec!["https://app.example".parse::<Origin>().unwrap()].into();
    server.restart().await;
    server
}

fn sign_in(server: &Server) -> Ask {
    server.post("/auth", json!({"user": "eve", "pwd": password_of("eve")}))
}

fn set_cookie(answer: &Answer) -> &str {
    answer.header("set-cookie").unwrap()
}

#[tokio::test]
async fn what_a_listed_proxy_got_over_tls_has_the_cookie_of_a_secure_host() {
    let server = server_behind_a_proxy().await;
    let plain = sign_in(&server).await.expect(200);
    assert!(
        set_cookie(&plain).starts_with("refresh=") && !set_cookie(&plain).contains("Secure"),
        "{plain:?}"
    );
    let tls = ("X-Forwarded-Proto", "https");
    let secure = sign_in(&server).header(tls.0, tls.1).await.expect(200);
    assert!(
        set_cookie(&secure).starts_with("__Host-refresh=")
            && set_cookie(&secure).contains("; SameSite=Strict; Secure;"),
        "{secure:?}"
    );
    let next = server.refresh(&secure.cookie()).header(tls.0, tls.1);
    assert!(set_cookie(&next.await.expect(200)).starts_with("__Host-refresh="));

    let page = sign_in(&server)
        .header(tls.0, tls.1)
        .header("Origin", "https://app.example")
        .header("Sec-Fetch-Site", "cross-site")
        .await
        .expect(200);
    assert!(
        set_cookie(&page).contains("; SameSite=None; Partitioned; Secure;"),
        "{page:?}"
    );
}

#[tokio::test]
async fn whoever_is_no_listed_proxy_reports_neither_tls_nor_a_path() {
    let mut server = server_behind_a_proxy().await;
    server.running.http.proxies = vec!["192.0.2.1/32".parse().unwrap()].into();
    server.restart().await;
    let answer = sign_in(&server)
        .header("X-Forwarded-Proto", "https")
        .await
        .expect(200);
    assert!(set_cookie(&answer).starts_with("refresh="));
    let eve = server.bearing(answer.json()["accessToken"].as_str().unwrap());
    let created = eve
        .post(
            "/employees",
            json!({"firstname": "Maya", "lastname": "Castro"}),
        )
        .header("X-Forwarded-Prefix", "/hr")
        .await
        .expect(201);
    assert_eq!(created.header("location"), Some("/employees/1"));
}

#[tokio::test]
async fn links_and_locations_stay_under_the_path_of_a_listed_proxy() {
    let mut server = Server::start().await;
    server.running.http.proxies = vec!["127.0.0.0/8".parse().unwrap()].into();
    server.restart().await;
    let ada = server.sign_in("ada").await;
    let under = |ask: Ask| ask.header("X-Forwarded-Prefix", "/hr/staff/");
    for name in ["Castro", "Li", "Berg"] {
        let person = json!({"firstname": "Maya", "lastname": name});
        let created = under(ada.post("/employees", person)).await.expect(201);
        let location = created.header("location").unwrap();
        assert!(location.starts_with("/hr/staff/employees/"), "{location}");
    }
    let user = json!({"username": "bob", "role": "viewer", "password": "bob builds the bridge"});
    let created = under(ada.post("/users", user)).await.expect(201);
    assert_eq!(created.header("location"), Some("/hr/staff/users/bob"));
    ada.delete("/employees/1").if_match("*").await.expect(204);
    let restored = ada
        .put(
            "/employees/1",
            json!({"firstname": "Maya", "lastname": "Castro"}),
        )
        .header("If-None-Match", "*");
    let restored = under(restored).await.expect(201);
    assert_eq!(restored.header("location"), Some("/hr/staff/employees/1"));
    for path in [
        "/employees?limit=1&offset=1",
        "/audit?limit=1",
        "/employees/1/history?limit=1",
    ] {
        let list = under(ada.get(path)).await.expect(200);
        let links: Vec<_> = list.header("link").unwrap().split(", ").collect();
        let (path, _) = path.split_once('?').unwrap();
        let target = format!("</hr/staff{path}?");
        assert!(
            links.iter().all(|link| link.starts_with(&target)),
            "{links:?}"
        );
    }
}

/// The address under which somebody's newest session is listed.
async fn address_of_session(server: &Server, forwarded: &[(&str, &str)]) -> String {
    let ask = forwarded
        .iter()
        .fold(sign_in(server), |ask, (name, value)| {
            ask.header(name, value)
        });
    let answer = ask.await.expect(200).json();
    let eve = server.bearing(answer["accessToken"].as_str().unwrap());
    // As a program on the proxy's own host asks.
    let sessions: Value = eve.get("/me/sessions").await.expect(200).json();
    sessions[0]["address"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn behind_a_listed_proxy_that_sets_no_address_nobody_can_choose_one() {
    let mut server = Server::start().await;
    server.running.http.proxies = vec!["127.0.0.0/8".parse().unwrap()].into();
    server.restart().await;
    let host = ("Host", "roster.example");
    let forged = ("X-Forwarded-For", "198.51.100.7");
    assert_eq!(address_of_session(&server, &[host, forged]).await, forged.1);
    // A request of somebody who forges nothing shows that the proxy does not set the header.
    assert_eq!(address_of_session(&server, &[host]).await, "127.0.0.1");
    assert_eq!(
        address_of_session(&server, &[host, forged]).await,
        "127.0.0.1"
    );
    // The proxy's own health checks and programs beside it show nothing.
    server.restart().await;
    server
        .get("/readyz")
        .header(host.0, host.1)
        .await
        .expect(200);
    server
        .ask(Method::OPTIONS, "/me")
        .header(host.0, host.1)
        .await
        .expect(405);
    assert_eq!(address_of_session(&server, &[]).await, "127.0.0.1");
    assert_eq!(address_of_session(&server, &[host, forged]).await, forged.1);
}
