//! Many employees from one file: what each row becomes, and that nothing is half done.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Ask, Person, Server, count};

fn csv(who: &Person, query: &str, body: impl Into<reqwest::Body>) -> Ask {
    who.ask(Method::POST, &format!("/employees/import{query}"))
        .body("text/csv", body)
}

fn ndjson(who: &Person, query: &str, rows: &[Value]) -> Ask {
    let lines: Vec<_> = rows.iter().map(Value::to_string).collect();
    who.ask(Method::POST, &format!("/employees/import{query}"))
        .body("application/x-ndjson", lines.join("\n"))
}

/// A person's names, with other fields beside.
fn row(more: Value) -> Value {
    let mut row = json!({"firstname": "Maya", "lastname": "Castro"});
    row.as_object_mut()
        .unwrap()
        .append(&mut more.as_object().unwrap().clone());
    row
}

/// What became of each row: its line, and the word.
fn results(report: &Value) -> Vec<(u64, String)> {
    let rows = report["rows"].as_array().unwrap().iter();
    rows.map(|row| {
        (
            row["line"].as_u64().unwrap(),
            row["result"].as_str().unwrap().to_owned(),
        )
    })
    .collect()
}

/// Holds a report to what it says is wrong: in which line, with which field, by which rule.
#[track_caller]
fn refuses(report: &Value, expected: &[(u64, &str, &str)]) {
    let mut found = Vec::new();
    for row in report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["result"] == "refused")
    {
        // A row below a refused one has no errors of its own.
        for error in row["errors"].as_array().into_iter().flatten() {
            let text = |member: &str| error[member].as_str().unwrap();
            found.push((row["line"].as_u64().unwrap(), text("field"), text("code")));
        }
    }
    assert_eq!(found, expected);
}

/// The report of an import that was refused as a whole.
#[track_caller]
fn report_of(answer: Answer) -> Value {
    answer.refused(422, "validation_failed", "none").json()["report"].clone()
}

#[tokio::test]
async fn csv_of_another_system_is_taken_as_it_is() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let text = "\u{feff}id,First Name,surname,hired_on,notes\r\n\
                7,智也,\"渡辺, Jr\",2022-06-04,\"says \"\"hello\"\"\"\r\n\
                \r\n\
                ,Zoë,Müller,,\r\n";
    let answer = csv(&eve, "", text).await.expect(200);
    assert_eq!(
        answer.json(),
        json!({
            "mode": "atomic", "dryRun": false, "run": 1, "created": 2, "refused": 0, "warned": 0, "rows": [
                {"line": 2, "result": "created", "id": 7},
                {"line": 4, "result": "created", "id": 1},
            ]
        })
    );
    let tomoya = eve.get("/employees/7").await.expect(200).json();
    assert_eq!(
        (&tomoya["lastname"], &tomoya["notes"]),
        (&json!("渡辺, Jr"), &json!("says \"hello\""))
    );
    assert_eq!(
        (&tomoya["hired"], &tomoya["version"], &tomoya["updatedBy"]),
        (&json!("2022-06-04"), &json!(1), &json!("eve"))
    );
    assert_eq!(
        eve.post("/employees", row(json!({})))
            .await
            .expect(201)
            .json()["id"],
        8
    );
}

#[tokio::test]
async fn a_personnel_number_is_imported_once() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let first = "Employee ID,firstname,lastname\nEX-0017,Maya,Castro\n,Lea,Weiß\n";
    csv(&eve, "", first).await.expect(200);
    let second = "Personalnummer,Vorname,Nachname\nex-0017,Jo,Gray\nEX-18,A,B\nEX-18,C,D\n";
    let report = report_of(csv(&eve, "", second).await);
    refuses(&report, &[(2, "number", "taken"), (4, "number", "taken")]);
    assert_eq!(
        report["rows"][0]["errors"][0]["message"],
        "Employee 1 already has this number."
    );
    let found = eve.get("/employees?q=number:0017").await.expect(200).json();
    assert_eq!(found[0]["number"], "EX-0017", "its case is kept");
    assert_eq!(found.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn semicolons_tabs_and_bare_line_feeds_are_taken() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    for text in [
        "firstname;lastname\nMaya;Castro, Lima\n",
        "firstname\tlastname\nMaya\tCastro, Lima",
        "lastname,firstname\n\"Castro, Lima\",Maya\n",
    ] {
        let id = csv(&eve, "", text).await.expect(200).json()["rows"][0]["id"].clone();
        assert_eq!(
            eve.get(&format!("/employees/{id}")).await.json()["lastname"],
            "Castro, Lima"
        );
    }
}

