//! What a person has written in `config.toml`, and what the application keeps by itself.

use crate::Office;
use crate::terminal::{PROGRAM, Terminal, command};

impl Office {
    /// Writes the configuration of whoever sits at the terminals.
    pub(crate) fn is_configured(&self, text: &str) {
        let folder = self.home.path().join("roster");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), text).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_ones_own_work_and_are_told() {
    let office = Office::open().await;
    office.is_configured("[keys.table]\nsearch = [\"f\", \"Ctrl-o\"]\nquit = [\"ZZ\"]");
    let mut terminal = office.signed_in();
    terminal.sees("f Ctrl-o search").sees("ZZ quit");
    terminal
        .types("q/f")
        .sees("keep")
        .types("cas")
        .sees("1 of 3")
        .types("\r\x0f")
        .sees("keep")
        .types("\x1b")
        .sees("3 people");
    terminal.types("Z").sees("Z  row 1").types("Z");
    assert_eq!(terminal.ends(), 0);
    terminal.is_as_it_was();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_before_the_terminal_is_touched() {
    let office = Office::open().await;
    office.is_configured("mouse = true\n[keys.table]\nserach = [\"f\"]");
    let mut terminal = office.terminal();
    assert_eq!(terminal.ends(), 2);
    terminal.sees("config.toml:3:1: ").sees("did you mean \"search\"?");
    terminal.waits_for_output("plain text", |output| !output.bytes.contains(&0x1b));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_theme_of_the_last_time_is_there_unless_another_is_asked_for() {
    let office = Office::open().await;
    let next = |expected: &str, terminal: &mut Terminal| {
        terminal.sees("Castro, Maya").types("T").sees(expected).types("q");
        assert_eq!(terminal.ends(), 0);
    };
    next("The theme is light.", &mut office.signed_in());
    next("The theme is high-contrast.", &mut office.terminal());

    office.is_configured("theme = \"default\"");
    next("The theme is light, until you leave", &mut office.terminal());
    next("The theme is light, until you leave", &mut office.terminal());

    let mut plain = command(PROGRAM);
    plain.env("NO_COLOR", "1");
    next("The theme is default, until you leave", &mut Terminal::run(plain, &office.server.url, office.home.path()));

    office.is_configured("");
    next("The theme is mono.", &mut office.terminal());
}
