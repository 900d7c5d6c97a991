//! Refreshing: the rotation of the cookie, what is forgiven, and what ends a session.

use std::future::IntoFuture;

use futures_util::future::join_all;
use jiff::SignedDuration;
use reqwest::Method;
use roster_server::config::{KeyRing, Keys};
use roster_server::testing::keys;

use crate::support::{ACCESS_TIME, Answer, HOUR, Person, SECOND, Server};

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[track_caller]
fn is_refused(answer: Answer, code: &str) {
    assert!(
        answer
            .refused(403, code, "login")
            .challenge(None)
            .clears_the_cookie()
    );
}

/// Refreshes, and takes what comes back.
async fn renewed(server: &Server, person: &Person) -> Person {
    person.after(&server.refresh(&person.cookie).await.expect(200))
}

#[tokio::test]
async fn a_refresh_gives_a_new_pair_of_the_same_session() {
    let server = Server::start().await;
    let before = server.sign_in("eve").await;
    server.turn(SECOND);
    let answer = server.refresh(&before.cookie).await.expect(200);
    let after = before.after(&answer);
    assert_eq!(after.session, before.session);
    assert!(after.cookie != before.cookie && after.access != before.access);
    assert!(!answer.text().contains(&after.cookie));
    let mut attributes: Vec<_> = answer
        .header("set-cookie")
        .unwrap()
        .split("; ")
        .skip(1)
        .collect();
    attributes.sort_unstable();
    assert_eq!(
        attributes,
        [
            "HttpOnly",
            "Max-Age=604800",
            "Path=/",
            "SameSite=Strict",
            "Secure"
        ]
    );
    let me = after.get("/me").await.expect(200).json();
    assert_eq!(
        (&me["user"], &me["session"]),
        (&answer.json()["user"], &answer.json()["session"])
    );
    server
        .with_cookie(Method::GET, "/refresh", &after.cookie)
        .await
        .expect(200);
}

#[tokio::test]
async fn an_access_token_that_has_expired_is_renewed() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    server.turn(ACCESS_TIME * 2);
    eve.get("/me")
        .await
        .refused(403, "token_expired", "refresh");
    renewed(&server, &eve).await.get("/me").await.expect(200);
}

#[tokio::test]
async fn without_a_cookie_the_answer_is_to_sign_in() {
    let server = Server::start().await;
    for method in [Method::POST, Method::GET] {
        let answer = server
            .ask(method, "/refresh")
            .await
            .refused(401, "refresh_missing", "login");
        assert_eq!(
            answer
                .challenge(Some("Bearer realm=\"roster\""))
                .header("set-cookie"),
            None
        );
    }
    let eve = server.sign_in("eve").await;
    let other_name = server
        .ask(Method::POST, "/refresh")
        .header("Cookie", &format!("refresh={}", eve.cookie));
    other_name.await.refused(401, "refresh_missing", "login");
    // The access token does not do for it.
    eve.ask(Method::POST, "/refresh")
        .await
        .refused(401, "refresh_missing", "login");
}

#[tokio::test]
async fn other_cookies_do_not_disturb() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let cookies = format!(
        "theme=dark; refresh=x;;=; __Host-refresh={}; a=\"b",
        eve.cookie
    );
    server
        .ask(Method::POST, "/refresh")
        .header("Cookie", &cookies)
        .await
        .expect(200);
}

#[tokio::test]
async fn a_lost_answer_is_given_again_byte_for_byte() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    eve.get("/me").await.expect(200);
    let lost = server.refresh(&eve.cookie).await.expect(200).cookie();
    for wait in [SignedDuration::ZERO, SECOND * 11, HOUR, HOUR * 22] {
        server.turn(wait);
        let again = server.refresh(&eve.cookie).await.expect(200);
        assert_eq!(again.cookie(), lost);
    }
    server.restart().await;
    let again = server.refresh(&eve.cookie).await.expect(200);
    assert_eq!(again.cookie(), lost);
    let eve = eve.after(&again);
    eve.get("/me").await.expect(200);
    renewed(&server, &eve).await.get("/me").await.expect(200);
}

