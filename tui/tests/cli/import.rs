//! `roster employees import`

use crate::proxy::{Fault, Proxy};
use crate::shell::Shell;

/// What is printed after the first import.
const TO_UNDO: &str = "To undo: roster employees import undo 1";

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
async fn a_row_that_is_refused_keeps_those_who_seem_to_be_missing() {
    let shell = Shell::signed_in().await;
    let everybody = "firstname,lastname,email\nAda,Lovelace,a@example.com\nBo,Berg,b@example.com\n";
    assert_eq!(shell.pipe(&["employees", "import", "-"], everybody).code, 0);

    // Bo is in the file, but cannot be read.
    let file = everybody.replace("Berg", &"x".repeat(300));
    let import = ["employees", "import", "-", "--partial", "--match", "email"];
    let done = shell.pipe(&[&import[..], &["--missing", "left"]].concat(), &file);
    assert!(
        done.err.contains("1 on the server are not in the file: #2"),
        "{done:?}"
    );
    let people = shell.run(&["employees", "list", "--json"]).json();
    assert_eq!(people[1]["status"], "active");

    // Without the mistake, whoever is not in the file has left.
    let file = everybody.replace("Bo,Berg,b@example.com\n", "");
    let done = shell.pipe(&[&import[..], &["--missing", "left"]].concat(), &file);
    assert_eq!(done.code, 0, "{done:?}");
    let people = shell.run(&["employees", "list", "--json"]).json();
    assert_eq!(people[1]["status"], "left");
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
    assert_eq!((columns.code, columns.out.as_str()), (1, ""));
    let title = columns.problem()["title"].to_string();
    assert!(title.contains("--map 'HEADING=name'"), "{title}");
}

