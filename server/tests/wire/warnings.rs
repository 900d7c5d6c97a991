//! Values that are saved, and of which the answer warns.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Person, Server};

fn person(more: Value) -> Value {
    let mut body = json!({"firstname": "Maya", "lastname": "Castro"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// The fields and codes of the warnings in an answer.
#[track_caller]
fn warnings(answer: &Value) -> Vec<(String, String)> {
    let warnings = answer["warnings"].as_array().cloned().unwrap_or_default();
    let text = |warning: &Value, name: &str| warning[name].as_str().unwrap().to_owned();
    let warnings = warnings
        .iter()
        .map(|warning| (text(warning, "field"), text(warning, "code")));
    warnings.collect()
}

fn pair(field: &str, code: &str) -> (String, String) {
    (field.into(), code.into())
}

async fn create(who: &Person, more: Value) -> Answer {
    who.post("/employees", person(more)).await.expect(201)
}

#[tokio::test]
async fn a_second_person_with_an_email_address_is_saved_with_a_warning() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let shared = [pair("email", "shared")];
    let first = create(&eve, json!({"email": "maya@example.com"})).await;
    assert_eq!(first.json().get("warnings"), None);
    let second = create(&eve, json!({"email": "MAYA@example.com"})).await;
    assert_eq!(warnings(&second.json()), shared);
    let read = eve.get("/employees/2").await.expect(200).json();
    assert_eq!(
        (read.get("warnings"), &read["email"]),
        (None, &json!("MAYA@example.com"))
    );
    for (change, expected) in [
        (json!({"title": "x"}), &shared[..]),
        (json!({"email": "maya@example.org"}), &[]),
        (json!({"email": "maya@example.com"}), &shared),
        (json!({"email": null}), &[]),
    ] {
        let changed = eve
            .patch("/employees/2", change.clone())
            .if_match("*")
            .await;
        assert_eq!(warnings(&changed.expect(200).json()), expected, "{change}");
    }
    let own = eve
        .patch("/employees/1", json!({"title": "x"}))
        .if_match("*");
    assert_eq!(
        warnings(&own.await.expect(200).json()),
        [],
        "her own address"
    );
}

#[tokio::test]
async fn an_unusual_hire_date_is_saved_with_a_warning() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    for (hired, expected) in [
        ("1949-12-31", vec![pair("hired", "long_ago")]),
        ("1950-01-01", vec![]),
        ("2190-01-01", vec![pair("hired", "far_ahead")]),
    ] {
        let created = create(&eve, json!({"hired": hired})).await.json();
        assert_eq!(
            (warnings(&created), &created["hired"]),
            (expected, &json!(hired))
        );
    }
}

#[tokio::test]
async fn the_report_of_an_import_has_the_warnings_of_each_row() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    create(&eve, json!({"email": "maya@example.com"})).await;
    let rows = [
        json!({"email": "Maya@example.com"}),
        json!({"email": "new@example.com"}),
        json!({"email": "NEW@example.com", "hired": "1900-01-01"}),
        json!({}),
        json!({}),
    ];
    let body: Vec<_> = rows
        .into_iter()
        .map(|row| person(row).to_string())
        .collect();
    for query in ["?dry_run=true", ""] {
        let import = eve.ask(Method::POST, &format!("/employees/import{query}"));
        let import = import.body("application/x-ndjson", body.join("\n"));
        let report = import.await.expect(200).json();
        assert_eq!(
            (&report["warned"], &report["refused"]),
            (&json!(2), &json!(0))
        );
        let rows = report["rows"].as_array().unwrap();
        let found: Vec<_> = rows.iter().map(warnings).collect();
        let shared = || pair("email", "shared");
        assert_eq!(
            found,
            [
                vec![shared()],
                vec![],
                vec![pair("hired", "long_ago"), shared()],
                vec![],
                vec![]
            ]
        );
    }
}
