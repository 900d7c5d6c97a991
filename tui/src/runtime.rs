//! The event loop: wait, update, run effects, and draw once no event is waiting.
//!
//! The only part of the application that uses the terminal, the clock, signals and the client.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use futures_util::future::poll_immediate;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;

use crate::client::Options;
use crate::config::Config;
use crate::effect::{Effects, Exit, TerminalTask};
use crate::event::Event;
use crate::state::State;
use crate::update::{self, update};

mod account;
mod clipboard;
mod editor;
mod files;
pub(crate) mod terminal;
mod worker;

use terminal::{TerminalInput, TerminalScreen};
use worker::Worker;

/// How many events are handled before the next frame.
const BURST: usize = 1000;

/// How long the loop may take to restore the terminal after a signal.
const GRACE: Duration = Duration::from_millis(700);

/// How the application ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitReason {
    /// The user quit.
    Done,
    /// Ctrl-C, or SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
    /// SIGHUP, or the terminal is gone.
    HungUp,
    /// SIGQUIT.
    Quit,
}

impl ExitReason {
    /// The exit code: 0, or 128 plus the number of the signal.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::HungUp => 129,
            Self::Quit => 131,
        }
    }
}

/// Runs the application until it ends, and restores the terminal.
///
/// # Errors
/// If the terminal cannot be set up or written to.
pub async fn run(options: Options, config: Config) -> io::Result<ExitReason> {
    let mut inputs = Inputs::new()?;
    let mut screen = TerminalScreen::enter(config.mouse)?;
    let mut state = begin(&options, config, screen.size()?);
    let mut worker = Worker::new(options);
    let end = work(&mut state, &mut inputs, &mut worker, &mut screen).await;
    drop(screen);
    if let Some(path) = state.draft.as_ref().and_then(|draft| draft.path.as_ref()) {
        // Nothing can be done if standard error is closed.
        let _ = writeln!(
            io::stderr(),
            "roster: Your text is saved in {}.",
            path.display()
        );
    }
    end
}

fn begin(options: &Options, config: Config, size: Size) -> State {
    let run = uuid::Uuid::now_v7().to_string();
    let mut state = State::new(options.server.clone(), run, size, Timestamp::now());
    state.keymap = config.keymap;
    state.saves_theme = config.theme.is_none();
    state.keeps_filter = config.keep_filter;
    state.theme = config
        .theme
        .or_else(|| files::theme(&options.state))
        .unwrap_or_default();
    state.own_colours = config.colours;
    state.true_colour = terminal::has_true_colour();
    state.zone = TimeZone::system();
    state
}

async fn work(
    state: &mut State,
    inputs: &mut Inputs,
    worker: &mut Worker,
    screen: &mut TerminalScreen,
) -> io::Result<ExitReason> {
    let mut effects = update::start(state);
    // Draw the first frame before the worker starts, so that nothing delays it.
    screen.draw(state)?;
    loop {
        // Start the effects before drawing, so that the server works while the terminal is written.
        let mut tasks = VecDeque::from(worker.start(effects));
        while let Some(task) = tasks.pop_front() {
            match task {
                TerminalTask::Redraw => screen.forget(),
                TerminalTask::Suspend => screen.suspend()?,
                TerminalTask::OpenEditor(draft) => {
                    let (event, end) = editor::compose(&draft, screen, inputs).await;
                    tasks.extend(worker.start(update(state, event)));
                    if let Some(end) = end {
                        return Ok(end);
                    }
                }
                TerminalTask::EditField(text) => {
                    let (event, end) = editor::edit_field(&text, screen, inputs).await;
                    tasks.extend(worker.start(update(state, event)));
                    if let Some(end) = end {
                        return Ok(end);
                    }
                }
                TerminalTask::Quit(Exit::Done) => return Ok(ExitReason::Done),
                TerminalTask::Quit(Exit::Interrupted) => return Ok(ExitReason::Interrupted),
            }
        }
        // A terminal that cannot be written to is gone, even if no SIGHUP has arrived.
        if screen.draw(state).is_err() {
            return Ok(ExitReason::HungUp);
        }
        match step(inputs, worker, state).await {
            Ok(more) => effects = more,
            Err(end) => return Ok(end),
        }
    }
}

