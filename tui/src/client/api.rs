//! One method per route, and the one retry after a rejected access token.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use reqwest::{Method, RequestBuilder, Response, Url};
use roster_common::api::{
    FieldValue, ImportOptions, ImportReport, ImportRun, Me, NamedEmployee, RunId, SavedEmployee,
    UndoReport, path,
};
use roster_common::query::Window;
use roster_common::{Changes, Employee, EmployeeId, Field, Query, Remedy, Version};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::session::sign_in_first;
use super::{Client, RowStream, Upload};
use crate::remote::{ClientError, Page, Result};

/// For requests with a body or an answer of any size; a dead connection is noticed earlier.
const STREAM_TIMEOUT: Duration = Duration::from_secs(3600);

/// The header that makes a repeat harmless.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The most records of a list that is read into memory.
const MOST_ROWS: usize = 1_000_000;

/// The format of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFormat {
    /// CSV (RFC 4180) with a header line.
    Csv,
    /// One JSON object per line.
    Ndjson,
}

impl ImportFormat {
    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

impl Client {
    /// Returns who is signed in.
    pub async fn me(&self) -> Result<Me> {
        self.answer(self.request(Method::GET, path::ME)).await
    }

    /// A page of employees, or all of them if the query's window asks for that.
    pub async fn employees(&self, query: &Query) -> Result<Page> {
        if query.window == Window::All {
            return self.collected(query).await;
        }
        let response = self.call(self.list(query)).await?;
        let (offset, total) = (
            number(&response, "X-Offset")?,
            number(&response, "X-Total-Count")?,
        );
        let named: Vec<NamedEmployee> = self.0.http.json(response).await?;
        let managers = named.iter().filter_map(manager).collect();
        let rows: Vec<_> = named.into_iter().map(|named| named.employee).collect();
        match query.window {
            // The rows beyond the limit would be taken for those of the next page.
            Window::Page { limit, .. } if rows.len() > limit => Err(ClientError::Protocol(
                "a page with more rows than requested".into(),
            )),
            _ => Ok(Page {
                rows,
                managers,
                offset,
                total,
            }),
        }
    }

    async fn collected(&self, query: &Query) -> Result<Page> {
        let mut all = self.rows(query).await?;
        let mut rows = Vec::new();
        while let Some(employee) = all.next().await? {
            if rows.len() == MOST_ROWS {
                return Err(ClientError::Protocol("the list is too long".into()));
            }
            rows.push(employee);
        }
        Ok(Page {
            total: rows.len(),
            rows,
            ..Page::default()
        })
    }

    /// Streams the employees of one consistent snapshot.
    pub async fn rows(&self, query: &Query) -> Result<RowStream> {
        let request = self
            .list(query)
            .header(ACCEPT, ImportFormat::Ndjson.media_type())
            .timeout(STREAM_TIMEOUT);
        Ok(RowStream::new(self.clone(), self.call(request).await?))
    }

    /// One employee.
    pub async fn employee(&self, id: EmployeeId) -> Result<Employee> {
        self.answer(self.request(Method::GET, &path::employee(id)))
            .await
    }

    /// The values of a [field that has a list](Field::has_values) that contain `text`: first those
    /// that start with it, then by frequency. Only employees who match `filter` are counted.
    pub async fn values(
        &self,
        field: Field,
        text: &str,
        filter: &str,
        limit: usize,
    ) -> Result<Vec<FieldValue>> {
        let mut url = self.0.http.url(&path::values(field));
        url.query_pairs_mut()
            .append_pair("q", text)
            .append_pair("filter", filter)
            .append_pair("limit", &limit.to_string());
        self.answer(self.0.http.request(Method::GET, url)).await
    }

    /// Adds an employee. The idempotency key makes a repeat harmless.
    pub async fn create(&self, changes: &Changes, idempotency_key: &str) -> Result<SavedEmployee> {
        let request = self
            .request(Method::POST, path::EMPLOYEES)
            .header(IDEMPOTENCY_KEY, idempotency_key);
        self.answer(request.json(changes)).await
    }

    /// Changes fields of an employee, if the version is still current (PATCH with `If-Match`).
    pub async fn change(
        &self,
        id: EmployeeId,
        version: Version,
        changes: &Changes,
    ) -> Result<SavedEmployee> {
        let request = self
            .request(Method::PATCH, &path::employee(id))
            .header(IF_MATCH, version.etag());
        self.answer(request.json(changes)).await
    }

    /// Restores a deleted employee with these values (PUT with `If-None-Match`).
    pub async fn restore(&self, id: EmployeeId, changes: &Changes) -> Result<SavedEmployee> {
        let request = self
            .request(Method::PUT, &path::employee(id))
            .header(IF_NONE_MATCH, "*");
        self.answer(request.json(changes)).await
    }

