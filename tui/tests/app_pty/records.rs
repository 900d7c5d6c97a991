//! Work on the records themselves: many at once, and back and forth.

use roster_common::{Employee, Field};

use crate::terminal::Terminal;
use crate::{CLEAR_LINE, ENTER, Office, RIGHT, SAVE, TAB, changes};

pub(crate) async fn title_of(office: &Office, id: u64) -> String {
    let employee: Employee = office
        .colleague
        .employee(id.try_into().unwrap())
        .await
        .unwrap();
    employee.details.text(Field::Title).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_changed_at_once_and_changed_back() {
    let office = Office::open().await;
    let mut terminal = office.signed_in();
    terminal
        .types("*")
        .sees("3 marked")
        .types("=")
        .sees("Set fields for 3 people")
        .types("Lead")
        .types(SAVE);
    terminal
        .sees("Title: Engineer → Lead")
        .types(RIGHT)
        .sees("> Change 3 people");

    // A colleague is quicker with one of them, and writes something else of another.
    for (id, field, text) in [(1, Field::Title, "Chair"), (2, Field::Location, "Leeds")] {
        let person = office
            .colleague
            .employee(id.try_into().unwrap())
            .await
            .unwrap();
        office
            .colleague
            .change(person.id, person.version, &changes(&[(field, text)]))
            .await
            .unwrap();
    }
    terminal
        .types(ENTER)
        .sees("2 changed, 1 skipped.")
        .sees("eve changed it")
        .sees("kept eve's other changes");
    terminal.sees("1 marked");
    assert_eq!(
        [title_of(&office, 1).await, title_of(&office, 2).await],
        ["Chair", "Lead"]
    );

    terminal
        .types(ENTER)
        .sees_no("skipped")
        .types("u")
        .sees("Undo: 2 people, title")
        .sees("2 changed.");
    assert_eq!(
        [title_of(&office, 2).await, title_of(&office, 3).await],
        ["Engineer", "Engineer"]
    );
    terminal
        .types(ENTER)
        .sees_no("2 changed.")
        .types("U")
        .sees("Redo: 2 people, title")
        .sees("2 changed.");
    assert_eq!(
        [title_of(&office, 2).await, title_of(&office, 3).await],
        ["Lead", "Lead"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_change_is_undone_but_never_over_a_newer_one() {
    let office = Office::open().await;
    let mut terminal = office.signed_in();
    let edit = |terminal: &mut Terminal, title: &str| {
        terminal
            .types("e")
            .sees("First name")
            .types(&TAB.repeat(4))
            .types(CLEAR_LINE)
            .types(title)
            .types(SAVE);
        terminal.sees("Saved Maya Castro. Press u to undo.");
    };
    edit(&mut terminal, "Director");
    terminal.types("u").sees("Undid: Maya Castro, title.");
    assert_eq!(title_of(&office, 1).await, "Engineer");
    edit(&mut terminal, "Director");
    let maya = office
        .colleague
        .employee(1.try_into().unwrap())
        .await
        .unwrap();
    office
        .colleague
        .change(maya.id, maya.version, &changes(&[(Field::Title, "Chair")]))
        .await
        .unwrap();
    terminal
        .types("u")
        .sees("eve changed this record")
        .types("\x1b")
        .sees_no("this record");
    terminal
        .types("u")
        .sees("eve changed this record")
        .sees("Chair")
        .types("t")
        .types(ENTER);
    terminal.sees("Kept their version.");
    assert_eq!(title_of(&office, 1).await, "Chair");

    // The history shows it.
    terminal
        .types("t")
        .sees("History of Maya Castro")
        .sees("Director → Chair");
}
