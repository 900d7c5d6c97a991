//! The changes of the records, told while they happen.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::{Method, Response};
use roster_server::store::EventNumber;
use roster_server::testing::keys;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{ACCESS_TIME, HOUR, Person, Raw, SECOND, Server, pass};

/// Somebody who follows the changes.
struct Follower {
    response: Response,
    /// What has come and was not looked at yet.
    text: String,
}

/// One event, as it came.
#[derive(Debug, PartialEq)]
struct NumberedEvent {
    id: EventNumber,
    event: String,
    data: Value,
}

impl NumberedEvent {
    /// Which, in short: what happened, to which record, which version that made, by whom.
    fn short(&self) -> (&str, u64, u64, &str) {
        let number = |name: &str| self.data[name].as_u64().unwrap();
        (
            &self.event,
            number("id"),
            number("version"),
            self.data["by"].as_str().unwrap(),
        )
    }
}

impl Follower {
    /// Follows from an event on. Without one, what comes first is a reset, which is taken.
    async fn of(person: &Person, after: Option<EventNumber>) -> Self {
        let mut ask = person.get("/events");
        if let Some(after) = after {
            ask = ask.header("last-event-id", &after.to_string());
        }
        let response = ask.open().await;
        assert_eq!(
            (
                response.status().as_u16(),
                &response.headers()["content-type"]
            ),
            (200, &"text/event-stream; charset=utf-8".parse().unwrap())
        );
        assert_eq!(response.headers()["cache-control"], "no-store");
        // Without it nginx keeps the events until it has a buffer of them.
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        let mut follower = Self {
            response,
            text: String::new(),
        };
        if after.is_none() {
            assert_eq!(follower.next().await.event, "reset");
        }
        follower
    }

    /// The next block of lines; nothing where the stream has ended.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                self.text = rest.to_owned();
                return Some(block);
            }
            let chunk = timeout(Duration::from_secs(60), self.response.chunk())
                .await
                .unwrap()
                .unwrap()?;
            self.text += str::from_utf8(&chunk).unwrap();
        }
    }

    /// The next event.
    async fn next(&mut self) -> NumberedEvent {
        loop {
            let block = self.block().await.unwrap();
            if block != ":" {
                return message(&block);
            }
        }
    }

    async fn take(&mut self, count: usize) -> Vec<NumberedEvent> {
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(self.next().await);
        }
        all
    }

    /// Holds the stream to ending now, having told nothing more.
    async fn ends(mut self) {
        assert_eq!(self.block().await, None);
    }
}

/// A block that is an event.
fn message(block: &str) -> NumberedEvent {
    let mut lines = block.split('\n');
    let mut value = |name: &str| lines.next().unwrap().strip_prefix(name).unwrap().to_owned();
    let (id, event, data) = (value("id: "), value("event: "), value("data: "));
    NumberedEvent {
        id: id.parse().unwrap(),
        event,
        data: serde_json::from_str(&data).unwrap(),
    }
}

/// Adds a person, who gets that title.
async fn add(person: &Person, title: &str) {
    let body = json!({"firstname": "Maya", "lastname": "Castro", "title": title});
    person.post("/employees", body).await.expect(201);
}

