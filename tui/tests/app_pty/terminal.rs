//! A terminal with the program in it: what is typed goes in, what a person would see comes out.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, TryRecvError};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{ChildKiller, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use crate::processes::Process;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_roster");
const ROWS: NonZero<u16> = NonZero::new(24).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(80).unwrap();

/// Less than a whole screen takes, and more than all else that is written meanwhile.
const FRAME: usize = 400;

/// Less time on a processor than whoever does anything needs.
const IDLE: Duration = Duration::from_millis(1);

/// How long to wait for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Terminal {
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    pid: Pid,
    killer: Box<dyn ChildKiller + Send + Sync>,
    end: mpsc::Receiver<u32>,
    screen: Arc<(Mutex<Output>, Condvar)>,
    reader: Option<Reader>,
    /// The terminal's modes before the program began.
    before: String,
}

/// What the program has written, and what that shows.
pub(crate) struct Output {
    pub(crate) bytes: Vec<u8>,
    parser: vt100::Parser,
}

impl Output {
    fn new(rows: NonZero<u16>, columns: NonZero<u16>) -> Self {
        Self {
            bytes: Vec::new(),
            parser: vt100::Parser::new(rows, columns, 0),
        }
    }

    fn process(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.parser.process(bytes);
    }

    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }
}

/// A command at a terminal that is good for everything and is no tmux.
pub(crate) fn command(program: &str) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.env("TERM", "xterm-256color");
    command.env_remove("NO_COLOR");
    command.env_remove("COLORTERM");
    command.env_remove("TMUX");
    command
}

impl Terminal {
    /// Starts the program for a server, with a folder for its state.
    pub(crate) fn start(server: &str, state: &Path) -> Self {
        Self::run(command(PROGRAM), server, state)
    }

    /// Starts a shell, in which `$ROSTER` is the program.
    pub(crate) fn start_shell(server: &str, state: &Path) -> Self {
        let mut shell = command("sh");
        shell.arg("-i");
        shell.env("ROSTER", PROGRAM);
        Self::run(shell, server, state)
    }

    /// Starts a command for a server, with a folder for its state.
    pub(crate) fn run(mut command: CommandBuilder, server: &str, state: &Path) -> Self {
        let size = size(COLUMNS.get(), ROWS.get());
        let pty = native_pty_system().openpty(size).unwrap();
        let before = modes(&*pty.master);
        command.env("ROSTER_SERVER", server);
        command.env("XDG_STATE_HOME", state);
        command.env("XDG_CONFIG_HOME", state);
        // Otherwise it starts in a home that may be someone else's.
        command.cwd(state);
        let mut child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let screen = Arc::new((Mutex::new(Output::new(ROWS, COLUMNS)), Condvar::new()));
        let reader = Some(Reader::start(
            &screen,
            pty.master.try_clone_reader().unwrap(),
        ));
        let keys = pty.master.take_writer().unwrap();
        let pid = Pid::from_raw(child.process_id().unwrap().try_into().unwrap()).unwrap();
        let killer = child.clone_killer();
        let (ended, end) = mpsc::channel();
        std::thread::spawn(move || ended.send(child.wait().unwrap().exit_code()));
        Self {
            master: Some(pty.master),
            keys: Some(keys),
            pid,
            killer,
            end,
            screen,
            reader,
            before,
        }
    }

    /// Types, as a keyboard would send it.
    pub(crate) fn types(&mut self, keys: &str) -> &mut Self {
        let writer = self.keys.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
        self
    }

    /// Waits until the screen shows `text`.
    pub(crate) fn sees(&mut self, text: &str) -> &mut Self {
        self.waits_for(text, |screen| screen.contents().contains(text))
    }

    /// Waits until the screen shows `text` no longer.
    pub(crate) fn sees_no(&mut self, text: &str) -> &mut Self {
        self.waits_for(text, |screen| !screen.contents().contains(text))
    }

    pub(crate) fn waits_for(
        &mut self,
        what: &str,
        holds: impl Fn(&vt100::Screen) -> bool,
    ) -> &mut Self {
        self.waits_for_output(what, |output| holds(output.screen()))
    }

    /// Waits until this holds of what the program has written.
    pub(crate) fn waits_for_output(
        &mut self,
        what: &str,
        holds: impl Fn(&Output) -> bool,
    ) -> &mut Self {
        let (output, changed) = &*self.screen;
        let guard = output.lock().unwrap();
        let (guard, late) = changed
            .wait_timeout_while(guard, PATIENCE, |output| !holds(output))
            .unwrap();
        assert!(
            !late.timed_out(),
            "waited for {what:?} and saw\n{}",
            guard.screen().contents()
        );
        drop(guard);
        self
    }

    /// Waits until nothing is left to do: until three seconds go by in which nothing is written, and
    /// in which neither the program nor these processes have had a processor to speak of. The
    /// first three need not be quiet, as every 15 s the server says that it is still there.
    pub(crate) fn comes_to_rest(&mut self, others: &[Process]) -> &mut Self {
        let since = Instant::now();
        loop {
            let used = self.quiet_time(Duration::from_secs(3), others);
            if used.as_ref().is_ok_and(|used| *used < IDLE) {
                return self;
            }
            assert!(
                since.elapsed() < PATIENCE,
                "it never rests: it wrote, or used of a processor, {used:?}; it shows\n{}",
                self.shows()
            );
        }
    }

