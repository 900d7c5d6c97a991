//! What was acknowledged is there after a `kill -9`, and an orderly end is orderly.

use std::path::Path;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use roster_server::store::redb::RedbStore;
use serde_json::{Value, json};

use crate::program::{Folder, run, tokens};

fn person(number: usize) -> Value {
    json!({"firstname": "Maya", "lastname": format!("Castro {number}")})
}

#[tokio::test]
async fn an_employee_who_was_acknowledged_outlives_a_kill() {
    let folder = Folder::with_ada();
    let mut server = folder.start();
    let (access, _) = server.sign_in().await;
    let created = server
        .post("/employees", &access, &person(1))
        .send()
        .await
        .unwrap();
    server.kill();
    assert_eq!(created.status(), 201);
    let server = folder.start();
    let found = server.get("/employees/1", &access).send().await.unwrap();
    let found: Value = found.json().await.unwrap();
    assert_eq!(found["lastname"], "Castro 1");
}

#[tokio::test]
async fn of_many_writes_at_once_every_acknowledged_one_outlives_a_kill() {
    let folder = Folder::with_ada();
    let mut server = folder.start();
    let (access, _) = server.sign_in().await;
    let create = |number: usize| {
        let request = server.post("/employees", &access, &person(number));
        async move {
            request
                .send()
                .await
                .is_ok_and(|answer| answer.status() == 201)
                .then_some(number)
        }
    };
    let mut answers: FuturesUnordered<_> = (0..200).map(create).collect();
    let mut acknowledged: Vec<usize> = (&mut answers)
        .take(40)
        .filter_map(async |number| number)
        .collect()
        .await;
    server.kill();
    acknowledged.extend(
        answers
            .filter_map(async |number| number)
            .collect::<Vec<_>>()
            .await,
    );
    assert!(acknowledged.len() >= 40);

    let server = folder.start();
    let list: Value = server.get_json("/employees", &access).await;
    let names: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["lastname"].as_str().unwrap())
        .collect();
    for number in acknowledged {
        assert_eq!(
            names
                .iter()
                .filter(|name| **name == format!("Castro {number}"))
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn a_refresh_that_was_acknowledged_outlives_a_kill() {
    let folder = Folder::with_ada();
    let mut server = folder.start();
    let (_, first) = server.sign_in().await;
    let (_, second) = tokens(server.refresh(&first)).await;
    server.kill();
    let mut server = folder.start();
    let (_, third) = tokens(server.refresh(&second)).await;
    assert!(third != second && second != first);
    server.kill();
    // Nobody has used the third yet: its answer may have been lost.
    let server = folder.start();
    let (_, again) = tokens(server.refresh(&second)).await;
    assert_eq!(again, third);
}

#[tokio::test]
async fn a_sign_out_that_was_acknowledged_outlives_a_kill() {
    let folder = Folder::with_ada();
    let mut server = folder.start();
    let (access, cookie) = server.sign_in().await;
    let logout = server
        .post("/logout", &access, &json!({}))
        .header("Cookie", format!("__Host-refresh={cookie}"));
    let answer = logout.send().await.unwrap();
    server.kill();
    assert_eq!(answer.status(), 204);
    let server = folder.start();
    assert_eq!(server.refresh(&cookie).send().await.unwrap().status(), 403);
    assert_eq!(
        server.get("/me", &access).send().await.unwrap().status(),
        403
    );
}

#[tokio::test]
async fn asked_to_end_the_server_ends_well_and_leaves_the_database_to_others() {
    let folder = Folder::with_ada();
    let server = folder.start();
    let (access, _) = server.sign_in().await;
    server
        .post("/employees", &access, &person(1))
        .send()
        .await
        .unwrap();
    let (status, _) = server.terminate();
    assert_eq!(status.code(), Some(0));
    assert!(is_free(&folder.database()));
    assert!(
        folder
            .add("eve", "editor", "eve edits the records")
            .status
            .success()
    );
}

fn is_free(database: &Path) -> bool {
    RedbStore::open(database).is_ok()
}

#[tokio::test]
async fn a_second_server_on_the_same_database_is_refused_and_the_first_goes_on() {
    let folder = Folder::with_ada();
    let server = folder.start();
    run(folder.serve(), "").refused(&["roster.redb is in use by another process"]);
    run(folder.rosterd(&["sample", "5"]), "")
        .refused(&["in use by another process", "stop it first"]);
    let (access, _) = server.sign_in().await;
    assert_eq!(
        server
            .post("/employees", &access, &person(1))
            .send()
            .await
            .unwrap()
            .status(),
        201
    );
}
