//! `roster employees import`

use crate::shell::Shell;

/// One good row, and two that no rule lets through.
const ROWS: &str = "firstname,lastname,email\nAda,Lovelace,\nGrace,,\n,Johnson,nowhere\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_import_reports_bad_rows_by_line() {
    let shell = Shell::signed_in().await;

    let refused = shell.pipe(&["employees", "import", "-"], ROWS);

    assert_eq!((refused.code, refused.out.as_str()), (1, ""));
    let lines: Vec<&str> = refused.err.lines().collect();
    assert_eq!(lines.len(), 3, "{refused:?}");
    assert!(
        lines[0].starts_with("line 3: lastname: ") && lines[1].starts_with("line 4: "),
        "{refused:?}"
    );
    assert!(
        lines[1].contains("firstname: ") && lines[1].contains("email: "),
        "{refused:?}"
    );
    assert_eq!(lines[2], "Created 0, refused 2.");
    assert_eq!(shell.run(&["employees", "list"]).out, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_reports_every_row_as_json() {
    let shell = Shell::signed_in().await;

    let refused = shell.pipe(&["employees", "import", "-", "--json"], ROWS);

    assert_eq!((refused.code, refused.err.as_str()), (1, ""));
    let report = refused.json();
    assert_eq!(
        (&report["mode"], &report["created"], &report["refused"]),
        (&"atomic".into(), &0.into(), &2.into())
    );
    let row = |n: usize| {
        (
            report["rows"][n]["line"].as_u64().unwrap(),
            report["rows"][n]["result"].as_str().unwrap(),
        )
    };
    assert_eq!(
        [row(0), row(1), row(2)],
        [(2, "skipped"), (3, "refused"), (4, "refused")]
    );
    assert_eq!(report["rows"][1]["errors"][0]["field"], "lastname");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_supports_dry_run_and_partial() {
    let shell = Shell::signed_in().await;
    for (mode, code, created) in [(&["--partial"][..], 7, 1), (&[], 1, 0)] {
        let rehearsal = shell.pipe(
            &[&["employees", "import", "-", "--dry-run", "--json"], mode].concat(),
            ROWS,
        );
        assert_eq!(
            (rehearsal.code, &rehearsal.json()["created"]),
            (code, &created.into()),
            "{mode:?}"
        );
    }
    assert_eq!(shell.run(&["employees", "list"]).out, "");

    assert_eq!(
        shell
            .pipe(&["employees", "import", "-", "--partial"], ROWS)
            .code,
        7
    );
    let ndjson = "{\"firstname\":\"Grace\",\"lastname\":\"Hopper\"}\n";
    assert_eq!(shell.pipe(&["employees", "import", "-"], ndjson).code, 0);
    assert_eq!(shell.run(&["employees", "list"]).out.lines().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_cannot_be_read_at_all_is_code_1() {
    let shell = Shell::signed_in().await;

    let missing = shell.run(&["employees", "import", "no-such-file.csv"]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("no-such-file.csv"));

    let columns = shell.pipe(
        &["employees", "import", "-", "--json"],
        "firstname,shoe\nAda,44\n",
    );
    assert_eq!(
        (
            columns.code,
            columns.out.as_str(),
            &columns.problem()["code"]
        ),
        (1, "", &"body_invalid".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_streamed_and_shows_no_progress_without_a_terminal() {
    let shell = Shell::signed_in().await;
    let file = shell.write(
        "people.csv",
        &format!("firstname,lastname\n{}", "Ada,Lovelace\n".repeat(20_000)),
    );

    let imported = shell.run(&["employees", "import", &file]);

    assert_eq!(
        (imported.code, imported.out.as_str(), imported.err.as_str()),
        (0, "", "Created 20000.\n")
    );
    let ndjson = shell.write(
        "people.ndjson",
        "{\"firstname\":\"Grace\",\"lastname\":\"Hopper\"}\n",
    );
    assert_eq!(
        shell.run(&["employees", "import", &ndjson]).err,
        "Created 1.\n"
    );
}
