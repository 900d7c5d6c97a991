//! Signing out: always done, and at once.

use reqwest::Method;

use crate::support::{Answer, SECOND, Server};

#[track_caller]
fn is_out(answer: Answer) {
    let answer = answer.expect(204);
    assert!(answer.clears_the_cookie() && answer.body.is_empty());
}

#[tokio::test]
async fn after_signing_out_neither_token_is_good() {
    let server = Server::start().await;
    for method in [Method::POST, Method::GET] {
        let eve = server.sign_in("eve").await;
        is_out(server.with_cookie(method, "/logout", &eve.cookie).await);
        eve.get("/me").await.refused(403, "session_ended", "login");
        assert!(
            server
                .refresh(&eve.cookie)
                .await
                .refused(403, "session_ended", "login")
                .clears_the_cookie()
        );
    }
}

#[tokio::test]
async fn signing_out_twice_or_without_a_session_is_signing_out() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    is_out(server.ask(Method::POST, "/logout").await);
    is_out(
        server
            .with_cookie(Method::POST, "/logout", "no token")
            .await,
    );
    is_out(
        server
            .with_cookie(Method::POST, "/logout", &eve.access)
            .await,
    );
    eve.get("/me").await.expect(200);
    is_out(
        server
            .with_cookie(Method::POST, "/logout", &eve.cookie)
            .await,
    );
    is_out(
        server
            .with_cookie(Method::POST, "/logout", &eve.cookie)
            .await,
    );
}

#[tokio::test]
async fn signing_out_ends_no_other_session() {
    let server = Server::start().await;
    let [here, elsewhere, vic] = [
        server.sign_in("eve").await,
        server.sign_in("eve").await,
        server.sign_in("vic").await,
    ];
    is_out(
        server
            .with_cookie(Method::POST, "/logout", &here.cookie)
            .await,
    );
    elsewhere.get("/me").await.expect(200);
    vic.get("/me").await.expect(200);
}

#[tokio::test]
async fn a_cookie_of_before_the_last_refresh_signs_out_too() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let after = eve.after(&server.refresh(&eve.cookie).await.expect(200));
    server.turn(SECOND * 60);
    is_out(
        server
            .with_cookie(Method::POST, "/logout", &eve.cookie)
            .await,
    );
    after
        .get("/me")
        .await
        .refused(403, "session_ended", "login");
}

#[tokio::test]
async fn a_head_signs_nobody_out_and_renews_nothing() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    for (path, status) in [("/logout", 204), ("/refresh", 200)] {
        let head = server
            .with_cookie(Method::HEAD, path, &eve.cookie)
            .await
            .expect(status);
        assert_eq!((head.header("set-cookie"), head.body.len()), (None, 0));
    }
    // Had it renewed the session, then the use of the new token would make the old cookie a copy.
    eve.get("/me").await.expect(200);
    let next = eve.after(&server.refresh(&eve.cookie).await.expect(200));
    next.get("/me").await.expect(200);
}

#[tokio::test]
async fn an_image_on_another_sites_page_signs_nobody_out_in_an_old_browser() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) AppleWebKit/605.1.15 \
                  (KHTML, like Gecko) Version/13.1.2 Safari/605.1.15";
    let own = format!("{}/page", server.running.url);
    for path in ["/logout", "/refresh"] {
        for referer in [Some("https://evil.example/"), None] {
            let mut image = server
                .with_cookie(Method::GET, path, &eve.cookie)
                .header("User-Agent", safari)
                .header("Accept", "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5");
            if let Some(referer) = referer {
                image = image.header("Referer", referer);
            }
            let refused = image.await.refused(403, "cross_site", "none");
            assert_eq!(refused.header("set-cookie"), None);
        }
    }
    eve.get("/me").await.expect(200);
    let page = server
        .with_cookie(Method::GET, "/logout", &eve.cookie)
        .header("User-Agent", safari)
        .header("Referer", &own);
    is_out(page.await);
    eve.get("/me").await.refused(403, "session_ended", "login");
}

#[tokio::test]
async fn a_sign_out_survives_a_restart() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    is_out(
        server
            .with_cookie(Method::POST, "/logout", &eve.cookie)
            .await,
    );
    server.restart().await;
    eve.get("/me").await.refused(403, "session_ended", "login");
    server
        .refresh(&eve.cookie)
        .await
        .refused(403, "session_ended", "login");
}