#[tokio::test]
async fn a_lost_answer_is_repeated_as_long_as_the_session_lives() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let lost = server.refresh(&eve.cookie).await.expect(200).cookie();
    server.turn(DAY * 7 - SECOND);
    let again = server.refresh(&eve.cookie).await.expect(200);
    assert_eq!(again.cookie(), lost);
    server.turn(SECOND);
    is_refused(server.refresh(&eve.cookie).await, "session_expired");
}

#[tokio::test]
async fn a_second_process_gets_the_same_cookie_within_ten_seconds() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let first = renewed(&server, &eve).await;
    first.get("/me").await.expect(200);
    server.turn(SECOND * 10);
    let sibling = renewed(&server, &eve).await;
    assert_eq!(sibling.cookie, first.cookie);
    sibling.get("/me").await.expect(200);
}

#[tokio::test]
async fn twenty_refreshes_of_one_cookie_at_once_give_one_and_the_same() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let answers = join_all((0..20).map(|_| server.refresh(&eve.cookie).into_future())).await;
    let cookies: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.expect(200).cookie())
        .collect();
    assert!(
        cookies
            .iter()
            .all(|cookie| *cookie == cookies[0] && *cookie != eve.cookie)
    );
}

#[tokio::test]
async fn a_used_cookie_that_comes_back_ends_its_session_and_no_other() {
    let server = Server::start().await;
    let [stolen, elsewhere] = [server.sign_in("eve").await, server.sign_in("eve").await];
    let owner = renewed(&server, &stolen).await;
    owner.get("/me").await.expect(200);
    server.turn(SECOND * 11);
    is_refused(server.refresh(&stolen.cookie).await, "session_reuse");
    for dead in [&stolen, &owner] {
        dead.get("/me").await.refused(403, "session_ended", "login");
        is_refused(server.refresh(&dead.cookie).await, "session_reuse");
    }
    elsewhere.get("/me").await.expect(200);
    renewed(&server, &elsewhere)
        .await
        .get("/me")
        .await
        .expect(200);
    server.restart().await;
    is_refused(server.refresh(&owner.cookie).await, "session_reuse");
}

#[tokio::test]
async fn the_owners_next_refresh_counts_as_use_too() {
    let server = Server::start().await;
    let thief = server.sign_in("eve").await;
    let owner = renewed(&server, &thief).await;
    let owner = renewed(&server, &owner).await;
    server.turn(SECOND * 11);
    is_refused(server.refresh(&thief.cookie).await, "session_reuse");
    owner
        .get("/me")
        .await
        .refused(403, "session_ended", "login");
}

#[tokio::test]
async fn an_access_token_of_before_the_refresh_is_good_to_its_end() {
    let server = Server::start().await;
    let before = server.sign_in("eve").await;
    let after = renewed(&server, &before).await;
    before.get("/me").await.expect(200);
    // It says nothing of whether the new one has arrived.
    server.turn(SECOND * 60);
    assert_eq!(renewed(&server, &before).await.cookie, after.cookie);
}

#[tokio::test]
async fn an_unused_session_expires_after_seven_days() {
    let server = Server::start().await;
    let [eve, vic] = [server.sign_in("eve").await, server.sign_in("vic").await];
    server.turn(DAY * 7 - SECOND);
    let eve = renewed(&server, &eve).await;
    server.turn(SECOND);
    is_refused(server.refresh(&vic.cookie).await, "session_expired");
    server.turn(DAY * 6);
    renewed(&server, &eve).await.get("/me").await.expect(200);
}

