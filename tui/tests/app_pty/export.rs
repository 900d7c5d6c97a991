//! Exporting from the application.

use std::fs;

use roster_common::api::ImportOptions;

use crate::terminal::Terminal;
use crate::{CLEAR_LINE, ENTER, Office, TAB};
use roster::client::{ImportFormat, Upload};

const DOWN: &str = "\x1b[B";
const ESC: &str = "\x1b";

impl Office {
    /// The names of the files beside the state of the program, which starts there.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.home.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<_> = names.filter(|name| name != "roster").collect();
        files.sort();
        files
    }
}

/// Writes the name of the file into the form.
fn names_file(terminal: &mut Terminal, name: &str) {
    terminal
        .types(&DOWN.repeat(3))
        .types(CLEAR_LINE)
        .types(name)
        .sees(name);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_marked_people_are_exported_to_a_file_which_is_not_replaced_unasked() {
    let office = Office::open().await;
    let mut terminal = office.signed_in();

    terminal.types("  X").sees("2 people, marked");
    names_file(&mut terminal, "two.csv");
    terminal
        .types(ENTER)
        .sees("Exported 2 people to /")
        .sees("two.csv");
    let written = fs::read_to_string(office.home.path().join("two.csv")).unwrap();
    assert!(
        written.starts_with("lastname,firstname,title,"),
        "{written}"
    );
    assert_eq!(written.lines().count(), 3, "{written}");
    assert_eq!(office.files(), ["two.csv"], "nothing else is left");

    // Everybody, under the same name, which Tab completes.
    terminal.types("MX").sees("3 people, everyone");
    names_file(&mut terminal, "tw");
    terminal
        .types(TAB)
        .sees("two.csv")
        .types(ENTER)
        .sees("This file exists.");
    assert_eq!(
        fs::read_to_string(office.home.path().join("two.csv")).unwrap(),
        written
    );
    terminal.types(ENTER).sees("Exported 3 people to /");
    let written = fs::read_to_string(office.home.path().join("two.csv")).unwrap();
    assert_eq!(written.lines().count(), 4, "{written}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_export_leaves_nothing_behind() {
    let office = Office::open().await;
    let row = |n| format!("{{\"firstname\":\"Given\",\"lastname\":\"Family{n}\"}}\n");
    let rows: String = (0..60_000).map(row).collect();
    let upload = Upload::whole(rows);
    let options = ImportOptions::default();
    let import = office
        .colleague
        .import(ImportFormat::Ndjson, upload, &options, None);
    import.await.unwrap();
    let mut terminal = office.signed_in();

    terminal.types("X").sees("60,003 people, everyone");
    names_file(&mut terminal, "all.xlsx");
    terminal
        .types("\x1b[A\x1b[A\x1b[A")
        .types("x")
        .sees("● xlsx");
    terminal
        .types(ENTER)
        .sees("Exporting")
        .types(ESC)
        .sees("Stopped. Nothing was exported.");
    assert!(office.files().is_empty(), "{:?}", office.files());

    // Leaving the program stops it too.
    terminal.types(ENTER).sees("Exporting").types("\x03");
    assert_eq!(terminal.ends(), 130);
    assert!(office.files().is_empty(), "{:?}", office.files());
}
