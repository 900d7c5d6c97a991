//! `If-Match` and `If-None-Match` on every route: lists, several lines, `*`, weak tags, and the
//! order of the two.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use std::future::IntoFuture;

use crate::support::{Answer, Ask, Person, Server, count};

/// A server with Maya Castro in version 2, and an admin.
async fn with_maya() -> (Server, Person) {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    ada.post(
        "/employees",
        json!({"firstname": "Maya", "lastname": "Castro"}),
    )
    .await
    .expect(201);
    ada.patch("/employees/1", json!({"title": "Analyst"}))
        .if_match("\"1\"")
        .await
        .expect(200);
    (server, ada)
}

/// Every way to write the record with the id 1, by the path and by the body.
fn writes(who: &Person) -> [Ask; 5] {
    let whole = json!({"firstname": "Maya", "lastname": "Castro", "title": "Lead"});
    [
        who.patch("/employees/1", json!({"title": "Lead"})),
        who.put("/employees/1", whole),
        who.delete("/employees/1"),
        who.put("/employees", json!({"id": 1, "title": "Lead"})),
        who.delete("/employees").json(json!({"id": 1})),
    ]
}

/// A refusal with the record as it is.
#[track_caller]
fn shows_the_current_record(answer: Answer) -> String {
    let problem = answer.refused(412, "stale", "none").json();
    assert_eq!(problem["current"]["version"], 2, "{problem}");
    problem["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn no_write_passes_a_precondition_that_does_not_hold() {
    let (_server, ada) = with_maya().await;
    for (name, value) in [
        ("If-Match", "\"1\""),
        ("If-Match", "\"1\", \"3\""),
        ("If-Match", ""),
        ("If-Match", "\"02\""),
        ("If-None-Match", "*"),
    ] {
        for ask in writes(&ada) {
            shows_the_current_record(ask.header(name, value).await);
        }
    }
    for ask in writes(&ada) {
        let both = ask
            .header("If-Match", "\"2\"")
            .header("If-None-Match", "\"1\", W/\"2\"");
        shows_the_current_record(both.await);
    }
    assert_eq!(ada.get("/employees/1").await.json()["version"], 2);
}

#[tokio::test]
async fn a_write_passes_by_any_tag_of_a_list_on_any_line() {
    let (_server, ada) = with_maya().await;
    let title = |title: &str| ada.patch("/employees/1", json!({"title": title}));
    title("Lead")
        .header("If-Match", "\"7\", ,\"2\"")
        .await
        .expect(200);
    title("Manager")
        .header("If-Match", "\"7\"")
        .header("If-Match", "W/\"3\"")
        .header("If-Match", "\"3\"")
        .await
        .expect(200);
    title("Director")
        .header("If-Match", "\"4\"")
        .header("If-None-Match", "\"3\"")
        .await
        .expect(200);
    ada.put("/employees", json!({"id": 1, "title": "Analyst"}))
        .header("If-Match", "\"5\"")
        .await
        .expect(200);
    ada.delete("/employees")
        .json(json!({"id": 1}))
        .header("If-Match", "\"6\"")
        .await
        .expect(204);
}

#[tokio::test]
async fn a_weak_tag_never_passes_and_the_refusal_says_so() {
    let (_server, ada) = with_maya().await;
    for ask in writes(&ada) {
        let detail = shows_the_current_record(ask.if_match("W/\"2\"").await);
        assert!(
            detail.contains("weak") && detail.contains("\"2\""),
            "{detail}"
        );
    }
    let old = ada.get("/employees/1").if_match("W/\"1\"").await;
    assert!(shows_the_current_record(old).contains("weak"));
}

#[tokio::test]
async fn a_version_in_the_body_and_if_match_must_both_hold() {
    let (_server, ada) = with_maya().await;
    let merge = |version: u64, tag: &str| {
        ada.put(
            "/employees",
            json!({"id": 1, "version": version, "title": "Lead"}),
        )
        .if_match(tag)
    };
    shows_the_current_record(merge(1, "\"2\"").await);
    shows_the_current_record(merge(2, "\"1\"").await);
    shows_the_current_record(merge(1, "*").await);
    merge(2, "\"2\"").await.expect(200);
}

#[tokio::test]
async fn a_malformed_header_is_refused_with_advice() {
    let (_server, ada) = with_maya().await;
    for value in ["2", "'2'", "\"2", "w/\"2\"", "*, \"2\"", "\"2\" \"3\""] {
        for name in ["If-Match", "If-None-Match"] {
            for ask in writes(&ada).into_iter().chain([
                ada.get("/employees/1"),
                ada.get("/employees"),
                ada.post("/employees", json!({})),
            ]) {
                let refused = ask.header(name, value).await;
                let problem = refused.refused(400, "bad_request", "none").json();
                let detail = problem["detail"].as_str().unwrap();
                assert!(
                    detail.contains(name) && detail.contains("\"7\""),
                    "{detail}"
                );
            }
        }
    }
    assert_eq!(ada.get("/employees/1").await.json()["version"], 2);
}

#[tokio::test]
async fn a_read_is_answered_whole_not_modified_or_refused() {
    let (_server, ada) = with_maya().await;
    for method in [Method::GET, Method::HEAD] {
        let read = || ada.ask(method.clone(), "/employees/1");
        read().if_match("\"2\"").await.expect(200);
        read().if_match("*").await.expect(200);
        assert_eq!(read().if_match("\"1\"").await.status, 412);
        // If-Match is evaluated first, and what fails there is no 304.
        let both = |tag: &str| {
            read()
                .if_match(tag)
                .header("If-None-Match", "\"1\"")
                .header("If-None-Match", "W/\"2\"")
        };
        assert_eq!(both("\"1\"").await.status, 412);
        let known = both("\"2\"").await.expect(304);
        assert_eq!(known.header("etag"), Some("\"2\""));
        assert!(known.body.is_empty());
    }
}

#[tokio::test]
async fn what_has_no_tag_matches_a_star_alone() {
    let (_server, ada) = with_maya().await;
    let failed = |answer: Answer| answer.refused(412, "precondition_failed", "none");
    let maya = json!({"firstname": "Maya", "lastname": "Castro"});
    failed(ada.post("/employees", maya.clone()).if_match("\"1\"").await);
    failed(
        ada.post("/employees", maya.clone())
            .header("If-None-Match", "*")
            .await,
    );
    let role = json!({"role": "viewer"});
    failed(
        ada.patch("/users/eve", role.clone())
            .if_match("\"1\"")
            .await,
    );
    failed(ada.delete("/users/eve").header("If-None-Match", "*").await);
    failed(ada.get("/me").if_match("\"1\"").await);
    assert_eq!(count(&ada).await, 1);
    ada.patch("/users/eve", role)
        .if_match("*")
        .await
        .expect(200);
    ada.post("/employees", maya)
        .header("If-None-Match", "\"1\"")
        .await
        .expect(201);
    let known = ada.get("/users").header("If-None-Match", "*").await;
    assert!(known.expect(304).body.is_empty());
}

#[tokio::test]
async fn a_deleted_employee_is_not_found_whatever_the_precondition() {
    let (_server, ada) = with_maya().await;
    ada.delete("/employees/1").if_match("*").await.expect(204);
    for (name, value) in [
        ("If-Match", "*"),
        ("If-Match", "\"2\""),
        ("If-Match", "W/\"2\""),
    ] {
        for ask in writes(&ada) {
            ask.header(name, value)
                .await
                .refused(404, "employee_not_found", "none");
        }
    }
}

#[tokio::test]
async fn of_ten_merges_by_the_body_with_one_tag_one_is_made() {
    let (_server, ada) = with_maya().await;
    let merge = |n: usize| {
        ada.put(
            "/employees",
            json!({"id": 1, "title": format!("title {n}")}),
        )
        .if_match("\"2\"")
        .into_future()
    };
    let answers = join_all((0..10).map(merge)).await;
    let made = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(made, 1);
}