#[tokio::test]
async fn ndjson_is_taken_a_line_a_person() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let people = [
        row(json!({"title": "Dispatcher", "notes": null})),
        row(json!({"manager": 1})),
    ];
    let report = ndjson(&eve, "", &people).await.expect(200).json();
    assert_eq!(
        (&report["created"], &report["rows"][1]["id"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(eve.get("/employees/2").await.json()["manager"], 1);
    let blank_lines = eve.ask(Method::POST, "/employees/import").body(
        "application/x-ndjson",
        "\n\r\n{\"firstname\":\"A\",\"lastname\":\"B\"}\r\n\n",
    );
    assert_eq!(
        results(&blank_lines.await.expect(200).json()),
        [(3, "created".into())]
    );
}

#[tokio::test]
async fn a_json_array_is_taken_an_element_a_person() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let people = "[{\"firstname\":\"Maya\",\"lastname\":\"Castro\"},\n{\"firstname\":\"A\"},7]";
    let import = |query: &str| {
        eve.ask(Method::POST, &format!("/employees/import{query}"))
            .body("application/json", people)
    };
    let report = import("?mode=partial").await.expect(200).json();
    assert_eq!(
        (&report["created"], &report["refused"]),
        (&json!(1), &json!(2))
    );
    refuses(&report, &[(2, "lastname", "required"), (3, "", "format")]);
}

#[tokio::test]
async fn a_manager_without_an_id_is_named_by_line() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let people = [
        row(json!({"managerLine": 3})),
        row(json!({"managerLine": 1})),
        row(json!({})),
        row(json!({"managerLine": 9})),
        row(json!({"managerLine": 4})),
        row(json!({"managerLine": 7})),
        row(json!({"hired": "yesterday"})),
        row(json!({"managerLine": 1, "manager": 1})),
    ];
    let report = ndjson(&eve, "?mode=partial", &people)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&report["created"], &report["refused"]),
        (&json!(3), &json!(5))
    );
    refuses(
        &report,
        &[
            (4, "managerLine", "not_found"),
            (7, "hired", "format"),
            (8, "managerLine", "duplicate"),
        ],
    );
    assert_eq!(eve.get("/employees/1").await.json()["manager"], 3);
    assert_eq!(eve.get("/employees/2").await.json()["manager"], 1);
}

#[tokio::test]
async fn an_empty_import_is_no_error() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    assert_eq!(
        csv(&eve, "", "firstname,lastname\n")
            .await
            .expect(200)
            .json()["rows"],
        json!([])
    );
    assert_eq!(ndjson(&eve, "", &[]).await.expect(200).json()["created"], 0);
}

#[tokio::test]
async fn a_first_line_that_names_no_employee_is_refused_with_its_columns() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    for (text, named) in [
        (
            "",
            &[("firstname", "required"), ("lastname", "required")][..],
        ),
        ("firstname\nMaya\n", &[("lastname", "required")]),
        (
            "firstname,lastname,shoe size\nMaya,Castro,42\n",
            &[("shoe size", "unknown")],
        ),
        (
            "firstname,lastname,surname\nMaya,Castro,Lima\n",
            &[("surname", "duplicate")],
        ),
        (
            "Maya,Castro\n",
            &[
                ("Maya", "unknown"),
                ("Castro", "unknown"),
                ("firstname", "required"),
                ("lastname", "required"),
            ],
        ),
    ] {
        csv(&eve, "", text)
            .await
            .refused(400, "body_invalid", "none")
            .names(named);
    }
    assert_eq!(count(&eve).await, 0);
}

