//! The application's budgets, as a person at a terminal of 120 by 40 meets them.
//!
//! `scripts/bench tui` starts a server and runs this where a person is signed in at it (`ROSTER_SERVER`,
//! `XDG_STATE_HOME`). With `CSVLENS_FILE`, csvlens is measured on the same rows beside it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a measurement that cannot be made ends in a panic")]
#![expect(clippy::print_stdout, reason = "its output is a table")]

use std::fs;
use std::io::{Read, Write};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

const SIZE: PtySize = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };

/// How long to wait for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long nothing must come for the program to be at rest.
const REST: Duration = Duration::from_millis(300);

/// How long a program is watched while nobody touches it.
const IDLE: Duration = Duration::from_secs(5);

/// A program to measure, and how to tell what it shows.
struct Subject {
    command: CommandBuilder,
    /// Whether the screen says that the cursor is in a row.
    is_at: fn(&str, usize) -> bool,
    leave: &'static str,
}

fn roster() -> Subject {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_roster"));
    command.env_remove("NO_COLOR");
    Subject {
        command,
        is_at: |screen, row| {
            let told = format!("row {}", grouped(row));
            screen.lines().any(|line| line.trim_end().ends_with(&told) || line.contains(&format!("{told} ")))
        },
        leave: "q",
    }
}

fn csvlens(file: &str) -> Subject {
    let mut command = CommandBuilder::new("csvlens");
    command.arg(file);
    Subject { command, is_at: |screen, row| screen.contains(&format!("[Row {row}/")), leave: "q" }
}

/// A program in its terminal.
struct Program {
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    terminal: vt100::Parser,
    bytes: usize,
    is_at: fn(&str, usize) -> bool,
    _master: Box<dyn MasterPty + Send>,
}

