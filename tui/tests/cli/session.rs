//! `login`, `logout`, `whoami`, and everything that stands before a server.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use jiff::SignedDuration;
use roster_server::testing::{keys, password_of};

use crate::shell::Shell;

#[tokio::test(flavor = "multi_thread")]
async fn one_sign_in_serves_all_later_commands() {
    let shell = Shell::new().await;

    let login = shell.pipe(
        &["login", "--user", "ada", "--password-stdin"],
        &format!("{}\nnot read\n", password_of("ada").expose()),
    );

    assert_eq!(
        (login.code, login.out.as_str(), login.err.as_str()),
        (0, "ada\tadmin\n", "")
    );
    let whoami = shell.run(&["whoami", "--json"]);
    assert_eq!(
        (whoami.code, &whoami.json()["user"]["username"]),
        (0, &"ada".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_code_4() {
    let shell = Shell::new().await;

    let login = shell.pipe(
        &["--json", "login", "--user", "ada", "--password-stdin"],
        "wrong password",
    );

    assert_eq!((login.code, login.out.as_str()), (4, ""));
    assert_eq!(login.problem()["code"], "credentials_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_the_error_says_how_to_sign_in() {
    let shell = Shell::new().await;

    for command in [
        &["whoami"][..],
        &["employees", "list"],
        &["employees", "delete", "1", "--yes"],
    ] {
        let done = shell.run(command);
        assert_eq!((done.code, done.out.as_str()), (4, ""), "{done:?}");
        assert!(done.err.contains("roster login"), "{done:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_ends_it() {
    let shell = Shell::signed_in().await;

    assert_eq!(shell.run(&["logout"]).code, 0);
    assert_eq!(shell.run(&["whoami"]).code, 4);
    assert_eq!(shell.run(&["logout"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_does_not_notice_that_a_token_expires() {
    let shell = Shell::signed_in().await;
    shell.server.turn(SignedDuration::from_mins(11));

    let whoami = shell.run(&["whoami"]);

    assert_eq!(
        (whoami.code, whoami.out.as_str(), whoami.err.as_str()),
        (0, "ada\tadmin\n", "")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_the_server_has_forgotten_is_code_4_with_the_reason() {
    let mut shell = Shell::signed_in().await;
    shell.server.keys = keys(2);
    shell.server.restart().await;

    let list = shell.run(&["employees", "list", "--json"]);

    assert_eq!(
        (list.code, &list.problem()["code"]),
        (4, &"refresh_invalid".into())
    );
    assert_eq!(
        shell.run(&["whoami", "--json"]).problem()["code"],
        "token_missing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_code_3() {
    let shell = Shell::signed_in().await;
    let nothing_listens = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();

    let done = shell.pipe(
        &[
            "--server",
            &nothing_listens,
            "login",
            "--user",
            "ada",
            "--password-stdin",
            "--json",
        ],
        "any password",
    );

    assert_eq!(done.code, 3, "{done:?}");
    assert!(
        done.problem()["title"]
            .as_str()
            .unwrap()
            .contains(&nothing_listens)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_code_2() {
    let shell = Shell::signed_in().await;
    for command in [
        &[][..],
        &["employees"],
        &["fire"],
        &["employees", "show", "zero"],
        &["employees", "list", "--sort", "shoe"],
        &["employees", "list", "--limit", "1001"],
        &["employees", "list", "--offset", "1"],
        &["employees", "list", "--where", "shoe=44"],
        &["employees", "add", "shoe=44"],
        &["employees", "add", "firstname=a", "firstname=b"],
        &["employees", "add", "firstname=a", "-"],
        &["employees", "delete", "1"],
        &["login", "--user", "ada"],
        &["login", "--password-stdin"],
        &["--server", "http://192.0.2.2", "whoami"],
        &["--server", "ftp://localhost", "whoami"],
    ] {
        let done = shell.run(command);
        assert_eq!(
            (done.code, done.out.as_str()),
            (2, ""),
            "{command:?}: {done:?}"
        );
        assert!(!done.err.is_empty(), "{command:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jar_that_cannot_be_used_is_code_1() {
    let shell = Shell::signed_in().await;

    let done = shell
        .command(&["whoami"])
        .env("XDG_STATE_HOME", "/dev/null")
        .stdin(Stdio::null())
        .output()
        .unwrap();

    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8(done.stderr).unwrap().contains("jar.json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_on_standard_input_may_begin_with_a_byte_order_mark() {
    let shell = Shell::new().await;
    let password = format!("\u{feff}{}\r\n", password_of("ada").expose());
    let login = shell.pipe(&["login", "--user", "ada", "--password-stdin"], &password);
    assert_eq!(login.out, "ada\tadmin\n", "{login:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_are_reported_as_json_on_request() {
    let shell = Shell::new().await;
    for (command, words) in [
        (&["--json", "employees", "show", "zero"][..], "zero"),
        (&["fire", "--json"], "unrecognized subcommand 'fire'"),
        (&["--json", "employees", "delete"], "<ID>..."),
        (&["--json"], "needs a terminal"),
    ] {
        let done = shell.run(command);
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{done:?}");
        let title = done.problem()["title"].as_str().unwrap().to_owned();
        assert!(title.contains(words), "{title}");
        assert!(!title.contains("Usage:"), "{title}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn control_characters_are_escaped_in_json_errors_even_in_a_file() {
    let shell = Shell::new().await;
    let import = ["employees", "import", "no\u{9b}31m\u{7f}file", "--json"];
    let done = shell.run(&import);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.err.contains("no\\u009b31m\\u007ffile"), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_address_says_which_part_is_wrong() {
    let shell = Shell::new().await;
    let url = format!("{}/roster", shell.server.url);
    let done = shell.run(&["--server", &url, "whoami"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(
        done.err.contains("has no path; leave out “/roster”"),
        "{done:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn help_that_cannot_be_written_is_code_1() {
    let shell = Shell::new().await;
    for command in [
        &["--help"][..],
        &["--version"],
        &["help", "employees"],
        &["man"],
        &["completions", "bash"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let done = shell.command(command).stdout(full).output().unwrap();
        let err = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{command:?}: {err}");
        assert!(err.contains("Cannot write to standard output"), "{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_that_are_empty_count_as_not_set() {
    let shell = Shell::signed_in().await;
    let run = |variable| {
        shell
            .command(&["whoami"])
            .env(variable, "")
            .output()
            .unwrap()
    };

    assert_eq!(run("ROSTER_CA").stdout, b"ada\tadmin\n");
    // Nobody has signed in to the default server.
    let other = run("ROSTER_SERVER");
    let err = String::from_utf8(other.stderr).unwrap();
    assert_eq!(other.status.code(), Some(4), "{err}");
    assert!(
        err.contains("Not signed in to http://127.0.0.1:7678."),
        "{err}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_zsh_completion_waits_for_compinit() {
    let shell = Shell::new().await;
    let script = shell.run(&["completions", "zsh"]).out;
    let (before, after) = script.split_once("compdef _roster roster").unwrap();
    assert!(script.starts_with("#compdef roster\n"));
    assert!(
        before
            .trim_end()
            .ends_with("{ autoload -Uz compinit && compinit }")
    );
    assert!(!after.contains("compdef _roster roster"));
    assert!(after.contains("add-zsh-hook precmd _roster_register"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_waits_for_another_says_so() {
    let shell = Shell::signed_in().await;
    let lock = File::open(shell.jar_file().with_file_name("jar.lock")).unwrap();
    lock.lock().unwrap();

    let mut logout = shell
        .command(&["logout"])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let mut err = BufReader::new(logout.stderr.take().unwrap()).lines();
    let line = err.next().unwrap().unwrap();
    assert!(
        line.starts_with("Waiting for another roster process"),
        "{line}"
    );

    lock.unlock().unwrap();
    assert!(err.next().unwrap().unwrap().starts_with("Signed out of"));
    assert!(logout.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_standard_input_has_no_password() {
    let shell = Shell::new().await;

    for input in ["", "\n", "\u{feff}\r\n"] {
        let login = shell.pipe(&["login", "--user", "ada", "--password-stdin"], input);
        assert_eq!(
            (login.code, login.err.as_str()),
            (2, "roster: No password on standard input.\n"),
            "{input:?}"
        );
    }
}