/// Waits for an event and handles every event that has arrived. Returns their effects, or the
/// reason to end.
async fn step(
    inputs: &mut Inputs,
    worker: &mut Worker,
    state: &mut State,
) -> Result<Effects, ExitReason> {
    let event = next(inputs, worker, state.next_change()).await?;
    let mut effects = update(state, Event::Clock(Timestamp::now()));
    effects.extend(update(state, event));
    for _ in 0..BURST {
        if effects.must_run_first() {
            break;
        }
        match poll_immediate(next(inputs, worker, None)).await {
            Some(Ok(event)) => effects.extend(update(state, event)),
            Some(Err(end)) => {
                // What was typed just before the end is kept.
                worker.start(effects);
                return Err(end);
            }
            None => break,
        }
    }
    Ok(effects)
}

/// The next event. `alarm` is the only timer: the moment when a time on the screen changes.
async fn next(
    inputs: &mut Inputs,
    worker: &mut Worker,
    alarm: Option<Timestamp>,
) -> Result<Event, ExitReason> {
    tokio::select! {
        biased;
        event = inputs.next() => event,
        event = worker.next() => Ok(event),
        () = until(alarm) => Ok(Event::Clock(Timestamp::now())),
    }
}

async fn until(alarm: Option<Timestamp>) {
    match alarm.map(|alarm| Duration::try_from(alarm.duration_since(Timestamp::now()))) {
        // A time in the past cannot be converted: do not wait.
        Some(left) => sleep(left.unwrap_or_default()).await,
        None => std::future::pending().await,
    }
}

/// Terminal input and signals.
struct Inputs {
    /// `None` while another program has the terminal.
    input: Option<TerminalInput>,
    interrupt: Signal,
    /// The terminal's size has changed.
    resized: Signal,
    ends: EndSignals,
}

impl Inputs {
    fn new() -> io::Result<Self> {
        watch_tty();
        watch_end_signals()?;
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self {
            input: Some(TerminalInput::new()?),
            interrupt,
            resized: signal(SignalKind::window_change())?,
            ends: EndSignals::new()?,
        })
    }

    /// Stops reading the terminal, so that another program can.
    fn pause(&mut self) {
        self.input = None;
    }

    /// Reads the terminal again. An interrupt in between was meant for the other program, as was
    /// what is waiting to be read.
    fn resume(&mut self) -> io::Result<()> {
        terminal::discard_waiting()?;
        self.input = Some(TerminalInput::new()?);
        self.interrupt = signal(SignalKind::interrupt())?;
        Ok(())
    }

    /// Waits for a signal to end while another program has the terminal.
    async fn end(&mut self) -> ExitReason {
        self.ends.next().await
    }

    /// The next event. Dropping the future loses nothing.
    async fn next(&mut self) -> Result<Event, ExitReason> {
        tokio::select! {
            biased;
            end = self.ends.next() => Err(end),
            _ = self.interrupt.recv() => Err(ExitReason::Interrupted),
            _ = self.resized.recv() => {
                let size = terminal::size().map_err(|_| ExitReason::HungUp)?;
                Ok(Event::Resize(size))
            }
            input = read(&mut self.input) => input.map_err(|_| ExitReason::HungUp),
        }
    }
}

/// The signals that end the program.
struct EndSignals {
    terminate: Signal,
    hang_up: Signal,
    quit: Signal,
}

impl EndSignals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    /// Waits for one of them. Dropping the future loses nothing.
    async fn next(&mut self) -> ExitReason {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => ExitReason::Terminated,
            _ = self.hang_up.recv() => ExitReason::HungUp,
            _ = self.quit.recv() => ExitReason::Quit,
        }
    }
}

async fn read(input: &mut Option<TerminalInput>) -> io::Result<Event> {
    match input {
        Some(input) => input.next().await,
        None => std::future::pending().await,
    }
}

/// Exits when the terminal is gone. There is nothing to restore.
///
/// A separate thread is needed: the loop may be blocked in a write.
fn watch_tty() {
    thread::spawn(|| {
        let stdin = io::stdin();
        // `poll` reports a hang-up even if no flags are set.
        let mut tty = [PollFd::new(&stdin, PollFlags::empty())];
        while poll(&mut tty, None) == Err(Errno::INTR) {}
        std::process::exit(ExitReason::HungUp.code().into());
    });
}

/// Exits after a signal if the event loop does not react in time.
///
/// The loop may be blocked in a write, for example over a stalled connection.
fn watch_end_signals() -> io::Result<()> {
    // A runtime of its own: the main one is what may be blocked.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // Registered before the thread starts, so that no signal is missed and an error is returned.
    let mut ends = {
        let _inside = runtime.enter();
        EndSignals::new()?
    };
    thread::spawn(move || {
        runtime.block_on(async {
            let end = ends.next().await;
            sleep(GRACE).await;
            terminal::restore_without_writing();
            std::process::exit(end.code().into());
        })
    });
    Ok(())
}
