//! A server that goes away, forgets or refuses, and what stays in the hands of who works.

use std::fs;

use jiff::SignedDuration;
use roster_server::testing::{USERS, keys};

use crate::{ENTER, Office, SAVE};

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_session_asks_to_sign_in_and_keeps_the_draft() {
    let office = Office::open().await;
    let mut terminal = office.signed_in();
    terminal
        .types("/cas")
        .sees("1 of 3")
        .types(ENTER)
        .types("e")
        .sees("Maya Castro")
        .types("!");
    office.server.turn(SignedDuration::from_hours(24 * 8));
    terminal.types(SAVE).sees("Your session has expired.");
    terminal
        .types(USERS[0].2)
        .types(ENTER)
        .sees_no("Sign in")
        .sees("Press Ctrl-s to save your changes");
    terminal
        .types(SAVE)
        .sees("Saved Maya! Castro.")
        .sees("/ cas");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_keys_on_the_server_ask_to_sign_in_and_keep_the_draft() {
    let mut office = Office::open().await;
    let mut terminal = office.signed_in();
    office.server.stop().await;
    terminal
        .types("r")
        .sees("Offline, next try")
        .types("e")
        .sees("Maya Castro")
        .types("!")
        .types(SAVE)
        .sees("Not saved.");
    office.server.keys = keys(2);
    office.server.restart().await;
    terminal.sees("Your session has ended.");
    terminal
        .types(USERS[0].2)
        .types(ENTER)
        .sees_no("Sign in")
        .types(SAVE)
        .sees("Saved Maya! Castro.");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_stay_while_the_server_is_down_and_it_reconnects() {
    let office = Office::open().await;
    let mut terminal = office.signed_in();
    office.server.stop().await;
    terminal
        .types("r")
        .sees("Offline, next try")
        .sees("Castro, Maya");
    terminal
        .types("d")
        .sees("Not available offline.")
        .types("n")
        .sees("New person")
        .types("Grace\tHopper");
    office.server.restart().await;
    terminal
        .sees("Back online. Press Ctrl-s to save your changes.")
        .types(SAVE)
        .sees("Added Grace Hopper");
}

#[tokio::test(flavor = "multi_thread")]
async fn local_errors_are_shown_as_they_are() {
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    let base_folders = fs::read_dir(office.home.path().join("roster"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let jar = base_folders
        .map(|folder| folder.join("jar.json"))
        .find(|jar| jar.exists())
        .unwrap();
    fs::write(jar, "{").unwrap();
    let mut terminal = office.terminal();
    terminal.sees("The cookie jar was damaged").sees("Sign in");
}
