//! Many sign-ins at once, from honest people and from guessers: nobody keeps somebody else out.

use std::future::IntoFuture;

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::{Answer, Ask, SECOND, Server, password_of};

const GUESSER: &str = "192.0.2.66";
const OFFICE: &str = "192.0.2.1";
const ELSEWHERE: &str = "198.51.100.7";

/// A server behind a proxy, which says where each request comes from.
async fn server() -> Server {
    let mut server = Server::start().await;
    server.running.http.proxies = vec!["127.0.0.0/8".parse().unwrap()].into();
    server.restart().await;
    server
}

fn sign_in_from(server: &Server, address: &str, user: &str, password: &str) -> Ask {
    server
        .post("/auth", json!({"user": user, "pwd": password}))
        .header("x-forwarded-for", address)
}

fn guess(server: &Server) -> Ask {
    sign_in_from(server, GUESSER, "eve", "a guess of mine")
}

fn owner_from(server: &Server, address: &str) -> Ask {
    sign_in_from(server, address, "eve", password_of("eve"))
}

/// Guesses until the guesser has to wait for as long as it gets.
async fn guess_until_slow(server: &Server) {
    loop {
        let answer = guess(server).await;
        if let Some(wait) = wait(&answer) {
            if wait == 30 {
                return;
            }
            server.turn(SECOND * wait);
        }
    }
}

/// The seconds that a refused client is to wait.
fn wait(answer: &Answer) -> Option<i32> {
    let wait = (answer.status == 429).then(|| answer.header("retry-after").unwrap());
    wait.map(|wait| wait.parse().unwrap())
}

/// Waits until so many sign-ins are hashing or queued for it.
async fn until_queued(server: &Server, count: usize) {
    while server.running.hash_queue() < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn six_sign_ins_of_one_person_at_once_all_succeed() {
    let server = Server::start().await;
    let hold = server.running.hashing.hold();
    let sign_in = || server.post("/auth", json!({"user": "eve", "pwd": password_of("eve")}));
    let mut answers: FuturesUnordered<_> = (0..6)
        .map(|_| tokio::spawn(sign_in().into_future()))
        .collect();
    tokio::select! {
        () = until_queued(&server, 6) => drop(hold),
        refused = answers.next() => panic!("{refused:?}"),
    }
    while let Some(answer) = answers.next().await {
        answer.unwrap().expect(200);
    }
}

#[tokio::test]
async fn six_sign_ins_at_once_succeed_while_the_hash_is_strengthened() {
    let mut server = Server::start().await;
    server.running.bcrypt_cost = 5;
    server.restart().await;
    let sign_in = || server.post("/auth", json!({"user": "eve", "pwd": password_of("eve")}));
    for answer in join_all((0..6).map(|_| sign_in().into_future())).await {
        answer.expect(200);
    }
}

#[tokio::test]
async fn a_guesser_does_not_delay_an_owner_at_a_known_address() {
    let server = server().await;
    owner_from(&server, OFFICE).await.expect(200);
    guess_until_slow(&server).await;
    for _ in 0..5 {
        owner_from(&server, OFFICE).await.expect(200);
        assert!(wait(&guess(&server).await).is_some());
    }
    // The address is known from the open session, too.
    server.restart().await;
    guess_until_slow(&server).await;
    owner_from(&server, OFFICE).await.expect(200);
}

#[tokio::test]
async fn a_guesser_does_not_delay_an_owner_with_a_cookie_wherever_it_comes_from() {
    let server = server().await;
    let eve = server.sign_in("eve").await;
    server
        .with_cookie(Method::POST, "/logout", &eve.cookie)
        .await
        .expect(204);
    guess_until_slow(&server).await;
    // Not even at the guesser's own address, nor by its flood of other names.
    for name in 0..100 {
        sign_in_from(
            &server,
            GUESSER,
            &format!("nobody{name}"),
            "a guess of mine",
        )
        .await;
    }
    for address in [ELSEWHERE, GUESSER] {
        let cookie = format!("__Host-refresh={}", eve.cookie);
        owner_from(&server, address)
            .header("cookie", &cookie)
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn the_cookie_of_another_account_helps_no_guesser() {
    let server = server().await;
    let vic = server.sign_in("vic").await;
    let cookie = format!("__Host-refresh={}", vic.cookie);
    guess_until_slow(&server).await;
    let answer = guess(&server).header("cookie", &cookie).await;
    assert!(wait(&answer).is_some());
}

#[tokio::test]
async fn an_owner_who_waits_keeps_their_turn() {
    let server = server().await;
    guess_until_slow(&server).await;
    let mut waited = 0;
    while let Some(wait) = wait(&owner_from(&server, ELSEWHERE).await) {
        // The guesser asks every second.
        for _ in 0..wait {
            server.turn(SECOND);
            guess(&server).await;
        }
        waited += wait;
        assert!(waited <= 90, "the owner is never let in");
    }
}

/// Sign-ins of the guesser, each under another name, that fill the queue.
async fn flood(server: &Server) -> FuturesUnordered<JoinHandle<Answer>> {
    let flood = (0..64).map(|number| {
        let name = format!("nobody{number}");
        let guess = sign_in_from(server, GUESSER, &name, "a guess of mine");
        tokio::spawn(guess.into_future())
    });
    let flood = flood.collect();
    until_queued(server, 64).await;
    flood
}

#[tokio::test]
async fn one_address_cannot_keep_others_from_signing_in() {
    let server = server().await;
    let hold = server.running.hashing.hold();
    let mut flood = flood(&server).await;
    let owner = tokio::spawn(owner_from(&server, OFFICE).into_future());
    // One of the flood makes room for the owner.
    let refused = flood.next().await.unwrap().unwrap();
    refused.refused(503, "unavailable", "none");
    drop(hold);
    owner.await.unwrap().expect(200);
}

#[tokio::test]
async fn a_503_gives_the_attempt_back() {
    let server = server().await;
    let hold = server.running.hashing.hold();
    let flood = flood(&server).await;
    for _ in 0..200 {
        guess(&server).await.refused(503, "unavailable", "none");
    }
    drop(hold);
    assert_eq!(flood.count().await, 64);
    // Neither the account nor the address has lost an attempt.
    for _ in 0..3 {
        guess(&server)
            .await
            .refused(401, "credentials_invalid", "login");
    }
}

#[tokio::test]
async fn a_clock_that_was_set_keeps_nobody_waiting_longer() {
    let server = server().await;
    for jump in [-40, 40] {
        guess_until_slow(&server).await;
        server.running.set_clock(SECOND * 3600 * 24 * jump);
        assert!(wait(&guess(&server).await).is_some_and(|wait| wait <= 30));
        server.turn(SECOND * 30);
        guess(&server)
            .await
            .refused(401, "credentials_invalid", "login");
    }
}