impl Program {
    fn start(subject: &Subject) -> Self {
        let pty = native_pty_system().openpty(SIZE).unwrap();
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
        let terminal = vt100::Parser::new(SIZE.rows.try_into().unwrap(), SIZE.cols.try_into().unwrap(), 0);
        Self { child, output, keys, terminal, bytes: 0, is_at: subject.is_at, _master: pty.master }
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
            assert!(self.read(PATIENCE), "waited for {what} and saw\n{}", self.terminal.screen().contents());
        }
    }

    fn until_at(&mut self, row: usize) {
        let is_at = self.is_at;
        self.until(&format!("row {row}"), |screen| is_at(&screen.contents(), row));
    }

    fn rest(&mut self) -> &mut Self {
        while self.read(REST) {}
        self
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
            let told = fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap_or_default();
            told.split(' ').next().and_then(|first| first.parse::<u64>().ok()).unwrap_or(0)
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    fn resident_kb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

/// What is measured, in the order of the table.
#[derive(Default)]
struct Figures {
    first_frame: Vec<Duration>,
    rows: Vec<Duration>,
    key: Vec<Duration>,
    work: Duration,
    move_bytes: usize,
    edge_bytes: usize,
    page_bytes: usize,
    resident_kb: u64,
    idle_bytes: usize,
    idle_work: Duration,
    leave: Vec<Duration>,
}

const MOVES: usize = 30;
const PAGES: usize = 10;
const KEYS: usize = 400;

/// The rows on the screen: all of its lines but four.
const PAGE: usize = 36;

fn measure(subject: &Subject, rows: usize) -> Figures {
    let mut figures = Figures::default();
    for _ in 0..10 {
        let start = Instant::now();
        let mut program = Program::start(subject);
        program.until("a frame", |screen| !screen.contents().trim().is_empty());
        figures.first_frame.push(start.elapsed());
        program.until_at(1);
        figures.rows.push(start.elapsed());
        program.rest();
        let start = Instant::now();
        kill_process(Pid::from_raw(program.pid().try_into().unwrap()).unwrap(), Signal::TERM).unwrap();
        program.child.wait().unwrap();
        figures.leave.push(start.elapsed());
    }
    let mut program = Program::start(subject);
    program.until_at(1);
    program.rest();
    if rows > PAGE * PAGES * 2 {
        bytes(&mut program, &mut figures);
    }
    speed(&mut program, rows, &mut figures);
    program.press("G", rows);
    program.press("gg", 1);
    program.rest();
    figures.resident_kb = program.resident_kb();
    (program.bytes, figures.idle_work) = (0, program.worked());
    let end = Instant::now() + IDLE;
    while Instant::now() < end {
        program.read(end.saturating_duration_since(Instant::now()));
    }
    figures.idle_bytes = program.bytes;
    figures.idle_work = program.worked() - figures.idle_work;
    program.keys.write_all(subject.leave.as_bytes()).unwrap();
    program.child.wait().unwrap();
    figures
}

/// The bytes of moves and of pages, each waited for until the program is at rest.
fn bytes(program: &mut Program, figures: &mut Figures) {
    let cost = |program: &mut Program, key: &str, to: &mut dyn Iterator<Item = usize>| {
        program.bytes = 0;
        let mut count = 0;
        for row in to {
            program.press(key, row);
            program.rest();
            count += 1;
        }
        program.bytes / count
    };
    figures.move_bytes = cost(program, "j", &mut (2..2 + MOVES));
    program.press("gg", 1);
    program.press(&format!("{}j", PAGE - 1), PAGE);
    program.rest();
    figures.edge_bytes = cost(program, "j", &mut (PAGE + 1..PAGE + 1 + MOVES));
    program.press("gg", 1);
    program.rest();
    figures.page_bytes = cost(program, "\x1b[6~", &mut (1..=PAGES).map(|page| 1 + page * PAGE));
}

/// A key and its frame, up and down the screen, with nobody in a hurry.
fn speed(program: &mut Program, rows: usize, figures: &mut Figures) {
    program.press("gg", 1);
    program.rest();
    let (last, before) = (rows.min(PAGE), program.worked());
    let down_and_up: Vec<_> = (2..=last).map(|row| ("j", row)).chain((1..last).rev().map(|row| ("k", row))).collect();
    figures.key = down_and_up.iter().cycle().take(KEYS).map(|(key, row)| program.press(key, *row)).collect();
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
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

fn table(figures: &Figures) -> Vec<(&'static str, String, &'static str)> {
    let bytes = |bytes: usize| if bytes == 0 { "–".to_owned() } else { format!("{bytes} B") };
    vec![
        ("first frame after start, p50", milliseconds(at(&figures.first_frame, 50)), "15 ms"),
        ("rows after start, p50", milliseconds(at(&figures.rows, 50)), "60 ms"),
        ("a key to its frame, p50", milliseconds(at(&figures.key, 50)), ""),
        ("a key to its frame, p95", milliseconds(at(&figures.key, 95)), "1 ms"),
        ("processor time a key, mean", milliseconds(figures.work), ""),
        ("SIGTERM to the end, p50", milliseconds(at(&figures.leave, 50)), "50 ms"),
        ("bytes a cursor move", bytes(figures.move_bytes), "300 B"),
        ("bytes a move that scrolls", bytes(figures.edge_bytes), "300 B"),
        ("bytes a page", bytes(figures.page_bytes), "2048 B"),
        ("resident", format!("{:.1} MB", figures.resident_kb as f64 / 1024.0), "25 MB"),
        ("bytes in 5 s at rest", format!("{} B", figures.idle_bytes), "0 B"),
        ("processor time in 5 s at rest", milliseconds(figures.idle_work), "0 ms"),
    ]
}

fn main() {
    let rows: usize =
        std::env::var("ROSTER_ROWS").unwrap_or_else(|_| panic!("scripts/bench tui runs this")).parse().unwrap();
    let ours = table(&measure(&roster(), rows));
    let file = std::env::var("CSVLENS_FILE").ok();
    let theirs = file.map(|file| table(&measure(&csvlens(&file), rows)));
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
