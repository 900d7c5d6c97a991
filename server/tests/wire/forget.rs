//! People who are forgotten: by an admin, or so long after they left.

use jiff::SignedDuration;
use roster_server::app::retention::sweep;
use serde_json::{Value, json};

use crate::support::{Answer, Person, Server};

async fn add(who: &Person, more: Value) -> String {
    let mut body = json!({"firstname": "Maya", "lastname": "Castro", "notes": "has a cat"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let created = who.post("/employees", body).await.expect(201);
    created.header("location").unwrap().to_owned()
}

async fn history(who: &Person, path: &str) -> Answer {
    who.get(&format!("{path}/history")).await.expect(200)
}

#[tokio::test]
async fn an_admin_forgets_a_person_and_nobody_else_does() {
    let server = Server::start().await;
    let (ada, eve) = (server.sign_in("ada").await, server.sign_in("eve").await);
    let path = add(&eve, json!({})).await;
    let forget = format!("{path}?forget=true");
    eve.delete(&forget)
        .if_match("*")
        .await
        .refused(403, "role_required", "none");
    ada.delete(&forget)
        .await
        .refused(428, "version_required", "none");
    ada.delete(&forget)
        .if_match("\"7\"")
        .await
        .refused(412, "stale", "none");
    ada.delete(&format!("{path}?forget=please"))
        .if_match("*")
        .await
        .refused(400, "query_invalid", "none");
    ada.delete(&forget).if_match("\"1\"").await.expect(204);

    ada.get(&path)
        .await
        .refused(404, "employee_not_found", "none");
    let history = history(&ada, &path).await;
    let whats: Vec<_> = history.json().as_array().unwrap().to_vec();
    let whats: Vec<_> = whats.iter().map(|entry| entry["what"].clone()).collect();
    assert_eq!(whats, ["forgotten", "created"]);
    assert!(!history.text().contains("cat") && !history.text().contains("Castro"));
    let line = ada.get("/audit?limit=1").await.expect(200).json();
    assert_eq!(line[0]["what"], "employee_forgotten");
    ada.delete(&forget)
        .if_match("*")
        .await
        .refused(404, "employee_not_found", "none");
}

#[tokio::test]
async fn somebody_who_was_deleted_is_forgotten_too_and_cannot_be_restored() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let path = add(&ada, json!({})).await;
    ada.delete(&path).if_match("*").await.expect(204);
    assert!(history(&ada, &path).await.text().contains("has a cat"));
    ada.delete(&format!("{path}?forget=true"))
        .if_match("*")
        .await
        .expect(204);
    assert!(!history(&ada, &path).await.text().contains("has a cat"));
    ada.put(&path, json!({"firstname": "Maya", "lastname": "Castro"}))
        .header("If-None-Match", "*")
        .await
        .refused(404, "employee_not_found", "none");
}

#[tokio::test]
async fn people_who_left_are_forgotten_after_the_days_that_the_settings_say() {
    let mut server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let [left, later, active] = [
        add(&ada, json!({"status": "left"})).await,
        add(&ada, json!({})).await,
        add(&ada, json!({})).await,
    ];
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let swept = async |server: &Server| {
        server.running.stop().await;
        let forgotten = sweep(&server.running.state().app).await.unwrap();
        server.restart().await;
        forgotten
    };
    server.turn(days(20));
    let ada = server.sign_in("ada").await;
    let change = ada.patch(&later, json!({"status": "left"}));
    change.if_match("*").await.expect(200);
    server.turn(days(5));
    let ada = server.sign_in("ada").await;
    let change = ada.patch(&later, json!({"notes": "had a cat"}));
    change.if_match("*").await.expect(200);
    server.turn(days(6));
    assert_eq!(swept(&server).await, 0, "it is off");
    server.running.forget_leavers = Some(days(30));
    assert_eq!(swept(&server).await, 1);
    let ada = server.sign_in("ada").await;
    for (path, status) in [(&left, 404), (&later, 200), (&active, 200)] {
        assert_eq!(ada.get(path).await.status, status, "{path}");
    }
    let line = ada.get("/audit?limit=2").await.expect(200).json();
    let line = &line[1];
    assert_eq!(
        (&line["what"], &line["by"]),
        (&json!("employee_forgotten"), &json!("rosterd"))
    );
    server.turn(days(18));
    assert_eq!(swept(&server).await, 0);
    server.turn(days(1));
    assert_eq!(swept(&server).await, 1, "the note changes nothing");
}
