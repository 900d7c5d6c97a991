//! A server that goes away, forgets or refuses, and what stays in the hands of who works.

use std::fs;

use jiff::SignedDuration;
use roster_server::testing::{USERS, keys};

use crate::terminal::Terminal;
use crate::{CLEAR_LINE, ENTER, Office, SAVE};

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

#[tokio::test(flavor = "multi_thread")]
async fn someone_goes_to_another_server_and_back_without_leaving() {
    let (office, branch) = (Office::open().await, Office::open().await);
    branch.hire("Grace", "Aaronson").await;
    let mut terminal = office.signed_in();
    terminal
        .types("@")
        .sees("Sign in")
        .types(CLEAR_LINE)
        .types(&branch.server.url)
        .types("\t\t")
        .types("wrong")
        .types(ENTER)
        .sees("Wrong username or password.")
        .types(USERS[0].2)
        .types(ENTER)
        .sees_no("Sign in")
        .sees("4 people");
    // What is saved goes there too.
    terminal
        .types("e")
        .sees("> First name")
        .types("!")
        .types(SAVE)
        .sees("Saved ");
    terminal
        .types("@")
        .sees("Sign in")
        .types(CLEAR_LINE)
        .types("http://127.0.0.1:1")
        .types("\t\t")
        .types(USERS[0].2)
        .types(ENTER)
        .sees("Can't reach")
        .types("\x1b")
        .sees_no("Sign in")
        .types("r")
        .sees("4 people");
    terminal.types("q");
    assert_eq!(terminal.ends(), 0);
    office.terminal().sees("3 people");
    Terminal::start(&branch.server.url, office.home.path()).sees("4 people");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_server_is_refused_before_the_screen_is_taken_over() {
    let office = Office::open().await;
    for server in [
        "http://",
        "ftp://staff.example.com",
        "http://staff.example.com",
    ] {
        let mut terminal = Terminal::start(server, office.home.path());
        assert_eq!(terminal.ends(), 2, "{server}");
        terminal.waits_for_output("plain text", |output| {
            output.bytes.starts_with(b"roster: ") && !output.bytes.contains(&0x1b)
        });
    }
}
