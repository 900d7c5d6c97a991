//! `users`: accounts, as the application manages them.

use roster_server::testing::password_of;

use crate::shell::Shell;

const PASSWORD: &str = "correct horse battery";

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_added_changed_and_deleted() {
    let shell = Shell::signed_in().await;

    let add = [
        "users",
        "add",
        "kim",
        "--role",
        "viewer",
        "--password-stdin",
    ];
    let added = shell.pipe(&add, PASSWORD);
    assert_eq!(
        (added.code, added.out.as_str(), added.err.as_str()),
        (0, "kim\tviewer\tenabled\t0\t\n", "")
    );
    let set = shell.run(&["users", "set", "kim", "--role", "editor", "--disable"]);
    assert_eq!(
        (set.code, set.out.as_str()),
        (0, "kim\teditor\tdisabled\t0\t\n")
    );
    let all = shell.run(&["users", "list", "--json"]).json();
    let kim = all
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["username"] == "kim");
    assert_eq!(kim.unwrap()["disabled"], true);

    let delete = shell.run(&["users", "delete", "kim", "--yes"]);
    assert_eq!((delete.code, delete.out.as_str()), (0, ""));
    let gone = shell.run(&["users", "set", "kim", "--enable"]);
    assert_eq!(gone.code, 5, "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_out_has_to_sign_in_again_and_a_new_password_counts_at_once() {
    let shell = Shell::signed_in().await;
    let computer = tempfile::tempdir().unwrap();
    let eve = |args: &[&str], input: &str| shell.pipe_elsewhere(computer.path(), args, input).code;
    let login = ["login", "--user", "eve", "--password-stdin"];
    assert_eq!(eve(&login, password_of("eve").expose()), 0);
    assert_eq!(eve(&["whoami"], ""), 0);

    assert_eq!(shell.run(&["users", "sign-out", "eve"]).code, 0);
    assert_eq!(eve(&["whoami"], ""), 4);

    let set = shell.pipe(&["users", "set", "eve", "--password-stdin"], PASSWORD);
    assert_eq!(set.code, 0, "{set:?}");
    assert_eq!(eve(&login, password_of("eve").expose()), 4);
    assert_eq!(eve(&login, PASSWORD), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_allowed_or_not_meant_changes_nothing() {
    let shell = Shell::signed_in().await;
    for (command, code, reason) in [
        (&["users", "set", "eve"][..], 2, "--role"),
        (
            &["users", "set", "eve", "--enable", "--disable"],
            2,
            "cannot be used",
        ),
        (
            &["users", "add", "kim", "--role", "viewer"],
            2,
            "--password-stdin",
        ),
        (
            &["users", "set", "eve", "--password"],
            2,
            "--password-stdin",
        ),
        (&["users", "delete", "eve"], 2, "--yes"),
        (&["users", "delete", "nobody", "--yes"], 5, ""),
        (
            &["users", "add", "kim", "--role", "owner", "--password-stdin"],
            2,
            "role",
        ),
        (&["users", "set", "ada", "--role", "viewer"], 6, "admin"),
    ] {
        let done = shell.run(command);
        assert_eq!(
            (done.code, done.out.as_str()),
            (code, ""),
            "{command:?} {done:?}"
        );
        assert!(done.err.contains(reason), "{command:?} {done:?}");
    }
    let short = shell.pipe(&["users", "set", "eve", "--password-stdin"], "short\n");
    assert_eq!(short.code, 1, "{short:?}");
    assert!(short.err.contains("12"), "{short:?}");

    shell.sign_in("eve");
    let list = shell.run(&["users", "list"]);
    assert_eq!((list.code, list.out.as_str()), (4, ""), "{list:?}");
}
