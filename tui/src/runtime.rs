//! The loop: wait, update, run effects, and draw when nothing more is waiting.
//!
//! The only place of the application that knows a terminal, a clock, signals and the client.

use std::io;
use std::thread;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::poll_immediate;
use jiff::Timestamp;
use ratatui::crossterm::event::EventStream;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::{Instant, Interval, interval_at};

use crate::client::Options;
use crate::event::{Effect, Event, Exit};
use crate::state::State;
use crate::update::{self, update};
use crate::view::Theme;

mod terminal;
mod worker;

use terminal::Screen;
use worker::Worker;

/// How many events may come between two frames.
const BURST: usize = 1000;

/// How often the time on the screen is set right.
const MINUTE: Duration = Duration::from_secs(60);

/// How the application ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The person left.
    Done,
    /// Ctrl-C, or SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
    /// SIGHUP, or a terminal that is gone.
    HungUp,
}

/// Runs the application until somebody ends it. The terminal is as it was when this returns.
///
/// # Errors
/// Where the terminal cannot be set up or written.
pub async fn run(options: Options, theme: Theme) -> io::Result<End> {
    let mut world = World::new()?;
    let mut screen = Screen::take(theme)?;
    let run = uuid::Uuid::now_v7().to_string();
    let mut state = State::new(options.server.clone(), run, screen.size()?, Timestamp::now());
    let mut worker = Worker::new(options);
    let mut effects = update::start(&mut state);
    screen.draw(&state)?;
    loop {
        for effect in effects.drain(..) {
            match effect {
                Effect::Quit(Exit::Done) => return Ok(End::Done),
                Effect::Quit(Exit::Interrupted) => return Ok(End::Interrupted),
                Effect::Suspend => {
                    screen.suspend()?;
                    screen.draw(&state)?;
                }
                effect => worker.start(effect),
            }
        }
        match step(&mut world, &mut worker, &mut state).await {
            Ok(more) => effects = more,
            Err(end) => return Ok(end),
        }
        // What is to be done is begun before it is drawn: the server works while the terminal is written.
        for effect in effects.extract_if(.., |effect| !matches!(effect, Effect::Quit(_) | Effect::Suspend)) {
            worker.start(effect);
        }
        // A terminal that cannot be written any more is gone, whether its hang-up has been seen or not.
        if screen.draw(&state).is_err() {
            return Ok(End::HungUp);
        }
    }
}

/// Waits for one event, and takes in all that have come by then; what is to be done, or the end.
async fn step(world: &mut World, worker: &mut Worker, state: &mut State) -> Result<Vec<Effect>, End> {
    let mut effects = update(state, next(world, worker).await?);
    for _ in 0..BURST {
        if effects.iter().any(|effect| matches!(effect, Effect::Quit(_) | Effect::Suspend)) {
            break;
        }
        // Polled by this task's own waker: the event stream keeps the first one that it is given.
        match poll_immediate(next(world, worker)).await {
            Some(event) => effects.extend(update(state, event?)),
            None => break,
        }
    }
    Ok(effects)
}

async fn next(world: &mut World, worker: &mut Worker) -> Result<Event, End> {
    tokio::select! {
        biased;
        event = world.next() => event,
        event = worker.next() => Ok(event),
    }
}

/// What comes from outside and is no answer.
struct World {
    input: EventStream,
    lost_tty: oneshot::Receiver<()>,
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
    minute: Interval,
}

impl World {
    fn new() -> io::Result<Self> {
        Ok(Self {
            input: EventStream::new(),
            lost_tty: watch_tty(),
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            minute: interval_at(Instant::now() + MINUTE, MINUTE),
        })
    }

    /// The next event. Dropping the future loses nothing.
    async fn next(&mut self) -> Result<Event, End> {
        loop {
            tokio::select! {
                biased;
                _ = self.terminate.recv() => return Err(End::Terminated),
                _ = self.hang_up.recv() => return Err(End::HungUp),
                _ = self.interrupt.recv() => return Err(End::Interrupted),
                _ = &mut self.lost_tty => return Err(End::HungUp),
                input = self.input.next() => match input {
                    Some(Ok(input)) => if let Some(event) = terminal::event(input) {
                        return Ok(event);
                    },
                    Some(Err(_)) | None => return Err(End::HungUp),
                },
                _ = self.minute.tick() => return Ok(Event::Clock(Timestamp::now())),
            }
        }
    }
}

/// Resolves when the terminal is gone. The stream of its events does not tell, and would spin.
///
/// The thread waits for nothing but that, and ends with the process.
fn watch_tty() -> oneshot::Receiver<()> {
    let (gone, lost_tty) = oneshot::channel();
    thread::spawn(move || {
        let stdin = io::stdin();
        // A hang-up is told whether it is asked for or not.
        let mut tty = [PollFd::new(&stdin, PollFlags::empty())];
        while poll(&mut tty, None) == Err(Errno::INTR) {}
        gone.send(())
    });
    lost_tty
}
