//! The history of a record, and the audit, as they are read.

use roster_common::history::{AuditAction, AuditEntry};
use serde_json::{Value, json};

use crate::support::{Person, Server, password_of};

/// ada, with a record of hers: number 1, in version 3.
async fn with_a_life(server: &Server) -> Person {
    let ada = server.sign_in("ada").await;
    ada.post(
        "/employees",
        json!({"firstname": "Ada", "lastname": "Lovelace"}),
    )
    .await
    .expect(201);
    for title in ["Analyst", "Countess"] {
        ada.patch("/employees/1", json!({"title": title}))
            .if_match("*")
            .await
            .expect(200);
    }
    ada
}

async fn audit(person: &Person) -> Vec<AuditEntry> {
    serde_json::from_slice(&person.get("/audit?limit=500").await.expect(200).body).unwrap()
}

#[tokio::test]
async fn a_viewer_reads_the_history_of_a_deleted_record() {
    let server = Server::start().await;
    let ada = with_a_life(&server).await;
    let vic = server.sign_in("vic").await;
    let history = vic.get("/employees/1/history").await.expect(200).json();
    let message: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (&e["version"], &e["what"], &e["by"]))
        .collect();
    let expected =
        [(3, "changed"), (2, "changed"), (1, "created")].map(|(v, what)| (json!(v), json!(what)));
    assert_eq!(message.len(), 3);
    for ((version, what, by), expected) in message.into_iter().zip(&expected) {
        assert_eq!(
            (version, what, by),
            (&expected.0, &expected.1, &json!("ada"))
        );
    }
    assert_eq!(
        history[0]["changes"],
        json!([{"field": "title", "old": "Analyst", "new": "Countess"}])
    );
    ada.delete("/employees/1").if_match("*").await.expect(204);
    let gone = vic.get("/employees/1/history").await.expect(200).json();
    assert_eq!(
        (&gone[0]["what"], &gone[0]["version"], &gone[3]["what"]),
        (&json!("deleted"), &json!(4), &json!("created"))
    );
    vic.get("/employees/2/history")
        .await
        .refused(404, "employee_not_found", "none");
    vic.get("/employees/x/history")
        .await
        .refused(404, "employee_not_found", "none");
}

#[tokio::test]
async fn a_life_is_read_page_by_page_along_its_links() {
    let server = Server::start().await;
    let ada = with_a_life(&server).await;
    let first = ada.get("/employees/1/history?limit=2").await.expect(200);
    assert_eq!(
        first.header("link"),
        Some("</employees/1/history?limit=2&before=2>; rel=\"next\"")
    );
    let rest = ada
        .get("/employees/1/history?limit=2&before=2")
        .await
        .expect(200);
    assert_eq!(
        (&rest.json()[0]["what"], rest.header("link")),
        (&json!("created"), None)
    );
    let refused =
        ada.get("/employees/1/history?limit=501")
            .await
            .refused(400, "query_invalid", "none");
    refused.names(&[("limit", "format")]);
}

#[tokio::test]
async fn an_admin_reads_in_the_audit_who_did_what() {
    let server = Server::start().await;
    let ada = with_a_life(&server).await;
    let eve = server.sign_in("eve").await;
    ada.patch("/users/vic", json!({"role": "editor"}))
        .await
        .expect(200);
    server
        .with_cookie(reqwest::Method::POST, "/logout", &eve.cookie)
        .await
        .expect(204);
    let entries = audit(&ada).await;
    let message: Vec<_> = entries
        .iter()
        .map(|e| (e.what, e.by.as_deref().unwrap(), e.target.as_deref()))
        .take(4)
        .collect();
    assert_eq!(
        message,
        [
            (AuditAction::SignedOut, "eve", Some(eve.session.as_str())),
            (AuditAction::RoleChanged, "ada", Some("vic")),
            (AuditAction::SignedIn, "eve", Some(eve.session.as_str())),
            (AuditAction::EmployeeChanged, "ada", Some("1")),
        ]
    );
    assert_eq!(entries[1].note.as_deref(), Some("viewer to editor"));
    assert_eq!(entries[2].address.as_deref(), Some("127.0.0.1"));
    let page = ada.get("/audit?limit=1").await.expect(200);
    assert_eq!(
        page.header("link"),
        Some(&*format!(
            "</audit?limit=1&before={}>; rel=\"next\"",
            entries[0].id
        ))
    );
}

