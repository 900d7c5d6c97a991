//! The application in a real terminal, against a real server.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod account;
mod config;
mod copy;
mod cost;
mod editor;
mod export;
mod import;
mod killed;
mod late_replies;
mod mouse;
mod processes;
#[expect(dead_code, reason = "shared with the tests of the client")]
#[path = "../client/proxy.rs"]
mod proxy;
mod records;
mod scripts;
mod server;
mod ssh;
mod terminal;
mod terminal_behaviour;
mod two_people;
mod unanswered;
mod unsaved;
mod untrusted_text;

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use mouse::with_mouse;
use roster::client::{Client, Options};
use roster_common::{Changes, Field};
use roster_server::testing::{TestServer, USERS, password_of};
use rustix::process::Signal;
use tempfile::TempDir;
use terminal::{PROGRAM, Terminal, command};

const ENTER: &str = "\r";
const SAVE: &str = "\x13";
const TAB: &str = "\t";
const CLEAR_LINE: &str = "\x15";
const RIGHT: &str = "\x1b[C";
const CTRL_C: &str = "\x03";
const CTRL_Z: &str = "\x1a";

/// A server, three people on it, and a colleague who works on them too.
struct Office {
    server: TestServer,
    colleague: Client,
    home: TempDir,
    _elsewhere: TempDir,
}

impl Office {
    async fn open() -> Self {
        let server = TestServer::start().await;
        let (colleague, elsewhere) = elsewhere(&server.url, "eve").await;
        for (first, last) in [
            ("Maya", "Castro"),
            ("Ariadna", "Bétancourt"),
            ("智也", "渡辺"),
        ] {
            hire(&colleague, first, last).await;
        }
        Self {
            server,
            colleague,
            home: tempfile::tempdir().unwrap(),
            _elsewhere: elsewhere,
        }
    }

    async fn hire(&self, first: &str, last: &str) {
        hire(&self.colleague, first, last).await;
    }

    fn terminal(&self) -> Terminal {
        Terminal::start(&self.server.url, self.home.path())
    }

    /// A terminal in which ada has signed in.
    fn signed_in(&self) -> Terminal {
        let mut terminal = self.terminal();
        terminal.signs_in("ada");
        terminal
    }
}

impl Terminal {
    /// Somebody signs in, where people are whose first is Maya.
    fn signs_in(&mut self, name: &str) -> &mut Self {
        self.sees("Sign in")
            .types(name)
            .types(ENTER)
            .types(password_of(name).expose())
            .types(ENTER)
            .sees("Castro, Maya")
    }
}

/// Somebody's client on another computer.
async fn elsewhere(server: &str, name: &str) -> (Client, TempDir) {
    let home = tempfile::tempdir().unwrap();
    let options = Options {
        server: server.to_owned(),
        state: home.path().to_owned(),
        insecure_http: false,
        ca: None,
    };
    let client = Client::new(options).unwrap();
    client
        .sign_in(&name.parse().unwrap(), &password_of(name))
        .await
        .unwrap();
    (client, home)
}

async fn hire(colleague: &Client, first: &str, last: &str) {
    let changes = changes(&[
        (Field::Firstname, first),
        (Field::Lastname, last),
        (Field::Title, "Engineer"),
    ]);
    colleague
        .create(&changes, &uuid::Uuid::now_v7().to_string())
        .await
        .unwrap();
}

