//! `rosterd user`: who may be added with which password, and what is changed on a database that
//! nobody serves.

use crate::program::{Folder, PASSWORD, Run, run};

#[test]
fn an_account_is_added_once() {
    let folder = Folder::new();
    let added = folder.add("Ada", "admin", PASSWORD);
    assert_eq!(
        (added.status.code(), added.stdout.as_str()),
        (Some(0), "added ada, admin\n")
    );
    for name in ["ada", "ADA"] {
        folder
            .add(name, "viewer", "another good password")
            .refused(&["the account ada already exists"]);
    }
}

#[tokio::test]
async fn the_first_of_two_accounts_of_one_name_stands() {
    let folder = Folder::with_ada();
    folder
        .add("ada", "viewer", "another good password")
        .refused(&["already"]);
    let server = folder.start();
    let (access, _) = server.sign_in().await;
    let me: serde_json::Value = server.get_json("/me", &access).await;
    assert_eq!(me["user"]["role"], "admin");
}

#[tokio::test]
async fn a_byte_order_mark_before_a_password_is_not_part_of_it() {
    let folder = Folder::new();
    let added = folder.add("ada", "admin", &format!("\u{feff}{PASSWORD}"));
    assert!(added.status.success(), "{added:?}");
    folder.start().sign_in().await;
}

#[test]
fn a_short_long_or_common_password_is_refused_with_advice() {
    let folder = Folder::new();
    for (password, words) in [
        ("", "at least 12"),
        ("eleven char", "at least 12"),
        (&"x1".repeat(36)[..71], ""),
        (&"long enough ".repeat(7), "at most 72 bytes"),
        (&"é1".repeat(25), "at most 72 bytes"),
        ("qwerty123456", "too common"),
        ("aaaaaaaaaaaaaa", "too common"),
    ] {
        let run = folder.add("ada", "admin", password);
        match words {
            "" => assert!(run.status.success(), "{run:?}"),
            words => {
                assert!(
                    password.is_empty() || !run.stderr.contains(password),
                    "{run:?}"
                );
                run.refused(&[words]);
            }
        }
    }
}

#[test]
fn a_name_or_role_that_is_none_is_refused() {
    let folder = Folder::new();
    for name in ["", "ada lovelace", ".ada", "ada:x", "аda", &"a".repeat(65)] {
        folder
            .add(name, "admin", PASSWORD)
            .refused(&["a username is 1 to 64 of a-z 0-9 . _ @ -"]);
    }
    folder
        .add("ada", "root", PASSWORD)
        .refused(&["the role must be viewer, editor or admin"]);
    run(folder.rosterd(&["user", "add", "ada"]), PASSWORD).refused(&["--role"]);
    assert!(!folder.database().exists());
}

#[test]
fn a_password_is_never_an_argument() {
    let folder = Folder::new();
    run(
        folder.rosterd(&["user", "add", "ada", PASSWORD, "--role", "admin"]),
        "",
    )
    .refused(&["unexpected argument"]);
    run(
        folder.rosterd(&[
            "user",
            "add",
            "ada",
            "--role",
            "admin",
            "--password",
            PASSWORD,
        ]),
        "",
    )
    .refused(&["--password"]);
}

/// `rosterd user set ada` with these arguments, and a new password on standard input.
fn set_ada(folder: &Folder, arguments: &[&str]) -> Run {
    run(
        folder.rosterd(&[&["user", "set", "ada"], arguments].concat()),
        "another good password\n",
    )
}

fn list(folder: &Folder) -> String {
    run(folder.rosterd(&["user", "list"]), "").stdout
}

#[tokio::test]
async fn a_locked_out_user_gets_a_new_password() {
    let folder = Folder::with_ada();
    let server = folder.start();
    let (access, _) = server.sign_in().await;
    server.terminate();
    let set = set_ada(&folder, &["--password"]);
    assert_eq!(
        (set.status.code(), set.stdout.as_str()),
        (Some(0), "set ada, admin, enabled\n"),
        "{set:?}"
    );
    let server = folder.start();
    assert_eq!(
        server.get("/me", &access).send().await.unwrap().status(),
        403,
        "the session has ended"
    );
    let credentials = |password| serde_json::json!({"user": "ada", "pwd": password});
    let sign_in = |password| server.post("/auth", "", &credentials(password)).send();
    assert_eq!(sign_in(PASSWORD).await.unwrap().status(), 401);
    assert_eq!(
        sign_in("another good password").await.unwrap().status(),
        200
    );
}

#[test]
fn roles_and_states_are_set_and_listed() {
    let folder = Folder::with_ada();
    folder.add("bob", "viewer", PASSWORD);
    assert_eq!(list(&folder), "ada\tadmin\tenabled\nbob\tviewer\tenabled\n");
    let set = run(
        folder.rosterd(&["user", "set", "bob", "--role", "admin", "--disable"]),
        "",
    );
    assert_eq!(set.stdout, "set bob, admin, disabled\n");
    set_ada(&folder, &["--disable"]).refused(&["ada is the last admin who can sign in"]);
    run(folder.rosterd(&["user", "set", "bob", "--enable"]), "");
    assert_eq!(
        set_ada(&folder, &["--role", "editor"]).stdout,
        "set ada, editor, enabled\n"
    );
    assert_eq!(list(&folder), "ada\teditor\tenabled\nbob\tadmin\tenabled\n");
}

#[test]
fn user_commands_refuse_unknown_accounts_bad_options_and_a_missing_database() {
    let folder = Folder::with_ada();
    run(folder.rosterd(&["user", "set", "zoe", "--enable"]), "").refused(&["no account named zoe"]);
    set_ada(&folder, &[]).refused(&["--role"]);
    set_ada(&folder, &["--enable", "--disable"]).refused(&["cannot be used with"]);
    let nowhere = Folder::new();
    run(nowhere.rosterd(&["user", "list"]), "").refused(&["no database at"]);
    assert!(!nowhere.database().exists());
}
