//! Calls to the server.

use std::future::Future;

use roster_common::api::SavedEmployee;
use roster_common::query::{Start, Window};
use roster_common::{Employee, EmployeeId, Field, Password, Query, Username};

use super::Worker;
use crate::client::Client;
use crate::effect::{Call, RowRequest};
use crate::event::{Event, Reply};
use crate::remote::{ClientError, Page, Related, Result};
use crate::runtime::account;
use crate::state::{History, suggestions};

/// How many values are requested for suggestions.
const SUGGESTIONS: usize = 20;

/// How many reports are loaded for a record: more names than fit in its line.
const REPORTS: usize = 12;

/// How many changes are loaded for a record.
const CHANGES: usize = 3;

impl Worker {
    /// Starts a call; its answer becomes an event.
    pub(super) fn call(&mut self, call: Call) {
        // Most replies repeat what was asked, so that `update` can drop an outdated one.
        match call {
            Call::Resume => self.ask(async move |client| client.resume().await, Reply::Resumed),
            Call::SignIn {
                server,
                username,
                password,
            } => {
                let client = self.client_for(server);
                let password = Password::new(password.expose());
                let sign_in =
                    async move |client: Client| client.sign_in(&name(&username)?, &password).await;
                self.ask_client(client, sign_in, Reply::SignedIn);
            }
            Call::SignOut => self.ask(
                async move |client| client.sign_out().await,
                Reply::SignedOut,
            ),
            Call::Load {
                query_number,
                query,
                offset,
            } => self.list(query, move |result| Reply::Loaded {
                query_number,
                offset,
                result,
            }),
            Call::Values {
                field,
                text,
                filter,
            } => {
                let wanted = text.clone();
                self.ask(
                    async move |client| client.values(field, &wanted, &filter, SUGGESTIONS).await,
                    move |result| Reply::Values {
                        field,
                        text,
                        result,
                    },
                );
            }
            Call::EmailOwners { email } => self.list(owners(&email), move |result| {
                Reply::EmailOwners { email, result }
            }),
            Call::People { text } => {
                self.list(people(&text), move |result| Reply::People { text, result });
            }
            Call::Fetch { id } => self.ask(
                async move |client| client.employee(id).await,
                move |result| Reply::Fetched { id, result },
            ),
            Call::Collect { query } => {
                self.list(query.clone(), move |result| Reply::Collected {
                    query,
                    result,
                });
            }
            Call::Export(job) => self.export(*job),
            Call::Import(job) => self.import(*job),
            Call::UndoRun { run } => self.ask(
                async move |client| client.undo_run(run).await,
                move |result| Reply::RunUndone { run, result },
            ),
            Call::History { id, before } => self.ask(
                async move |client| client.history(id, before, History::PAGE).await,
                move |result| Reply::HistoryRead { id, before, result },
            ),
            Call::Related { id } => self.ask(
                async move |client| related(&client, id).await,
                move |result| Reply::RelatedLoaded { id, result },
            ),
            Call::Apply {
                batch,
                row,
                request,
            } => self.ask(
                async move |client| send_row(&client, request).await,
                move |result| Reply::Applied { batch, row, result },
            ),
            Call::Create { changes, key } => self.ask(
                async move |client| client.create(&changes, &key).await.map(record),
                Reply::Created,
            ),
            Call::Restore { id, changes } => self.ask(
                async move |client| client.restore(id, &changes).await.map(record),
                Reply::Restored,
            ),
            Call::Change {
                id,
                version,
                changes,
            } => self.ask(
                async move |client| client.change(id, version, &changes).await.map(record),
                Reply::Changed,
            ),
            Call::Delete(employee) => {
                let (id, version) = (employee.id, employee.version);
                self.ask(
                    async move |client| client.delete(id, version).await,
                    move |result| Reply::Deleted { employee, result },
                );
            }
            Call::Account(call) => {
                let client = self.client();
                self.spawn(async move {
                    let answer = account::answer(client, call).await;
                    Event::Reply(Box::new(Reply::Account(answer)))
                });
            }
            Call::CheckWrite(write) => {
                let id = write.id;
                self.ask(
                    async move |client| client.employee(id).await,
                    move |result| Reply::WriteChecked { write, result },
                );
            }
            Call::CheckCreation(creation) => self.list(creation.query(), move |result| {
                Reply::CreationChecked { creation, result }
            }),
        }
    }