#[tokio::test]
async fn only_admins_read_the_audit_log() {
    let server = Server::start().await;
    server
        .get("/audit")
        .await
        .refused(401, "token_missing", "login");
    for name in ["vic", "eve"] {
        let answer =
            server
                .sign_in(name)
                .await
                .get("/audit")
                .await
                .refused(403, "role_required", "none");
        assert_eq!(answer.json()["required"], "admin");
    }
}

#[tokio::test]
async fn a_refused_sign_in_is_audited_without_what_was_typed() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    // A password where the name belongs, and a wrong one with a right name.
    for (user, password) in [
        ("my secret word", "x"),
        ("hunter2hunter2", "x"),
        ("EVE", "eve guesses wrong"),
    ] {
        server
            .post("/auth", json!({"user": user, "pwd": password}))
            .await
            .expect(401);
    }
    let text = ada.get("/audit").await.expect(200).text();
    for secret in [
        "secret",
        "hunter2",
        "guesses",
        password_of("eve"),
        &ada.cookie,
        &ada.access,
        "$2b$",
    ] {
        assert!(
            !text.to_lowercase().contains(secret),
            "{secret} is in {text}"
        );
    }
    let by: Vec<_> = audit(&ada)
        .await
        .into_iter()
        .take(3)
        .map(|entry| (entry.what, entry.by))
        .collect();
    let refused = |by: Option<&str>| (AuditAction::SignInRefused, by.map(str::to_owned));
    assert_eq!(by, [refused(Some("eve")), refused(None), refused(None)]);
}

#[tokio::test]
async fn a_stolen_token_is_audited() {
    let server = Server::start().await;
    let (ada, eve) = (server.sign_in("ada").await, server.sign_in("eve").await);
    let after = eve.after(&server.refresh(&eve.cookie).await.expect(200));
    after.get("/me").await.expect(200);
    server.turn(crate::support::SECOND * 11);
    for _ in 0..2 {
        server
            .refresh(&eve.cookie)
            .await
            .refused(403, "session_reuse", "login");
    }
    let reuses = audit(&ada)
        .await
        .into_iter()
        .filter(|entry| entry.what == AuditAction::TokenReused);
    let message: Vec<_> = reuses.map(|entry| (entry.by, entry.target)).collect();
    assert_eq!(
        message,
        [(Some("eve".to_owned()), Some(eve.session.clone()))],
        "once, when the session ended"
    );
}

#[tokio::test]
async fn what_was_survives_a_restart() {
    let server = Server::start().await;
    let ada = with_a_life(&server).await;
    let before: [Value; 2] = [
        ada.get("/employees/1/history").await.json(),
        ada.get("/audit").await.json(),
    ];
    server.restart().await;
    let after = [
        ada.get("/employees/1/history").await.json(),
        ada.get("/audit").await.json(),
    ];
    assert_eq!(before, after);
}

#[tokio::test]
async fn who_reads_all_employees_at_once_is_named_in_the_audit() {
    let server = Server::start().await;
    let ada = with_a_life(&server).await;
    let vic = server.sign_in("vic").await;
    vic.get("/employees?limit=1000").await.expect(200);
    vic.get("/employees?q=ada").await.expect(200);
    let before = audit(&ada).await.len();

    vic.get("/employees?sort=lastname").await.expect(200);

    let entries = audit(&ada).await;
    assert_eq!(entries.len(), before + 1);
    let newest = (entries[0].what, entries[0].by.as_deref());
    assert_eq!(newest, (AuditAction::EmployeesExported, Some("vic")));
}