#[tokio::test]
async fn each_bad_row_is_reported_by_line_and_nothing_is_written() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let text = b"firstname,lastname,hired,email\r\n\
        Maya,Castro,2023-02-29,maya@example.com\r\n\
        \"two\nlines\",Castro,,\r\n\
        Ada,Lovelace,2020-01-01,\r\n\
        only,three,cells\r\n\
        \xff\xfe,Castro,,\r\n\
        ,Castro,01/02/2020,nobody\r\n";
    let report = report_of(csv(&eve, "", text.to_vec()).await);
    refuses(
        &report,
        &[
            (2, "hired", "format"),
            (3, "firstname", "control"),
            (6, "", "format"),
            (7, "firstname", "format"),
            (8, "firstname", "required"),
            (8, "email", "format"),
            (8, "hired", "format"),
        ],
    );
    assert_eq!(results(&report)[2], (5, "skipped".into()));
    assert_eq!(
        (&report["created"], &report["refused"]),
        (&json!(0), &json!(5))
    );
    assert_eq!(count(&eve).await, 0);
    assert_eq!(
        eve.post("/employees", row(json!({})))
            .await
            .expect(201)
            .json()["id"],
        1
    );
}

#[tokio::test]
async fn a_quotation_mark_that_is_never_closed_imports_nothing() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let text = "firstname,lastname\nMaya,Castro\n\"Ada,Lovelace\nGrace,Hopper\n";
    let report = report_of(csv(&eve, "", text).await);
    refuses(&report, &[(3, "", "format")]);
    assert_eq!(count(&eve).await, 0);
}

#[tokio::test]
async fn bad_ndjson_lines_are_reported_by_number() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let text = b"{\"firstname\":\"Maya\",\"lastname\":\"Castro\"}\nnot json\n{\"firstname\":1,\"shoe\":2}\n\
        [1]\n{\"firstname\":\"A\",\"firstname\":\"B\",\"lastname\":\"C\"}\n{\"firstname\":\"\xff\",\"lastname\":\"C\"}\n{}{}\n";
    let body = text.to_vec();
    let report = report_of(
        eve.ask(Method::POST, "/employees/import")
            .body("application/x-ndjson", body)
            .await,
    );
    refuses(
        &report,
        &[
            (2, "", "format"),
            (3, "firstname", "type"),
            (3, "shoe", "unknown"),
            (4, "", "format"),
            (5, "firstname", "duplicate"),
            (6, "", "format"),
            (7, "", "format"),
        ],
    );
    assert_eq!(count(&eve).await, 0);
}

#[tokio::test]
async fn in_partial_mode_the_good_rows_are_written() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let people = [
        row(json!({})),
        row(json!({"hired": "yesterday"})),
        row(json!({"manager": 999})),
        row(json!({"manager": 1})),
    ];
    let report = ndjson(&eve, "?mode=partial", &people)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&report["created"], &report["refused"], &report["mode"]),
        (&json!(2), &json!(2), &json!("partial"))
    );
    refuses(
        &report,
        &[(2, "hired", "format"), (3, "manager", "not_found")],
    );
    assert_eq!(count(&eve).await, 2);
}

#[tokio::test]
async fn a_dry_run_reports_everything_and_writes_nothing() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let people = [row(json!({})), row(json!({"hired": "yesterday"}))];
    for mode in ["atomic", "partial"] {
        let report = ndjson(&eve, &format!("?mode={mode}&dry_run=true"), &people)
            .await
            .expect(200)
            .json();
        assert_eq!(
            (&report["dryRun"], &report["refused"]),
            (&json!(true), &json!(1))
        );
        refuses(&report, &[(2, "hired", "format")]);
        assert!(
            results(&report)
                .iter()
                .all(|(_, result)| result != "created")
        );
    }
    assert_eq!(count(&eve).await, 0);
    assert_eq!(
        ndjson(&eve, "?dry_run=false", &people[..1])
            .await
            .expect(200)
            .json()["rows"][0]["id"],
        1
    );
}

#[tokio::test]
async fn a_dry_run_predicts_what_is_created() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let people = [
        row(json!({})),
        row(json!({"hired": "yesterday"})),
        row(json!({"manager": 1})),
    ];
    for mode in ["atomic", "partial"] {
        let rehearsed = ndjson(&eve, &format!("?mode={mode}&dry_run=true"), &people)
            .await
            .expect(200)
            .json();
        let answer = ndjson(&eve, &format!("?mode={mode}"), &people).await;
        let json = answer.json();
        let done = if answer.status == 200 {
            &json
        } else {
            &json["report"]
        };
        assert_eq!(rehearsed["created"], done["created"], "{mode}");
    }
}