    /// For how long the program and these processes have had a processor while it writes nothing for
    /// a time; or what it writes.
    fn quiet_time(&self, time: Duration, others: &[Process]) -> Result<Duration, String> {
        let program = Process::of(self.pid.as_raw_nonzero().get().unsigned_abs());
        let used = || {
            others
                .iter()
                .chain(&program)
                .map(Process::processor_time)
                .sum::<Duration>()
        };
        let (output, changed) = &*self.screen;
        let guard = output.lock().unwrap();
        let (written, before) = (guard.bytes.len(), used());
        let (guard, quiet) = changed
            .wait_timeout_while(guard, time, |output| output.bytes.len() == written)
            .unwrap();
        if !quiet.timed_out() {
            return Err(String::from_utf8_lossy(&guard.bytes[written..]).into_owned());
        }
        Ok(used().saturating_sub(before))
    }

    /// The text on the screen.
    pub(crate) fn shows(&self) -> String {
        self.screen.0.lock().unwrap().screen().contents()
    }

    /// The text that a terminal without an alternate screen would show.
    pub(crate) fn shows_without_an_alternate_screen(&self) -> String {
        let mut terminal = Output::new(ROWS, COLUMNS);
        terminal.process(
            self.has_written()
                .replace("\x1b[?1049h", "")
                .replace("\x1b[?1049l", "")
                .as_bytes(),
        );
        terminal.screen().contents()
    }

    /// Everything that the program has written.
    pub(crate) fn has_written(&self) -> String {
        String::from_utf8_lossy(&self.screen.0.lock().unwrap().bytes).into_owned()
    }

    /// How many bytes the program has written.
    pub(crate) fn written(&self) -> usize {
        self.screen.0.lock().unwrap().bytes.len()
    }

    /// Something else than the program writes to the terminal.
    pub(crate) fn is_scribbled_on(&mut self, text: &str) -> &mut Self {
        self.screen
            .0
            .lock()
            .unwrap()
            .parser
            .process(text.as_bytes());
        self
    }

    /// Gives the terminal another size.
    pub(crate) fn resizes(&mut self, columns: u16, rows: u16) -> &mut Self {
        let mut output = self.screen.0.lock().unwrap();
        output
            .parser
            .screen_mut()
            .set_size(NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap());
        self.master
            .as_ref()
            .unwrap()
            .resize(size(columns, rows))
            .unwrap();
        drop(output);
        self
    }

    /// Sends a signal to the program.
    pub(crate) fn signals(&mut self, signal: Signal) -> &mut Self {
        kill_process(self.pid, signal).unwrap();
        self
    }

    /// Takes the terminal away from under the program, with the next thing that it draws.
    pub(crate) fn vanishes(&mut self) -> &mut Self {
        self.reads_no_more();
        self.keys = None;
        self.master = None;
        self
    }

    /// Takes nothing any more of what the program writes, and has it write until it waits for that.
    pub(crate) fn stalls(&mut self) -> &mut Self {
        self.reads_no_more();
        while self.takes_a_frame() {}
        self
    }

    fn reads_no_more(&mut self) {
        let reader = self.reader.take().unwrap();
        reader.stop.store(true, Ordering::SeqCst);
        self.types("j");
        reader.thread.join().unwrap();
    }

    /// Has everything drawn anew; whether it comes to be written, for which less than a moment is
    /// needed.
    fn takes_a_frame(&mut self) -> bool {
        let (before, since) = (self.written_in_all(), Instant::now());
        self.types("\x0c");
        while self.written_in_all() < before + FRAME {
            if since.elapsed() > Duration::from_millis(500) {
                return false;
            }
            std::thread::yield_now();
        }
        true
    }

    /// How many bytes the system has taken from the program, for the terminal and all else.
    fn written_in_all(&self) -> usize {
        let message =
            std::fs::read_to_string(format!("/proc/{}/io", self.pid.as_raw_nonzero())).unwrap();
        message
            .lines()
            .find_map(|line| line.strip_prefix("wchar: "))
            .unwrap()
            .parse()
            .unwrap()
    }

    /// Waits for the program's end; its exit code.
    pub(crate) fn ends(&mut self) -> u32 {
        self.end.recv_timeout(PATIENCE).unwrap()
    }

    /// The program has ended, and the terminal is as it was before.
    pub(crate) fn is_as_it_was(&mut self) {
        self.waits_for("the shell's screen", |screen| {
            !screen.alternate_screen()
                && !screen.bracketed_paste()
                && !screen.hide_cursor()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        });
        self.has_its_modes_back();
    }

    /// What is typed arrives as it did before the program began.
    pub(crate) fn has_its_modes_back(&self) {
        assert_eq!(modes(&**self.master.as_ref().unwrap()), self.before);
    }
}

impl Drop for Terminal {
    /// A test that fails leaves no program behind.
    fn drop(&mut self) {
        // Of one that has ended, the number may be another's by now.
        if self.end.try_recv() == Err(TryRecvError::Empty) {
            let _ = self.killer.kill();
        }
    }
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios())
}

/// Brings to the screen what the program writes.
struct Reader {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Reader {
    fn start(screen: &Arc<(Mutex<Output>, Condvar)>, mut output: Box<dyn Read + Send>) -> Self {
        let screen = Arc::clone(screen);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                screen
                    .0
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .process(&bytes[..count]);
                screen.1.notify_all();
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
            }
        });
        Self { stop, thread }
    }
}
