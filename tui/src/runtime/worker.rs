//! Runs effects beside the loop, and hands their answers back as events.

use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;

use roster_common::query::{Start, Window};
use roster_common::{Employee, Password, Query, Username};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use super::{account, clipboard, files};
use crate::client::{Client, Options};
use crate::event::{Effect, Event, Reply, Request, Timer};
use crate::remote::{ClientError, Identity, Page, Result};
use crate::state::History;
use crate::state::text::Secret;

/// How many values of a field are asked for at a time.
const OFFERS: usize = 20;

/// The calls to the server, and the timers.
pub(super) struct Worker {
    options: Options,
    client: Option<Client>,
    identity: Option<watch::Receiver<Option<Identity>>>,
    tasks: JoinSet<Event>,
    timers: HashMap<Timer, AbortHandle>,
}

impl Worker {
    /// Nothing is asked of the server yet.
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            client: None,
            identity: None,
            tasks: JoinSet::new(),
            timers: HashMap::new(),
        }
    }

    /// The next answer; never, while nothing is under way. Dropping the future loses nothing.
    ///
    /// # Panics
    /// Where a task did: an answer that will never come must not be waited for.
    pub(super) async fn next(&mut self) -> Event {
        loop {
            let Self {
                tasks, identity, ..
            } = self;
            let ended = tokio::select! {
                // Who is signed in now is told before the answer that came of it.
                biased;
                identity = renewed(identity) => return Event::Renewed(identity),
                Some(ended) = tasks.join_next() => ended,
            };
            match ended {
                Ok(event) => return event,
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                // A timer that was set anew.
                Err(_) => {}
            }
        }
    }

    /// Begins what the effect asks for. Leaving, suspending and drawing are the loop's.
    pub(super) fn start(&mut self, effect: Effect) {
        match effect {
            Effect::Resume => self.call(async move |client| client.resume().await, Reply::Resumed),
            Effect::SignIn {
                server,
                username,
                password,
            } => {
                self.point_to(server);
                let password = Password::new(password.expose());
                let sign_in =
                    async move |client: Client| client.sign_in(&name(&username)?, &password).await;
                self.call(sign_in, Reply::SignedIn);
            }
            Effect::SignOut => self.call(
                async move |client| client.sign_out().await,
                Reply::SignedOut,
            ),
            Effect::Load {
                generation,
                query,
                offset,
            } => {
                self.list(query, move |result| Reply::Loaded {
                    generation,
                    offset,
                    result,
                });
            }
            Effect::RecallColumns { user } => {
                let text = self
                    .columns_of(&user)
                    .and_then(|path| files::read(&path).map_err(|e| e.to_string()));
                self.tasks
                    .spawn(async move { Event::Recalled { user, text } });
            }
            // Written at once: a later one must not be overtaken, and the program may be left right after it.
            Effect::KeepColumns { user, text } => {
                let written = self
                    .columns_of(&user)
                    .and_then(|p| files::write(&p, &text).map_err(|e| e.to_string()));
                self.told("The columns are", written);
            }
            Effect::KeepTheme(theme) => {
                let path = self.options.state.join(files::THEME);
                self.told(
                    "The theme is",
                    files::write(&path, theme.name()).map_err(|error| error.to_string()),
                );
            }
            Effect::Values { field, text } => {
                let wanted = text.clone();
                self.call(
                    async move |client| client.values(field, &wanted, OFFERS).await,
                    move |result| Reply::Values {
                        field,
                        text,
                        result,
                    },
                );
            }
            Effect::People { text } => {
                self.list(people(&text), move |result| Reply::People { text, result });
            }
            Effect::Fetch { id } => {
                self.call(
                    async move |client| client.employee(id).await,
                    move |result| Reply::Fetched { id, result },
                );
            }
            Effect::Collect { query } => {
                self.list(query.clone(), move |result| Reply::Collected {
                    query,
                    result,
                });
            }
            Effect::History { id, before } => self.call(
                async move |client| client.history(id, before, History::PAGE).await,
                move |result| Reply::HistoryRead { id, before, result },
            ),
            Effect::Apply {
                batch,
                row,
                request,
            } => self.call(
                async move |client| apply(&client, request).await,
                move |result| Reply::Applied { batch, row, result },
            ),
            Effect::Create { changes, key } => {
                self.call(
                    async move |client| client.create(&changes, &key).await,
                    Reply::Created,
                );
            }
            Effect::Change {
                id,
                version,
                changes,
            } => {
                self.call(
                    async move |client| client.change(id, version, &changes).await,
                    Reply::Changed,
                );
            }
            Effect::Delete(employee) => {
                let (id, version) = (employee.id, employee.version);
                self.call(
                    async move |client| client.delete(id, version).await,
                    move |result| Reply::Deleted { employee, result },
                );
            }
            Effect::Account(ask) => {
                let client = self.client();
                self.tasks.spawn(async move {
                    let answer = account::answer(client, ask).await;
                    Event::Reply(Box::new(Reply::Account(answer)))
                });
            }
            Effect::Look(write) => {
                let id = write.id;
                self.call(
                    async move |client| client.employee(id).await,
                    move |result| Reply::Looked { write, result },
                );
            }
            Effect::Seek(creation) => {
                self.list(creation.query(), move |result| Reply::Sought {
                    creation,
                    result,
                });
            }
            Effect::LetGo => {
                self.tasks = JoinSet::new();
                self.timers.clear();
            }
            Effect::Wait(timer, pause) => {
                let task = self.tasks.spawn(async move {
                    sleep(pause).await;
                    Event::Timer(timer)
                });
                if let Some(earlier) = self.timers.insert(timer, task) {
                    earlier.abort();
                }
            }
            Effect::Copy { text, what } => self.copy(text, what),
            Effect::Discard(path) => drop(std::fs::remove_file(path)),
            Effect::Redraw | Effect::Suspend | Effect::Compose(_) | Effect::Quit(_) => {}
        }
    }

    /// Tells what is not kept, if it is not.
    fn told(&mut self, what: &'static str, written: std::result::Result<(), String>) {
        if let Err(why) = written {
            self.tasks
                .spawn(async move { Event::NotKept { what, why } });
        }
    }

    /// The file of somebody's columns at this server.
    fn columns_of(&self, user: &Username) -> std::result::Result<PathBuf, String> {
        let folder = self.options.folder().map_err(|error| error.to_string())?;
        Ok(folder.join(format!("columns-{user}.json")))
    }

    fn list(&mut self, query: Query, reply: impl FnOnce(Result<Page>) -> Reply + Send + 'static) {
        self.call(async move |client| client.employees(&query).await, reply);
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

    fn copy(&mut self, text: Secret, what: String) {
        let send = clipboard::send(self.options.state.clone(), text);
        self.tasks.spawn(async move {
            Event::Copied {
                what,
                result: send.await,
            }
        });
    }

    /// The client, made when it is first needed: the first frame does not wait for it.
    fn client(&mut self) -> Result<Client> {
        match &self.client {
            Some(client) => Ok(client.clone()),
            None => Client::new(self.options.clone()).inspect(|client| {
                self.identity = Some(client.identity());
                self.client = Some(client.clone());
            }),
        }
    }

    fn point_to(&mut self, server: String) {
        if server != self.options.server {
            self.options.server = server;
            self.client = None;
            self.identity = None;
        }
    }
}

/// Does one row of a batch; the record as it is then, if there is one.
async fn apply(client: &Client, request: Request) -> Result<Option<Employee>> {
    match request {
        Request::Change {
            id,
            version,
            changes,
        } => client.change(id, version, &changes).await.map(Some),
        Request::Delete { id, version } => client.delete(id, version).await.map(|()| None),
        Request::Restore { id, changes } => client.restore(id, &changes).await.map(Some),
    }
}

/// Those who have what is typed in their record, by family name: more than are offered, for not each has it in the
/// name.
fn people(text: &str) -> Query {
    let q = text.replace([',', '#', '·'], " ");
    let sort = "lastname,firstname".parse().unwrap_or_default();
    Query {
        q,
        equals: Vec::new(),
        sort,
        window: Window::Page {
            limit: 50,
            start: Start::Offset(0),
        },
    }
}

fn name(username: &str) -> Result<Username> {
    username
        .parse()
        .map_err(|error| ClientError::Protocol(format!("{error}")))
}

/// Waits until the client knows something else of who is signed in.
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
