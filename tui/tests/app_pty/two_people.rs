//! Two people at two terminals, on one record at once.

use roster_common::Field;

use crate::terminal::Terminal;
use crate::{CLEAR_LINE, ENTER, Office, SAVE, TAB, changes};

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
    eve.types(&TAB.repeat(4))
        .types(CLEAR_LINE)
        .types("President")
        .sees("President");
    ada.types(&TAB.repeat(3))
        .types("555-0100")
        .types(TAB)
        .types(CLEAR_LINE)
        .types("Director")
        .types(SAVE);
    ada.sees("Castro. Press u to undo.");

    // Eve learns of it while she writes. She is shown both versions of what both have changed, and
    // keeps her own; the rest of ada's stays.
    eve.sees("changed this record at")
        .types(SAVE)
        .sees("ada changed this record");
    eve.sees("Director")
        .sees("President")
        .types("m")
        .types(ENTER)
        .sees("Castro. Press u to undo.");

    // Ada sees what has become of it, without a key, and who has done that.
    ada.sees("President")
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

#[tokio::test(flavor = "multi_thread")]
async fn what_one_does_is_seen_by_the_other_without_a_key() {
    let office = Office::open().await;
    let mut ada = office.signed_in();
    ada.sees("3 people");

    // A new person, a changed one and a deleted one.
    office.hire("Grace", "Hopper").await;
    ada.sees("Hopper, Grace").sees("4 people");
    let maya = office.colleague.employee(2.try_into().unwrap());
    let maya = maya.await.unwrap();
    let title = changes(&[(Field::Title, "Admiral")]);
    let eve = &office.colleague;
    eve.change(maya.id, maya.version, &title).await.unwrap();
    ada.sees("Admiral").sees("~Bétancourt");

    // With a filter, somebody leaves the list, and it says why.
    ada.types("/title:admiral").types(ENTER).sees("1 of 4");
    let maya = eve.employee(maya.id).await.unwrap();
    let title = changes(&[(Field::Title, "Captain")]);
    eve.change(maya.id, maya.version, &title).await.unwrap();
    ada.sees("eve changed Title").sees("0 of 4");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_is_noticed_and_followed_again() {
    let office = Office::open().await;
    let mut ada = office.signed_in();
    ada.sees("3 people");

    office.server.stop().await;
    ada.sees("Offline");
    office.server.restart().await;
    // By itself: a key at the same moment would take the message away.
    ada.sees("Back online.");
    office.hire("Grace", "Hopper").await;
    ada.sees("Hopper, Grace");
}
