//! Runs effects concurrently and returns their results as events.
//!
//! - [`calls`] calls to the server
//! - [`changes`] the stream of changes by others
//! - [`export`] writes files of people, [`import`] reads them; [`transfer`] tells how far that is,
//!   and stops it
//! - [`local`] files, the clipboard, timers

use std::collections::HashMap;
use std::future::Future;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use crate::client::{Client, Options};
use crate::effect::{Effect, Effects, TerminalTask};
use crate::event::{Event, Timer};
use crate::remote::{Identity, Result};

use import::Checked;
use transfer::Transfer;

mod calls;
mod changes;
mod export;
mod import;
mod local;
mod transfer;

/// The running calls and timers.
pub(super) struct Worker {
    options: Options,
    client: Option<Client>,
    identity: Option<watch::Receiver<Option<Identity>>>,
    waits_for_lock: Option<watch::Receiver<bool>>,
    tasks: JoinSet<Event>,
    timers: HashMap<Timer, AbortHandle>,
    /// The changes by others, while they are followed.
    changes: Option<BoxStream<'static, Event>>,
    /// The running export, or step of an import.
    transfer: Option<Transfer>,
    /// The people of the file that was checked last.
    checked: Checked,
}

impl Worker {
    /// Creates a worker; nothing is sent yet.
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            client: None,
            identity: None,
            waits_for_lock: None,
            tasks: JoinSet::new(),
            timers: HashMap::new(),
            changes: None,
            transfer: None,
            checked: Checked::default(),
        }
    }

    /// The next result; pending while nothing runs. Dropping the future loses nothing.
    ///
    /// # Panics
    /// If a task panicked: its answer would never come.
    pub(super) async fn next(&mut self) -> Event {
        loop {
            let Self {
                tasks,
                identity,
                waits_for_lock,
                changes,
                transfer,
                ..
            } = self;
            let ended = tokio::select! {
                // Report a new identity before the answer that caused it.
                biased;
                identity = renewed(identity) => return Event::IdentityRenewed(identity),
                () = has_waited(waits_for_lock) => return Event::WaitsForLock,
                Some(ended) = tasks.join_next() => ended,
                done = transfer::progress(transfer) => return Event::Progress(done),
                event = next_change(changes) => return event,
            };
            match ended {
                Ok(event) => return event,
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                // A timer that was restarted.
                Err(_) => {}
            }
        }
    }

    /// Starts all effects except terminal tasks, which it returns in order.
    pub(super) fn start(&mut self, effects: Effects) -> Vec<TerminalTask> {
        let mut left = Vec::new();
        for effect in effects {
            match effect {
                Effect::Call(call) => self.call(call),
                Effect::Local(task) => self.local(task),
                Effect::Terminal(task) => left.push(task),
            }
        }
        left
    }

    /// Sends an event to the loop once `future` is done.
    fn spawn(&mut self, future: impl Future<Output = Event> + Send + 'static) {
        self.tasks.spawn(future);
    }

    /// The client, created on first use so that it does not delay the first frame.
    fn client(&mut self) -> Result<Client> {
        match &self.client {
            Some(client) => Ok(client.clone()),
            None => Client::new(self.options.clone()).inspect(|client| {
                self.identity = Some(client.identity());
                self.waits_for_lock = Some(client.waits_for_lock());
                self.client = Some(client.clone());
            }),
        }
    }

    /// A client for `server`, which may be another one.
    fn client_for(&mut self, server: String) -> Result<Client> {
        if server == self.options.server {
            return self.client();
        }
        Client::new(Options {
            server,
            ..self.options.clone()
        })
    }

    /// Sends all further calls to another server. Its session is in the jar.
    fn use_server(&mut self, server: String) {
        self.options.server = server;
        self.changes = None;
        self.client = None;
        self.identity = None;
        self.waits_for_lock = None;
    }
}

/// Waits until the signed-in identity changes.
async fn renewed(identity: &mut Option<watch::Receiver<Option<Identity>>>) -> Identity {
    loop {
        match identity {
            Some(news) => match news.changed().await {
                Ok(()) => {
                    if let Some(known) = news.borrow_and_update().clone() {
                        return known;
                    }
                }
                Err(_) => *identity = None,
            },
            None => std::future::pending().await,
        }
    }
}

/// Waits until a call has begun to wait for another process.
async fn has_waited(waits_for_lock: &mut Option<watch::Receiver<bool>>) {
    loop {
        match waits_for_lock {
            Some(news) => match news.changed().await {
                Ok(()) if *news.borrow_and_update() => return,
                Ok(()) => {}
                Err(_) => *waits_for_lock = None,
            },
            None => std::future::pending().await,
        }
    }
}

/// Waits for the next change by others.
async fn next_change(changes: &mut Option<BoxStream<'static, Event>>) -> Event {
    if let Some(stream) = changes {
        if let Some(event) = stream.next().await {
            return event;
        }
        *changes = None;
    }
    std::future::pending().await
}