fn changes(fields: &[(Field, &str)]) -> Changes {
    let mut changes = Changes::default();
    fields
        .iter()
        .for_each(|(field, value)| changes.set(*field, *value));
    changes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_at_the_desk() {
    let office = Office::open().await;
    let mut terminal = office.signed_in();

    // Search, and change whom was found.
    terminal
        .types("/betan")
        .sees("1 of 3")
        .types(ENTER)
        .sees("open")
        .types("e")
        .sees("Ariadna Bétancourt");
    terminal
        .types(&TAB.repeat(4))
        .types(CLEAR_LINE)
        .types("Director")
        .types(SAVE)
        .sees("Bétancourt. Press u to undo.");
    terminal.sees("Director");

    // The access token expires, and nobody notices.
    office.server.turn(SignedDuration::from_mins(11));
    office.hire("Grace", "Betanova").await;
    terminal
        .types("r")
        .sees("Betanova, Grace")
        .sees_no("Sign in");

    // A colleague saves the same record first.
    terminal.types("e").sees("Ariadna Bétancourt");
    terminal
        .types(&TAB.repeat(4))
        .types(CLEAR_LINE)
        .types("President")
        .sees("President");
    let ariadna = office
        .colleague
        .employee(2.try_into().unwrap())
        .await
        .unwrap();
    let theirs = changes(&[(Field::Title, "Chair"), (Field::Location, "Leeds")]);
    office
        .colleague
        .change(ariadna.id, ariadna.version, &theirs)
        .await
        .unwrap();
    terminal
        .types(SAVE)
        .sees("eve changed this record")
        .types("m")
        .types(ENTER)
        .sees("Bétancourt. Press u to undo.");
    let ariadna = office.colleague.employee(ariadna.id).await.unwrap();
    assert_eq!(
        (
            &*ariadna.details.text(Field::Title),
            &*ariadna.details.text(Field::Location)
        ),
        ("President", "Leeds")
    );

    // Somebody leaves the company.
    terminal
        .types("d")
        .sees("Delete Ariadna Bétancourt?")
        .types(RIGHT)
        .sees("> Delete")
        .types(ENTER);
    terminal.sees("Deleted Ariadna Bétancourt.").sees("1 of 3");

    // Tomorrow there is no login; after a sign-out there is.
    terminal.types("q");
    assert_eq!(terminal.ends(), 0);
    terminal.is_as_it_was();
    let mut terminal = office.terminal();
    terminal
        .sees("Castro, Maya")
        .types("Q")
        .sees("Sign out")
        .types("y")
        .sees("Signed out.");
    terminal.types(CTRL_C);
    assert_eq!(terminal.ends(), 130);
    office.terminal().sees("Sign in");
}

/// What leaves the program.
type WayOut = fn(&mut Terminal) -> &mut Terminal;

/// The ways out that leave a terminal behind, and the exit code of each.
const WAYS_OUT: [(WayOut, u32); 6] = [
    (|terminal| terminal.types("q"), 0),
    (|terminal| terminal.types(CTRL_C), 130),
    (|terminal| terminal.signals(Signal::TERM), 143),
    (|terminal| terminal.signals(Signal::HUP), 129),
    (|terminal| terminal.signals(Signal::INT), 130),
    (|terminal| terminal.signals(Signal::QUIT), 131),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_way_out_leaves_the_terminal_as_it_was() {
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    for mouse in [false, true] {
        let open = || {
            let program = if mouse {
                with_mouse()
            } else {
                command(PROGRAM)
            };
            let mut terminal = Terminal::run(program, &office.server.url, office.home.path());
            terminal.sees("Castro, Maya");
            if mouse {
                terminal.reports_the_mouse()
            } else {
                terminal.has_its_mouse()
            };
            terminal
        };
        for (leaves, code) in WAYS_OUT {
            let mut terminal = open();
            assert_eq!(leaves(&mut terminal).ends(), code);
            terminal.is_as_it_was();
        }
        assert_eq!(
            open().vanishes().ends(),
            129,
            "a terminal that is gone ends the program"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_out_clears_a_terminal_without_an_alternate_screen() {
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    for (leaves, code) in WAYS_OUT {
        let mut terminal = office.terminal();
        terminal.sees("Castro, Maya");
        assert_eq!(leaves(&mut terminal).ends(), code);
        terminal.is_as_it_was();
        assert_eq!(terminal.shows_without_an_alternate_screen().trim(), "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_takes_nothing_any_more_keeps_no_program() {
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut terminal = office.terminal();
        terminal.sees("Castro, Maya").stalls().signals(signal);
        let message = Instant::now();
        assert_eq!(terminal.ends(), code, "{signal:?}");
        assert!(
            message.elapsed() < Duration::from_secs(1),
            "{:?}",
            message.elapsed()
        );
        terminal.has_its_modes_back();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shell_gets_the_terminal_for_a_while() {
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    let mut shell = Terminal::start_shell(&office.server.url, office.home.path());
    shell
        .types("$ROSTER\r")
        .sees("Castro, Maya")
        .types("/cas")
        .sees("1 of 3");
    shell.types(CTRL_Z).sees("Stopped").sees_no("Castro, Maya");
    shell
        .types("fg; echo left with $?\r")
        .sees("Castro, Maya")
        .sees("1 of 3");
    shell
        .types(ENTER)
        .sees("open")
        .types("q")
        .sees("left with 0");
}
