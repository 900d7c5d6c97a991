//! `roster employees export`

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use roster_server::sample;
use serde_json::json;

use crate::shell::{Done, Shell};

/// People whose values other programs misread: formulas, separators, several lines, leading zeros,
/// many scripts.
const AWKWARD: &str = r#"id,firstname,lastname,email,phone,title,department,location,manager,status,hired,number,notes
1,Ada,Lovelace,ada@example.com,+44 20 7946 0001,"=SUM(A1:A9)","R&D, Europe",São Paulo,,active,1900-01-15,00042,"She said ""yes"".
Then, a second line; and a third"
2,敏,王,,+12 345,@home,'t Kofschip,東京,1,leave,2020-02-29,7E5,"+1"
3,Nguyễn,O’Brien-Þórsson,n@example.com,,"It's, ""fine""",Éire,Kraków,2,left,2024-01-01,,- and so on
4,راما,राम,,,"a\b\nc",Ελλάδα,Łódź,1,active,,E-1,😀
"#;

const ROUND_TRIP: [&str; 5] = ["all.csv", "all.ndjson", "all.jsonl", "all.json", "all.xlsx"];

impl Shell {
    /// A shell with the people above.
    async fn with_awkward_people() -> Self {
        let shell = Self::signed_in().await;
        let imported = shell.pipe(&["employees", "import", "-"], AWKWARD);
        assert_eq!(imported.code, 0, "{imported:?}");
        shell
    }

    /// Imports a company of 500 people.
    fn import_company(&self) {
        let with_id = |(id, changes)| {
            let mut person = serde_json::to_value(changes).unwrap();
            person["id"] = json!(id);
            person.to_string()
        };
        let people: Vec<_> = (1..).zip(sample::employees(500, 7)).map(with_id).collect();
        let imported = self.pipe(&["employees", "import", "-"], &people.join("\n"));
        assert_eq!(imported.code, 0, "{imported:?}");
    }

    /// What the import of a file would change.
    fn differences(&self, file: &str) -> Done {
        let import = ["employees", "import", file, "--match", "id"];
        self.run(&[&import[..], &["--empty", "clear", "--dry-run"]].concat())
    }
}

#[track_caller]
fn assert_same(done: &Done, count: usize) {
    let last = done.err.lines().last().unwrap_or_default();
    let expected = format!("Would have created 0, changed 0; {count} unchanged.");
    assert_eq!((done.code, last), (0, expected.as_str()), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_imports_again_with_no_difference() {
    let shell = Shell::with_awkward_people().await;
    for name in ROUND_TRIP {
        let file = shell.write(name, "what was there before");
        let done = shell.run(&["employees", "export", &file]);
        assert_eq!(done.err, format!("Exported 4 to {file}.\n"));
        assert_same(&shell.differences(&file), 4);
    }
    let file = shell.write("excel.csv", "");
    shell.run(&["employees", "export", &file, "--for", "excel"]);
    assert_same(&shell.differences(&file), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_with_names_of_many_scripts_comes_back_as_it_was() {
    let shell = Shell::signed_in().await;
    shell.import_company();
    for name in ["all.csv", "all.json", "all.xlsx"] {
        let file = shell.write(name, "");
        assert_eq!(shell.run(&["employees", "export", &file]).code, 0);
        assert_same(&shell.differences(&file), 500);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn excel_gets_a_mark_and_no_formula() {
    let shell = Shell::with_awkward_people().await;
    let columns = ["--columns", "lastname,phone,title"];

    let done = shell.run(&[&["employees", "export", "--for", "excel"], &columns[..]].concat());

    let lines: Vec<&str> = done.out.split("\r\n").collect();
    assert_eq!(lines[0], "\u{feff}lastname,phone,title");
    assert_eq!(lines[1], "Lovelace,'+44 20 7946 0001,'=SUM(A1:A9)");
    assert_eq!(lines[2], "王,'+12 345,'@home");
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_and_rows_are_chosen_and_ordered() {
    let shell = Shell::with_awkward_people().await;
    let export = |more: &[&str]| shell.run(&[&["employees", "export"], more].concat()).out;
    assert_eq!(
        export(&[
            "--columns",
            "id,dept",
            "-q",
            "!status:left",
            "--sort",
            "-id"
        ]),
        "id,department\n4,Ελλάδα\n2,'t Kofschip\n1,\"R&D, Europe\"\n"
    );
    let chosen = ["--columns", "number,manager,id", "-q", "#2"];
    assert_eq!(
        export(&[&chosen[..], &["--format", "ndjson"]].concat()),
        "{\"number\":\"7E5\",\"manager\":1,\"id\":2}\n"
    );
    assert_eq!(
        export(&[&chosen[..], &["--json"]].concat()),
        "[\n{\"number\":\"7E5\",\"manager\":1,\"id\":2}\n]\n"
    );
    assert_eq!(export(&["-q", "nobody", "--format", "json"]), "[]\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_book_gets_cards() {
    let shell = Shell::with_awkward_people().await;
    let file = shell.write("people.vcf", "");
    assert_eq!(
        shell
            .run(&["employees", "export", &file, "-q", "#2|#3"])
            .code,
        0
    );

    let cards = fs::read_to_string(&file).unwrap();

    let url = shell.server.url.trim_end_matches('/');
    let first: Vec<&str> = cards.split("\r\n").take(10).collect();
    let uid = format!("UID:{url}/employees/2");
    let expected = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "KIND:individual",
        &uid,
        "FN:王敏",
        "N:王;敏;;;",
    ];
    assert_eq!(first[..6], expected);
    assert!(cards.contains("\r\nTITLE:It's\\, \"fine\"\r\n"), "{cards}");
    let read = shell.run(&["employees", "import", &file, "--dry-run"]);
    assert!(
        read.err
            .ends_with("Would create 2 and refuse 0. Nothing was changed.\n"),
        "{read:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_replaced_whole_or_not_at_all() {
    let shell = Shell::with_awkward_people().await;
    let file = shell.write("people.csv", "as before");
    let link = file.replace("people.csv", "link.csv");
    symlink(&file, &link).unwrap();
    for (wrong, why) in [
        (
            ["--columns", "shoe"],
            "Unknown column. The columns are id, firstname",
        ),
        (["--sort", "shoe"], "shoe"),
        (["-q", "hired:>soon"], "is not a date"),
        (["--format", "pdf"], "use csv, ndjson, json, xlsx or vcard"),
        (["--for", "word"], "excel"),
    ] {
        let refused = shell.run(&[&["employees", "export", &file], &wrong[..]].concat());
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.err.contains(why), "{refused:?}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "as before");

    assert_eq!(
        shell
            .run(&["employees", "export", &link, "--columns", "id"])
            .code,
        0
    );

    assert_eq!(fs::read_to_string(&file).unwrap(), "id\n1\n2\n3\n4\n");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0, "{mode:o}");
    let nowhere = shell.run(&["employees", "export", "/nowhere/people.csv"]);
    assert_eq!(nowhere.code, 1);
    assert!(
        nowhere.err.contains("Cannot write /nowhere/people.csv: "),
        "{nowhere:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_read_enough_may_close_the_pipe() {
    let shell = Shell::signed_in().await;
    shell.import_company();
    for format in ["csv", "ndjson", "json", "vcard"] {
        let export = ["employees", "export", "--format", format];
        let mut child = shell.command(&export).spawn().unwrap();
        drop(child.stdout.take());

        let output = child.wait_with_output().unwrap();

        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*said), (Some(0), ""), "{format}");
    }
}
