//! People at work, each until the trial is over.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use reqwest::header::COOKIE;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use crate::client::{Client, Session, pair};
use crate::report::{BOUND, Ended, Harm};

/// How long a revoked token is presented again: less than it would be valid otherwise.
const ASKED_FOR: Duration = Duration::from_secs(60);

/// Refreshes again and again, and uses each token on whichever server gets it.
pub(crate) async fn refresh(mut client: Client) {
    let mut session = client.sign_in().await;
    while !client.world.is_over() {
        client.refresh(&mut session).await;
        client.world.refreshes.fetch_add(1, Ordering::Relaxed);
        look(&mut client, &session, "/me").await;
        sleep(Duration::from_millis(40)).await;
    }
}

/// Reads lists.
pub(crate) async fn read(mut client: Client) {
    let mut session = client.sign_in().await;
    while !client.world.is_over() {
        client.keep(&mut session).await;
        look(&mut client, &session, "/employees?limit=5").await;
        sleep(Duration::from_millis(20)).await;
    }
}

/// Reads something that a session may read.
async fn look(client: &mut Client, session: &Session, path: &str) {
    let answer = client
        .until_answered(path, |http, url| http.get(url).bearer_auth(&session.access))
        .await;
    if answer.status == 200 {
        client.world.reads.success();
    } else {
        let details = format!("{} at {path}: {answer:?}", client.user);
        client.world.harm(Harm::SessionLost, &details);
    }
}

/// Creates employees, each with a name of its own and an idempotency key.
pub(crate) async fn create(mut client: Client) {
    let mut session = client.sign_in().await;
    for number in 0.. {
        if client.world.is_over() {
            return;
        }
        client.keep(&mut session).await;
        let name = format!("{} {number}", client.user);
        let employee = json!({"firstname": "Maya", "lastname": name});
        let key = Uuid::now_v7().to_string();
        let answer = client
            .until_answered("/employees", |http, url| {
                let create = http.post(url).bearer_auth(&session.access);
                create.header("idempotency-key", &key).json(&employee)
            })
            .await;
        if answer.status == 201 {
            client.world.writes.success();
            let id = answer.body["id"].to_string();
            client.world.created.lock().unwrap().insert(name, id);
        } else {
            let details = format!("{name}: {answer:?}");
            client.world.harm(Harm::Unexpected, &details);
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Signs in and out.
pub(crate) async fn sign_out(mut client: Client) {
    while !client.world.is_over() {
        let session = client.sign_in().await;
        look(&mut client, &session, "/me").await;
        let answer = client
            .until_answered("/logout", |http, url| {
                http.post(url).header(COOKIE, pair(&session.cookie))
            })
            .await;
        if answer.status == 204 {
            ended(&client, &session);
        } else {
            let details = format!("{} at a sign-out: {answer:?}", client.user);
            client.world.harm(Harm::Unexpected, &details);
        }
        sleep(Duration::from_millis(800)).await;
    }
}

/// Notes a session whose end was just acknowledged.
fn ended(client: &Client, session: &Session) {
    client.world.writes.success();
    client.world.ended.lock().unwrap().push(Ended {
        access: session.access.clone(),
        cookie: session.cookie.clone(),
        at: Instant::now(),
    });
}

/// An account that an admin disables and enables while somebody is signed in to it.
pub(crate) async fn disable(mut client: Client) {
    let mut admin = Client::of(&client.world);
    let mut admins = admin.sign_in().await;
    let path = format!("/users/{}", client.user);
    while !client.world.is_over() {
        let session = client.sign_in().await;
        look(&mut client, &session, "/me").await;
        admin.keep(&mut admins).await;
        for disabled in [true, false] {
            let answer = admin
                .until_answered(&path, |http, url| {
                    let change = http.patch(url).bearer_auth(&admins.access);
                    change.json(&json!({"disabled": disabled}))
                })
                .await;
            assert_eq!(answer.status, 200, "{answer:?}");
            if !disabled {
                continue;
            }
            ended(&client, &session);
            sleep(BOUND).await;
            if client.try_to_sign_in().await.status == 200 {
                let details = "a disabled account signed in";
                client.world.harm(Harm::Stale, details);
            }
        }
        // Enabled again on every server.
        sleep(BOUND).await;
    }
}

/// Presents tokens of sessions that have ended, half of the time the newest one.
pub(crate) async fn ask_for_those_signed_out(mut client: Client) {
    while !client.world.is_over() {
        sleep(Duration::from_millis(10)).await;
        let Some(ended) = choose(&mut client) else {
            continue;
        };
        let age = ended.at.elapsed();
        let answer = client
            .once("/me", |http, url| http.get(url).bearer_auth(&ended.access))
            .await;
        let Some(answer) = answer else { continue };
        let world = &client.world;
        if age > BOUND {
            world.asked.fetch_add(1, Ordering::Relaxed);
        }
        if answer.status == 200 {
            let millis = u64::try_from(age.as_millis()).unwrap();
            world.last_yes.fetch_max(millis, Ordering::Relaxed);
            if age > BOUND {
                world.harm(Harm::Stale, &format!("let in after {age:?}"));
            }
        }
    }
}

/// One of those that ended within the last minute.
fn choose(client: &mut Client) -> Option<Ended> {
    let all = client.world.ended.lock().unwrap();
    let recent = all
        .iter()
        .rev()
        .take_while(|one| one.at.elapsed() < ASKED_FOR);
    let recent: Vec<_> = recent.collect();
    let which = if client.random.bool() {
        0
    } else {
        client.random.usize(..recent.len().max(1))
    };
    recent.get(which).map(|one| Ended::clone(one))
}

/// Compares what both servers have with what was acknowledged.
pub(crate) async fn compare(admin: &mut Client) {
    let world = Arc::clone(&admin.world);
    let session = admin.sign_in().await;
    for server in &world.servers {
        let list = admin
            .http
            .get(format!("{server}/employees"))
            .bearer_auth(&session.access);
        let list: Vec<Value> = list.send().await.unwrap().json().await.unwrap();
        let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for employee in &list {
            let name = employee["lastname"].as_str().unwrap();
            found
                .entry(name)
                .or_default()
                .push(employee["id"].to_string());
        }
        for (name, id) in &*world.created.lock().unwrap() {
            match found.get(name.as_str()).map(Vec::as_slice) {
                Some([one]) if one == id => {}
                Some([_]) | None => world.harm(Harm::Lost, &format!("{name}, {id}")),
                Some(all) => world.harm(Harm::Twice, &format!("{name}, {all:?}")),
            }
        }
    }
    let ended = world.ended.lock().unwrap().clone();
    for one in ended {
        let answer = admin
            .until_answered("/refresh", |http, url| {
                http.post(url).header(COOKIE, pair(&one.cookie))
            })
            .await;
        if answer.status == 200 {
            world.harm(Harm::Lost, "a sign-out");
        }
    }
}