#[tokio::test]
async fn managers_may_be_anywhere_in_the_file() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let text = "id,firstname,lastname,manager\n12,C,C,11\n11,B,B,10\n10,A,A,\n13,D,D,12\n";
    assert_eq!(csv(&eve, "", text).await.expect(200).json()["created"], 4);
    assert_eq!(eve.get("/employees/12").await.json()["manager"], 11);
    let circle =
        "id,firstname,lastname,manager\n21,A,A,22\n22,B,B,23\n23,C,C,21\n24,D,D,24\n25,E,E,10\n";
    let report = report_of(csv(&eve, "", circle).await);
    refuses(
        &report,
        &[
            (2, "manager", "circle"),
            (3, "manager", "circle"),
            (4, "manager", "circle"),
            (5, "manager", "circle"),
        ],
    );
    let nobody = "id,firstname,lastname,manager\n31,A,A,99\n32,B,B,31\n";
    refuses(
        &report_of(csv(&eve, "", nobody).await),
        &[(2, "manager", "not_found")],
    );
    let report = report_of(csv(&eve, "", nobody).await);
    assert_eq!(
        report["refused"], 2,
        "the report of a refused manager is refused without a word"
    );
    assert_eq!(count(&eve).await, 4);
}

#[tokio::test]
async fn an_unused_id_is_kept_if_no_other_row_has_it() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    for _ in 0..3 {
        ada.post("/employees", row(json!({}))).await.expect(201);
    }
    ada.delete("/employees/3").if_match("*").await.expect(204);
    let text = "id,firstname,lastname\n3,A,A\n1,B,B\n9,C,C\n9,D,D\n,E,E\n4,F,F\n0,G,G\n-5,H,H\n9007199254740992,I,I\n";
    let report = csv(&ada, "?mode=partial", text).await.expect(200).json();
    refuses(
        &report,
        &[
            (2, "id", "taken"),
            (3, "id", "taken"),
            (5, "id", "taken"),
            (8, "id", "format"),
            (9, "id", "format"),
            (10, "id", "format"),
        ],
    );
    let given: Vec<_> = report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["id"].as_u64())
        .collect();
    assert_eq!(given, [9, 5, 4]);
    assert_eq!(
        ada.post("/employees", row(json!({})))
            .await
            .expect(201)
            .json()["id"],
        10
    );
}

#[tokio::test]
async fn the_largest_id_leaves_all_others_to_give() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    ndjson(&eve, "", &[row(json!({"id": 9_007_199_254_740_991_u64}))])
        .await
        .expect(200);
    let created = eve.post("/employees", row(json!({}))).await.expect(201);
    assert_eq!(created.json()["id"], 1);
    let rows = [
        row(json!({})),
        row(json!({"id": 9_007_199_254_740_990_u64})),
    ];
    let report = ndjson(&eve, "", &rows).await.expect(200).json();
    assert_eq!(
        (&report["rows"][0]["id"], &report["rows"][1]["id"]),
        (&json!(2), &json!(9_007_199_254_740_990_u64))
    );
    eve.get("/employees/9007199254740991").await.expect(200);
}

#[tokio::test]
async fn two_thousand_people_come_in_at_once_and_stay() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let people: Vec<_> = roster_server::sample::employees(2000, 3)
        .map(|changes| json!(changes))
        .collect();
    let report = ndjson(&eve, "", &people).await.expect(200).json();
    assert_eq!(
        (&report["created"], &report["rows"][1999]["id"]),
        (&json!(2000), &json!(2000))
    );
    server.restart().await;
    assert_eq!(count(&eve).await, 2000);
}

#[tokio::test]
async fn only_csv_ndjson_and_json_are_imported() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    for media_type in ["text/plain", "application/vnd.ms-excel", ""] {
        let import = eve
            .ask(Method::POST, "/employees/import")
            .body(media_type, "firstname,lastname\nMaya,Castro\n");
        import.await.refused(415, "media_type_unsupported", "none");
    }
    eve.ask(Method::POST, "/employees/import")
        .await
        .refused(415, "media_type_unsupported", "none");
    csv(&eve, "?mode=some&dry_run=yes&shoe=42", "x")
        .await
        .refused(400, "query_invalid", "none")
        .names(&[
            ("mode", "format"),
            ("dry_run", "format"),
            ("shoe", "unknown"),
        ]);
}

