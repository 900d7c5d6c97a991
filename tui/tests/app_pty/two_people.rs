//! Two people at two terminals, on one record at once.

use roster_common::Field;

use crate::terminal::Terminal;
use crate::{CLEAR_LINE, ENTER, Office, SAVE, TAB};

#[tokio::test(flavor = "multi_thread")]
async fn both_edits_survive_and_both_people_see_what_happened() {
    let office = Office::open().await;
    let mut ada = office.signed_in();
    let home = tempfile::tempdir().unwrap();
    let mut eve = Terminal::start(&office.server.url, home.path());
    eve.signs_in("eve");

    // Both begin with the same record; ada is the first to save.
    ada.types("e").sees("> First name");
    eve.types("e").sees("> First name");
    ada.types(&TAB.repeat(3))
        .types("555-0100")
        .types(TAB)
        .types(CLEAR_LINE)
        .types("Director")
        .types(SAVE);
    ada.sees("Castro. Press u to undo.");

    // Eve is shown both versions of what both have changed, and keeps her own; the rest of ada's
    // stays.
    eve.types(&TAB.repeat(4))
        .types(CLEAR_LINE)
        .types("President")
        .types(SAVE)
        .sees("ada changed this record");
    eve.sees("Director")
        .sees("President")
        .types("m")
        .types(ENTER)
        .sees("Castro. Press u to undo.");

    // Ada sees what has become of it, and who has done that.
    ada.types("r")
        .sees("President")
        .types(ENTER)
        .sees("by eve")
        .sees("555-0100");
    let maya = office
        .colleague
        .employee(1.try_into().unwrap())
        .await
        .unwrap();
    assert_eq!(
        (
            &*maya.details.text(Field::Title),
            &*maya.details.text(Field::Phone)
        ),
        ("President", "555-0100")
    );
}
