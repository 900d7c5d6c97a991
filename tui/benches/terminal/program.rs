//! A program in a terminal of its own, and what it costs.

use std::fs;
use std::io::{Read, Write};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::{PATIENCE, grouped};

/// A program to measure, and how to tell what it shows.
#[derive(Clone)]
pub(crate) struct Subject {
    pub(crate) command: CommandBuilder,
    /// Whether the screen says that the cursor is in a row.
    is_at: fn(&str, usize) -> bool,
    /// How long nothing must come for it to be at rest.
    rest: Duration,
}

pub(crate) fn roster() -> Subject {
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

pub(crate) fn csvlens(file: &str) -> Subject {
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
pub(crate) struct Program {
    pub(crate) child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    pub(crate) keys: Box<dyn Write + Send>,
    terminal: vt100::Parser,
    pub(crate) bytes: usize,
    is_at: fn(&str, usize) -> bool,
    rest: Duration,
    _master: Box<dyn MasterPty + Send>,
}

impl Program {
    pub(crate) fn start(subject: &Subject, size: PtySize) -> Self {
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

    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    pub(crate) fn read(&mut self, patience: Duration) -> bool {
        let piece = self.output.recv_timeout(patience);
        piece.is_ok_and(|piece| {
            self.bytes += piece.len();
            self.terminal.process(&piece);
            true
        })
    }

    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        while !holds(self.terminal.screen()) {
            assert!(
                self.read(PATIENCE),
                "waited for {what} and saw\n{}",
                self.terminal.screen().contents()
            );
        }
    }

    pub(crate) fn until_at(&mut self, row: usize) {
        let is_at = self.is_at;
        self.until(&format!("row {row}"), |screen| {
            is_at(&screen.contents(), row)
        });
    }

    pub(crate) fn rest(&mut self) -> &mut Self {
        while self.read(self.rest) {}
        self
    }

    /// Presses a key, and waits until all that it brings about is shown; how many bytes that takes.
    pub(crate) fn settle(&mut self, key: &str) -> usize {
        self.bytes = 0;
        self.keys.write_all(key.as_bytes()).unwrap();
        assert!(self.read(PATIENCE), "{key:?} brought nothing about");
        self.rest();
        self.bytes
    }

    /// Presses a key, and waits until the cursor is in `row`; how long that takes.
    pub(crate) fn press(&mut self, key: &str, row: usize) -> Duration {
        let start = Instant::now();
        self.keys.write_all(key.as_bytes()).unwrap();
        self.until_at(row);
        start.elapsed()
    }

    /// The time that the program has been on a processor.
    pub(crate) fn worked(&self) -> Duration {
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

    pub(crate) fn resident_kb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}
