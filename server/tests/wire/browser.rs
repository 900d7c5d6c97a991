//! What a browser says of where a request comes from, and what the pages of other sites may do.

use reqwest::Method;
use roster_server::http::Origin;
use serde_json::json;

use crate::support::{Answer, Ask, Server, password_of};

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
        for (method, path) in [
            (Method::POST, "/refresh"),
            (Method::GET, "/refresh"),
            (Method::POST, "/logout"),
            (Method::GET, "/logout"),
        ] {
            let answer = server
                .with_cookie(method, path, &eve.cookie)
                .header(name, value)
                .await;
            assert_eq!(
                answer
                    .refused(403, "cross_site", "none")
                    .challenge(None)
                    .header("set-cookie"),
                None
            );
        }
        let credentials = json!({"user": "eve", "pwd": password_of("eve")});
        let answer = server
            .with_cookie(Method::POST, "/auth", &eve.cookie)
            .json(credentials)
            .header(name, value)
            .await;
        assert_eq!(
            answer
                .refused(403, "cross_site", "none")
                .header("set-cookie"),
            None
        );
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
    for (name, value) in [
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Site", "none"),
        ("Origin", own.as_str()),
    ] {
        let answer = server.refresh(&eve.cookie).header(name, value).await;
        eve = eve.after(&answer.expect(200));
    }
    let both = server
        .refresh(&eve.cookie)
        .header("Sec-Fetch-Site", "cross-site")
        .header("Origin", &own)
        .await;
    both.refused(403, "cross_site", "none");
}

#[tokio::test]
async fn no_other_site_may_read_an_answer() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    for answer in [
        eve.get("/me")
            .header("Origin", "https://evil.example")
            .await,
        eve.ask(Method::OPTIONS, "/employees")
            .header("Origin", "https://evil.example")
            .await,
        server
            .refresh(&eve.cookie)
            .header("Origin", &server.running.url)
            .await,
    ] {
        answer.is_closed();
    }
}

impl Answer {
    /// Holds an answer to letting no page of another origin read it.
    #[track_caller]
    fn is_closed(&self) {
        assert!(
            self.headers
                .keys()
                .all(|name| !name.as_str().starts_with("access-control")),
            "{self:?}"
        );
    }
}

/// A page, as a browser sends its requests and takes their answers (Fetch, sections 3.2 and 4.8;
/// RFC 6265bis).
struct Page<'a> {
    server: &'a Server,
    origin: &'static str,
    /// Of this server's site: `cross-site`, `same-site`.
    site: &'static str,
}

const APP: &str = "https://app.example";

impl Page<'_> {
    fn marked(&self, ask: Ask) -> Ask {
        ask.header("Origin", self.origin)
            .header("Sec-Fetch-Site", self.site)
            .header("Sec-Fetch-Mode", "cors")
    }

    /// Whether the browser, having asked, would send such a request.
    async fn may_send(&self, method: Method, path: &str, header: &str) -> bool {
        let ask = self.marked(self.server.ask(Method::OPTIONS, path));
        let ask = ask.header("Access-Control-Request-Method", method.as_str());
        let answer = ask.header("Access-Control-Request-Headers", header).await;
        let lists = |name: &str, wanted: &str| {
            let listed = answer.header(name).unwrap_or_default();
            listed
                .split(", ")
                .any(|one| one.eq_ignore_ascii_case(wanted))
        };
        answer.status == 204
            && self.may_read(&answer)
            && lists("access-control-allow-methods", method.as_str())
            && lists("access-control-allow-headers", header)
    }

    /// Whether the page gets to see an answer to a request with credentials: never by a `*`.
    fn may_read(&self, answer: &Answer) -> bool {
        let allowed = answer.header("access-control-allow-origin") == Some(self.origin);
        allowed && answer.header("access-control-allow-credentials") == Some("true")
    }
}

/// A server that lists the pages of [`APP`].
async fn server_of_app() -> Server {
    let mut server = Server::start().await;
    server.running.http.origins = vec![APP.parse::<Origin>().unwrap()].into();
    server.restart().await;
    server
}

