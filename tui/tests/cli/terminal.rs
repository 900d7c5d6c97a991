//! `roster` at a terminal, where somebody can be asked.

use std::io::{Read, Write};
use std::iter;
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use roster_server::testing::password_of;
use rustix::process::{Pid, Signal, kill_process};

use crate::shell::Shell;

/// How long to wait for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A terminal in which a command runs.
struct Terminal {
    pty: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// What comes, piece by piece, until the end.
    output: Receiver<String>,
    keyboard: Box<dyn Write + Send>,
    shown: String,
}

impl Terminal {
    fn run(shell: &Shell, args: &[&str]) -> Self {
        Self::run_as(shell, args, Some("xterm"))
    }

    /// Runs a command at a terminal that says this of itself.
    fn run_as(shell: &Shell, args: &[&str], term: Option<&str>) -> Self {
        Self::start(&shell.command(args), term)
    }

    fn start(command: &Command, term: Option<&str>) -> Self {
        let pty = native_pty_system().openpty(PtySize::default()).unwrap();
        let mut builder = CommandBuilder::new(command.get_program());
        // Otherwise it starts in a home that may be someone else's.
        builder.cwd(std::env::current_dir().unwrap());
        builder.args(command.get_args());
        command
            .get_envs()
            .for_each(|(name, value)| builder.env(name, value.unwrap()));
        match term {
            Some(term) => builder.env("TERM", term),
            None => builder.env_remove("TERM"),
        }
        let child = pty.slave.spawn_command(builder).unwrap();
        let output = pieces(pty.master.try_clone_reader().unwrap());
        let keyboard = pty.master.take_writer().unwrap();
        Self {
            pty: pty.master,
            child,
            output,
            keyboard,
            shown: String::new(),
        }
    }

    /// Reads until the command asks this.
    #[track_caller]
    fn wait_for(&mut self, question: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.shown.ends_with(question) {
            let read = self.read_on(end);
            assert_eq!(
                read,
                Ok(()),
                "waited for {question:?} and saw\n{}",
                self.shown
            );
        }
    }

    /// Reads what comes next, until then; at the end of all it is disconnected.
    fn read_on(&mut self, end: Instant) -> Result<(), RecvTimeoutError> {
        let piece = self
            .output
            .recv_timeout(end.saturating_duration_since(Instant::now()))?;
        self.shown.push_str(&piece);
        Ok(())
    }

    /// Waits until the terminal does not show what is typed.
    #[track_caller]
    fn hides_what_is_typed(&self) {
        let end = Instant::now() + PATIENCE;
        while self.echoes() {
            assert!(
                Instant::now() < end,
                "the terminal shows what is typed:\n{}",
                self.shown
            );
            std::thread::yield_now();
        }
    }

    /// Whether the terminal shows what is typed.
    fn echoes(&self) -> bool {
        let echo = 0o10;
        self.pty.get_termios().unwrap().local_flags.bits() & echo != 0
    }

    /// Types a key.
    fn press(&mut self, key: &str) {
        self.keyboard.write_all(key.as_bytes()).unwrap();
    }

    /// Sends a signal to the command.
    fn signal(&self, signal: Signal) {
        let pid = self.child.process_id().unwrap().try_into().unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    fn type_line(&mut self, line: &str) {
        self.keyboard
            .write_all(format!("{line}\r").as_bytes())
            .unwrap();
    }

    /// The exit code, and all that was shown.
    #[track_caller]
    fn end(mut self) -> (u32, String) {
        let end = Instant::now() + PATIENCE;
        let read = iter::repeat_with(|| self.read_on(end)).find_map(Result::err);
        assert_eq!(
            read,
            Some(RecvTimeoutError::Disconnected),
            "waited for the end and saw\n{}",
            self.shown
        );
        (
            self.child.wait().unwrap().exit_code(),
            std::mem::take(&mut self.shown),
        )
    }
}

impl Drop for Terminal {
    /// A test that fails leaves no command behind.
    fn drop(&mut self) {
        // Of one that has ended, the number may be another's by now.
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
        }
    }
}

/// All modes of a terminal.
fn modes(pty: &dyn MasterPty) -> String {
    format!("{:?}", pty.get_termios().unwrap())
}

/// What can be read, as it comes.
fn pieces(mut output: Box<dyn Read + Send>) -> Receiver<String> {
    let (sender, pieces) = mpsc::channel();
    std::thread::spawn(move || {
        let mut piece = [0; 256];
        // The end of a terminal is an error on Linux.
        while let Ok(length @ 1..) = output.read(&mut piece) {
            // Nobody reads on after a test has failed.
            let _ = sender.send(String::from_utf8_lossy(&piece[..length]).into_owned());
        }
    });
    pieces
}

