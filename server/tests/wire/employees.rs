//! One employee at a time: versions, rules, roles, and requests that are sent twice.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::future::IntoFuture;

use crate::support::{Answer, HOUR, Person, SECOND, Server};

/// Maya Castro, with other fields beside.
fn maya(more: Value) -> Value {
    let mut maya = json!({"firstname": "Maya", "lastname": "Castro"});
    maya.as_object_mut()
        .unwrap()
        .append(&mut more.as_object().unwrap().clone());
    maya
}

async fn create(who: &Person, more: Value) -> u64 {
    who.post("/employees", maya(more)).await.expect(201).json()["id"]
        .as_u64()
        .unwrap()
}

/// A refusal of the fields' rules.
#[track_caller]
fn breaks(answer: Answer, rules: &[(&str, &str)]) {
    answer
        .refused(422, "validation_failed", "none")
        .names(rules);
}

#[tokio::test]
async fn a_created_employee_has_every_field_and_a_location() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let answer = eve
        .post(
            "/employees",
            maya(json!({"hired": "2024-02-29", "email": null, "title": "  "})),
        )
        .await
        .expect(201);
    assert_eq!(
        (answer.header("location"), answer.header("etag")),
        (Some("/employees/1"), Some("\"1\""))
    );
    let json = answer.json();
    let created = json["created"].clone();
    assert_eq!(
        json,
        json!({
            "id": 1, "firstname": "Maya", "lastname": "Castro", "email": null, "phone": null, "title": null,
            "department": null, "location": null, "manager": null, "status": "active", "hired": "2024-02-29",
            "number": null, "notes": null, "version": 1, "created": created, "updated": created, "updatedBy": "eve",
        })
    );
    let read = eve.get("/employees/1").await.expect(200);
    assert_eq!((read.json(), read.header("etag")), (json, Some("\"1\"")));
    assert_eq!(read.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn text_is_kept_composed_and_trimmed() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let body =
        json!({"firstname": "  Jose\u{301} ", "lastname": "می\u{200c}خواهم", "location": "東京"});
    let json = eve.post("/employees", body).await.expect(201).json();
    assert_eq!(
        (&json["firstname"], &json["location"]),
        (&json!("José"), &json!("東京"))
    );
    assert_eq!(json["lastname"], "می\u{200c}خواهم");
}

#[tokio::test]
async fn a_current_client_gets_304() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    create(&eve, json!({})).await;
    for tag in ["\"1\"", "W/\"1\"", "\"0\", \"1\"", "*"] {
        let answer = eve
            .get("/employees/1")
            .header("If-None-Match", tag)
            .await
            .expect(304);
        assert!(answer.body.is_empty() && answer.header("etag") == Some("\"1\""));
    }
    for tag in ["\"2\"", "\"11\"", ""] {
        eve.get("/employees/1")
            .header("If-None-Match", tag)
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn replacing_clears_absent_fields_and_merging_keeps_them() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    create(
        &eve,
        json!({"title": "Dispatcher", "notes": "Speaks Polish.", "status": "leave"}),
    )
    .await;
    server.turn(HOUR);
    // Who signed in an hour ago needs a new token.
    let eve = eve.after(&server.refresh(&eve.cookie).await.expect(200));
    let merged = eve
        .patch(
            "/employees/1",
            json!({"title": "Shift Lead", "notes": null}),
        )
        .if_match("\"1\"")
        .await
        .expect(200);
    assert_eq!(merged.header("etag"), Some("\"2\""));
    let json = merged.json();
    assert_eq!(
        (&json["title"], &json["notes"], &json["status"]),
        (&json!("Shift Lead"), &Value::Null, &json!("leave"))
    );
    assert!(json["updated"].as_str() > json["created"].as_str());
    let replaced = eve
        .put("/employees/1", maya(json!({"phone": "+49 30 1234567"})))
        .if_match("\"2\"")
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&replaced["title"], &replaced["phone"]),
        (&Value::Null, &json!("+49 30 1234567"))
    );
    assert_eq!(
        (&replaced["status"], &replaced["version"]),
        (&json!("active"), &json!(3))
    );
    assert_eq!(eve.get("/employees/1").await.json(), replaced);
}