#[tokio::test]
async fn every_session_ends_after_thirty_days() {
    let server = Server::start().await;
    let mut eve = server.sign_in("eve").await;
    for _ in 0..4 {
        server.turn(DAY * 6);
        eve = renewed(&server, &eve).await;
    }
    server.turn(DAY * 5);
    let answer = server.refresh(&eve.cookie).await.expect(200);
    assert!(
        answer
            .header("set-cookie")
            .unwrap()
            .contains("; Max-Age=86400")
    );
    let eve = eve.after(&answer);
    server.turn(DAY - SECOND);
    let eve = renewed(&server, &eve).await;
    server.turn(SECOND);
    // The access token is fresh, and its session is over all the same.
    eve.get("/me").await.refused(403, "session_ended", "login");
    is_refused(server.refresh(&eve.cookie).await, "session_expired");
}

#[tokio::test]
async fn a_clock_that_was_set_back_neither_ends_a_session_nor_extends_it() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    server.turn(DAY * 3);
    let eve = renewed(&server, &eve).await;
    server.running.set_clock(-DAY * 2);
    let answer = server.refresh(&eve.cookie).await.expect(200);
    assert!(
        answer
            .header("set-cookie")
            .unwrap()
            .contains("; Max-Age=604800")
    );
    let eve = eve.after(&answer);
    eve.get("/me").await.expect(200);
    server.turn(DAY * 7 - SECOND);
    server.refresh(&eve.cookie).await.expect(200);
    server.turn(DAY * 7);
    is_refused(server.refresh(&eve.cookie).await, "session_expired");
}

#[tokio::test]
async fn a_session_outlives_the_server() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    server.restart().await;
    eve.get("/me").await.expect(200);
    let eve = renewed(&server, &eve).await;
    server.restart().await;
    renewed(&server, &eve).await.get("/me").await.expect(200);
}

#[tokio::test]
async fn new_keys_end_every_session() {
    let mut server = Server::start().await;
    let eve = server.sign_in("eve").await;
    server.running.keys = keys(2);
    server.restart().await;
    eve.get("/me")
        .await
        .refused(403, "token_invalid", "refresh");
    is_refused(server.refresh(&eve.cookie).await, "refresh_invalid");
    server.sign_in("eve").await.get("/me").await.expect(200);
    server.running.keys = keys(1);
    server.restart().await;
    // What was refused has changed nothing.
    renewed(&server, &eve).await.get("/me").await.expect(200);
}

/// A ring whose first key is that of one seed and whose second is that of another.
fn ring(first: &KeyRing, second: &KeyRing) -> KeyRing {
    let text = |ring: &KeyRing| {
        let key = &ring.keys()[0];
        format!("{}:{}", key.kid, std::str::from_utf8(key.secret()).unwrap())
    };
    KeyRing::parse(
        "ACCESS_TOKEN_KEY",
        &format!("{},{}", text(first), text(second)),
    )
    .unwrap()
}

#[tokio::test]
async fn keys_are_changed_without_a_sign_out() {
    let mut server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let (old, new) = (keys(1), keys(2));
    server.running.keys = Keys::new(
        ring(&new.access, &old.access),
        ring(&new.refresh, &old.refresh),
    )
    .unwrap();
    server.restart().await;
    eve.get("/me").await.expect(200);
    let eve = renewed(&server, &eve).await;
    server.running.keys = new;
    server.restart().await;
    eve.get("/me").await.expect(200);
    renewed(&server, &eve).await.get("/me").await.expect(200);
}

#[tokio::test]
async fn a_lost_answer_is_the_same_though_the_signing_key_changed_meanwhile() {
    let mut server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let lost = server.refresh(&eve.cookie).await.expect(200).cookie();
    let (old, new) = (keys(1), keys(2));
    server.running.keys = Keys::new(
        ring(&new.access, &old.access),
        ring(&new.refresh, &old.refresh),
    )
    .unwrap();
    server.restart().await;
    assert_eq!(server.refresh(&eve.cookie).await.expect(200).cookie(), lost);
}