#[tokio::test]
async fn a_follower_gets_the_changes_of_others_in_order() {
    let server = Server::start().await;
    let (ada, eve, vic) = (
        server.sign_in("ada").await,
        server.sign_in("eve").await,
        server.sign_in("vic").await,
    );
    let mut follower = Follower::of(&vic, None).await;
    add(&eve, "Analyst").await;
    let lead = eve
        .patch("/employees/1", json!({"title": "Lead"}))
        .if_match("*")
        .await
        .expect(200)
        .json();
    // What changes nothing, and what is refused, is told nobody.
    eve.patch("/employees/1", json!({"title": "Lead"}))
        .if_match("*")
        .await
        .expect(200);
    eve.patch("/employees/1", json!({"title": "Late"}))
        .if_match("\"1\"")
        .await
        .expect(412);
    ada.delete("/employees/1").if_match("*").await.expect(204);
    let rows = "firstname,lastname\nNoor,Li\nZoë,Berg\n";
    eve.ask(Method::POST, "/employees/import?dry_run=true")
        .body("text/csv", rows)
        .await
        .expect(200);
    eve.ask(Method::POST, "/employees/import")
        .body("text/csv", rows)
        .await
        .expect(200);

    ada.ask(Method::POST, "/employees/imports/1/undo")
        .await
        .expect(200);

    let all = follower.take(5).await;
    let changes: Vec<_> = all[..3].iter().map(NumberedEvent::short).collect();
    assert_eq!(
        changes,
        [
            ("created", 1, 1, "eve"),
            ("changed", 1, 2, "eve"),
            ("deleted", 1, 3, "ada")
        ]
    );
    assert_eq!(
        (&all[0].data["record"]["title"], &all[1].data["record"]),
        (&json!("Analyst"), &lead)
    );
    assert_eq!(all[2].data.get("record"), None);
    assert_eq!(
        (&*all[3].event, &all[3].data["ids"]),
        ("changed-many", &json!([2, 3]))
    );
    assert_eq!(all[3].data.get("undoes"), None);
    assert_eq!(
        (&*all[4].event, &all[4].data["by"], &all[4].data["undoes"]),
        ("changed-many", &json!("ada"), &json!(1))
    );
    assert!(all.is_sorted_by(|one, next| one.id < next.id), "{all:?}");
}

#[tokio::test]
async fn a_reconnect_continues_without_gaps_or_repeats() {
    let server = Server::start().await;
    let (eve, vic) = (server.sign_in("eve").await, server.sign_in("vic").await);
    let mut always = Follower::of(&vic, None).await;
    for title in 0..100 {
        add(&eve, &title.to_string()).await;
    }
    let all = always.take(100).await;
    for from in [0, 1, 35, 98] {
        let mut back = Follower::of(&vic, Some(all[from].id)).await;
        assert_eq!(back.take(99 - from).await, all[from + 1..]);
    }
    let mut last = Follower::of(&vic, Some(all[99].id)).await;
    add(&eve, "new").await;
    assert_eq!(last.next().await, always.next().await);
}

#[tokio::test]
async fn an_unknown_event_id_gets_a_reset() {
    let server = Server::start().await;
    let (eve, vic) = (server.sign_in("eve").await, server.sign_in("vic").await);
    let mut before = Follower::of(&vic, None).await;
    add(&eve, "Analyst").await;
    let known = before.next().await.id;
    drop(before);
    server.restart().await;
    let mut after = Follower::of(&vic, Some(known)).await;
    let reset = after.next().await;
    assert_eq!((&*reset.event, &reset.data), ("reset", &json!({})));
    add(&eve, "Lead").await;
    let next = after.next().await;
    assert_eq!(next.short(), ("created", 2, 1, "eve"));
    assert!(known < reset.id && reset.id < next.id);
    // The reset itself is a place to go on from.
    assert_eq!(Follower::of(&vic, Some(reset.id)).await.next().await, next);
    let later = format!("{}9", next.id);
    for never_given in ["0-0", &later, "18446744073709551615-1"] {
        let never_given = never_given.parse().unwrap();
        assert_eq!(
            Follower::of(&vic, Some(never_given))
                .await
                .next()
                .await
                .event,
            "reset"
        );
    }
}

/// So many that neither the server remembers them nor the way to the client holds them.
const MANY: usize = 3200;

#[tokio::test]
async fn a_slow_reader_is_reset_while_others_get_every_event() {
    let server = Server::start().await;
    let (eve, vic) = (server.sign_in("eve").await, server.sign_in("vic").await);
    let mut slow = Raw::open_narrow(&server).await;
    let head = format!("Host: r\r\nAuthorization: Bearer {}\r\n\r\n", vic.access);
    slow.send(&format!("GET /events HTTP/1.1\r\n{head}")).await;
    slow.until("event: reset").await;
    let mut quick = Follower::of(&vic, None).await;
    let person = json!({"firstname": "Maya", "lastname": "Castro", "notes": "n".repeat(2000)});
    for _ in 0..MANY / 50 {
        join_all(
            (0..50).map(|_| async { eve.post("/employees", person.clone()).await.expect(201) }),
        )
        .await;
        assert!(
            quick
                .take(50)
                .await
                .iter()
                .all(|message| message.event == "created")
        );
    }
    let kept = slow.until("event: reset").await;
    assert!(kept.matches("event: created").count() < MANY);
}

