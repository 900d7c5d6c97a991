//! Importing in the application.

use std::fs;

use roster_common::Field;

use crate::terminal::Terminal;
use crate::{ENTER, Office, TAB};

const SAVE: &str = "\x13";

/// The export of a German HR system: one is on the server already, one is new, one has a mistake.
const FILE: &str = "Vorname;Nachname;E-Mail;Abteilung\r\n\
    Maya;Castro;maya@example.com;Vertrieb\r\n\
    J\u{fc}rgen;Wei\u{df};juergen@example.com;Einkauf\r\n\
    Ola;;ola@example.com;Einkauf\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_read_checked_imported_and_undone() {
    let office = Office::open().await;
    let maya = office
        .colleague
        .employee(1.try_into().unwrap())
        .await
        .unwrap();
    let email = crate::changes(&[(Field::Email, "maya@example.com")]);
    office
        .colleague
        .change(maya.id, maya.version, &email)
        .await
        .unwrap();
    fs::write(office.home.path().join("people.csv"), FILE).unwrap();
    let mut terminal = office.signed_in();

    // Tab completes the only file that begins so.
    terminal
        .types("I")
        .sees("people.csv")
        .types("pe")
        .types(TAB)
        .sees("people.csv");
    terminal.types(ENTER).sees("separated by semicolons");
    terminal.sees("3 people").sees("Castro");
    terminal.sees("\u{25cf} email").types(SAVE);
    terminal
        .sees("1 to add, 1 to change, 0 unchanged, 1 refused")
        .sees("line 4");
    terminal.types("w").sees("people.refused.csv.");
    let refused = office.home.path().join("people.refused.csv");
    let refused = fs::read_to_string(refused).unwrap();
    assert!(
        refused.contains("Import errors") && refused.contains("Ola,,ola@example.com"),
        "{refused}"
    );
    terminal
        .types("y")
        .sees("1 added, 1 changed")
        .sees("Press u to undo.");

    let maya = office.colleague.employee(maya.id).await.unwrap();
    assert_eq!(maya.details.text(Field::Department), "Vertrieb");
    terminal
        .types(ENTER)
        .sees("4 people")
        .types("u")
        .sees("1 person is deleted and 1 person is changed back.")
        .types("y")
        .sees("Undid: import of people.csv");
    terminal.sees("3 people");
    let maya = office.colleague.employee(maya.id).await.unwrap();
    assert_eq!(maya.details.text(Field::Department), "");
    terminal
        .types("Uy")
        .sees("Redid: import of people.csv")
        .sees("4 people");
}

/// Importing the same file once more changes nobody, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_import_of_the_same_file_has_nothing_to_do() {
    let office = Office::open().await;
    fs::write(
        office.home.path().join("people.csv"),
        FILE.replace("Ola;", "Ola;Berg"),
    )
    .unwrap();
    let mut terminal = office.signed_in();
    imports(&mut terminal)
        .sees("3 to add")
        .types("y")
        .sees("3 added")
        .types(ENTER);
    imports(&mut terminal)
        .sees("0 to add, 0 to change, 3 unchanged")
        .sees("> Back");
}

/// Reads the file, and checks it by email.
fn imports(terminal: &mut Terminal) -> &mut Terminal {
    terminal
        .types("I")
        .sees("people.csv")
        .types("people.csv")
        .types(ENTER);
    terminal
        .sees("heading on line 1")
        .sees("\u{25cf} email")
        .types(SAVE)
}
