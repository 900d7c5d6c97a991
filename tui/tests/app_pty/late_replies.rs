//! Answers of the terminal to questions that another program has asked, and that arrive late.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::terminal::{PROGRAM, Terminal, command};
use crate::{ENTER, Office};

/// What kind of answer it is, and its bytes.
const ANSWERS: [(&str, &str); 9] = [
    ("DA1", "\x1b[?64;22c"),
    ("DA2", "\x1b[>41;354;0c"),
    ("the colour of the text", "\x1b]10;rgb:ffff/ffff/ffff\x07"),
    (
        "the colour of the background",
        "\x1b]11;rgb:1d1d/1f1f/2121\x1b\\",
    ),
    ("DECRQSS", "\x1bP1$r0 q\x1b\\"),
    ("XTGETTCAP", "\x1bP1+r544e=787465726d\x1b\\"),
    ("XTVERSION", "\x1bP>|XTerm(390)\x1b\\"),
    ("graphics", "\x1b_Gi=31;OK\x1b\\"),
    ("the cursor's position", "\x1b[2;2R"),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_another_program_presses_no_key() {
    let office = Office::open().await;
    let mut terminal = office.signed_in();
    for (kind, answer) in ANSWERS {
        // Whatever it had opened or typed would be in the way of the filter, or in it.
        terminal
            .types(answer)
            .types("/cas")
            .waits_for(kind, |screen| screen.contents().contains("/ cas  "))
            .types(answer)
            .types("t")
            .waits_for(kind, |screen| screen.contents().contains("/ cast  "))
            .types(ENTER)
            .sees("1 of 3")
            .types("\x1b")
            .sees("3 people");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_meant_for_the_editor_is_not_read_when_it_ends() {
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    let folder = tempfile::tempdir().unwrap();
    let ends = folder.path().join("ends");
    let editor = folder.path().join("editor");
    let script = format!(
        "#!/bin/sh\nmkfifo {0}\necho the editor\ncat {0}\n",
        ends.display()
    );
    fs::write(&editor, script).unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    let mut program = command(PROGRAM);
    program.env("VISUAL", &editor);
    let mut terminal = Terminal::run(program, &office.server.url, office.home.path());
    terminal
        .sees("Castro, Maya")
        .types("E")
        .sees("the editor")
        .types(&ANSWERS.map(|(_, answer)| answer).concat())
        .types("q");
    fs::write(&ends, "").unwrap();
    terminal
        .sees("Nothing was changed.")
        .types("/cas")
        .sees("/ cas  ");
}