#[tokio::test]
async fn an_import_with_too_many_rows_is_refused() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let rows = eve
        .ask(Method::POST, "/employees/import")
        .body("application/x-ndjson", "1\n".repeat(2_000_001));
    rows.await.refused(413, "body_too_large", "none");
}

/// Imports rows by their email address, and returns the report.
async fn sync(who: &Person, query: &str, rows: &[Value]) -> Value {
    let query = format!("?match=email{query}");
    ndjson(who, &query, rows).await.expect(200).json()
}

#[tokio::test]
async fn an_import_by_email_changes_whom_it_knows_and_adds_the_others() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let maya = |title: &str| row(json!({"email": "maya@example.com", "title": title}));
    let lea = row(json!({"firstname": "Lea", "email": "lea@example.com", "managerLine": 1}));
    let first = sync(&eve, "", &[maya("Analyst"), lea.clone()]).await;
    assert_eq!(
        (&first["created"], &first["matched"]["changed"]),
        (&json!(2), &json!(0))
    );
    eve.patch("/employees/1", json!({"phone": "12345"}))
        .header("If-Match", "\"1\"")
        .await
        .expect(200);

    let preview = sync(&eve, "&dry_run=true", &[maya("Lead"), lea.clone()]).await;
    assert_eq!(
        preview["rows"],
        json!([
            {"line": 1, "result": "changed", "id": 1,
             "changes": [{"field": "title", "old": "Analyst", "new": "Lead"}]},
            {"line": 2, "result": "unchanged", "id": 2},
        ])
    );
    let second = sync(&eve, "", &[maya("Lead"), lea.clone()]).await;
    assert_eq!(
        second["matched"],
        json!({"by": "email", "changed": 1, "unchanged": 1, "missing": 0, "missingIds": [], "decidedAgain": 0})
    );
    let again = sync(&eve, "", &[maya("Lead"), lea]).await;
    assert_eq!(
        (&again["created"], &again["matched"]["changed"]),
        (&json!(0), &json!(0))
    );
    let maya = eve.get("/employees/1").await.expect(200).json();
    assert_eq!(
        (&maya["title"], &maya["version"]),
        (&json!("Lead"), &json!(3))
    );
    assert_eq!(
        maya["phone"], "12345",
        "columns that are not in the file stay"
    );
    let lea = eve.get("/employees/2").await.expect(200).json();
    assert_eq!((&lea["manager"], &lea["version"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn an_empty_cell_keeps_a_value_unless_it_is_to_clear_it() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let row = |title| row(json!({"email": "maya@example.com", "title": title}));
    sync(&eve, "", &[row("Analyst")]).await;
    let kept = sync(&eve, "", &[row("")]).await;
    assert_eq!(kept["matched"]["unchanged"], 1);
    let cleared = sync(&eve, "&empty=clear", &[row("")]).await;
    assert_eq!(cleared["matched"]["changed"], 1);
    assert_eq!(
        eve.get("/employees/1").await.expect(200).json()["title"],
        Value::Null
    );
}

#[tokio::test]
async fn who_is_not_in_the_file_is_reported_or_has_left() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let person = |name: &str| row(json!({"email": format!("{name}@example.com")}));
    sync(&eve, "", &[person("maya"), person("lea"), person("jo")]).await;
    let report = sync(&eve, "&missing=report", &[person("lea")]).await;
    let missing = &report["matched"];
    assert_eq!(
        (&missing["missing"], &missing["missingIds"]),
        (&json!(2), &json!([1, 3]))
    );
    let broken = row(json!({"email": "nowhere"}));
    sync(&eve, "&missing=left&mode=partial", &[person("lea"), broken]).await;
    let status =
        async |id: u64| eve.get(&format!("/employees/{id}")).await.json()["status"].clone();
    assert_eq!(
        status(1).await,
        "active",
        "the row that was refused may be hers"
    );
    sync(&eve, "&missing=left", &[person("lea")]).await;
    assert_eq!(
        (status(1).await, status(2).await),
        (json!("left"), json!("active"))
    );
}

#[tokio::test]
async fn an_ambiguous_row_is_refused_and_nothing_is_written() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let maya = row(json!({"email": "maya@example.com"}));
    ndjson(&eve, "", &[maya.clone(), maya.clone()])
        .await
        .expect(200);
    let rows = [
        maya,
        row(json!({"email": "lea@example.com"})),
        row(json!({})),
    ];
    let report = report_of(ndjson(&eve, "?match=email", &rows).await);
    refuses(
        &report,
        &[(1, "email", "duplicate"), (3, "email", "required")],
    );
    assert_eq!(count(&eve).await, 2);
    ndjson(&eve, "?missing=left", &[])
        .await
        .refused(400, "query_invalid", "none");
}

