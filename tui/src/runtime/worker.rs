//! Runs effects beside the loop, and hands their answers back as events.

use std::collections::HashMap;
use std::future::Future;

use roster_common::{Password, Username};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use crate::client::{Client, ClientError, Options, Result};
use crate::event::{Effect, Event, Reply, Timer};

/// The calls to the server, and the timers.
pub(super) struct Worker {
    options: Options,
    client: Option<Client>,
    tasks: JoinSet<Event>,
    timers: HashMap<Timer, AbortHandle>,
}

impl Worker {
    /// Nothing is asked of the server yet.
    pub(super) fn new(options: Options) -> Self {
        Self { options, client: None, tasks: JoinSet::new(), timers: HashMap::new() }
    }

    /// The next answer; never, while nothing is under way. Dropping the future loses nothing.
    ///
    /// # Panics
    /// Where a task did: an answer that will never come must not be waited for.
    pub(super) async fn next(&mut self) -> Event {
        loop {
            match self.tasks.join_next().await {
                Some(Ok(event)) => return event,
                Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                // A timer that was set anew.
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// Begins what the effect asks for. Leaving and suspending are the loop's.
    pub(super) fn start(&mut self, effect: Effect) {
        match effect {
            Effect::Resume => self.call(|client| async move { client.resume().await }, Reply::Resumed),
            Effect::SignIn { server, username, password } => {
                self.point_to(server);
                let password = Password::new(password.expose());
                let sign_in = |client: Client| async move { client.sign_in(&name(&username)?, &password).await };
                self.call(sign_in, Reply::SignedIn);
            }
            Effect::SignOut => self.call(|client| async move { client.sign_out().await }, Reply::SignedOut),
            Effect::Load { generation, query, offset } => self.call(
                |client| async move { client.employees(&query).await },
                move |result| Reply::Loaded { generation, offset, result },
            ),
            Effect::Create { changes, key } => {
                self.call(|client| async move { client.create(&changes, &key).await }, Reply::Created);
            }
            Effect::Change { id, version, changes } => {
                self.call(move |client| async move { client.change(id, version, &changes).await }, Reply::Changed);
            }
            Effect::Delete { id, version, name } => self.call(
                move |client| async move { client.delete(id, version).await },
                move |result| Reply::Deleted { id, name, result },
            ),
            Effect::Wait(timer, pause) => {
                let task = self.tasks.spawn(async move {
                    sleep(pause).await;
                    Event::Timer(timer)
                });
                if let Some(earlier) = self.timers.insert(timer, task) {
                    earlier.abort();
                }
            }
            Effect::Suspend | Effect::Quit(_) => {}
        }
    }

    fn call<T, F>(
        &mut self,
        call: impl FnOnce(Client) -> F + Send + 'static,
        reply: impl FnOnce(Result<T>) -> Reply + Send + 'static,
    ) where
        F: Future<Output = Result<T>> + Send,
    {
        let client = self.client();
        self.tasks.spawn(async move {
            let result = match client {
                Ok(client) => call(client).await,
                Err(error) => Err(error),
            };
            Event::Reply(Box::new(reply(result)))
        });
    }

    /// The client, made when it is first needed: the first frame does not wait for it.
    fn client(&mut self) -> Result<Client> {
        match &self.client {
            Some(client) => Ok(client.clone()),
            None => Client::new(self.options.clone()).inspect(|client| self.client = Some(client.clone())),
        }
    }

    fn point_to(&mut self, server: String) {
        if server != self.options.server {
            self.options.server = server;
            self.client = None;
        }
    }
}

fn name(username: &str) -> Result<Username> {
    username.parse().map_err(|error| ClientError::Protocol(format!("{error}")))
}