    /// Merges another record of the same person into an employee, if both versions are still
    /// current. `changes` are new values of the employee.
    pub async fn merge(
        &self,
        survivor: (EmployeeId, Version),
        other: (EmployeeId, Version),
        changes: &Changes,
    ) -> Result<SavedEmployee> {
        let mut body = json!(changes);
        if let Some(members) = body.as_object_mut() {
            members.insert("id".to_owned(), json!(other.0));
            members.insert("version".to_owned(), json!(other.1));
        }
        let request = self
            .request(Method::POST, &path::merge(survivor.0))
            .header(IF_MATCH, survivor.1.etag());
        self.answer(request.json(&body)).await
    }

    /// Deletes an employee, if the version is still current.
    pub async fn delete(&self, id: EmployeeId, version: Version) -> Result<()> {
        let request = self
            .request(Method::DELETE, &path::employee(id))
            .header(IF_MATCH, version.etag());
        self.call(request).await.map(drop)
    }

    /// Removes an employee for good, with every value in the history. `version` is the current one;
    /// `None` if they are deleted already.
    pub async fn forget(&self, id: EmployeeId, version: Option<Version>) -> Result<()> {
        let mut url = self.0.http.url(&path::employee(id));
        url.set_query(Some("forget=true"));
        let tag = version.map_or_else(|| "*".to_owned(), Version::etag);
        let request = self.0.http.request(Method::DELETE, url);
        self.call(request.header(IF_MATCH, tag)).await.map(drop)
    }

    /// Imports employees, or reports what would happen. A refusal because of invalid rows returns
    /// the same report. A repeat under the same key completes the import, or gets its report.
    pub async fn import(
        &self,
        format: ImportFormat,
        rows: Upload,
        options: &ImportOptions,
        idempotency_key: Option<&str>,
    ) -> Result<ImportReport> {
        let mut url = self.0.http.url(path::IMPORT);
        url.set_query(Some(&options.to_query_string()));
        let request = self
            .0
            .http
            .request(Method::POST, url)
            .header(CONTENT_TYPE, format.media_type());
        let request = match idempotency_key {
            Some(key) => request.header(IDEMPOTENCY_KEY, key),
            None => request,
        };
        // A stream can be sent only once, so an expired token is renewed before and not by a retry.
        if rows.is_stream {
            self.me().await?;
        }
        match self
            .answer(request.body(rows.body).timeout(STREAM_TIMEOUT))
            .await
        {
            Err(ClientError::Refused(mut problem)) => match problem.report.take() {
                Some(report) => Ok(*report),
                None => Err(ClientError::Refused(problem)),
            },
            answered => answered,
        }
    }

    /// The imports that changed something, and what undid them, newest first.
    pub async fn runs(&self) -> Result<Vec<ImportRun>> {
        self.answer(self.request(Method::GET, path::RUNS)).await
    }

    /// Undoes an import. A repeat gets the same report.
    pub async fn undo_run(&self, run: RunId) -> Result<UndoReport> {
        let request = self.request(Method::POST, &path::undo_run(run));
        self.answer(request.timeout(STREAM_TIMEOUT)).await
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.0.http.request(method, self.0.http.url(path))
    }

    fn list(&self, query: &Query) -> RequestBuilder {
        let mut url: Url = self.0.http.url(path::EMPLOYEES);
        url.set_query(
            Some(&query.to_query_string())
                .filter(|query| !query.is_empty())
                .map(String::as_str),
        );
        self.0.http.request(Method::GET, url)
    }

    pub(super) async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        let response = self.call(request).await?;
        self.0.http.json(response).await
    }

    /// Sends a request with the access token. If the token is rejected, it is renewed and the
    /// request is sent once more: only if the server's `action` says so or the session was
    /// replaced.
    pub(super) async fn call(&self, request: RequestBuilder) -> Result<Response> {
        let access = self.0.access().await.map_err(ClientError::before_sending)?;
        let again = request.try_clone();
        let refused = match self.0.http.send(request.bearer_auth(access.token())).await {
            Err(ClientError::Refused(problem)) if problem.action != Remedy::None => problem,
            other => return other,
        };
        // A refused request had no effect, so a failure before the retry counts as not sent.
        let next = match refused.action {
            Remedy::Refresh => self.0.renew_access(Some(&access)).await.and_then(|next| {
                next.ok_or_else(|| sign_in_first(self.0.http.origin()))
                    .map(Some)
            }),
            _ => self.0.adopt_newer_session(&access).await,
        };
        let next = next.map_err(ClientError::before_sending)?;
        match (next, again) {
            (Some(access), Some(request)) => {
                self.0.http.send(request.bearer_auth(access.token())).await
            }
            _ => Err(ClientError::Refused(refused)),
        }
    }
}

/// The id and the name of a record's manager.
fn manager(named: &NamedEmployee) -> Option<(EmployeeId, String)> {
    Some((
        named.employee.details.manager()?,
        named.manager_name.clone()?,
    ))
}

/// Reads a number from a response header.
fn number(response: &Response, header: &'static str) -> Result<usize> {
    let number = response
        .headers()
        .get(header)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    number.ok_or_else(|| ClientError::Protocol(format!("a page without {header}")))
}