#[tokio::test(flavor = "multi_thread")]
async fn name_and_password_are_asked_for_and_the_password_is_not_shown() {
    let shell = Shell::new().await;
    let mut terminal = Terminal::run(&shell, &["login"]);

    terminal.wait_for("Username: ");
    terminal.type_line("ada");
    terminal.wait_for("Password: ");
    terminal.hides_what_is_typed();
    terminal.type_line(password_of("ada").expose());
    let (code, shown) = terminal.end();

    assert_eq!(code, 0, "{shown}");
    assert!(
        shown.contains("ada (admin) on http://127.0.0.1:"),
        "{shown}"
    );
    assert!(!shown.contains(password_of("ada").expose()), "{shown}");
    assert_eq!(shell.run(&["whoami"]).out, "ada\tadmin\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_prompt_that_is_interrupted_leaves_the_terminal_as_it_was() {
    let shell = Shell::new().await;
    let untouched = native_pty_system().openpty(PtySize::default()).unwrap();
    let before = modes(&*untouched.master);
    let leave: [fn(&mut Terminal); 5] = [
        |terminal| terminal.press("\x03"),
        |terminal| terminal.signal(Signal::INT),
        |terminal| terminal.signal(Signal::TERM),
        |terminal| terminal.signal(Signal::HUP),
        |terminal| terminal.signal(Signal::QUIT),
    ];
    for leave in leave {
        let mut terminal = Terminal::run(&shell, &["login", "--user", "ada"]);
        terminal.wait_for("Password: ");
        terminal.hides_what_is_typed();
        leave(&mut terminal);
        let status = terminal.child.wait().unwrap();
        assert!(!status.success() && status.signal().is_some(), "{status:?}");
        assert_eq!(modes(&*terminal.pty), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_times_in_their_own_time_zone() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "Lovelace");
    let json = |args: &[&str]| shell.run(&[args, &["--json"]].concat()).json();
    let (show, whoami) = (["employees", "show", &id], ["whoami"]);
    let updated = json(&show)["updated"].as_str().unwrap().to_owned();
    let expires = json(&whoami)["session"]["expiresAt"]
        .as_str()
        .unwrap()
        .to_owned();

    for (args, time) in [(&show[..], updated), (&whoami, expires)] {
        // These say it all, so no database of time zones is needed.
        for zone in ["AAA-5:30", "BBB+3"] {
            let mut command = shell.command(args);
            command.env("TZ", zone);
            let (code, shown) = Terminal::start(&command, Some("xterm")).end();
            let time: jiff::Timestamp = time.parse().unwrap();
            let local = jiff::ZonedDateTime::new(time, jiff::tz::TimeZone::posix(zone).unwrap());
            let expected = local.strftime("%Y-%m-%d %H:%M %Z").to_string();
            assert_eq!(
                (code, shown.contains(&expected)),
                (0, true),
                "{expected}: {shown}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_removed_without_a_yes() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "Lovelace");
    for (answer, code, left) in [("", 1, 1), ("no", 1, 1), ("y", 0, 0)] {
        let mut terminal = Terminal::run(&shell, &["employees", "delete", &id]);
        terminal.wait_for(&format!("Delete Ada Lovelace ({id})? [y/N] "));
        terminal.type_line(answer);

        assert_eq!(terminal.end().0, code, "{answer}");
        assert_eq!(
            shell.run(&["employees", "list"]).out.lines().count(),
            left,
            "{answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_reported_before_the_question() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "Lovelace");
    let mut terminal = Terminal::run(&shell, &["employees", "remove", &id, "99999", &id]);
    terminal.wait_for(&format!("Delete Ada Lovelace ({id})? [y/N] "));
    assert!(
        terminal.shown.contains("roster: 99999: "),
        "{}",
        terminal.shown
    );
    terminal.type_line("no");
    let (code, shown) = terminal.end();
    assert_eq!((code, shown.matches("99999").count()), (1, 1), "{shown}");
    assert!(shown.trim_end().ends_with("Canceled."), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_says_which_part_of_the_list_it_is() {
    let shell = Shell::signed_in().await;
    ["Ada", "Bea", "Cleo"]
        .iter()
        .for_each(|name| drop(shell.add(name, "Lovelace")));
    for (offset, message) in [("1", "2 to 2 of 3"), ("9", "The list has only 3 rows.")] {
        let list = ["employees", "list", "--limit", "1", "--offset", offset];
        let (code, shown) = Terminal::run(&shell, &list).end();
        assert_eq!(code, 0, "{shown}");
        assert!(shown.trim_end().ends_with(message), "{shown}");
    }
    let (_, shown) = Terminal::run(&shell, &["employees", "list", "--limit", "9"]).end();
    assert!(
        shown.trim_end().ends_with("active"),
        "nothing is said of the whole list: {shown}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heads_of_columns_are_bold_only_where_the_terminal_can_do_more_than_text() {
    let shell = Shell::signed_in().await;
    shell.add("Ada", "Lovelace");
    for (term, is_bold) in [
        (Some("xterm"), true),
        (Some("dumb"), false),
        (Some(""), false),
        (None, false),
    ] {
        let (code, shown) = Terminal::run_as(&shell, &["employees", "list"], term).end();
        assert_eq!(
            (code, shown.contains("\x1b[1m")),
            (0, is_bold),
            "{term:?}: {shown}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_terminal_only_shows_text_the_application_says_why_and_what_to_do() {
    let shell = Shell::new().await;
    for (term, cause) in [
        (Some("dumb"), "TERM is “dumb”"),
        (Some(""), "TERM is not set"),
        (None, "TERM is not set"),
    ] {
        let (code, shown) = Terminal::run_as(&shell, &[], term).end();
        assert_eq!((code, shown.contains('\x1b')), (2, false), "{shown}");
        assert!(
            shown.starts_with("roster: The application needs a terminal."),
            "{shown}"
        );
        assert!(
            shown.contains(cause) && shown.contains("Set another"),
            "{shown}"
        );
        assert!(shown.contains("“roster employees list”"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_shows_how_far_it_is() {
    let shell = Shell::signed_in().await;
    let file = shell.write(
        "people.csv",
        &format!("firstname,lastname\n{}", "Ada,Lovelace\n".repeat(2000)),
    );

    let (code, shown) = Terminal::run(&shell, &["employees", "import", &file]).end();

    assert_eq!(code, 0, "{shown}");
    assert!(
        shown.contains("Importing people.csv: 82.03 KiB sent, waiting for the server"),
        "{shown}"
    );
    assert!(
        shown.contains("Created 2000.") && shown.trim_end().ends_with("import undo 1"),
        "{shown}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_of_notes_are_shown_as_lines() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "Lovelace");
    let notes = "notes=One\ntwo\n\nfour";
    assert_eq!(shell.run(&["employees", "set", &id, notes]).code, 0);

    let (code, shown) = Terminal::run(&shell, &["employees", "show", &id]).end();

    assert_eq!(code, 0, "{shown}");
    let notes = "Notes       One\r\n            two\r\n\r\n            four\r\n";
    assert!(shown.contains(notes), "{shown:?}");
    let row = shell.run(&["employees", "list"]).out;
    assert_eq!(row.lines().count(), 1, "one record is one line in a pipe");
    assert!(row.contains("One↵two↵↵four"), "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_full_name_is_asked_for_before_somebody_is_forgotten() {
    let shell = Shell::signed_in().await;
    let id = shell.add("Ada", "Lovelace");
    for (typed, code) in [("yes", 6), ("Ada Lovelace", 0)] {
        let mut terminal = Terminal::run(&shell, &["employees", "forget", &id]);
        terminal.wait_for("Type the full name to confirm: ");
        terminal.type_line(typed);
        let (end, shown) = terminal.end();
        assert_eq!(end, code, "{shown}");
        assert!(
            shown.contains(&format!("every value of Ada Lovelace ({id})")),
            "{shown}"
        );
    }
    assert_eq!(shell.run(&["employees", "show", &id]).code, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_cells_are_a_table() {
    let shell = Shell::signed_in().await;
    let rows = "First Name,Last Name,Work Email,Hire Date\nAda,Lovelace,nowhere,soon\nGrace,,,\n";
    let file = shell.write("people.csv", rows);

    let (code, shown) = Terminal::run(&shell, &["employees", "import", &file]).end();

    assert_eq!(code, 1);
    let lines: Vec<&str> = shown
        .lines()
        .skip_while(|line| !line.starts_with("LINE"))
        .collect();
    let expected = [
        "LINE  COLUMN      READ     EXAMPLE          PROBLEM",
        "2     Work Email  nowhere  ada@example.com  Enter an address like name@example.com.",
        "2     Hire Date   soon     2026-11-23       Enter a date.",
        "3     Last Name            Lovelace         Last name is required.",
        "Created 0, refused 2.",
    ];
    assert_eq!(lines, expected, "{shown}");
}
