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

use std::time::{Duration, Instant};

use portable_pty::PtySize;
use rustix::process::{Pid, Signal, kill_process};

use changes::{ChangeFigures, Colleague};
use program::{Program, Subject, csvlens, roster};

mod changes;
mod program;

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
    record_rest: usize,
    changes: ChangeFigures,
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

/// Longer than the cursor has to rest until the record shows reports and changes.
const REST: Duration = Duration::from_secs(1);
/// How many moves that scroll are counted together while the record is open.
const SCROLLS: usize = 12;
const MOVES: usize = 30;
const PAGES: usize = 10;
const KEYS: usize = 400;

/// The rows on a screen of ours: all of its lines but four.
fn page(size: PtySize) -> usize {
    usize::from(size.rows) - 4
}

fn measure(subject: &Subject, rows: usize, colleague: Option<&mut Colleague>) -> Figures {
    let mut figures = Figures::default();
    for _ in 0..10 {
        start_and_end(subject, &mut figures);
    }
    if rows > page(SIZES[0]) * PAGES * 2 {
        figures.bytes = SIZES.map(|size| bytes(&mut ready(subject, size), page(size)));
    }
    if let Some(colleague) = colleague {
        record(subject, rows, &mut figures);
        figures.changes = changes::measure(subject, colleague);
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
    // Now the cursor rests.
    program.bytes = 0;
    while program.read(REST) {}
    figures.record_rest = program.bytes;
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
    let shown = |times: &[Duration]| {
        let has_any = !times.is_empty();
        if has_any {
            milliseconds(at(times, 95))
        } else {
            "–".to_owned()
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
            "reports and changes, after a rest",
            bytes(figures.record_rest),
            "",
        ),
        (
            "someone else's change, p95",
            shown(&figures.changes.in_table),
            "100 ms",
        ),
        (
            "the same, with a filter",
            shown(&figures.changes.with_filter),
            "100 ms",
        ),
        (
            "the same, beside an unsaved form",
            shown(&figures.changes.beside_form),
            "100 ms",
        ),
        (
            "the same, over a reconnect",
            shown(&figures.changes.after_cut),
            "100 ms",
        ),
        (
            "someone else's change",
            bytes(figures.changes.bytes),
            "400 B",
        ),
        (
            "the same, with their record open",
            bytes(figures.changes.bytes_with_record),
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
    let mut colleague = Colleague::sign_in();
    let ours = table(&measure(&roster(), rows, Some(&mut colleague)));
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
