//! Copying, each way that there is out of the program.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use tempfile::TempDir;

use crate::Office;
use crate::terminal::{PROGRAM, Terminal, command};

/// The terminal's own command (OSC 52), with “Castro, Maya” in base64.
const COPY: &[u8] = b"\x1b]52;c;Q2FzdHJvLCBNYXlh\x1b\\";

impl Office {
    /// Starts the program, with something else in its environment, where ada has signed in before.
    fn terminal_with(&self, environment: &[(&str, &str)]) -> Terminal {
        self.signed_in().types("q").ends();
        let mut program = command(PROGRAM);
        environment
            .iter()
            .for_each(|(name, value)| program.env(name, value));
        let mut terminal = Terminal::run(program, &self.server.url, self.home.path());
        terminal.sees("Castro, Maya");
        terminal
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_terminal_is_asked_to_take_what_is_copied() {
    let office = Office::open().await;
    let mut terminal = office.terminal_with(&[]);
    terminal
        .types("y")
        .sees("Copied Castro, Maya (terminal clipboard, not confirmed)");
    terminal.waits_for_output("OSC 52", |output| {
        output.bytes.windows(COPY.len()).any(|bytes| bytes == COPY)
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_clipboard_the_text_goes_to_a_private_file() {
    let office = Office::open().await;
    let mut terminal = office.terminal_with(&[("TERM", "linux")]);
    let file = office.home.path().join("roster/copied.txt");
    terminal.types("Y").sees("Written to /");
    let written = fs::read_to_string(&file).unwrap();
    assert!(
        written.starts_with("Id: 1\n") && written.contains("Last name: Castro\n"),
        "{written}"
    );
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

/// A folder with a tmux of before version 3.2, and `PATH` with that folder first.
fn old_tmux() -> (TempDir, String) {
    let tools = tempfile::tempdir().unwrap();
    let tmux = tools.path().join("tmux");
    fs::write(&tmux, "#!/bin/sh\necho 'unknown flag -w' >&2\nexit 1\n").unwrap();
    fs::set_permissions(&tmux, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        tools.path().display(),
        std::env::var("PATH").unwrap()
    );
    (tools, path)
}

#[tokio::test(flavor = "multi_thread")]
async fn where_tmux_does_not_take_it_the_terminal_is_asked() {
    let (tools, old) = old_tmux();
    let none = tools.path().join("empty").display().to_string();
    for path in [old, none] {
        let office = Office::open().await;
        let mut terminal = office.terminal_with(&[("TMUX", "/nowhere,1,0"), ("PATH", &path)]);
        terminal
            .types("y")
            .sees("Copied Castro, Maya (terminal clipboard, not confirmed)");
        terminal.waits_for_output("OSC 52", |output| {
            output.bytes.windows(COPY.len()).any(|bytes| bytes == COPY)
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_neither_tmux_nor_the_terminal_takes_it_there_is_a_file() {
    let office = Office::open().await;
    let (_tools, path) = old_tmux();
    let mut terminal = office.terminal_with(&[
        ("TMUX", "/nowhere,1,0"),
        ("PATH", &path),
        ("TERM", "screen-256color"),
    ]);
    terminal.types("y").sees("Written to /");
    assert_eq!(
        fs::read_to_string(office.home.path().join("roster/copied.txt")).unwrap(),
        "Castro, Maya"
    );
}

/// A tmux of our own, which ends with the test.
struct Tmux<'a> {
    socket: String,
    office: &'a Office,
}

impl Tmux<'_> {
    /// Runs one of tmux's commands; what it says.
    fn run(&self, args: &[&str]) -> String {
        let mut tmux = Command::new("tmux");
        tmux.args(["-f", "/dev/null", "-S", &self.socket])
            .args(args);
        tmux.env("ROSTER_SERVER", &self.office.server.url)
            .env("XDG_STATE_HOME", self.office.home.path())
            .env("XDG_CONFIG_HOME", self.office.home.path());
        tmux.env_remove("NO_COLOR").env_remove("TMUX");
        String::from_utf8(tmux.output().unwrap().stdout).unwrap()
    }

    fn sees(&self, text: &str) -> &Self {
        let start = std::time::Instant::now();
        while !self.run(&["capture-pane", "-p"]).contains(text) {
            assert!(
                start.elapsed().as_secs() < 20,
                "{}",
                self.run(&["capture-pane", "-p"])
            );
        }
        self
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn inside_tmux_it_is_in_a_buffer_to_paste_from() {
    if Command::new("tmux").arg("-V").output().is_err() {
        return println!("left out: there is no tmux here");
    }
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    let folder = tempfile::tempdir().unwrap();
    let tmux = Tmux {
        socket: folder.path().join("socket").display().to_string(),
        office: &office,
    };
    tmux.run(&["new-session", "-d", "-x", "80", "-y", "24", PROGRAM]);
    tmux.sees("Castro, Maya").run(&["send-keys", "y"]);
    tmux.sees("Copied Castro, Maya (tmux)");
    assert_eq!(tmux.run(&["save-buffer", "-"]), "Castro, Maya");
    tmux.run(&["send-keys", "Y"]);
    tmux.sees("Copied the record of Maya Castro (tmux)");
    assert!(
        tmux.run(&["save-buffer", "-"])
            .contains("Title: Engineer\n")
    );
}
