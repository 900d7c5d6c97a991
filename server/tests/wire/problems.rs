//! Problems: what each code means, and that no refusal repeats much of what was sent.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use roster_common::Code;
use serde_json::{Map, Value, json};

use crate::support::{Answer, Person, Server};

/// The most bytes of a refusal's body.
const MOST: usize = 64 * 1024;

#[track_caller]
fn is_small(answer: Answer) -> Answer {
    assert!(answer.status >= 400, "{answer:?}");
    assert!(answer.body.len() <= MOST, "{} bytes", answer.body.len());
    answer
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_what_its_code_means() {
    let server = Server::start().await;
    let refusal = server.get("/me").await.expect(401).json();
    let page = server
        .get(refusal["type"].as_str().unwrap())
        .await
        .expect(200)
        .json();
    for member in ["type", "code", "title", "status", "action"] {
        assert_eq!(page[member], refusal[member], "{member}");
    }
    for code in Code::ALL {
        let page = server.get(&format!("/problems/{}", code.as_str())).await;
        let page = page.expect(200).json();
        assert_eq!(page["status"], code.status());
        assert!(page["meaning"].as_str().unwrap().ends_with('.'));
        assert!(page["remedy"].as_str().unwrap().ends_with('.'));
    }
    for unknown in ["/problems/shoe", "/problems/unknown", "/problems/Stale"] {
        server.get(unknown).await.refused(404, "not_found", "none");
    }
}

#[tokio::test]
async fn bad_column_names_do_not_come_back_by_the_thousand() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let names: Vec<String> = (0..9000).map(|n| format!("c{n}")).collect();
    let answer = ada
        .ask(Method::POST, "/employees/import")
        .body("text/csv", format!("{}\n", names.join(",")))
        .await;
    let problem = is_small(answer.refused(400, "body_invalid", "none")).json();
    assert_eq!(problem["errors"].as_array().unwrap().len(), 50);
    assert_eq!(problem["errors"][0]["field"], "c0");
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.len() < 1000 && detail.contains("`errors`"),
        "{detail}"
    );
}

#[tokio::test]
async fn the_report_of_a_refused_import_is_cut_and_says_so() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let rows = format!("firstname,lastname\nLin,Wu\n{}", ",\n".repeat(5000));
    let import = |query: &str| {
        ada.ask(Method::POST, &format!("/employees/import{query}"))
            .body("text/csv", rows.clone())
    };
    let problem = is_small(import("").await.refused(422, "validation_failed", "none")).json();
    let report = &problem["report"];
    assert_eq!(report["refused"], 5000);
    let message = report["rows"].as_array().unwrap();
    assert!(message.len() > 50 && message.iter().all(|row| row["result"] == "refused"));
    assert!(problem["detail"].as_str().unwrap().contains("dry run"));
    let whole = import("?dry_run=true").await.expect(200).json();
    assert_eq!(whole["rows"].as_array().unwrap().len(), 5001);
}

/// Something long to put into every part of a request.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("x"),
        Just("\u{0}"),
        Just("\""),
        Just("\\"),
        Just("😀"),
        Just("ab,"),
        Just("=&"),
        Just("\n"),
        Just(",\n"),
    ];
    (piece, 1usize..30_000).prop_map(|(piece, times)| piece.repeat(times))
}

/// Sends a text in every place that a refusal might repeat.
async fn everywhere(who: &Person, text: &str) {
    let short: String = text.chars().take(3000).collect();
    let in_query: String = form_urlencoded::byte_serialize(short.as_bytes())
        .take(600)
        .collect();
    // A JSON body stays below its limit of 64 KiB, escapes included: of a longer one the server
    // reads no more, and the client may meet a closed connection before it reads the refusal.
    let fitting: String = text.chars().take(1500).collect();
    let mut many = Map::new();
    for (number, piece) in fitting.as_bytes().chunks(7).enumerate().take(500) {
        many.insert(
            format!("{number}{}", String::from_utf8_lossy(piece)),
            json!(1),
        );
    }
    many.insert(fitting.clone(), Value::Null);
    let bad = json!({
        "firstname": fitting, "lastname": fitting, "email": fitting, "hired": fitting,
        "manager": fitting,
    });
    let asks = [
        who.get(&format!(
            "/employees?{in_query}=1&sort={in_query}&limit={in_query}"
        )),
        who.get(&format!("/audit?{in_query}")),
        who.get(&format!("/{in_query}")),
        who.get(&format!("/employees/values/{in_query}")),
        who.post("/employees", Value::Object(many.clone())),
        who.post("/employees", bad.clone()),
        who.post("/users", Value::Object(many.clone())),
        who.post(
            "/users",
            json!({"username": fitting, "role": fitting, "password": fitting}),
        ),
        who.post("/auth", Value::Object(many)),
        who.post("/auth", json!({"user": fitting, "pwd": fitting})),
        who.patch(&format!("/users/{in_query}"), json!({})),
        who.ask(Method::POST, "/employees/import")
            .body("text/csv", text.to_owned()),
        who.ask(Method::POST, "/employees/import")
            .body("text/csv", format!("firstname,lastname,email\n{text}")),
        who.ask(Method::POST, "/employees/import")
            .body("application/x-ndjson", format!("{bad}\n{text}\n{bad}")),
    ];
    for ask in asks {
        let answer = ask.await;
        if answer.status >= 400 {
            is_small(answer);
        }
    }
}

#[test]
fn no_refusal_is_long() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (server, ada) = runtime.block_on(async {
        let server = Server::start().await;
        let ada = server.sign_in("ada").await;
        (server, ada)
    });
    let mut runner = TestRunner::new(Config::with_cases(16));
    runner
        .run(&any_text(), |text| {
            runtime.block_on(everywhere(&ada, &text));
            Ok(())
        })
        .unwrap();
    drop(server);
}