#[tokio::test]
async fn a_record_that_was_read_may_be_sent_back_as_it_is() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    create(&eve, json!({"title": "Dispatcher"})).await;
    let mut read = eve.get("/employees/1").await.json();
    assert_eq!(
        eve.put("/employees/1", read.clone())
            .if_match("\"1\"")
            .await
            .expect(200)
            .json(),
        read
    );
    read["title"] = json!("Shift Lead");
    assert_eq!(
        eve.put("/employees", read).await.expect(200).json()["version"],
        2
    );
}

#[tokio::test]
async fn a_change_must_say_of_which_version() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    create(&ada, json!({})).await;
    let required = |answer: Answer| answer.refused(428, "version_required", "none");
    required(ada.put("/employees/1", maya(json!({}))).await);
    required(ada.patch("/employees/1", json!({"title": "x"})).await);
    required(ada.delete("/employees/1").await);
    assert_eq!(ada.get("/employees/1").await.json()["version"], 1);
}

#[tokio::test]
async fn a_change_of_an_old_version_gets_the_current_record() {
    let server = Server::start().await;
    let [ada, eve] = [server.sign_in("ada").await, server.sign_in("eve").await];
    create(&eve, json!({})).await;
    let current = eve
        .patch("/employees/1", json!({"title": "Dispatcher"}))
        .if_match("\"1\"")
        .await
        .expect(200)
        .json();
    for tag in [
        "\"1\"",
        "\"3\"",
        "\"0\"",
        "W/\"2\"",
        "\"\"",
        "\"18446744073709551616\"",
    ] {
        for answer in [
            ada.patch("/employees/1", json!({"title": "Shift Lead"}))
                .if_match(tag)
                .await,
            ada.put("/employees/1", maya(json!({}))).if_match(tag).await,
            ada.delete("/employees/1").if_match(tag).await,
        ] {
            assert_eq!(
                answer.refused(412, "stale", "none").json()["current"],
                current,
                "{tag}"
            );
        }
    }
    assert_eq!(eve.get("/employees/1").await.json(), current);
}

#[tokio::test]
async fn a_star_matches_any_version() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    create(&ada, json!({})).await;
    ada.patch("/employees/1", json!({"title": "Dispatcher"}))
        .if_match("*")
        .await
        .expect(200);
    assert_eq!(
        ada.put("/employees/1", maya(json!({})))
            .if_match("*")
            .await
            .expect(200)
            .json()["version"],
        3
    );
    ada.delete("/employees/1").if_match("*").await.expect(204);
}

#[tokio::test]
async fn of_ten_changes_of_one_version_one_is_made() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    create(&eve, json!({})).await;
    let change = |n: usize| {
        eve.patch("/employees/1", json!({"title": format!("title {n}")}))
            .if_match("\"1\"")
            .into_future()
    };
    let answers = join_all((0..10).map(change)).await;
    let (made, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((made.len(), refused.len()), (1, 9));
    for answer in refused {
        assert_eq!(
            answer.refused(412, "stale", "none").json()["current"],
            made[0].json()
        );
    }
}

#[tokio::test]
async fn a_change_that_changes_nothing_writes_nothing() {
    let server = Server::start().await;
    let [ada, eve] = [server.sign_in("ada").await, server.sign_in("eve").await];
    create(&eve, json!({"title": "Dispatcher"})).await;
    let before = eve.get("/employees/1").await.json();
    server.turn(SECOND);
    for ask in [
        ada.patch("/employees/1", json!({})).if_match("\"1\""),
        ada.patch(
            "/employees/1",
            json!({"title": " Dispatcher ", "notes": null}),
        )
        .if_match("\"1\""),
        ada.put("/employees/1", maya(json!({"title": "Dispatcher"})))
            .if_match("*"),
        ada.put("/employees", json!({"id": 1})),
    ] {
        let answer = ask.await.expect(200);
        assert_eq!(
            (answer.json(), answer.header("etag")),
            (before.clone(), Some("\"1\""))
        );
    }
}