/// The export of a German HR system: a title, semicolons, other names, and a manager by name.
const GERMAN: &str = "Mitarbeiterliste;;;;\r\nVorname;Nachname;E-Mail;Vorgesetzter;Kostenstelle\r\n\
    Jürgen;Weiß;juergen@example.com;Brandt, Zoë;7\r\nZoë;Brandt;zoe@example.com;;7\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_another_system_is_imported_as_it_is() {
    let shell = Shell::signed_in().await;

    let imported = shell.pipe(&["employees", "import", "-"], GERMAN);

    assert_eq!(imported.code, 0, "{imported:?}");
    let lines: Vec<&str> = imported.err.lines().collect();
    let read = "Read Vorname as firstname, Nachname as lastname, E-Mail as email, Vorgesetzter as manager.";
    assert_eq!(
        lines,
        [
            read,
            "Skipped unknown columns: Kostenstelle.",
            "Created 2.",
            TO_UNDO
        ]
    );
    let people = shell.run(&["employees", "list", "--json"]).json();
    assert_eq!(
        (&people[0]["lastname"], &people[0]["manager"]),
        (&"Weiß".into(), &2.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_column_can_be_refused_mapped_and_skipped() {
    let shell = Shell::signed_in().await;
    let import = |args: &[&str]| {
        shell.pipe(
            &[&["employees", "import", "-", "--dry-run"], args].concat(),
            GERMAN,
        )
    };

    let refused = import(&["--strict"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("Unknown columns: \"Kostenstelle\""),
        "{refused:?}"
    );
    assert_eq!(import(&["--strict", "--map", "Kostenstelle="]).code, 0);
    let mapped = import(&["--strict", "--map", "Kostenstelle=department"]);
    assert!(
        mapped.err.contains("Kostenstelle as department"),
        "{mapped:?}"
    );
    let unknown = import(&["--map", "Kostenstelle=shoe"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("firstname, lastname"), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_is_saved_by_name() {
    let shell = Shell::signed_in().await;
    shell
        .write_config("[mappings.payroll]\n\"Kostenstelle\" = \"department\"\n\"E-Mail\" = \"\"\n");
    let import = |name: &str| shell.pipe(&["employees", "import", "-", "--mapping", name], GERMAN);

    assert_eq!(import("payroll").code, 0);
    let people = shell.run(&["employees", "list", "--json"]).json();
    assert_eq!(
        (&people[0]["department"], &people[0]["email"]),
        (&"7".into(), &serde_json::Value::Null)
    );
    let unknown = import("other");
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("It has: payroll."), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_rows_are_written_to_be_corrected_and_imported_again() {
    let shell = Shell::signed_in().await;
    let file = shell.write("refused.csv", "");
    let text =
        "First name,Last name,E-mail\nAda,Lovelace,nowhere\nGrace,Hopper,grace@example.com\n";

    let imported = shell.pipe(
        &["employees", "import", "-", "--partial", "--refused", &file],
        text,
    );

    assert_eq!(imported.code, 7, "{imported:?}");
    let line = "line 2: E-mail: Enter an address like name@example.com. It is \"nowhere\".";
    assert!(imported.err.contains(line), "{imported:?}");
    let refused = std::fs::read_to_string(&file).unwrap();
    let rows: Vec<&str> = refused.lines().collect();
    assert_eq!(rows[0], "First name,Last name,E-mail,Import errors");
    assert!(rows[1].starts_with("Ada,Lovelace,nowhere,"), "{refused}");
    std::fs::write(&file, refused.replace("nowhere", "ada@example.com")).unwrap();
    assert_eq!(shell.run(&["employees", "import", &file]).code, 0);
    assert_eq!(shell.run(&["employees", "list"]).out.lines().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_all_or_nothing_import_with_a_bad_row_says_everything_that_is_wrong() {
    let shell = Shell::signed_in().await;
    shell.add("Test", "Person");
    let text = "id,firstname,lastname,email\n1,Ada,Lovelace,\n2,Grace,Hopper,nowhere\n";

    let refused = shell.pipe(&["employees", "import", "-"], text);

    assert_eq!(refused.code, 1);
    let lines: Vec<&str> = refused.err.lines().collect();
    assert!(
        lines[0].starts_with("line 2: id: ") && lines[1].starts_with("line 3: email: "),
        "{refused:?}"
    );
    assert_eq!(lines[2], "Created 0, refused 2.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_file_is_read() {
    let shell = Shell::signed_in().await;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, b"firstname,lastname\nAda,Lovelace\n").unwrap();
    let file = shell.write("people.csv.gz", "");
    std::fs::write(&file, gzip.finish().unwrap()).unwrap();
    assert_eq!(
        shell.run(&["employees", "import", &file]).err,
        format!("Created 1.\n{TO_UNDO}\n")
    );
}

/// A workbook with a title, empty rows, dates, and personnel numbers as managers; and another
/// sheet.
const SPREADSHEET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/people.xlsx");

#[tokio::test(flavor = "multi_thread")]
async fn a_spreadsheet_is_read_with_its_dates() {
    let shell = Shell::signed_in().await;

    let imported = shell.run(&["employees", "import", SPREADSHEET, "--map", "Notes="]);

    assert_eq!(imported.code, 0, "{imported:?}");
    let people = shell
        .run(&["employees", "list", "--sort", "lastname", "--json"])
        .json();
    assert_eq!(
        (&people[0]["lastname"], &people[0]["hired"]),
        (&"Brandt".into(), &"2015-03-02".into())
    );
    assert_eq!(
        (&people[1]["hired"], &people[1]["manager"]),
        (&"2019-11-18".into(), &people[0]["id"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_chosen_by_name() {
    let shell = Shell::signed_in().await;
    let former = shell.run(&["employees", "import", SPREADSHEET, "--sheet", "Former"]);
    assert_eq!(former.err, format!("Created 1.\n{TO_UNDO}\n"));
    let unknown = shell.run(&["employees", "import", SPREADSHEET, "--sheet", "Other"]);
    assert_eq!(unknown.code, 1);
    assert!(
        unknown.err.contains("The sheets are Staff, Former."),
        "{unknown:?}"
    );
    let none = shell.pipe(&["employees", "import", "-", "--sheet", "Staff"], ROWS);
    assert_eq!(none.code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spreadsheet_that_unpacks_to_too_much_is_refused() {
    let shell = Shell::signed_in().await;
    let cells = "<c/>".repeat(1 << 18);

    let file = shell.write("bomb.xlsx", "");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&file).unwrap());
    zip.start_file(
        "xl/worksheets/sheet1.xml",
        zip::write::SimpleFileOptions::default(),
    )
    .unwrap();
    for _ in 0..513 {
        std::io::Write::write_all(&mut zip, cells.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let refused = shell.run(&["employees", "import", &file]);
    assert_eq!(refused.code, 1);
    assert!(
        refused
            .err
            .ends_with("It unpacks to more than 512 MiB. Save the sheet as CSV.\n"),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_template_is_a_file_that_imports_nobody() {
    let shell = Shell::signed_in().await;
    let template = shell.run(&["employees", "template"]).out;
    assert!(
        template.starts_with("firstname,lastname,email,"),
        "{template}"
    );
    let imported = shell.pipe(&["employees", "import", "-"], &template);
    assert_eq!(
        imported.err,
        "line 2: skipped, an example row\nCreated 0.\n"
    );
    let filled = format!("{template}Ada,Lovelace,,,,,,,,,\n");
    assert!(
        shell
            .pipe(&["employees", "import", "-"], &filled)
            .err
            .ends_with(&format!("Created 1.\n{TO_UNDO}\n"))
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
        (0, "", &*format!("Created 20000.\n{TO_UNDO}\n"))
    );
    let ndjson = shell.write(
        "people.ndjson",
        "{\"firstname\":\"Grace\",\"lastname\":\"Hopper\"}\n",
    );
    assert_eq!(
        shell.run(&["employees", "import", &ndjson]).err,
        "Created 1.\nTo undo: roster employees import undo 2\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_counts_the_valid_rows_beside_the_refused_ones() {
    let shell = Shell::signed_in().await;
    let rows = "firstname,lastname\nAda,Lovelace\nGrace,\n";
    for (mode, summary) in [
        (&[][..], "1 valid, 1 refused, so nothing would be created."),
        (&["--partial"], "Would create 1 and refuse 1."),
    ] {
        let command = [&["employees", "import", "-", "--dry-run"], mode].concat();
        let checked = shell.pipe(&command, rows);
        assert!(checked.err.contains("line 3: lastname: "), "{checked:?}");
        assert!(checked.err.contains(summary), "{checked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_counts_more_rows_than_it_lists() {
    let shell = Shell::signed_in().await;
    let valid = "Ada,Lovelace\n".repeat(10_500);
    let refused = "Grace,\n".repeat(10_200);
    let file = shell.write(
        "people.csv",
        &format!("firstname,lastname\n{valid}{refused}"),
    );

    let checked = shell.run(&["employees", "import", &file, "--dry-run"]);

    let counts = checked.err.lines().last().unwrap();
    assert!(counts.starts_with("10500 valid, 10200 refused"), "{counts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reports_of_refused_managers_are_counted_beyond_the_list() {
    let shell = Shell::signed_in().await;
    let reports = "Grace,Hopper,,Ada Lovelace\n".repeat(11_001);
    let people = format!("firstname,lastname,email,manager\nAda,Lovelace,nowhere,\n{reports}");
    let file = shell.write("people.csv", &people);

    let checked = shell.run(&["employees", "import", &file, "--dry-run"]);

    let counts = checked.err.lines().last().unwrap();
    let waiting = "11001 of them only because their managers were refused.";
    assert!(counts.contains(waiting), "{counts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reasons_of_an_earlier_import_are_replaced_wherever_their_column_is() {
    let shell = Shell::signed_in().await;
    let file = shell.write("refused.csv", "");
    let text = "First name,Import errors,Last name,E-mail\nAda,old,Lovelace,nowhere\n";

    shell.pipe(&["employees", "import", "-", "--refused", &file], text);

    let refused = std::fs::read_to_string(&file).unwrap();
    let rows: Vec<&str> = refused.lines().collect();
    assert_eq!(rows[0], "First name,Last name,E-mail,Import errors");
    let row = "Ada,Lovelace,nowhere,E-mail: Enter an address like name@example.com.";
    assert!(rows[1].starts_with(row), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_imported_again_changes_only_what_differs() {
    let shell = Shell::signed_in().await;
    let import = |rows: &str, more: &[&str]| {
        let command = ["employees", "import", "-", "--match", "number"];
        shell.pipe(&[&command, more].concat(), rows)
    };
    let rows = "Employee ID,First Name,Last Name,Title,Manager ID\nE1,Ada,Lovelace,Analyst,\nE2,Grace,Hopper,,E1\n";
    let first = import(rows, &[]);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(
        first.err.contains("Created 2, changed 0; 0 unchanged."),
        "{first:?}"
    );
    let again = import(rows, &[]);
    assert!(
        again.err.contains("Created 0, changed 0; 2 unchanged."),
        "{again:?}"
    );
    let rows = "Employee ID,First Name,Last Name,Title\nE1,Ada,Lovelace,\n";
    let cleared = import(rows, &["--empty", "clear", "--missing", "report"]);
    assert!(
        cleared.err.contains("line 2: title: \"Analyst\" → nothing"),
        "{cleared:?}"
    );
    assert!(
        cleared
            .err
            .contains("1 on the server are not in the file: #2"),
        "{cleared:?}"
    );
    assert_eq!(import(rows, &["--missing", "gone"]).code, 2);
}

/// A shell behind a proxy, in which Ada has signed in.
async fn shell_behind_a_proxy() -> (Shell, Proxy) {
    let mut shell = Shell::new().await;
    let proxy = Proxy::before(&shell.server.url).await;
    shell.server.url.clone_from(&proxy.url);
    shell.sign_in("ada");
    (shell, proxy)
}

const GRACE: &str = "{\"firstname\":\"Grace\",\"lastname\":\"Hopper\"}\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_answer_is_lost_is_sent_again_and_adds_nobody_twice() {
    let (shell, proxy) = shell_behind_a_proxy().await;
    proxy.spoil("/employees/import", [Fault::LoseAnswer, Fault::Answer(502)]);

    let done = shell.pipe(&["employees", "import", "-"], GRACE);

    assert_eq!((done.code, done.out.as_str()), (0, ""), "{done:?}");
    assert_eq!(done.err.matches("Trying again.").count(), 2, "{done:?}");
    assert!(done.err.contains("\nCreated 1.\n"), "{done:?}");
    assert_eq!(proxy.count("/employees/import"), 3);
    assert_eq!(shell.run(&["employees", "list"]).out.lines().count(), 1);

    let again = shell.pipe(&["employees", "import", "-"], GRACE);
    assert_eq!(again.code, 0);
    let people = shell.run(&["employees", "list"]).out.lines().count();
    assert_eq!(
        people, 2,
        "whoever imports the same people again adds them again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_command_was_killed_goes_on_with_the_same_command() {
    let (shell, proxy) = shell_behind_a_proxy().await;
    proxy.spoil("/employees/import", [Fault::KeepAnswer]);
    let file = shell.write("people.ndjson", GRACE);
    let mut killed = shell
        .command(&["employees", "import", &file])
        .spawn()
        .unwrap();
    proxy.keeps_an_answer().await;
    killed.kill().unwrap();
    killed.wait().unwrap();
    proxy.forget();

    let done = shell.run(&["employees", "import", &file]);

    assert_eq!(done.code, 0, "{done:?}");
    assert!(
        done.err
            .starts_with("Continuing an import whose outcome is not known yet.\nCreated 1.\n"),
        "{done:?}"
    );
    assert_eq!(shell.run(&["employees", "list"]).out.lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_was_undone_before_its_outcome_was_known_is_made_anew() {
    let (shell, proxy) = shell_behind_a_proxy().await;
    proxy.spoil("/employees/import", [Fault::KeepAnswer]);
    let file = shell.write("people.ndjson", GRACE);
    let import = ["employees", "import", &file];
    let mut killed = shell.command(&import).spawn().unwrap();
    proxy.keeps_an_answer().await;
    killed.kill().unwrap();
    killed.wait().unwrap();
    proxy.forget();
    assert_eq!(shell.run(&["employees", "import", "undo", "1"]).code, 0);
    assert_eq!(shell.run(&["employees", "list"]).out, "");

    let done = shell.run(&import);

    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.err.contains("Created 1.\n"), "{done:?}");
    assert_eq!(shell.run(&["employees", "list"]).out.lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_updated_from_a_file_without_their_names() {
    let shell = Shell::signed_in().await;
    for (first, email) in [("Maya", "m@example.com"), ("Lea", "l@example.com")] {
        let (first, email) = (format!("firstname={first}"), format!("email={email}"));
        let added = shell.run(&["employees", "add", &first, "lastname=Roy", &email]);
        assert_eq!(added.code, 0, "{added:?}");
    }
    let by_email = |file: &str| shell.pipe(&["employees", "import", "-", "--match", "email"], file);
    let moved = by_email("E-Mail,Location\nm@example.com,Paris\n");
    assert!(moved.err.contains("changed 1"), "{moved:?}");
    let named = by_email("email,firstname,lastname,title\nl@example.com,,,Head\n");
    assert!(named.err.contains("changed 1"), "{named:?}");
    let all = shell.run(&["employees", "list", "--json"]).json();
    let seen = |index: usize| {
        let person = &all[index];
        ["firstname", "lastname", "location", "title"]
            .map(|field| person[field].as_str().unwrap_or(""))
    };
    assert_eq!(seen(0), ["Maya", "Roy", "Paris", ""]);
    assert_eq!(seen(1), ["Lea", "Roy", "", "Head"]);

    let nobody = by_email("email,location\nn@example.com,Rome\n");
    assert_eq!(nobody.code, 1, "{nobody:?}");
    assert!(nobody.err.contains("First name is required."), "{nobody:?}");
    let by_id = shell.pipe(
        &["employees", "import", "-", "--match", "id"],
        "id,title\n1,Poet\n",
    );
    assert!(by_id.err.contains("changed 1"), "{by_id:?}");
    let plain = shell.pipe(
        &["employees", "import", "-"],
        "email,location\nx@example.com,Rome\n",
    );
    assert_eq!(plain.code, 1, "{plain:?}");
    assert!(plain.err.contains("--match"), "{plain:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_undone_by_its_number() {
    let shell = Shell::signed_in().await;
    let people = "email,firstname,lastname,title\nm@example.com,Maya,Castro,Analyst\nl@example.com,Lea,Roy,Analyst\n";
    let import = |people: &str| {
        let done = shell.pipe(&["employees", "import", "-", "--match", "email"], people);
        assert_eq!(done.code, 0, "{done:?}");
        done.err
    };
    let first = import(people);
    assert!(
        first.ends_with("\nTo undo: roster employees import undo 1\n"),
        "{first}"
    );
    import(&people.replace("Analyst", "Lead").replace("l@", "j@"));
    shell.run(&["employees", "set", "1", "title=Head"]);

    let undone = shell.run(&["employees", "import", "undo", "2"]);

    assert_eq!(
        (undone.code, undone.err.as_str()),
        (
            7,
            "#1: kept title (changed since)\n\
             Undid import 2: deleted 1, changed back 0; kept 1 with newer changes.\n\
             To redo: roster employees import undo 3\n"
        )
    );
    let runs = shell.run(&["employees", "import", "runs"]).out;
    let cells: Vec<Vec<&str>> = runs
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let seen: Vec<_> = cells
        .iter()
        .map(|run| (run[0], run[2], run[3], run[4]))
        .collect();
    assert_eq!(
        seen,
        [
            ("3", "ada", "1 deleted", "undoes 2"),
            ("2", "ada", "1 created, 1 changed", "undone by 3"),
            ("1", "ada", "2 created", ""),
        ]
    );
    let missing = shell.run(&["employees", "import", "undo", "9", "--json"]);
    assert_eq!(
        (missing.code, &missing.problem()["code"]),
        (5, &"run_not_found".into())
    );
    let usage = shell.run(&["employees", "import"]);
    assert_eq!(usage.code, 2, "a file is required: {usage:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_people_report_to_those_who_are_there_already() {
    let shell = Shell::signed_in().await;
    let there = "firstname,lastname,email,number\nAda,Lovelace,ada@example.com,E00001\nGrace,Hopper,,7\n敏,王,,\n\
                 Ann,Lee,,\nAnn,Lee,,\n";
    assert_eq!(shell.pipe(&["employees", "import", "-"], there).code, 0);
    let new = "Name,Employee ID,Manager\nKim Day,K1,ADA@example.com\nLou Day,K2,e00001\nMo Day,K3,\"Hopper, Grace\"\n\
               Ned Day,K4,王敏\nOla Day,K5,7\nPat Day,K6,Ada Lovelace (E00001)\nRon Day,K7,K1\n";

    let done = shell.pipe(&["employees", "import", "-"], new);

    assert_eq!(done.code, 0, "{done:?}");
    let managers = shell.run(&[
        "employees",
        "export",
        "-q",
        "day",
        "--columns",
        "firstname,manager",
    ]);
    assert_eq!(
        managers.out,
        "firstname,manager\nKim,1\nLou,1\nMo,2\nNed,3\nOla,2\nPat,1\nRon,6\n"
    );
    let new = "Name,Manager\nSue Day,Ann Lee\nTim Day,Sue Day\nUli Day,Zed\n";
    let refused = shell.pipe(&["employees", "import", "-"], new);
    for expected in [
        "line 2: Manager: Several people have this name.",
        "line 4: Manager: Nobody in the file or in Roster has this name,",
        "1 of them only because their managers were refused.",
    ] {
        assert!(refused.err.contains(expected), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_may_add_people_again_says_how_to_update_them() {
    let shell = Shell::signed_in().await;
    let file = "firstname,lastname,email\nAda,Lovelace,ada@example.com\n";
    let first = shell.pipe(&["employees", "import", "-"], file);
    assert!(!first.err.contains("--match"), "{first:?}");

    let again = shell.pipe(&["employees", "import", "-", "--dry-run"], file);

    assert!(again.err.contains("repeat with --match email"), "{again:?}");
    let numbered = "firstname,lastname,number\nGrace,Hopper,7\n";
    assert_eq!(shell.pipe(&["employees", "import", "-"], numbered).code, 0);
    let taken = shell.pipe(&["employees", "import", "-"], numbered);
    assert!(
        taken.err.contains("repeat with --match number"),
        "{taken:?}"
    );
}

/// What a person has to say about some files.
const SAID: [(&str, [&str; 2]); 4] = [
    ("outlook_contacts.csv", ["--encoding", "windows-1252"]),
    ("datev_lodas.txt", ["--encoding", "windows-1252"]),
    ("enova_pracownicy.csv", ["--encoding", "windows-1250"]),
    ("rippling_report.csv", ["--dates", "mdy"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_any_system_imported_twice_changes_nothing_the_second_time() {
    for folder in ["exports", "layouts"] {
        let folder = format!(
            "{}/../common/tests/import/files/{folder}",
            env!("CARGO_MANIFEST_DIR")
        );
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path().into_os_string();
            let path = path.into_string().unwrap();
            let name = path.rsplit('/').next().unwrap();
            if ["expected.tsv", "mapping.tsv"].contains(&name) {
                continue;
            }
            let shell = Shell::signed_in().await;
            let said = SAID.iter().find(|(file, _)| *file == name);
            let said = said.map_or(&[][..], |(_, said)| said);
            let import = ["employees", "import", &path, "--match", "email", "--json"];
            let import = || shell.run(&[&import[..], said].concat());
            let first = import();
            assert_eq!(first.code, 0, "{name}: {first:?}");
            let created = first.json()["created"].as_u64().unwrap();
            assert!(created > 1, "{name}: {first:?}");
            let second = import().json();
            assert_eq!(
                [
                    &second["created"],
                    &second["refused"],
                    &second["matched"]["changed"]
                ],
                [0, 0, 0],
                "{name}: {second}"
            );
            assert_eq!(second["matched"]["unchanged"], created, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_skipped_for_another_one_is_reported() {
    let shell = Shell::signed_in().await;
    let file = "Last Name,First Name,Dept,Dept,Phone,Mobile\nA,B,C,D,,\n";
    let import = |args: &[&str]| {
        let import = &["employees", "import", "-", "--dry-run"];
        shell.pipe(&[import, args].concat(), file)
    };

    let done = import(&[]);

    let skipped =
        "\nSkipped repeated columns: Dept (another Dept is read), Mobile (Phone is read).\n";
    assert!(done.err.contains(skipped), "{done:?}");
    let columns = &import(&["--json"]).json()["columns"];
    assert_eq!(
        (&columns[3]["field"], &columns[3]["instead"]),
        (&serde_json::Value::Null, &"Dept".into())
    );
    assert!(columns[2].get("instead").is_none(), "{columns}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_never_reached_the_server_says_just_that() {
    let shell = Shell::signed_in().await;
    shell.server.stop().await;

    let failed = shell.pipe(&["employees", "import", "-"], GRACE);

    assert_eq!(failed.code, 3, "{failed:?}");
    assert!(failed.err.starts_with("roster: Can't reach "), "{failed:?}");
    assert_eq!(failed.err.lines().count(), 1, "{failed:?}");
    let again = shell.pipe(&["employees", "import", "-"], GRACE);
    assert!(!again.err.contains("Continuing"), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_an_import_again_says_that_it_was_undone_before() {
    let shell = Shell::signed_in().await;
    assert_eq!(shell.pipe(&["employees", "import", "-"], GRACE).code, 0);
    let undo = || shell.run(&["employees", "import", "undo", "1"]).err;

    let first = undo();

    assert!(first.starts_with("Undid import 1: deleted 1"), "{first}");
    assert_eq!(
        undo(),
        first.replace("Undid import 1", "Import 1 was undone before")
    );
}
