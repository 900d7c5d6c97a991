//! The application's budgets, as a person meets them: at a terminal of 120 by 40, and the bytes at
//! one of 80 by 24 too.
//!
//! `scripts/bench tui` starts a server and runs this where a person is signed in at it
//! (`ROSTER_SERVER`, `XDG_STATE_HOME`). With `CSVLENS_FILE`, csvlens is measured on the same rows
//! beside it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measurement that cannot be made ends in a panic"
)]
#![expect(clippy::print_stdout, reason = "its output is a table")]

use std::fs;
use std::io::{Read, Write};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use roster::client::{Client, Options};
use roster_common::{Changes, EmployeeId, Field, Password};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A terminal in a window of its own, and the one that is always there.
const SIZES: [PtySize; 2] = [
    PtySize {
        rows: 40,
        cols: 120,
        pixel_width: 0,
        pixel_height: 0,
    },
    PtySize {
        rows: 24,
        cols: 80,
        pixel_width: 0,
        pixel_height: 0,
    },
];

/// How long to wait for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a program is watched while nobody touches it.
const IDLE: Duration = Duration::from_secs(5);

/// A program to measure, and how to tell what it shows.
struct Subject {
    command: CommandBuilder,
    /// Whether the screen says that the cursor is in a row.
    is_at: fn(&str, usize) -> bool,
    /// How long nothing must come for it to be at rest.
    rest: Duration,
}

fn roster() -> Subject {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_roster"));
    command.env_remove("NO_COLOR");
    Subject {
        command,
        is_at: |screen, row| {
            let message = format!("row {}", grouped(row));
            screen.lines().any(|line| {
                line.trim_end().ends_with(&message) || line.contains(&format!("{message} "))
            })
        },
        rest: Duration::from_millis(300),
    }
}

fn csvlens(file: &str) -> Subject {
    let mut command = CommandBuilder::new("csvlens");
    command.arg(file);
    let is_at = |screen: &str, row| screen.contains(&format!("[Row {row}/"));
    // It writes four times a second, whatever happens.
    Subject {
        command,
        is_at,
        rest: Duration::from_millis(150),
    }
}

/// A program in its terminal.
struct Program {
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    terminal: vt100::Parser,
    bytes: usize,
    is_at: fn(&str, usize) -> bool,
    rest: Duration,
    _master: Box<dyn MasterPty + Send>,
}