#[tokio::test]
async fn an_employee_is_gone_when_it_is_deleted_and_its_number_is_never_given_again() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    for _ in 0..2 {
        create(&ada, json!({})).await;
    }
    let answer = ada
        .delete("/employees/2")
        .if_match("\"1\"")
        .await
        .expect(204);
    assert!(answer.body.is_empty());
    let gone = |answer: Answer| answer.refused(404, "employee_not_found", "none");
    gone(ada.get("/employees/2").await);
    gone(ada.delete("/employees/2").if_match("*").await);
    gone(ada.patch("/employees/2", json!({})).if_match("*").await);
    gone(
        ada.put("/employees/2", maya(json!({})))
            .if_match("\"1\"")
            .await,
    );
    gone(ada.put("/employees", json!({"id": 2})).await);
    gone(ada.delete("/employees").json(json!({"id": 2})).await);
    server.restart().await;
    assert_eq!(create(&ada, json!({})).await, 3);
}

#[tokio::test]
async fn a_deleted_employee_is_restored() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    for _ in 0..3 {
        create(&ada, json!({"title": "Analyst"})).await;
    }
    let restore = |who: &Person, id: u64, more: Value| {
        who.put(&format!("/employees/{id}"), maya(more))
            .header("If-None-Match", "*")
    };
    let stale = restore(&ada, 2, json!({}))
        .await
        .refused(412, "stale", "none");
    assert_eq!(stale.json()["current"]["id"], 2);
    ada.delete("/employees/2").if_match("*").await.expect(204);
    server.restart().await;
    breaks(
        restore(&ada, 2, json!({"email": "nobody"})).await,
        &[("email", "format")],
    );
    restore(&server.sign_in("vic").await, 2, json!({}))
        .await
        .refused(403, "role_required", "none");

    let back = restore(&ada, 2, json!({"title": "Lead", "id": 2, "version": 1}))
        .await
        .expect(201);
    assert_eq!(
        (back.header("location"), back.header("etag")),
        (Some("/employees/2"), Some("\"3\""))
    );
    assert_eq!(ada.get("/employees/2").await.json(), back.json());
    let list = ada.get("/employees?sort=id").await.json();
    assert_eq!(
        list.as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].clone())
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
    restore(&ada, 4, json!({}))
        .await
        .refused(404, "employee_not_found", "none");
    restore(&ada, 2, json!({}))
        .await
        .refused(412, "stale", "none");
    ada.put("/employees/4", maya(json!({})))
        .header("If-None-Match", "\"1\"")
        .await
        .refused(428, "version_required", "none");
}

#[tokio::test]
async fn the_first_clients_name_the_employee_in_the_body() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    create(&ada, json!({"title": "Dispatcher"})).await;
    let merged = ada
        .put("/employees", json!({"id": 1, "lastname": "Castro-Lima"}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&merged["lastname"], &merged["title"], &merged["version"]),
        (&json!("Castro-Lima"), &json!("Dispatcher"), &json!(2))
    );
    let stale = ada
        .put("/employees", json!({"id": 1, "version": 1, "title": "x"}))
        .await;
    assert_eq!(
        stale.refused(412, "stale", "none").json()["current"],
        merged
    );
    ada.put(
        "/employees",
        json!({"id": 1, "version": 2, "title": "Shift Lead"}),
    )
    .await
    .expect(200);
    breaks(
        ada.put("/employees", json!({"title": "x"})).await,
        &[("id", "required")],
    );
    breaks(
        ada.delete("/employees").json(json!({})).await,
        &[("id", "required")],
    );
    ada.delete("/employees")
        .json(json!({"id": 1, "version": 2}))
        .await
        .refused(412, "stale", "none");
    ada.delete("/employees")
        .json(json!({"id": 1, "version": 3}))
        .await
        .expect(204);
    create(&ada, json!({})).await;
    ada.delete("/employees")
        .json(json!({"id": 2}))
        .await
        .expect(204);
}