#[tokio::test]
async fn a_page_of_a_listed_site_signs_in_renews_changes_and_signs_out() {
    let server = server_of_app().await;
    let page = Page {
        server: &server,
        origin: APP,
        site: "cross-site",
    };
    assert!(page.may_send(Method::POST, "/auth", "content-type").await);
    let credentials = json!({"user": "eve", "pwd": password_of("eve")});
    let login = page
        .marked(server.post("/auth", credentials))
        .await
        .expect(200);
    assert!(page.may_read(&login));
    // With a strict one the page of another site would never be let in again, and browsers that
    // block third-party cookies keep only partitioned ones.
    assert!(
        login
            .header("set-cookie")
            .unwrap()
            .contains("; SameSite=None; Partitioned; Secure;"),
        "{login:?}"
    );

    let refresh = page
        .marked(server.refresh(&login.cookie()))
        .await
        .expect(200);
    assert!(
        page.may_read(&refresh)
            && refresh
                .header("set-cookie")
                .unwrap()
                .contains("; SameSite=None; Partitioned; Secure;")
    );
    let eve = server.bearing(refresh.json()["accessToken"].as_str().unwrap());
    for header in ["authorization", "content-type", "idempotency-key"] {
        assert!(
            page.may_send(Method::POST, "/employees", header).await,
            "{header}"
        );
    }
    let person = json!({"firstname": "Maya", "lastname": "Castro"});
    let created = page
        .marked(eve.post("/employees", person))
        .await
        .expect(201);
    let exposed = created.header("access-control-expose-headers").unwrap();
    for header in [
        "ETag",
        "Link",
        "Location",
        "X-Total-Count",
        "X-Offset",
        "X-Request-Id",
    ] {
        assert!(
            page.may_read(&created) && exposed.split(", ").any(|one| one == header),
            "{header}"
        );
    }
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        assert!(page.may_send(method, "/employees/1", "if-match").await);
    }
    // A refusal can be read as well, and says what to do.
    assert!(page.may_read(&page.marked(server.get("/me")).await.refused(
        401,
        "token_missing",
        "login"
    )));

    let logout = page
        .marked(server.with_cookie(Method::POST, "/logout", &refresh.cookie()))
        .await
        .expect(204);
    assert!(
        page.may_read(&logout)
            && logout
                .header("set-cookie")
                .unwrap()
                .contains("; SameSite=None; Partitioned; Secure;")
    );
}

#[tokio::test]
async fn a_page_of_a_listed_sibling_keeps_the_strict_cookie() {
    let server = server_of_app().await;
    let page = Page {
        server: &server,
        origin: APP,
        site: "same-site",
    };
    let login = page
        .marked(server.post("/auth", json!({"user": "eve", "pwd": password_of("eve")})))
        .await
        .expect(200);
    assert!(
        page.may_read(&login)
            && login
                .header("set-cookie")
                .unwrap()
                .contains("; SameSite=Strict; Secure;")
    );
}

#[tokio::test]
async fn a_refusal_takes_the_cookie_out_of_the_same_jar() {
    let server = server_of_app().await;
    let page = Page {
        server: &server,
        origin: APP,
        site: "cross-site",
    };
    let refused = page.marked(server.refresh("no token")).await;
    let cleared =
        "__Host-refresh=; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0";
    assert_eq!(refused.expect(403).header("set-cookie"), Some(cleared));
}

#[tokio::test]
async fn a_page_whose_host_is_written_in_another_way_is_the_servers_own() {
    let server = Server::start().await;
    for (host, origin, status) in [
        ("Roster.Example", "http://roster.example", 204),
        ("roster.example:80", "http://roster.example", 204),
        ("ROSTER.EXAMPLE:443", "https://roster.example", 204),
        ("roster.example:443", "http://roster.example", 403),
        ("roster.example:8080", "http://roster.example", 403),
    ] {
        let page = server
            .ask(Method::POST, "/logout")
            .header("Host", host)
            .header("Origin", origin);
        assert_eq!(page.await.status, status, "{host} {origin}");
    }
}

#[tokio::test]
async fn a_page_that_is_not_listed_stays_out_though_another_is() {
    let server = server_of_app().await;
    let eve = server.sign_in("eve").await;
    for origin in [
        "https://evil.example",
        "https://app.example.evil.example",
        "http://app.example",
        "null",
    ] {
        let page = Page {
            server: &server,
            origin,
            site: "cross-site",
        };
        assert!(
            !page
                .may_send(Method::POST, "/employees", "authorization")
                .await,
            "{origin}"
        );
        let answer =
            page.marked(server.refresh(&eve.cookie))
                .await
                .refused(403, "cross_site", "none");
        answer.is_closed();
        // Who has the token could ask without a browser: the answer comes, and the page does not
        // see it.
        let answer = page.marked(eve.get("/me")).await.expect(200);
        answer.is_closed();
        assert_eq!(
            answer.header("vary"),
            Some("origin"),
            "no cache gives one page's answer to another"
        );
    }
    server.refresh(&eve.cookie).await.expect(200);
}

#[tokio::test]
async fn a_preflight_allows_only_known_paths_methods_and_headers() {
    let server = server_of_app().await;
    let page = Page {
        server: &server,
        origin: APP,
        site: "cross-site",
    };
    assert!(!page.may_send(Method::POST, "/me", "authorization").await);
    assert!(
        !page
            .may_send(Method::GET, "/nothing", "authorization")
            .await
    );
    assert!(!page.may_send(Method::GET, "/me", "x-forwarded-for").await);
    // That is no question of a browser's.
    page.marked(server.ask(Method::OPTIONS, "/me"))
        .await
        .refused(405, "method_not_allowed", "none");
}
