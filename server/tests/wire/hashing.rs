//! What a sign-in costs: the same whether or not there is such a person, and nothing to those who
//! are signed in.

use std::future::IntoFuture;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use serde_json::json;

use crate::sign_in::server_with;
use crate::support::{Server, password_of};

#[tokio::test]
async fn every_refusal_costs_one_comparison_of_one_cost() {
    let server = server_with("dora", "dora may not any more", true).await;
    let longest = "v".repeat(72);
    for (user, password) in [
        ("vic", "vic views the chair"),
        ("vic", ""),
        ("vic", &format!("{longest}w")),
        ("nobody", password_of("vic")),
        ("no name at all", password_of("vic")),
        ("dora", "dora may not any more"),
        ("dora", "dora may not at all"),
    ] {
        server.running.hashing.costs();
        let answer = server
            .post("/auth", json!({"user": user, "pwd": password}))
            .await;
        answer.refused(401, "credentials_invalid", "login");
        assert_eq!(server.running.hashing.costs(), [4], "{user}, {password}");
    }
}

#[tokio::test]
async fn a_hash_of_a_lower_cost_takes_the_time_of_the_full_one() {
    let mut server = Server::start().await;
    server.running.bcrypt_cost = 7;
    server.restart().await;
    for user in ["vic", "nobody"] {
        server.running.hashing.costs();
        let answer = server
            .post("/auth", json!({"user": user, "pwd": "somebody guesses"}))
            .await;
        answer.refused(401, "credentials_invalid", "login");
        let rounds = server
            .running
            .hashing
            .costs()
            .into_iter()
            .map(|cost| 1 << cost)
            .sum::<u64>();
        assert_eq!(rounds, 1 << 7, "{user}");
    }
    // And the password is still compared with the hash itself.
    server.sign_in("vic").await;
}

#[tokio::test]
async fn while_64_sign_ins_wait_the_others_are_served_and_one_more_is_sent_away_at_once() {
    let server = Server::start().await;
    let vic = server.sign_in("vic").await;
    server.running.hashing.costs();
    let hold = server.running.hashing.hold();
    let sign_in = |number: u32| {
        server.post(
            "/auth",
            json!({"user": format!("user{number}"), "pwd": "anything"}),
        )
    };
    let mut answers: FuturesUnordered<_> = (0..65)
        .map(|number| sign_in(number).into_future())
        .collect();

    let one_more = answers
        .next()
        .await
        .unwrap()
        .refused(503, "unavailable", "none");
    assert_eq!(one_more.header("retry-after"), Some("1"));
    for _ in 0..10 {
        vic.get("/employees").await.expect(200);
        server.refresh(&vic.cookie).await.expect(200);
    }
    assert!(answers.next().now_or_never().is_none() && server.running.hashing.costs().is_empty());

    drop(hold);
    let answers: Vec<_> = answers.collect().await;
    assert!(answers.len() == 64 && answers.iter().all(|answer| answer.status == 401));
}