#[tokio::test]
async fn a_new_employee_cannot_choose_its_id_or_version() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    breaks(
        eve.post("/employees", maya(json!({"id": 7}))).await,
        &[("id", "read_only")],
    );
    breaks(
        eve.post("/employees", maya(json!({"version": 7}))).await,
        &[("version", "read_only")],
    );
    create(&eve, json!({})).await;
    breaks(
        eve.patch("/employees/1", json!({"id": 2}))
            .if_match("*")
            .await,
        &[("id", "read_only")],
    );
    let json = eve
        .patch(
            "/employees/1",
            json!({"title": "x", "updatedBy": "ada", "created": 0}),
        )
        .if_match("*")
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&json["updatedBy"], &json["version"]),
        (&json!("eve"), &json!(2))
    );
}

#[tokio::test]
async fn every_field_that_breaks_its_rule_is_named() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let body = json!({
        "firstname": " ", "lastname": "x".repeat(101), "email": "nobody", "phone": "call me", "title": "a\u{1b}[31m",
        "status": "asleep", "hired": "2023-02-29", "notes": "one\u{7}two", "manager": 0,
    });
    let all = [
        ("firstname", "required"),
        ("lastname", "too_long"),
        ("email", "format"),
        ("phone", "format"),
        ("title", "control"),
        ("manager", "format"),
        ("status", "format"),
        ("hired", "format"),
        ("notes", "control"),
    ];
    breaks(eve.post("/employees", body.clone()).await, &all);
    breaks(
        eve.post("/employees", json!({})).await,
        &[("firstname", "required"), ("lastname", "required")],
    );
    create(&eve, json!({})).await;
    breaks(
        eve.patch("/employees/1", body.clone())
            .if_match("\"1\"")
            .await,
        &all,
    );
    breaks(eve.put("/employees/1", body).if_match("\"1\"").await, &all);
    breaks(
        eve.patch("/employees/1", json!({"lastname": null}))
            .if_match("\"1\"")
            .await,
        &[("lastname", "required")],
    );
    assert_eq!(eve.get("/employees/1").await.json()["version"], 1);
}

#[tokio::test]
async fn a_manager_must_exist_and_not_create_a_cycle() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    breaks(
        ada.post("/employees", maya(json!({"manager": 1}))).await,
        &[("manager", "not_found")],
    );
    let boss = create(&ada, json!({})).await;
    let lead = create(&ada, json!({"manager": boss})).await;
    let worker = create(&ada, json!({"manager": lead})).await;
    let set = |id: u64, manager: u64| {
        ada.patch(&format!("/employees/{id}"), json!({"manager": manager}))
            .if_match("*")
    };
    breaks(set(worker, 999).await, &[("manager", "not_found")]);
    breaks(set(worker, worker).await, &[("manager", "circle")]);
    breaks(set(boss, lead).await, &[("manager", "circle")]);
    breaks(set(boss, worker).await, &[("manager", "circle")]);
    assert_eq!(set(worker, boss).await.expect(200).json()["manager"], boss);
}

#[tokio::test]
async fn the_id_of_a_deleted_manager_is_kept_until_it_is_changed() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let boss = create(&ada, json!({})).await;
    let worker = create(&ada, json!({"manager": boss})).await;
    ada.delete(&format!("/employees/{boss}"))
        .if_match("*")
        .await
        .expect(204);
    let path = format!("/employees/{worker}");
    let changed = ada
        .patch(&path, json!({"title": "Dispatcher"}))
        .if_match("*")
        .await
        .expect(200)
        .json();
    assert_eq!(changed["manager"], boss);
    ada.put(&path, maya(json!({"manager": boss})))
        .if_match("*")
        .await
        .expect(200);
    ada.patch(&path, json!({"manager": null}))
        .if_match("*")
        .await
        .expect(200);
    breaks(
        ada.patch(&path, json!({"manager": boss}))
            .if_match("*")
            .await,
        &[("manager", "not_found")],
    );
}

