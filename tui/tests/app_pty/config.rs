//! What a person has written in `config.toml`, and what the application keeps by itself.

use crate::terminal::{PROGRAM, Terminal, command};
use crate::{CLEAR_LINE, Office};

const UP: &str = "\x1b[A";

impl Office {
    /// Writes the configuration of whoever sits at the terminals.
    pub(crate) fn is_configured(&self, text: &str) {
        let folder = self.home.path().join("roster");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), text).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_keys_work_and_are_shown() {
    let office = Office::open().await;
    office.is_configured("[keys.table]\nsearch = [\"F\", \"Ctrl-t\"]\nquit = [\"ZZ\"]");
    let mut terminal = office.signed_in();
    terminal.sees("F Ctrl-t filter").sees("ZZ quit");
    terminal
        .types("q/F")
        .sees("keep")
        .types("cas")
        .sees("1 of 3")
        .types("\r\x14")
        .sees("keep")
        .types("\x1b")
        .sees("3 people");
    terminal.types("Z").sees("Z  row 1").types("Z");
    assert_eq!(terminal.ends(), 0);
    terminal.is_as_it_was();
}

#[tokio::test(flavor = "multi_thread")]
async fn config_errors_are_reported_before_the_terminal_is_set_up() {
    let office = Office::open().await;
    office.is_configured("mouse = true\n[keys.table]\nserach = [\"f\"]");
    let mut terminal = office.terminal();
    assert_eq!(terminal.ends(), 2);
    terminal
        .sees("config.toml:3:1: ")
        .sees("did you mean \"search\"?");
    terminal.waits_for_output("plain text", |output| !output.bytes.contains(&0x1b));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_theme_of_the_last_time_is_there_unless_another_is_asked_for() {
    let office = Office::open().await;
    let next = |keys: &str, expected: &str, terminal: &mut Terminal| {
        terminal
            .sees("Castro, Maya")
            .types(keys)
            .sees(expected)
            .types("q");
        assert_eq!(terminal.ends(), 0);
    };
    next("Tjjj\r", "Theme: light.", &mut office.signed_in());
    next("Tjj\r", "Theme: high-contrast.", &mut office.terminal());

    office.is_configured("theme = \"default\"");
    next(
        "Tjjj\r",
        "Theme: light, until you quit",
        &mut office.terminal(),
    );
    next(
        "Tjjj\r",
        "Theme: light, until you quit",
        &mut office.terminal(),
    );

    let mut plain = command(PROGRAM);
    plain.env("NO_COLOR", "1");
    next(
        "Tj\r",
        "Theme: default, until you quit",
        &mut Terminal::run(plain, &office.server.url, office.home.path()),
    );

    office.is_configured("");
    next("Tj\r", "Theme: mono.", &mut office.terminal());
}

/// The headings of the table, once nothing more is to come.
fn header(terminal: &mut Terminal) -> String {
    terminal.sees("Castro, Maya").comes_to_rest(&[]);
    terminal.shows().lines().nth(1).unwrap().trim().to_owned()
}

/// Whoever is signed in signs out, and somebody else signs in.
fn leaves_to<'a>(terminal: &'a mut Terminal, name: &str) -> &'a mut Terminal {
    terminal
        .types("Q")
        .sees("Sign out")
        .types("y")
        .sees("Signed out.");
    terminal.types(UP).types(CLEAR_LINE).signs_in(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_as_each_person_left_them_on_each_server() {
    let (office, branch) = (Office::open().await, Office::open().await);
    let mut terminal = office.signed_in();
    let before = header(&mut terminal);
    terminal.types("l-").sees_no("Title").types(">>");
    let hers = header(&mut terminal);
    assert!(
        !hers.contains("Title") && hers.contains("Department      "),
        "{before:?} and then {hers:?}"
    );
    terminal.types("q").ends();

    // They are there the next time; not for somebody else at this computer, nor on another server.
    let mut terminal = office.terminal();
    assert_eq!(header(&mut terminal), hers);
    assert_eq!(header(leaves_to(&mut terminal, "eve")), before);
    terminal.types("q").ends();
    let mut terminal = Terminal::start(&branch.server.url, office.home.path());
    assert_eq!(header(terminal.signs_in("ada")), before);
    terminal.types("q").ends();

    let mut terminal = office.terminal();
    assert_eq!(header(&mut terminal), before, "eve's");
    assert_eq!(header(leaves_to(&mut terminal, "ada")), hers);
}
