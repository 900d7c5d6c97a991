//! Sessions, passwords and users, in a real terminal against a real server.

use roster::client::{Client, Options};
use roster_common::users::UserChanges;
use roster_common::{Password, Role};
use roster_server::testing::USERS;

use crate::{ENTER, Office, RIGHT, SAVE, TAB, elsewhere};

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_the_sessions_elsewhere() {
    let office = Office::open().await;
    let (laptop, _home) = elsewhere(&office.server.url, "ada").await;
    let mut terminal = office.signed_in();
    terminal
        .types("a")
        .sees("Sessions of ada")
        .sees("this one")
        .types("p")
        .sees("Change password");
    terminal
        .types("not my password")
        .types(TAB)
        .types("ada knows the difference")
        .types(TAB);
    terminal
        .types("ada knows the difference")
        .types(SAVE)
        .sees("Wrong current password.");
    terminal
        .types(USERS[0].2)
        .types(SAVE)
        .sees("Changed your password and ended your other sessions.");
    assert!(laptop.me().await.unwrap_err().needs_sign_in());
    terminal
        .types("q")
        .types("r")
        .sees("ada")
        .types("Q")
        .sees("Sign out")
        .types("y")
        .sees("Signed out.");
    terminal
        .types("ada knows the difference")
        .types(ENTER)
        .sees("Castro, Maya");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_elsewhere_is_ended() {
    let office = Office::open().await;
    let (laptop, _home) = elsewhere(&office.server.url, "ada").await;
    let mut terminal = office.signed_in();
    terminal
        .types("a")
        .sees("this one")
        .types("o")
        .sees("Ends all your sessions except this one")
        .types("y");
    terminal.sees("Ended your other sessions.");
    assert!(laptop.me().await.unwrap_err().needs_sign_in());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_adds_a_user_who_can_sign_in_and_keeps_the_last_admin() {
    let office = Office::open().await;
    let mut terminal = office.signed_in();
    terminal
        .types("A")
        .sees("viewer")
        .types("n")
        .sees("New user")
        .types("kim")
        .types(TAB)
        .types(RIGHT)
        .types(SAVE);
    terminal
        .sees("Added kim as an editor.")
        .sees("shown only once");
    let shown = terminal.shows();
    let password = shown
        .split_whitespace()
        .find(|word| word.len() == 23 && word.matches('-').count() == 3)
        .unwrap();
    let home = tempfile::tempdir().unwrap();
    let options = Options {
        server: office.server.url.clone(),
        state: home.path().to_owned(),
        insecure_http: false,
        ca: None,
    };
    let kim = Client::new(options).unwrap();
    kim.sign_in(&"kim".parse().unwrap(), &Password::new(password))
        .await
        .unwrap();

    // By Ctrl-g, for a letter would close it under somebody who writes.
    terminal
        .types("\x07")
        .sees_no("shown only once")
        .types("d")
        .sees("Delete the account kim?")
        .types("n")
        .sees_no("Delete the account")
        .types("gd")
        .sees("Delete the account ada?")
        .types("y");
    terminal.sees("ada is the last admin.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reduced_role_is_shown_after_the_next_answer() {
    let office = Office::open().await;
    let (ada, _home) = elsewhere(&office.server.url, "ada").await;
    let mut terminal = office.terminal();
    terminal.signs_in("eve");
    let eve = "eve".parse().unwrap();
    ada.change_user(
        &eve,
        &UserChanges {
            role: Some(Role::Viewer),
            ..UserChanges::default()
        },
    )
    .await
    .unwrap();
    terminal
        .types("r")
        .sees("You are now a viewer")
        .types("e")
        .sees("You have read-only access.");
    ada.change_user(
        &eve,
        &UserChanges {
            disabled: Some(true),
            ..UserChanges::default()
        },
    )
    .await
    .unwrap();
    terminal
        .types("r")
        .sees("Sign in")
        .sees("You or an admin ended this session");
}
