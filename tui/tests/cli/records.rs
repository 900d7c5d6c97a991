//! `roster employees …`

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::json;

use crate::shell::Shell;

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_added_shown_changed_and_removed() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "Lovelace");

    let shown = shell.run(&["employees", "show", &id]);
    assert_eq!(
        shown.out,
        format!("{id}\tAda\tLovelace\t\t\t\t\t\t\tactive\t\t\t\t1\n")
    );

    let set = shell.run(&[
        "employees",
        "set",
        &id,
        "title=Countess",
        "location=London",
        "--json",
    ]);
    assert_eq!(
        (&set.json()["title"], &set.json()["version"]),
        (&"Countess".into(), &2.into())
    );
    let cleared = shell.run(&["employees", "set", &id, "location=", "--json"]);
    assert_eq!(cleared.json()["location"], json!(null));

    let removed = shell.run(&["employees", "delete", &id, "--yes"]);
    assert_eq!((removed.code, removed.out), (0, format!("{id}\n")));
    assert_eq!(shell.run(&["employees", "show", &id]).code, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_says_who_changed_what_with_the_newest_change_first() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "Lovelace");
    for change in [&["title=Countess", "location=London"][..], &["title=Poet"]] {
        let set = [&["employees", "set", &id], change].concat();
        assert_eq!(shell.run(&set).code, 0);
    }
    assert_eq!(shell.run(&["employees", "delete", &id, "--yes"]).code, 0);

    let history = ["employees", "history", &id];
    let lines = shell.run(&history).out;
    let cells: Vec<Vec<&str>> = lines
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let shown: Vec<_> = cells
        .iter()
        .map(|line| [line[0], line[2], line[3], line[4], line[6]])
        .collect();
    assert!(
        shown.contains(&["4", "ada", "deleted", "title", ""]),
        "{lines}"
    );
    assert!(
        shown.contains(&["3", "ada", "changed", "title", "Poet"]),
        "{lines}"
    );
    assert!(
        shown.contains(&["2", "ada", "changed", "location", "London"]),
        "{lines}"
    );
    assert!(cells.iter().all(|line| line.len() == 7), "{lines}");
    assert!(cells.is_sorted_by(|a, b| a[0] >= b[0]), "{lines}");

    let two = shell
        .run(&[&history[..], &["--limit", "2", "--json"]].concat())
        .json();
    let versions: Vec<_> = two
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["version"])
        .collect();
    assert_eq!(versions, [4, 3]);
    assert_eq!(shell.run(&["employees", "history", "99"]).code, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_employee_is_restored_unchanged() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "Lovelace");
    let set = shell
        .run(&[
            "employees",
            "set",
            &id,
            "title=Countess",
            "hired=1993-10-01",
            "--json",
        ])
        .json();
    let here = shell.run(&["employees", "restore", &id]);
    assert_eq!((here.code, here.out.as_str()), (6, ""));
    assert!(
        here.err
            .contains(&format!("Employee {id} was not deleted.")),
        "{here:?}"
    );
    shell.run(&["employees", "delete", &id, "--yes"]);

    let back = shell.run(&["employees", "restore", &id, "--json"]).json();

    for same in [
        "id",
        "firstname",
        "lastname",
        "title",
        "hired",
        "status",
        "created",
    ] {
        assert_eq!(back[same], set[same], "{same}");
    }
    assert_eq!(
        back,
        shell.run(&["employees", "show", &id, "--json"]).json()
    );
    assert_eq!(
        shell.run(&["employees", "restore", "999"]).code,
        5,
        "nobody has had that number"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_comes_from_json_on_standard_input() {
    let shell = Shell::signed_in().await;

    let added = shell.pipe(
        &["employees", "add", "-", "--json"],
        r#"{"firstname":"智也","lastname":"渡辺"}"#,
    );
    let mut record = added.json();
    assert_eq!(record["firstname"], "智也");

    record["title"] = "Engineer".into();
    let id = record["id"].to_string();
    let set = shell.pipe(
        &["employees", "set", &id, "-", "--json"],
        &record.to_string(),
    );
    assert_eq!((set.code, &set.json()["title"]), (0, &"Engineer".into()));

    let stale = shell.pipe(
        &["employees", "set", &id, "-", "--json"],
        &record.to_string().replace("Engineer", "x"),
    );
    assert_eq!(
        (stale.code, &stale.problem()["current"]["title"]),
        (6, &"Engineer".into())
    );

    let wrap_columns = shell.pipe(&["employees", "add", "-"], r#"{"firstname":1,"shoe":44}"#);
    assert_eq!((wrap_columns.code, wrap_columns.out.as_str()), (1, ""));
    assert!(
        wrap_columns.err.contains("firstname") && wrap_columns.err.contains("shoe"),
        "{wrap_columns:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_with_a_mistake_is_code_2_and_lists_no_one() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "Lovelace");
    for (filter, message) in [
        (
            "status:asleep",
            "Unknown status \"asleep\". Use active, leave or left.",
        ),
        (
            "!role:sales",
            "Unknown field \"role\". The fields are id, first",
        ),
        ("!dpt:sales", "Unknown field \"dpt\". Did you mean dept?"),
        ("hired:>soon", "\"soon\" is not a date."),
        ("mgr:cas", "Nobody has the name, address or number \"cas\"."),
        (
            "hired:3/4/2020",
            "3 Apr 2020 or 4 Mar 2020? Type it that way.",
        ),
    ] {
        let done = shell.run(&["employees", "list", "-q", filter]);
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{filter}");
        assert!(done.err.contains(message), "{done:?}");
    }
    assert_eq!(
        shell
            .run(&["employees", "list", "--where", "status=act"])
            .code,
        2
    );
    let found = shell.run(&["employees", "list", "-q", &format!("#{id} !status:left")]);
    assert!(
        found.code == 0 && found.out.contains("Lovelace"),
        "{found:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_is_named_if_only_one_person_has_the_name() {
    let shell = Shell::signed_in().await;
    let brooks = shell.add("Zoë", "Brooks");
    let id = shell.add("Ada", "Lovelace");
    let manager = || shell.run(&["employees", "show", &id, "--json"]).json()["manager"].to_string();

    assert_eq!(
        shell
            .run(&["employees", "set", &id, "manager=brooks", "dept=Sales"])
            .code,
        0
    );
    assert_eq!(manager(), brooks);
    assert_eq!(shell.run(&["employees", "set", &id, "manager="]).code, 0);
    assert_eq!(manager(), "null");
    assert_eq!(
        shell
            .run(&["employees", "set", &id, &format!("manager=#{brooks}")])
            .code,
        0
    );
    assert_eq!(manager(), brooks);

    shell.add("Maya", "Brooks");
    shell.run(&[
        "employees",
        "set",
        &brooks,
        "email=zoe@example.com",
        "number=E7",
    ]);
    for manager in ["manager=ZOE@example.com", "manager=e7"] {
        assert_eq!(shell.run(&["employees", "set", &id, manager]).code, 0);
        assert_eq!(shell.run(&["employees", "set", &id, "manager="]).code, 0);
    }
    let several = shell.run(&["employees", "set", &id, "manager=Brooks"]);
    assert_eq!(several.code, 1);
    assert!(
        several.err.contains("Zoë Brooks") && several.err.contains("Give the id."),
        "{several:?}"
    );
    assert_eq!(
        shell
            .run(&["employees", "set", &id, "manager=Brooks, Zoe"])
            .code,
        0
    );
    assert_eq!(
        shell.run(&["employees", "set", &id, "manager=Nobody"]).code,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_names_a_manager_as_set_does() {
    let shell = Shell::signed_in().await;
    let brooks = shell.add("Zoë", "Brooks");
    shell.add("Maya", "Castro");
    let id = shell.add("Ada", "Lovelace");
    for change in ["number=E7", "email=zoe@example.com"] {
        shell.run(&["employees", "set", &brooks, change]);
    }
    shell.run(&["employees", "set", &id, "manager=Brooks"]);
    let list = |option: &str, filter: &str| shell.run(&["employees", "list", option, filter]);

    for filter in [
        "mgr:brooks",
        "mgr:\"Brooks, Zoe\"",
        "mgr:e7|castro",
        "(mgr:=Castro|manager:ZOE@example.com) ada",
        "!mgr:castro mgr:#1",
    ] {
        let found = list("-q", filter);
        assert_eq!(found.code, 0, "{filter}: {found:?}");
        assert_eq!(found.out.lines().count(), 1, "{filter}: {found:?}");
        assert!(found.out.contains("Lovelace"), "{filter}: {found:?}");
    }
    assert_eq!(list("-q", "mgr:castro").out, "");
    let exactly = list("--where", "manager=Zoë Brooks");
    assert!(exactly.out.contains("Lovelace"), "{exactly:?}");
    shell.add("Ann", "Brooks");
    let several = list("-q", "mgr:Brooks");
    assert_eq!(several.code, 2);
    assert!(several.err.contains("Give the id."), "{several:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_has_passed_is_code_6() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "Lovelace");
    shell.run(&["employees", "set", &id, "title=a"]);

    let done = shell.run(&[
        "employees",
        "set",
        &id,
        "title=b",
        "--version",
        "1",
        "--json",
    ]);

    assert_eq!((done.code, &done.problem()["code"]), (6, &"stale".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_names_its_field() {
    let shell = Shell::signed_in().await;

    let done = shell.run(&["employees", "add", "firstname=Ada", "email=nowhere"]);

    assert_eq!((done.code, done.out.as_str()), (1, ""));
    for message in ["lastname:", "email:"] {
        assert_eq!(done.err.matches(message).count(), 1, "{done:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_role_does_not_allow_is_code_4() {
    let shell = Shell::new().await;
    shell.sign_in("vic");

    let done = shell.run(&[
        "employees",
        "add",
        "firstname=Ada",
        "lastname=Lovelace",
        "--json",
    ]);

    assert_eq!(
        (done.code, &done.problem()["code"]),
        (4, &"role_required".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_filtered_sorted_and_cut() {
    let shell = Shell::signed_in().await;
    for (first, last) in [
        ("Ada", "Lovelace"),
        ("Grace", "Hopper"),
        ("Katherine", "Johnson"),
    ] {
        shell.add(first, last);
    }
    let firsts = |args: &[&str]| -> Vec<String> {
        let done = shell.run(&[&["employees", "list"], args].concat());
        assert_eq!(done.code, 0, "{done:?}");
        done.out
            .lines()
            .map(|line| line.split('\t').nth(1).unwrap().to_owned())
            .collect()
    };

    assert_eq!(
        firsts(&["--sort", "lastname"]),
        ["Grace", "Katherine", "Ada"]
    );
    assert_eq!(
        firsts(&["--sort", "-id", "--limit", "2"]),
        ["Katherine", "Grace"]
    );
    assert_eq!(firsts(&["--limit", "2", "--offset", "2"]), ["Katherine"]);
    assert_eq!(firsts(&["--filter", "last:hop"]), ["Grace"]);
    assert_eq!(firsts(&["--where", "lastname=LOVELACE"]), ["Ada"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_json_list_is_an_array_of_whole_records() {
    let shell = Shell::signed_in().await;
    assert_eq!(
        shell.run(&["employees", "list", "--json"]).json(),
        json!([])
    );
    shell.add("Ada", "Lovelace");
    shell.add("Grace", "Hopper");

    for args in [
        &["employees", "list", "--json"][..],
        &["employees", "list", "--json", "--limit", "9"],
    ] {
        let list = shell.run(args).json();
        assert_eq!(
            (list.as_array().unwrap().len(), &list[1]["updatedBy"]),
            (2, &"ada".into())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_json_list_has_a_record_a_line() {
    let shell = Shell::signed_in().await;
    for name in ["Ada", "Bea", "Cleo"] {
        shell.add(name, "Lovelace");
    }
    let list = shell.run(&["employees", "list", "--json"]).out;
    let lines: Vec<_> = list.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[4]), (5, "[", "]"), "{list}");
    for line in &lines[1..4] {
        let record: serde_json::Value = serde_json::from_str(line.trim_end_matches(',')).unwrap();
        assert_eq!(record["lastname"], "Lovelace");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_version_is_answered_with_the_current_one_and_what_to_do() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "Lovelace");
    let set = ["employees", "set", &id, "title=Countess", "--version", "99"];

    let done = shell.run(&set);

    assert_eq!((done.code, done.out.as_str()), (6, ""), "{done:?}");
    for words in [
        format!("Not changed: employee {id} is at version 1."),
        format!("roster employees show {id}"),
        "--version 1".to_owned(),
    ] {
        assert!(done.err.contains(&words), "{done:?}");
    }
    assert_eq!(
        shell.run(&[&set[..], &["--json"]].concat()).problem()["current"]["version"],
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_on_standard_input_may_begin_with_a_byte_order_mark() {
    let shell = Shell::signed_in().await;
    let record = "\u{feff}{\"firstname\": \"Ada\", \"lastname\": \"Lovelace\"}";
    let added = shell.pipe(&["employees", "add", "-"], record);
    assert!(added.out.contains("\tAda\tLovelace\t"), "{added:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_given_twice_is_removed_once() {
    let shell = Shell::signed_in().await;
    let (ada, bea) = (shell.add("Ada", "Lovelace"), shell.add("Bea", "Lovelace"));
    let removed = shell.run(&["employees", "delete", "--yes", &bea, &ada, &bea]);
    assert_eq!(
        (removed.code, removed.out, removed.err),
        (0, format!("{bea}\n{ada}\n"), String::new())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn some_removed_and_some_not_is_code_7() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "Lovelace");

    let partly = shell.run(&["employees", "delete", "--yes", "--json", &id, "99999"]);
    assert_eq!(
        (partly.code, partly.json()),
        (7, json!([id.parse::<u64>().unwrap()]))
    );
    assert_eq!(
        (&partly.problem()["code"], &partly.problem()["id"]),
        (&"employee_not_found".into(), &99999.into())
    );

    assert_eq!(
        shell
            .run(&["employees", "delete", "--yes", &id, "99999"])
            .code,
        5
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_characters_reach_a_terminal_as_what_they_are() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "gnp.\u{ad}exe");

    assert!(
        shell
            .run(&["employees", "show", &id])
            .out
            .contains("gnp.⟨00AD⟩exe")
    );
    assert_eq!(
        shell.run(&["employees", "show", &id, "--json"]).json()["lastname"],
        "gnp.\u{ad}exe"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_has_seen_enough_ends_it_quietly() {
    let shell = Shell::signed_in().await;
    let mut csv = String::from("firstname,lastname\n");
    (0..5000).for_each(|n| csv.push_str(&format!("Ada,Lovelace the {n}th\n")));
    assert_eq!(shell.pipe(&["employees", "import", "-"], &csv).code, 0);

    let mut list = shell
        .command(&["employees", "list"])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(list.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let output = list.wait_with_output().unwrap();

    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), &b""[..])
    );
    assert!(line.contains("Ada"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_employee_is_forgotten_only_by_the_full_name() {
    let shell = Shell::signed_in().await;
    let [here, gone] = [("Ada", "Lovelace"), ("Zoë", "Weiß")].map(|(a, b)| shell.add(a, b));
    shell.run(&["employees", "delete", &gone, "--yes"]);
    let forget = |id: &str, name: &str| shell.run(&["employees", "forget", id, "--name", name]);

    let wrong = forget(&here, "Ada");
    assert_eq!((wrong.code, wrong.out.as_str()), (6, ""));
    assert!(wrong.err.contains("Nothing was changed."), "{wrong:?}");
    let unasked = shell.run(&["employees", "forget", &here]);
    assert_eq!(unasked.code, 2, "{unasked:?}");
    for (id, name) in [(&here, "Ada Lovelace"), (&gone, "zoe weiss")] {
        let done = forget(id, name);
        assert_eq!((done.code, done.out), (0, format!("{id}\n")));
        assert_eq!(forget(id, name).code, 5);
        assert_eq!(shell.run(&["employees", "restore", id]).code, 6);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn warnings_are_printed_beside_what_was_saved() {
    let shell = Shell::signed_in().await;
    let add = |more: &[&str]| {
        let names = ["employees", "add", "firstname=Ada", "lastname=Lovelace"];
        shell.run(&[&names[..], more].concat())
    };
    assert_eq!(add(&["email=ada@example.com"]).err, "");
    let second = add(&["email=Ada@example.com", "hired=1910-01-01"]);
    assert_eq!(second.code, 0);
    assert_eq!(
        second.err,
        "Warning: hired: This day is before 1950.\n\
         Warning: email: Another person has this email address.\n"
    );
    let json = add(&["email=ada@example.com", "--json"]);
    assert_eq!(json.json()["warnings"][0]["code"], "shared");
    let file = shell.write(
        "people.csv",
        "firstname,lastname,email\na,b,ADA@example.com\nc,d,\n",
    );
    let import = shell.run(&["employees", "import", &file]);
    assert_eq!(import.code, 0, "{import:?}");
    let warning = "line 2: warning: email: Another person has this email address.\n";
    assert!(import.err.starts_with(warning), "{import:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_records_of_one_person_become_one() {
    let shell = Shell::signed_in().await;
    let (ada, twin) = (shell.add("Ada", "Lovelace"), shell.add("Ada", "King"));
    let report = shell.add("Grace", "Hopper");
    shell.run(&["employees", "set", &ada, "email=ada@example.com"]);
    shell.run(&[
        "employees",
        "set",
        &twin,
        "email=king@example.com",
        "phone=12345",
    ]);
    shell.run(&["employees", "set", &report, &format!("manager={twin}")]);

    let unasked = shell.run(&["employees", "merge", &ada, &twin]);
    assert_eq!(unasked.code, 2, "{unasked:?}");
    let other = shell.run(&[
        "employees",
        "merge",
        &ada,
        &twin,
        "--yes",
        "--keep",
        "email=99",
    ]);
    assert_eq!(
        (other.code, other.err.as_str()),
        (2, "roster: --keep email=99: use 1 or 2.\n")
    );

    let keep = format!("email={twin}");
    let merged = shell.run(&[
        "employees",
        "merge",
        &ada,
        &twin,
        "--yes",
        "--keep",
        &keep,
        "--json",
    ]);
    assert_eq!(merged.code, 0, "{merged:?}");
    let merged = merged.json();
    assert_eq!(
        [&merged["lastname"], &merged["email"], &merged["phone"]],
        ["Lovelace", "king@example.com", "12345"]
    );
    assert_eq!(shell.run(&["employees", "show", &twin]).code, 5);
    let report = shell.run(&["employees", "show", &report, "--json"]).json();
    assert_eq!(report["manager"], 1);
    let back = shell.run(&["employees", "restore", &twin]);
    assert_eq!(back.code, 0, "the record that went is not lost: {back:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_employee_who_was_deleted_is_reported_with_how_to_restore_them() {
    let shell = Shell::signed_in().await;
    let (id, other) = (shell.add("Ada", "Lovelace"), shell.add("Grace", "Hopper"));
    let (id, other) = (id.as_str(), other.as_str());
    shell.run(&["employees", "delete", id, "--yes"]);

    for command in [
        &["show", id][..],
        &["set", id, "title=Countess"],
        &["set", id, "title=Countess", "--version", "1"],
        &["delete", id, "--yes"],
        &["merge", other, id, "--yes"],
    ] {
        let done = shell.run(&[&["employees"], command].concat());
        let expected = format!(
            "roster: Employee {id} was deleted.\nTo restore: roster employees restore {id}\n"
        );
        assert_eq!((done.code, done.err), (5, expected), "{command:?}");
    }
    let json = shell.run(&["employees", "show", id, "--json"]);
    assert_eq!(json.problem()["code"], "employee_not_found");
    let never = shell.run(&["employees", "show", "99"]);
    assert_eq!(
        (never.code, never.err.as_str()),
        (5, "roster: No employee with that id.\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_who_is_not_found_is_refused_like_other_values() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "Lovelace");
    for _ in 0..2 {
        shell.add("Jan", "Kowalski");
    }
    let set = |value: &str| shell.run(&["employees", "set", &id, value]);

    let refused = set("status=bogus");

    for (value, why) in [
        ("manager=Kowalski", "Several people have the name"),
        ("manager=Zed", "Nobody has the name"),
    ] {
        let done = set(value);
        assert_eq!(done.code, refused.code, "{done:?}");
        assert!(done.err.contains(why), "{done:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_argument_shows_the_usage_without_options_that_are_set() {
    let shell = Shell::signed_in().await;

    // The server is in a variable.
    let done = shell.run(&["employees", "set", "2"]);

    assert_eq!(done.code, 2);
    let usage = "Usage: roster employees set <ID> <FIELD=VALUE>...";
    assert!(done.err.contains(usage), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_system_has_no_number() {
    let shell = Shell::signed_in().await;

    for args in [&[][..], &["--json"]] {
        let done = shell.run(&[&["employees", "import", "nofile.csv"], args].concat());
        assert!(done.err.contains("No such file or directory"), "{done:?}");
        assert!(!done.err.contains("os error"), "{done:?}");
    }
}
