//! What a terminal may do to a program, and what the program must not do to a terminal.

use std::process::{Command, Stdio};

use roster::client::Options;
use roster::config::Config;
use roster::runtime;
use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use crate::terminal::{PROGRAM, Terminal, command};
use crate::{CTRL_C, ENTER, Office, TAB, USERS};

const CTRL_L: &str = "\x0c";

/// The end of the screen: what can be done with somebody. All of it is there.
const FOOT: &str = "? help  q quit";

/// What a terminal sends for a paste, where it was asked to mark it.
fn pasted(text: &str) -> String {
    format!("\x1b[200~{text}\x1b[201~")
}

/// The lines of a screen. A blank at the end of a line may be written or erased, and looks the
/// same.
fn without_trailing_blanks(screen: &str) -> Vec<String> {
    let lines = screen.lines().map(str::trim_end);
    lines.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_l_redraws_a_disturbed_screen() {
    let office = Office::open().await;
    let mut terminal = office.signed_in();
    // A frame of the spinner, or half a frame, would never come again.
    let before = without_trailing_blanks(&terminal.sees(FOOT).comes_to_rest(&[]).shows());
    terminal
        .is_scribbled_on("\x1b[5;20HBroadcast message from root")
        .sees("Broadcast message");
    terminal.types(CTRL_L).sees_no("Broadcast message");
    terminal.waits_for("the screen as it was before", |screen| {
        without_trailing_blanks(&screen.contents()) == before
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_may_be_dragged_to_any_size_and_back() {
    let office = Office::open().await;
    let mut terminal = office.signed_in();
    // A frame of the spinner, or half a frame, would never come again.
    let before = without_trailing_blanks(&terminal.sees(FOOT).comes_to_rest(&[]).shows());
    for round in 0..300 {
        terminal.resizes(1 + round * 7 % 200, 1 + round * 5 % 60);
    }
    terminal.resizes(1, 1).types("jG").resizes(80, 24);
    terminal
        .types("gg")
        .waits_for("the screen as it was before", |screen| {
            without_trailing_blanks(&screen.contents()) == before
        });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paste_is_text_and_never_a_key() {
    let office = Office::open().await;
    let mut terminal = office.terminal();
    let (name, _, password) = USERS[0];

    // A line break at the end of a password that was copied does not sign in by itself.
    terminal
        .sees("Sign in")
        .types(&pasted(name))
        .sees("ada")
        .types(TAB)
        .types(&pasted(&format!("{password}\n")));
    terminal
        .sees(&"•".repeat(password.len()))
        .sees("Sign in")
        .types(ENTER)
        .sees("Castro, Maya");

    // In the table it presses nothing, not even what would leave.
    terminal
        .types(&pasted("q\nd\ny\x03"))
        .types("/")
        .types(&pasted("cas\r\n"))
        .sees("1 of 3")
        .sees("/ cas");
    terminal
        .types(ENTER)
        .types("e")
        .sees("Maya Castro")
        .types(&pasted("Olga\nMaria\n"));
    terminal.sees("MayaOlga Maria");
    terminal.types(CTRL_C);
    assert_eq!(terminal.ends(), 130);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backspace_that_comes_as_ctrl_h_and_an_enter_that_comes_as_ctrl_j_are_no_less() {
    let office = Office::open().await;
    let mut terminal = office.terminal();
    let (name, _, password) = USERS[0];
    terminal
        .sees("Sign in")
        .types(name)
        .types("x\x08\n")
        .types(password)
        .types("x\x08\n")
        .sees("Castro, Maya");
    terminal
        .types("/casx")
        .sees("0 of 3")
        .types("\x08")
        .sees("1 of 3")
        .types("\n")
        .sees("open");
    terminal
        .types(&pasted("d\n"))
        .types("e")
        .sees("Maya Castro")
        .types(&pasted("\nx\n"))
        .sees("Mayax");
    terminal.types("\x08").sees_no("Mayax").sees("> First name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_can_do_nothing_gets_a_line_and_the_exit_code_of_a_wrong_use() {
    let office = Office::open().await;
    let mut dumb = command(PROGRAM);
    dumb.env("TERM", "dumb");
    let mut terminal = Terminal::run(dumb, &office.server.url, office.home.path());
    assert_eq!(terminal.ends(), 2);
    terminal.sees("The application needs a terminal.");
    terminal.waits_for_output("plain text", |output| !output.bytes.contains(&0x1b));
}

#[test]
fn without_a_terminal_there_is_a_line_and_the_exit_code_of_a_wrong_use() {
    let home = tempfile::tempdir().unwrap();
    let mut program = Command::new(PROGRAM);
    program
        .env("TERM", "xterm")
        .env("XDG_STATE_HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path());
    let output = program.stdin(Stdio::null()).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (
            output.status.code(),
            output.stdout.len(),
            message.lines().count()
        ),
        (Some(2), 0, 1),
        "{message}"
    );
    assert!(
        message.starts_with("roster: The application needs a terminal."),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_terminal_is_asked_nothing_and_keeps_its_mouse() {
    let office = Office::open().await;
    let mut terminal = office.signed_in();
    // Which terminal it is (DA1, DA2, XTVERSION), where the cursor is, its colours, its keyboard
    // and one of its modes (DECRQM); and each way to ask for the mouse.
    let never = [
        &b"\x1b[c"[..],
        b"\x1b[0c",
        b"\x1b[>c",
        b"\x1b[>0c",
        b"\x1b[>q",
        b"\x1b[>0q",
        b"$p",
        b"\x1b[6n",
        b"\x1b[5n",
        b"\x1b]10;?",
        b"\x1b]11;?",
        b"\x1b[?u",
        b"\x1b[?1000h",
        b"\x1b[?1002h",
        b"\x1b[?1003h",
        b"\x1b[?1006h",
    ];
    terminal.waits_for_output("no question", |output| {
        never.iter().all(|question| {
            !output
                .bytes
                .windows(question.len())
                .any(|bytes| bytes == *question)
        })
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn no_color_is_respected() {
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    let mut plain = command(PROGRAM);
    plain.env("NO_COLOR", "1");
    let mut terminal = Terminal::run(plain, &office.server.url, office.home.path());
    terminal.sees("Castro, Maya").types("/cas").sees("1 of 3");
    terminal.waits_for("no colour, and the cursor's row reversed", |screen| {
        let cells = (0..24).flat_map(|y| (0..80).filter_map(move |x| screen.cell(y, x)));
        cells.clone().all(|cell| {
            cell.fgcolor() == vt100::Color::Default && cell.bgcolor() == vt100::Color::Default
        }) && cells.filter(|cell| cell.inverse()).count() > 40
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_stopped_by_a_signal_gives_the_terminal_back_too() {
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    let mut shell = Terminal::start_shell(&office.server.url, office.home.path());
    shell.types("$ROSTER & PID=$!; fg\r").sees("Castro, Maya");
    shell
        .types("\x1a")
        .sees("Stopped")
        .types("kill -TERM $PID; fg; echo left with $?\r")
        .sees("left with 143");
    shell.waits_for("the shell's screen", |screen| {
        !screen.alternate_screen() && !screen.bracketed_paste()
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bug_is_read_on_the_shells_screen() {
    let office = Office::open().await;
    let mut buggy = command(std::env::current_exe().unwrap().to_str().unwrap());
    buggy.args([
        "--ignored",
        "--exact",
        "--nocapture",
        "terminal_behaviour::the_program_with_a_bug",
    ]);
    buggy.env("RUST_BACKTRACE", "0");
    let mut terminal = Terminal::run(buggy, &office.server.url, office.home.path());
    terminal
        .sees("Sign in")
        .reports_the_mouse()
        .signals(Signal::USR1)
        .sees("a bug, as it happens");
    assert_eq!(terminal.ends(), 101);
    terminal.is_as_it_was();
    terminal.waits_for("lines that begin at the left", |screen| {
        screen.contents().contains("\nthread '")
    });
}

#[test]
#[ignore = "a_bug_is_read_on_the_shells_screen runs it in a terminal"]
fn the_program_with_a_bug() {
    let options = Options {
        server: std::env::var("ROSTER_SERVER").unwrap(),
        state: std::env::var("XDG_STATE_HOME").unwrap().into(),
        ca: None,
        insecure_http: false,
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let mut bug = signal(SignalKind::user_defined1()).unwrap();
        tokio::select! {
            end = runtime::run(options, Config { mouse: true, ..Config::default() }) => panic!("{end:?}"),
            _ = bug.recv() => panic!("a bug, as it happens"),
        }
    });
}
