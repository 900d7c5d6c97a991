//! Two records of one person become one.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Ask, Person, Server, count};

fn merge(who: &Person, survivor: u64, body: Value) -> Ask {
    let path = format!("/employees/{survivor}/merge");
    who.ask(Method::POST, &path).json(body).if_match("*")
}

async fn add(who: &Person, more: Value) {
    let mut person = json!({"firstname": "Maya", "lastname": "Castro"});
    let members = person.as_object_mut().unwrap();
    members.append(&mut more.as_object().unwrap().clone());
    who.post("/employees", person).await.expect(201);
}

async fn employee(who: &Person, id: u64) -> Value {
    who.get(&format!("/employees/{id}"))
        .await
        .expect(200)
        .json()
}

#[tokio::test]
async fn a_merge_keeps_one_record_moves_the_reports_and_leaves_a_pointer() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    add(&ada, json!({"title": "Analyst", "phone": "111"})).await;
    add(
        &ada,
        json!({"title": "Lead", "number": "E7", "phone": "222"}),
    )
    .await;
    add(&ada, json!({"firstname": "Lea", "manager": 2})).await;
    add(&ada, json!({"firstname": "Jo", "manager": 2})).await;

    let body = json!({"id": 2, "version": 1, "title": "Lead", "number": "E7"});
    let merged = merge(&ada, 1, body).await.expect(200).json();

    assert_eq!(
        [
            &merged["title"],
            &merged["number"],
            &merged["phone"],
            &merged["version"]
        ],
        [&json!("Lead"), &json!("E7"), &json!("111"), &json!(2)]
    );
    for report in [3, 4] {
        assert_eq!(employee(&ada, report).await["manager"], 1);
    }
    ada.get("/employees/2")
        .await
        .refused(404, "employee_not_found", "none");
    let history = ada.get("/employees/2/history").await.expect(200).json();
    assert_eq!(
        [
            &history[0]["what"],
            &history[0]["into"],
            &history[1]["what"]
        ],
        [&json!("merged"), &json!(1), &json!("created")]
    );
    let audit = ada.get("/audit?limit=1").await.expect(200).json();
    assert_eq!(
        [&audit[0]["what"], &audit[0]["target"], &audit[0]["note"]],
        [
            &json!("employees_merged"),
            &json!("1"),
            &json!("employee 2 was merged into it")
        ]
    );
    assert_eq!(count(&ada).await, 3);
    server.restart().await;
    let kept = ada.get("/employees/2/history").await.expect(200).json();
    assert_eq!(kept, history);
}

#[tokio::test]
async fn a_survivor_who_reported_to_the_other_record_reports_to_that_ones_manager() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    add(&ada, json!({})).await;
    add(&ada, json!({"manager": 1})).await;
    add(&ada, json!({"manager": 2})).await;
    merge(&ada, 3, json!({"id": 2})).await.expect(200);
    assert_eq!(employee(&ada, 3).await["manager"], 1);
    merge(&ada, 3, json!({"id": 1})).await.expect(200);
    assert_eq!(employee(&ada, 3).await["manager"], Value::Null);
}

#[tokio::test]
async fn a_merge_that_breaks_a_rule_changes_nothing() {
    let server = Server::start().await;
    let (ada, eve) = (server.sign_in("ada").await, server.sign_in("eve").await);
    add(&ada, json!({"number": "E1"})).await;
    add(&ada, json!({"manager": 1})).await;
    add(&ada, json!({"manager": 2})).await;
    add(&ada, json!({"manager": 3})).await;
    let refused = merge(&ada, 4, json!({"id": 2})).await;
    refused
        .refused(422, "validation_failed", "none")
        .names(&[("manager", "circle")]);
    merge(&ada, 4, json!({"id": 3, "number": "e1"}))
        .await
        .refused(422, "validation_failed", "none")
        .names(&[("number", "taken")]);
    merge(&ada, 4, json!({"id": 4}))
        .await
        .refused(422, "validation_failed", "none")
        .names(&[("id", "duplicate")]);
    merge(&eve, 4, json!({"id": 3}))
        .await
        .refused(403, "role_required", "none");
    assert_eq!(count(&ada).await, 4);
    assert_eq!(employee(&ada, 4).await["version"], 1);
}
