//! `scripts/run`, with the programs that have been built for the tests.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use portable_pty::CommandBuilder;
use tempfile::TempDir;

use crate::terminal::{PROGRAM, Terminal, command};
use crate::{CTRL_C, ENTER};

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/run")
}

/// The home of somebody who has just cloned Roster. There, a `cargo` that builds nothing stands for
/// the real one.
fn newcomer() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("bin")).unwrap();
    let cargo = home.path().join("bin/cargo");
    let built = Path::new(PROGRAM).parent().unwrap().display();
    let link = format!("#!/bin/sh\nln -sfn {built} \"$CARGO_TARGET_DIR/release\"\n");
    fs::write(&cargo, link).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o700)).unwrap();
    home
}

/// `scripts/run` in a home.
fn run(home: &TempDir) -> Terminal {
    let mut bash: CommandBuilder = command("bash");
    bash.arg(script());
    let path = std::env::var("PATH").unwrap();
    bash.env(
        "PATH",
        format!("{}:{path}", home.path().join("bin").display()),
    );
    bash.env("HOME", home.path());
    bash.env("XDG_DATA_HOME", home.path());
    bash.env("CARGO_TARGET_DIR", home.path());
    bash.env("ROSTER_LISTEN", "127.0.0.1:0");
    bash.env("ROSTER_BCRYPT_COST", "4");
    Terminal::run(bash, "http://127.0.0.1:1", home.path())
}

#[test]
fn a_newcomer_is_signed_in_and_told_how_to_come_back() {
    if !Path::new(PROGRAM).with_file_name("rosterd").exists() {
        return;
    }
    let home = newcomer();
    let mut terminal = run(&home);
    terminal
        .sees("The first build takes a few minutes")
        .sees("added 200 sample employees")
        .sees("You are signed in already.")
        .sees("Press Enter to open Roster.")
        .types(ENTER)
        .sees("200 people")
        .types("q")
        .sees("The server has stopped. Run scripts/run to come back.");
    assert_eq!(terminal.ends(), 0);
    let written = terminal.has_written();
    assert!(!written.contains("Signed out"), "{written}");

    // Another port is another server, so the password is asked for.
    let mut again = run(&home);
    again
        .sees("Sign in")
        .types(CTRL_C)
        .sees("The server has stopped.");
    assert_eq!(again.ends(), 130);
    let written = again.has_written();
    assert!(!written.contains("first build"), "{written}");
}

#[test]
fn help_is_no_failure() {
    let help = |argument| {
        Command::new("bash")
            .arg(script())
            .arg(argument)
            .output()
            .unwrap()
    };
    for argument in ["--help", "-h"] {
        let help = help(argument);
        assert_eq!(help.status.code(), Some(0), "{help:?}");
        assert!(
            String::from_utf8(help.stdout)
                .unwrap()
                .contains("scripts/run [--employees FILE]")
        );
    }
    let wrong = help("--halp");
    assert_eq!((wrong.status.code(), wrong.stdout.len()), (Some(2), 0));
}
