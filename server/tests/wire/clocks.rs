//! Clocks that are set while sessions are open: people are neither signed out for it nor kept
//! signed in.

use jiff::{SignedDuration, Timestamp};
use roster_server::clock::Clock;
use serde_json::Value;

use crate::support::{Person, SECOND, Server};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A server that was set up while its clock was 60 days ahead, and somebody who signed in then.
async fn set_up_ahead() -> (Server, Person) {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    restart(&server, SignedDuration::ZERO, -DAY * 60).await;
    (server, eve)
}

/// Stops the server for a while, during which its clock is set.
async fn restart(server: &Server, stopped: SignedDuration, set: SignedDuration) {
    server.running.stop().await;
    server.turn(stopped);
    server.running.set_clock(set);
    server.restart().await;
}

async fn renewed(server: &Server, person: &Person) -> Person {
    person.after(&server.refresh(&person.cookie).await.expect(200))
}

async fn is_over(server: &Server, person: &Person) {
    let refused = server.refresh(&person.cookie).await;
    refused.refused(403, "session_expired", "login");
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_session_from_a_clock_that_was_ahead_ends_after_seven_days() {
    let (server, eve) = set_up_ahead().await;
    let eve = renewed(&server, &eve).await;
    server.turn(DAY * 7 - SECOND);
    let eve = renewed(&server, &eve).await;
    restart(&server, DAY * 8, SignedDuration::ZERO).await;
    is_over(&server, &eve).await;
}

#[tokio::test]
async fn a_session_from_a_clock_that_was_ahead_ends_after_thirty_days() {
    let (server, mut eve) = set_up_ahead().await;
    for _ in 0..5 {
        server.turn(DAY * 6 - SECOND);
        eve = renewed(&server, &eve).await;
    }
    server.turn(SECOND * 5);
    is_over(&server, &eve).await;
}

#[tokio::test]
async fn a_reuse_is_found_at_once_whatever_the_clock_shows() {
    let server = Server::start().await;
    for jump in [DAY * 60, -DAY * 60] {
        let stolen = server.sign_in("eve").await;
        server.running.set_clock(jump);
        let owner = renewed(&server, &stolen).await;
        owner.get("/me").await.expect(200);
        server.running.set_clock(-jump);
        server.turn(SECOND * 11);
        let refused = server.refresh(&stolen.cookie).await;
        refused.refused(403, "session_reuse", "login");
    }
}

#[tokio::test]
async fn a_jump_while_the_server_runs_ends_no_session_and_purges_none() {
    let server = Server::start().await;
    let [mut eve, vic] = [server.sign_in("eve").await, server.sign_in("vic").await];
    for jump in [60, -120, 36_500, -36_440] {
        server.running.set_clock(DAY * jump);
        for _ in 0..3 {
            server.sign_in("ada").await;
        }
        eve = renewed(&server, &eve).await;
        eve.get("/me").await.expect(200);
    }
    renewed(&server, &vic).await.get("/me").await.expect(200);
}

#[tokio::test]
async fn a_clock_that_is_ahead_at_the_start_costs_nobody_a_session_who_was_not_there() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    restart(&server, SECOND, DAY * 60).await;
    let ada = server.sign_in("ada").await;
    restart(&server, SECOND, -DAY * 60).await;
    renewed(&server, &eve).await.get("/me").await.expect(200);
    // How old this one is can no longer be told.
    is_over(&server, &ada).await;

    // Or the clock is put right while the server runs, as a time server does.
    let vic = server.sign_in("vic").await;
    restart(&server, SECOND, DAY * 60).await;
    server.running.set_clock(-DAY * 60);
    renewed(&server, &vic).await.get("/me").await.expect(200);
}

#[tokio::test]
async fn a_clock_that_starts_in_1970_ends_no_session() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let back = server
        .running
        .clock
        .now()
        .duration_since(Timestamp::UNIX_EPOCH);
    restart(&server, SECOND, -back).await;
    let eve = renewed(&server, &eve).await;
    eve.get("/me").await.expect(200);
    server.running.set_clock(back);
    let eve = renewed(&server, &eve).await;
    eve.get("/me").await.expect(200);
    restart(&server, SECOND, SignedDuration::ZERO).await;
    renewed(&server, &eve).await.get("/me").await.expect(200);
}

#[tokio::test]
async fn the_times_that_people_see_are_those_of_the_clock() {
    let (server, _) = set_up_ahead().await;
    let ada = server.sign_in("ada").await;
    let now = server.running.clock.now();
    let me = ada.get("/me").await.expect(200).json();
    assert_eq!(time(&me["session"]["expiresAt"]), now + DAY * 7);
    let sessions = ada.get("/me/sessions").await.expect(200).json();
    for (what, expected) in [("created", now), ("used", now), ("expires", now + DAY * 7)] {
        assert_eq!(time(&sessions[0][what]), expected, "{what}");
    }
    let users = ada.get("/users").await.expect(200).json();
    assert_eq!(time(&users[0]["used"]), now);
    let audit = ada.get("/audit?limit=1").await.expect(200).json();
    assert_eq!(time(&audit[0]["at"]), now);
}