#[tokio::test]
async fn rows_that_would_report_to_each_other_are_refused() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let person = |name: &str, line: u64| {
        row(json!({"email": format!("{name}@example.com"), "managerLine": line}))
    };
    let rows = [
        person("maya", 2),
        person("lea", 1),
        person("jo", 1),
        person("kim", 4),
    ];
    let report = report_of(ndjson(&eve, "?match=email", &rows).await);
    let circles = [1, 2, 4].map(|line| (line, "manager", "circle"));
    refuses(&report, &circles);
    assert_eq!(report["refused"], 4, "the third is below them");
}

#[tokio::test]
async fn an_import_in_slices_is_one_audit_line_and_its_repeat_changes_nothing() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let mut rows: Vec<_> = (0..10_500)
        .map(|number| row(json!({"number": format!("E{number}"), "managerLine": 10_500})))
        .collect();
    rows[10_499] = row(json!({"number": "E10499"}));
    let report = ndjson(&ada, "?match=number", &rows)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&report["created"], &report["refused"]),
        (&json!(10_500), &json!(0))
    );
    let audit = ada.get("/audit?limit=3").await.expect(200).json();
    let imports = audit.as_array().unwrap().iter();
    let imports = imports.filter(|entry| entry["what"] == "employees_imported");
    let lines: Vec<_> = imports
        .map(|entry| (entry["target"].clone(), entry["note"].clone()))
        .collect();
    let note = "matched by number: 10500 created, 0 changed";
    assert_eq!(lines, [(json!("1"), json!(note))]);
    let again = ndjson(&ada, "?match=number", &rows)
        .await
        .expect(200)
        .json();
    assert_eq!(again["matched"]["unchanged"], 10_500);
    assert_eq!(again["run"], Value::Null, "nothing was written");
}

#[tokio::test]
async fn a_repeat_under_the_same_key_gets_the_same_report_and_changes_nothing() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let rows = [
        row(json!({"email": "maya@example.com"})),
        row(json!({"email": "lea@example.com", "hired": "1921-03-01"})),
    ];
    for query in ["", "?match=email"] {
        let people = count(&eve).await;
        let send = async |key: &str, rows: &[Value]| {
            ndjson(&eve, query, rows)
                .header("idempotency-key", key)
                .await
        };
        let key = format!("key{query}");
        let report = send(&key, &rows).await.expect(200).json();
        let after = count(&eve).await;
        assert_eq!(send(&key, &rows).await.expect(200).json(), report);
        assert_eq!(count(&eve).await, after);
        assert_eq!(report["run"].is_null(), after == people, "{report}");
        send("", &rows).await.refused(400, "bad_request", "none");
    }
    ndjson(&eve, "", &rows[..1])
        .header("idempotency-key", "key")
        .await
        .refused(422, "idempotency_mismatch", "none");
    ndjson(&eve, "?mode=partial", &rows)
        .header("idempotency-key", "key")
        .await
        .refused(422, "idempotency_mismatch", "none");
    let vic = server.sign_in("vic").await;
    let runs = vic.get("/employees/imports").await.expect(200).json();
    assert_eq!(
        (
            runs.as_array().unwrap().len(),
            &runs[0]["by"],
            &runs[0]["created"]
        ),
        (1, &json!("eve"), &json!(2))
    );
}