#[tokio::test]
async fn it_lives_while_nothing_happens_and_ends_when_the_session_does() {
    let server = Server::start().await;
    let (eve, vic) = (server.sign_in("eve").await, server.sign_in("vic").await);
    let mut follower = Follower::of(&vic, None).await;
    for _ in 0..8 {
        pass(15).await;
        assert_eq!(follower.block().await.as_deref(), Some(":"));
    }
    server
        .with_cookie(Method::POST, "/logout", &vic.cookie)
        .await
        .expect(204);
    add(&eve, "Analyst").await;
    follower.ends().await;
}

#[tokio::test]
async fn an_idle_stream_ends_with_its_expired_session() {
    let server = Server::start().await;
    let follower = Follower::of(&server.sign_in("vic").await, None).await;
    server.turn(HOUR * 24 * 8);
    pass(15).await;
    follower.ends().await;
}

/// The comment with which a stream ends whose client can get another token.
const TOKEN_ENDED: &str =
    ": the access token is no longer valid; reconnect with a new one and Last-Event-ID";

#[tokio::test]
async fn it_ends_with_its_token_and_goes_on_with_the_next_one() {
    let server = Server::start().await;
    let (eve, vic) = (server.sign_in("eve").await, server.sign_in("vic").await);
    let mut follower = Follower::of(&vic, None).await;
    add(&eve, "Analyst").await;
    let last = follower.next().await;
    server.turn(ACCESS_TIME + SECOND * 5);

    // What is committed from then on is not for this token any more.
    let eve = eve.after(&server.refresh(&eve.cookie).await.expect(200));
    add(&eve, "Lead").await;
    assert_eq!(follower.block().await.as_deref(), Some(TOKEN_ENDED));
    follower.ends().await;

    let vic = vic.after(&server.refresh(&vic.cookie).await.expect(200));
    let mut follower = Follower::of(&vic, Some(last.id)).await;
    assert_eq!(follower.next().await.short(), ("created", 2, 1, "eve"));
}

#[tokio::test]
async fn an_idle_stream_ends_with_its_token_too() {
    let server = Server::start().await;
    let mut follower = Follower::of(&server.sign_in("vic").await, None).await;
    server.turn(ACCESS_TIME + SECOND * 5);
    pass(15).await;
    assert_eq!(follower.block().await.as_deref(), Some(TOKEN_ENDED));
    follower.ends().await;
}

#[tokio::test]
async fn it_ends_when_another_role_or_other_keys_make_its_token_invalid() {
    let mut server = Server::start().await;
    let (ada, vic) = (server.sign_in("ada").await, server.sign_in("vic").await);
    let mut follower = Follower::of(&vic, None).await;
    ada.patch("/users/vic", json!({"role": "editor"}))
        .await
        .expect(200);
    pass(15).await;
    assert_eq!(follower.block().await.as_deref(), Some(TOKEN_ENDED));
    follower.ends().await;

    let mut follower = Follower::of(&ada, None).await;
    server.running.replace_keys(keys(2));
    pass(15).await;
    assert_eq!(follower.block().await.as_deref(), Some(TOKEN_ENDED));
    follower.ends().await;
}

#[tokio::test]
async fn it_does_not_hold_up_the_end_of_the_server() {
    let server = Server::start().await;
    let follower = Follower::of(&server.sign_in("vic").await, None).await;
    timeout(Duration::from_secs(5), server.running.stop())
        .await
        .unwrap();
    follower.ends().await;
}

#[tokio::test]
async fn the_stream_is_read_only_and_needs_a_token() {
    let server = Server::start().await;
    let vic = server.sign_in("vic").await;
    server
        .get("/events")
        .await
        .refused(401, "token_missing", "login");
    let refused = vic
        .post("/events", json!({}))
        .await
        .refused(405, "method_not_allowed", "none");
    assert_eq!(refused.header("allow"), Some("GET, HEAD"));
    let head = vic.ask(Method::HEAD, "/events").await.expect(200);
    assert_eq!(
        (head.header("content-type"), head.body.len()),
        (Some("text/event-stream; charset=utf-8"), 0)
    );
}