impl Program {
    fn start(subject: &Subject, size: PtySize) -> Self {
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = subject.command.clone();
        command.env("TERM", "xterm-256color");
        command.env_remove("TMUX");
        let mut reader = pty.master.try_clone_reader().unwrap();
        let keys = pty.master.take_writer().unwrap();
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut piece = [0; 65536];
            while let Ok(count @ 1..) = reader.read(&mut piece) {
                if sender.send(piece[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let child = pty.slave.spawn_command(command).unwrap();
        let terminal = vt100::Parser::new(
            size.rows.try_into().unwrap(),
            size.cols.try_into().unwrap(),
            0,
        );
        let Subject { is_at, rest, .. } = *subject;
        Self {
            child,
            output,
            keys,
            terminal,
            bytes: 0,
            is_at,
            rest,
            _master: pty.master,
        }
    }

    fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    fn read(&mut self, patience: Duration) -> bool {
        let piece = self.output.recv_timeout(patience);
        piece.is_ok_and(|piece| {
            self.bytes += piece.len();
            self.terminal.process(&piece);
            true
        })
    }

    fn until(&mut self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        while !holds(self.terminal.screen()) {
            assert!(
                self.read(PATIENCE),
                "waited for {what} and saw\n{}",
                self.terminal.screen().contents()
            );
        }
    }

    fn until_at(&mut self, row: usize) {
        let is_at = self.is_at;
        self.until(&format!("row {row}"), |screen| {
            is_at(&screen.contents(), row)
        });
    }

    fn rest(&mut self) -> &mut Self {
        while self.read(self.rest) {}
        self
    }

    /// Presses a key, and waits until all that it brings about is shown; how many bytes that takes.
    fn settle(&mut self, key: &str) -> usize {
        self.bytes = 0;
        self.keys.write_all(key.as_bytes()).unwrap();
        assert!(self.read(PATIENCE), "{key:?} brought nothing about");
        self.rest();
        self.bytes
    }

    /// Presses a key, and waits until the cursor is in `row`; how long that takes.
    fn press(&mut self, key: &str, row: usize) -> Duration {
        let start = Instant::now();
        self.keys.write_all(key.as_bytes()).unwrap();
        self.until_at(row);
        start.elapsed()
    }

    /// The time that the program has been on a processor.
    fn worked(&self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid())).unwrap();
        let nanoseconds = threads.map(|thread| {
            let message =
                fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap_or_default();
            message
                .split(' ')
                .next()
                .and_then(|first| first.parse::<u64>().ok())
                .unwrap_or(0)
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    fn resident_kb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

/// Somebody else at another computer, who changes people on the screen.
struct Colleague {
    runtime: Runtime,
    client: Client,
    _home: TempDir,
}

impl Colleague {
    fn sign_in() -> Self {
        let home = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let client = Client::new(Options {
            server: std::env::var("ROSTER_SERVER").unwrap(),
            state: home.path().to_owned(),
            insecure_http: false,
            ca: None,
        })
        .unwrap();
        let password = Password::new(&std::env::var("BENCH_PASSWORD").unwrap());
        let name = "colleague".parse().unwrap();
        runtime.block_on(client.sign_in(&name, &password)).unwrap();
        Self {
            runtime,
            client,
            _home: home,
        }
    }

    /// Changes a title.
    fn change(&self, id: EmployeeId, title: &str) {
        let mut changes = Changes::default();
        changes.set(Field::Title, title);
        let change = async {
            let version = self.client.employee(id).await?.version;
            self.client.change(id, version, &changes).await
        };
        self.runtime.block_on(change).unwrap();
    }
}

/// What is measured, in the order of the table.
#[derive(Default)]
struct Figures {
    first_frame: Vec<Duration>,
    rows: Vec<Duration>,
    key: Vec<Duration>,
    work: Duration,
    leave: Vec<Duration>,
    bytes: [Bytes; SIZES.len()],
    record_move: usize,
    record_scroll: usize,
    change: Vec<Duration>,
    change_bytes: usize,
    resident_kb: u64,
    idle_bytes: usize,
    idle_work: Duration,
}

/// What is sent for one key, in bytes.
#[derive(Default, Clone, Copy)]
struct Bytes {
    move_within: usize,
    move_beyond: usize,
    page: usize,
}

/// How many moves that scroll are counted together while the record is open.
const SCROLLS: usize = 12;
/// How many changes by somebody else are measured.
const CHANGES: usize = 100;
const MOVES: usize = 30;
const PAGES: usize = 10;
const KEYS: usize = 400;

/// The rows on a screen of ours: all of its lines but four.
fn page(size: PtySize) -> usize {
    usize::from(size.rows) - 4
}

fn measure(subject: &Subject, rows: usize, colleague: Option<&Colleague>) -> Figures {
    let mut figures = Figures::default();
    for _ in 0..10 {
        start_and_end(subject, &mut figures);
    }
    if rows > page(SIZES[0]) * PAGES * 2 {
        figures.bytes = SIZES.map(|size| bytes(&mut ready(subject, size), page(size)));
    }
    if let Some(colleague) = colleague {
        record(subject, rows, &mut figures);
        changes(subject, colleague, &mut figures);
    }
    let mut program = ready(subject, SIZES[0]);
    speed(&mut program, rows.min(page(SIZES[0])), &mut figures);
    program.settle("G");
    program.settle("gg");
    figures.resident_kb = program.resident_kb();
    idle(&mut program, &mut figures);
    program.keys.write_all(b"q").unwrap();
    program.child.wait().unwrap();
    figures
}

fn start_and_end(subject: &Subject, figures: &mut Figures) {
    let start = Instant::now();
    let mut program = Program::start(subject, SIZES[0]);
    program.until("a frame", |screen| !screen.contents().trim().is_empty());
    figures.first_frame.push(start.elapsed());
    program.until_at(1);
    figures.rows.push(start.elapsed());
    program.rest();
    let start = Instant::now();
    kill_process(
        Pid::from_raw(program.pid().try_into().unwrap()).unwrap(),
        Signal::TERM,
    )
    .unwrap();
    program.child.wait().unwrap();
    figures.leave.push(start.elapsed());
}

/// A program that shows its first rows.
fn ready(subject: &Subject, size: PtySize) -> Program {
    let mut program = Program::start(subject, size);
    program.until_at(1);
    program.rest();
    program
}

/// The bytes of moves within the screen and beyond its edge, and of pages.
fn bytes(program: &mut Program, page: usize) -> Bytes {
    let mut mean =
        |key: &str, times: usize| (0..times).map(|_| program.settle(key)).sum::<usize>() / times;
    let move_within = mean("j", page - 1);
    let move_beyond = mean("j", MOVES);
    mean("gg", 1);
    Bytes {
        move_within,
        move_beyond,
        page: mean("\x1b[6~", PAGES),
    }
}

/// The bytes of moves beside an open record: within the screen, and twelve that scroll together.
fn record(subject: &Subject, rows: usize, figures: &mut Figures) {
    let page = page(SIZES[0]);
    let within = rows.min(page) - 1;
    let mut program = ready(subject, SIZES[0]);
    program.settle("\r");
    let mut moves = |times: usize| (0..times).map(|_| program.settle("j")).sum::<usize>();
    figures.record_move = moves(within) / within;
    if rows > page + SCROLLS {
        figures.record_scroll = moves(SCROLLS);
    }
}

/// Somebody else's changes to a person on the screen: until they are shown, and their bytes.
fn changes(subject: &Subject, colleague: &Colleague, figures: &mut Figures) {
    let mut program = ready(subject, SIZES[0]);
    let id = EmployeeId::try_from(5).unwrap();
    program.bytes = 0;
    for number in 0..CHANGES {
        let title = format!("Title {number:03}");
        let start = Instant::now();
        colleague.change(id, &title);
        program.until(&title, |screen| screen.contents().contains(&title));
        figures.change.push(start.elapsed());
        program.rest();
    }
    figures.change_bytes = program.bytes / CHANGES;
}

/// What it does while nobody touches it.
fn idle(program: &mut Program, figures: &mut Figures) {
    let (worked, end) = (program.worked(), Instant::now() + IDLE);
    program.bytes = 0;
    while Instant::now() < end {
        program.read(end.saturating_duration_since(Instant::now()));
    }
    (figures.idle_bytes, figures.idle_work) = (program.bytes, program.worked() - worked);
}

/// A key and its frame, up and down the screen, with nobody in a hurry.
fn speed(program: &mut Program, last: usize, figures: &mut Figures) {
    let before = program.worked();
    let down_and_up: Vec<_> = (2..=last)
        .map(|row| ("j", row))
        .chain((1..last).rev().map(|row| ("k", row)))
        .collect();
    figures.key = down_and_up
        .iter()
        .cycle()
        .take(KEYS)
        .map(|(key, row)| program.press(key, *row))
        .collect();
    figures.work = (program.worked() - before) / u32::try_from(KEYS).unwrap();
}

fn at(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[(times.len() - 1) * percent / 100]
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

/// A number with a comma between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(String::from_utf8_lossy)
        .collect();
    groups.join(",")
}

fn table(figures: &Figures) -> Vec<(&'static str, String, &'static str)> {
    let bytes = |bytes: usize| {
        if bytes == 0 {
            "–".to_owned()
        } else {
            format!("{bytes} B")
        }
    };
    let [large, small] = figures.bytes;
    vec![
        (
            "first frame after start, p50",
            milliseconds(at(&figures.first_frame, 50)),
            "15 ms",
        ),
        (
            "rows after start, p50",
            milliseconds(at(&figures.rows, 50)),
            "60 ms",
        ),
        ("key to frame, p50", milliseconds(at(&figures.key, 50)), ""),
        (
            "key to frame, p95",
            milliseconds(at(&figures.key, 95)),
            "1 ms",
        ),
        (
            "processor time per key, mean",
            milliseconds(figures.work),
            "",
        ),
        (
            "SIGTERM to exit, p50",
            milliseconds(at(&figures.leave, 50)),
            "50 ms",
        ),
        ("cursor move, 120x40", bytes(large.move_within), "300 B"),
        ("cursor move, 80x24", bytes(small.move_within), "300 B"),
        (
            "cursor move that scrolls, 120x40",
            bytes(large.move_beyond),
            "300 B",
        ),
        (
            "cursor move that scrolls, 80x24",
            bytes(small.move_beyond),
            "300 B",
        ),
        ("page, 120x40", bytes(large.page), "2048 B"),
        ("page, 80x24", bytes(small.page), "2048 B"),
        (
            "cursor move beside the record",
            bytes(figures.record_move),
            "350 B",
        ),
        (
            "12 moves that scroll beside it",
            bytes(figures.record_scroll),
            "6144 B",
        ),
        (
            "someone else's change shown, p95",
            figures
                .change
                .first()
                .map_or("–".to_owned(), |_| milliseconds(at(&figures.change, 95))),
            "100 ms",
        ),
        (
            "someone else's change",
            bytes(figures.change_bytes),
            "400 B",
        ),
        (
            "resident memory",
            format!("{:.1} MB", figures.resident_kb as f64 / 1024.0),
            "25 MB",
        ),
        (
            "bytes in 5 s when idle",
            format!("{} B", figures.idle_bytes),
            "0 B",
        ),
        (
            "processor time in 5 s when idle",
            milliseconds(figures.idle_work),
            "0 ms",
        ),
    ]
}

fn main() {
    let rows: usize = std::env::var("ROSTER_ROWS")
        .unwrap_or_else(|_| panic!("scripts/bench tui runs this"))
        .parse()
        .unwrap();
    let colleague = Colleague::sign_in();
    let ours = table(&measure(&roster(), rows, Some(&colleague)));
    let file = std::env::var("CSVLENS_FILE").ok();
    let theirs = file.map(|file| table(&measure(&csvlens(&file), rows, None)));
    println!(
        "{:<34}{:>12}{:>12}{:>12}",
        format!("{} employees", grouped(rows)),
        "roster",
        "bar",
        if theirs.is_some() { "csvlens" } else { "" }
    );
    for (line, (what, ours, bar)) in ours.iter().enumerate() {
        let theirs = theirs.as_ref().map_or("", |theirs| &theirs[line].1);
        println!("{what:<34}{ours:>12}{bar:>12}{theirs:>12}");
    }
}