#[tokio::test]
async fn an_undo_takes_back_what_the_import_did_and_keeps_what_others_have_changed_since() {
    let server = Server::start().await;
    let (ada, eve) = (server.sign_in("ada").await, server.sign_in("eve").await);
    let person = |name: &str, title: &str| {
        row(json!({"email": format!("{name}@example.com"), "title": title}))
    };
    let people = [person("maya", "Analyst"), person("lea", "Analyst")];
    sync(&ada, "", &people).await;
    let rows = [
        person("maya", "Lead"),
        person("lea", "Lead"),
        person("jo", "Lead"),
        person("kim", "Lead"),
    ];
    let report = sync(&eve, "&missing=left", &rows).await;
    assert_eq!(report["run"], 2);
    let history = eve.get("/employees/1/history").await.expect(200).json();
    assert_eq!(
        (&history[0]["run"], &history[1]["run"]),
        (&json!(2), &json!(1))
    );
    let history = eve.get("/employees/3/history").await.expect(200).json();
    assert_eq!(history[0]["run"], 2, "a new record names it too");
    for (id, title) in [(2, "Head"), (4, "Head")] {
        let edit = eve.patch(&format!("/employees/{id}"), json!({"title": title}));
        edit.header("If-Match", "*").await.expect(200);
    }

    let undo =
        |who: &Person, run: u64| who.ask(Method::POST, &format!("/employees/imports/{run}/undo"));
    undo(&eve, 1).await.refused(403, "role_required", "none");
    let undone = undo(&eve, 2).await.expect(200).json();
    assert_eq!(
        undone,
        json!({
            "undone": 2, "run": 3, "created": 0, "changed": 1, "deleted": 1, "kept": 2,
            "keptRows": [
                {"id": 4, "reason": "edited"},
                {"id": 2, "reason": "edited", "fields": ["title"]},
            ]
        })
    );
    let title = async |id: u64| eve.get(&format!("/employees/{id}")).await.json()["title"].clone();
    assert_eq!(
        [
            title(1).await,
            title(2).await,
            title(3).await,
            title(4).await
        ],
        [
            json!("Analyst"),
            json!("Head"),
            json!("Employee not found"),
            json!("Head")
        ]
    );
    let history = eve.get("/employees/3/history").await.expect(200).json();
    assert_eq!(
        (&history[0]["what"], &history[0]["run"]),
        (&json!("deleted"), &json!(3))
    );
    let audit = ada.get("/audit?limit=1").await.expect(200).json();
    assert_eq!(
        (&audit[0]["what"], &audit[0]["target"], &audit[0]["note"]),
        (&json!("import_undone"), &json!("3"), &json!("undoes 2"))
    );

    let redone = undo(&eve, 3).await.expect(200).json();
    assert_eq!(
        (&redone["created"], &redone["changed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        [title(1).await, title(3).await],
        [json!("Lead"), json!("Lead")]
    );
}

#[tokio::test]
async fn rows_that_are_matched_have_warnings_about_what_they_set() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let row = |number: &str, more: Value| {
        let mut all = row(json!({"number": number}));
        all.as_object_mut()
            .unwrap()
            .append(&mut more.as_object().unwrap().clone());
        all
    };
    let rows = [
        row(
            "E1",
            json!({"email": "maya@example.com", "hired": "1921-03-01"}),
        ),
        row("E2", json!({"email": "MAYA@example.com"})),
    ];
    let import =
        async |rows: &[Value]| ndjson(&eve, "?match=number", rows).await.expect(200).json();
    let warnings = |report: &Value| {
        let rows = report["rows"].as_array().unwrap().iter();
        let codes = rows.map(|row| {
            row["warnings"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|w| w["code"].clone())
                .collect::<Vec<_>>()
        });
        codes.collect::<Vec<_>>()
    };
    let report = import(&rows).await;
    assert_eq!(report["warned"], 2);
    assert_eq!(
        warnings(&report),
        [vec![json!("long_ago")], vec![json!("shared")]]
    );
    let report = import(&rows).await;
    assert_eq!(report["warned"], 0, "nothing is set any more");
    let report = import(&[row(
        "E1",
        json!({"title": "Analyst", "email": "maya@example.com"}),
    )])
    .await;
    assert_eq!(report["warned"], 0, "the old hire date is not of this row");
}