    fn list(&mut self, query: Query, reply: impl FnOnce(Result<Page>) -> Reply + Send + 'static) {
        self.ask(async move |client| client.employees(&query).await, reply);
    }

    fn ask<T, F>(
        &mut self,
        ask: impl FnOnce(Client) -> F + Send + 'static,
        reply: impl FnOnce(Result<T>) -> Reply + Send + 'static,
    ) where
        F: Future<Output = Result<T>> + Send,
    {
        let client = self.client();
        self.ask_client(client, ask, reply);
    }

    fn ask_client<T, F>(
        &mut self,
        client: Result<Client>,
        ask: impl FnOnce(Client) -> F + Send + 'static,
        reply: impl FnOnce(Result<T>) -> Reply + Send + 'static,
    ) where
        F: Future<Output = Result<T>> + Send,
    {
        self.spawn(async move {
            let result = match client {
                Ok(client) => ask(client).await,
                Err(error) => Err(error),
            };
            Event::Reply(Box::new(reply(result)))
        });
    }
}

/// Sends the change of one row of a batch. Returns the record as it is then, if there is one.
async fn send_row(client: &Client, request: RowRequest) -> Result<Option<Employee>> {
    match request {
        RowRequest::Change {
            id,
            version,
            changes,
        } => client.change(id, version, &changes).await.map(changed),
        RowRequest::Delete { id, version } => client.delete(id, version).await.map(|()| None),
        RowRequest::Restore { id, changes } => client.restore(id, &changes).await.map(changed),
    }
}

/// The record that was saved. Its warnings were shown in the form.
fn record(saved: SavedEmployee) -> Employee {
    saved.employee
}

fn changed(saved: SavedEmployee) -> Option<Employee> {
    Some(record(saved))
}

/// Searches the names. More are requested than shown, since those that begin like the text come
/// first.
fn people(text: &str) -> Query {
    let q = suggestions::people_filter(text);
    let sort = "lastname,firstname".parse().unwrap_or_default();
    Query {
        q,
        sort,
        window: Window::Page {
            limit: 50,
            start: Start::Offset(0),
        },
        ..Query::default()
    }
}

/// The reports and the last changes of a person, loaded at the same time.
async fn related(client: &Client, id: EmployeeId) -> Result<Related> {
    let reports = reports(id);
    let (reports, changes) = tokio::try_join!(
        client.employees(&reports),
        client.history(id, None, CHANGES)
    )?;
    let names = reports.rows.iter().map(|person| person.details.full_name());
    Ok(Related {
        reports: names.collect(),
        report_count: reports.total,
        changes,
    })
}

/// The first people who report to a person.
fn reports(id: EmployeeId) -> Query {
    Query {
        q: format!("{}:{id}", Field::Manager.short_name()),
        sort: [Field::Lastname, Field::Firstname]
            .map(Field::name)
            .join(",")
            .parse()
            .unwrap_or_default(),
        window: Window::Page {
            limit: REPORTS,
            start: Start::Offset(0),
        },
        ..Query::default()
    }
}

/// The people with an email address: its owner, and one more.
fn owners(email: &str) -> Query {
    Query {
        equals: vec![(Field::Email, email.to_owned())],
        window: Window::Page {
            limit: 2,
            start: Start::Offset(0),
        },
        ..Query::default()
    }
}

fn name(username: &str) -> Result<Username> {
    username
        .parse()
        .map_err(|error| ClientError::Protocol(format!("{error}")))
}