#[tokio::test]
async fn a_request_that_is_sent_twice_under_one_key_makes_one_employee() {
    let server = Server::start().await;
    let [ada, eve] = [server.sign_in("ada").await, server.sign_in("eve").await];
    let keyed = |who: &Person, title: &str| {
        who.post("/employees", maya(json!({"title": title})))
            .header("Idempotency-Key", "one")
    };
    let first = keyed(&eve, "Dispatcher").await.expect(201);
    let again = keyed(&eve, "Dispatcher").await.expect(201);
    assert_eq!(
        (again.json(), again.header("location")),
        (first.json(), Some("/employees/1"))
    );
    keyed(&eve, "Shift Lead")
        .await
        .refused(422, "idempotency_mismatch", "none");
    // A key is one person's own.
    assert_eq!(keyed(&ada, "Shift Lead").await.expect(201).json()["id"], 2);
    server.restart().await;
    assert_eq!(
        keyed(&eve, "Dispatcher").await.expect(201).json(),
        first.json()
    );
    assert_eq!(
        eve.get("/employees").await.json().as_array().unwrap().len(),
        2
    );
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let server = Server::start().await;
    let keyed = |who: &Person| {
        who.post("/employees", maya(json!({})))
            .header("Idempotency-Key", "one")
    };
    keyed(&server.sign_in("eve").await).await.expect(201);
    server.turn(HOUR * 24 - SECOND);
    assert_eq!(
        keyed(&server.sign_in("eve").await).await.expect(201).json()["id"],
        1
    );
    server.turn(SignedDuration::from_secs(1));
    assert_eq!(
        keyed(&server.sign_in("eve").await).await.expect(201).json()["id"],
        2
    );
}

#[tokio::test]
async fn ten_repeats_at_once_make_one_employee() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let keyed = || {
        eve.post("/employees", maya(json!({})))
            .header("Idempotency-Key", "one")
            .into_future()
    };
    for answer in join_all((0..10).map(|_| keyed())).await {
        assert_eq!(answer.expect(201).json()["id"], 1);
    }
}

#[tokio::test]
async fn a_refused_request_does_not_use_its_key_up() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let keyed = |body: Value| {
        eve.post("/employees", body)
            .header("Idempotency-Key", "one")
    };
    breaks(
        keyed(json!({"firstname": "Maya"})).await,
        &[("lastname", "required")],
    );
    keyed(maya(json!({}))).await.expect(201);
    for bad in ["", &"k".repeat(256)] {
        let answer = eve
            .post("/employees", maya(json!({})))
            .header("Idempotency-Key", bad)
            .await;
        answer.refused(400, "bad_request", "none");
    }
    let twice = eve
        .post("/employees", maya(json!({})))
        .header("Idempotency-Key", "a")
        .header("Idempotency-Key", "b");
    twice.await.refused(400, "bad_request", "none");
}

#[tokio::test]
async fn each_role_can_do_exactly_what_it_should() {
    let server = Server::start().await;
    let [ada, eve, vic] = [
        server.sign_in("ada").await,
        server.sign_in("eve").await,
        server.sign_in("vic").await,
    ];
    create(&eve, json!({})).await;
    eve.patch("/employees/1", json!({"title": "Dispatcher"}))
        .if_match("*")
        .await
        .expect(200);
    vic.get("/employees/1").await.expect(200);
    vic.get("/employees?limit=1").await.expect(200);
    create(&ada, json!({})).await;
    ada.delete("/employees/1").if_match("*").await.expect(204);
    assert_eq!(
        vic.get("/employees").await.json().as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn acknowledged_writes_survive_a_restart() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    create(&ada, json!({})).await;
    create(&ada, json!({})).await;
    ada.patch("/employees/1", json!({"title": "Dispatcher"}))
        .if_match("*")
        .await
        .expect(200);
    ada.delete("/employees/2").if_match("*").await.expect(204);
    let before = ada.get("/employees").await.json();
    server.restart().await;
    assert_eq!(ada.get("/employees").await.json(), before);
}
