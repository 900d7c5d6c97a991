//! The records: pages, lists, one at a time, and many at once.

use futures_util::{StreamExt, stream};
use hyper::header::{ETAG, HeaderName, LINK, LOCATION};
use hyper::{Response, StatusCode};
use roster_common::api::{ImportMode, path};
use roster_common::problem::{Code, Rule};
use roster_common::query::{Start, Window};
use roster_common::rows::{self, HeaderError, Row};
use roster_common::{Changes, FieldError, Query};

use super::format::Format;
use super::reply::{self, JSON, empty, json, set};
use super::{Body, Call, Failure, extract};
use crate::app::auth::Identity;
use crate::app::employees::{self, CheckedRow, How, ImportOptions};
use crate::store::{Page, Record};

const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

/// The most rows of an import. A row may be two bytes long, and is some hundreds in memory.
const MOST_ROWS: usize = 1_000_000;

/// `GET /employees`: a page where there is a limit, else all of them, while they are sent.
pub async fn list(call: Call, _: Identity) -> Result<Response<Body>, Failure> {
    let format = Format::accepted(&call.head.headers)?;
    let query = Query::parse(call.head.uri.query().unwrap_or_default())
        .map_err(|errors| Failure::fields(Code::QueryInvalid, errors))?;
    match query.window {
        Window::Page { limit, .. } => {
            let page = call.site.app.store.page(&query).await.map_err(crate::app::AppError::from)?;
            Ok(answer_page(format, query, limit, page))
        }
        Window::All => {
            let records = call.site.app.store.scan(&query).await.map_err(crate::app::AppError::from)?;
            let pieces = records.enumerate().map(move |(i, piece)| format.piece(piece, i == 0));
            let opening = stream::iter([format.opening()]);
            let closing = stream::iter([format.closing()]);
            Ok(reply::stream(format.media_type(), opening.chain(pieces).chain(closing)))
        }
    }
}

fn answer_page(format: Format, query: Query, limit: usize, page: Page) -> Response<Body> {
    let links = links(query, limit, &page);
    let mut response = reply::bytes(format.media_type(), format.whole(page.records));
    set(&mut response, TOTAL, page.total.to_string());
    set(&mut response, LINK, links);
    response
}

/// Where the other pages are (RFC 8288): the next by its cursor, which holds its place while records come and go.
fn links(mut query: Query, limit: usize, page: &Page) -> String {
    query.window = Window::Page { limit, start: Start::Offset(0) };
    let first = format!("<{}?{}", path::EMPLOYEES, query.to_query_string());
    let at = |offset: usize| if offset == 0 { String::new() } else { format!("&offset={offset}") };
    let last = at(page.total.saturating_sub(1) / limit * limit);
    let mut links = format!("{first}>; rel=\"first\", {first}{last}>; rel=\"last\"");
    if page.offset > 0 {
        let before = at(page.offset.saturating_sub(limit));
        links.extend([", ", &first, &before, ">; rel=\"prev\""]);
    }
    if let Some(cursor) = &page.next {
        // A cursor has no character that a query would have to escape.
        links.extend([", ", &first, "&cursor=", cursor, ">; rel=\"next\""]);
    }
    links
}

/// `GET /employees/{id}`
pub async fn read(call: Call, _: Identity) -> Result<Response<Body>, Failure> {
    let record = employees::read(&call.site.app, extract::id(&call)?).await?;
    if extract::has_already(&call.head.headers, record.version) {
        let mut response = empty(StatusCode::NOT_MODIFIED);
        set(&mut response, ETAG, record.version.etag());
        return Ok(response);
    }
    Ok(one(&record))
}

/// One record, with its version as the entity tag.
fn one(record: &Record) -> Response<Body> {
    let mut response = reply::bytes(JSON, record.json.clone());
    set(&mut response, ETAG, record.version.etag());
    response
}

/// `POST /employees`
pub async fn create(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    let (document, body) = extract::document(&call.head.headers, call.body).await?;
    let key = extract::idempotency_key(&call.head.headers, &body)?;
    let record = employees::create(&call.site.app, &who, document, key).await?;
    let mut response = one(&record);
    *response.status_mut() = StatusCode::CREATED;
    set(&mut response, LOCATION, path::employee(record.id));
    Ok(response)
}

/// `PUT /employees/{id}`
pub async fn replace(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    change(call, who, How::Replace).await
}

/// `PATCH /employees/{id}`
pub async fn merge(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    change(call, who, How::Merge).await
}

async fn change(call: Call, who: Identity, how: How) -> Result<Response<Body>, Failure> {
    let id = extract::id(&call)?;
    let expected = extract::if_match(&call.head.headers)?;
    let (document, _) = extract::document(&call.head.headers, call.body).await?;
    if document.id.is_some_and(|named| named != id) {
        return Err(unfit_id(Rule::ReadOnly, "It is not the id of the path."));
    }
    let record = employees::change(&call.site.app, &who, id, expected, how, document.changes).await?;
    Ok(one(&record))
}

/// `DELETE /employees/{id}`
pub async fn delete(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    let expected = extract::if_match(&call.head.headers)?;
    employees::delete(&call.site.app, &who, extract::id(&call)?, expected).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `PUT /employees`: merges; a version in the body is compared.
pub async fn merge_by_body(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    let (document, _) = extract::document(&call.head.headers, call.body).await?;
    let id = document.id.ok_or_else(|| unfit_id(Rule::Required, "Say which employee."))?;
    let changes: Changes = document.changes;
    let record = employees::change(&call.site.app, &who, id, document.version, How::Merge, changes).await?;
    Ok(one(&record))
}

/// `DELETE /employees`: a version in the body is compared.
pub async fn delete_by_body(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    let (document, _) = extract::document(&call.head.headers, call.body).await?;
    let id = document.id.ok_or_else(|| unfit_id(Rule::Required, "Say which employee."))?;
    employees::delete(&call.site.app, &who, id, document.version).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

fn unfit_id(rule: Rule, message: &str) -> Failure {
    Failure::fields(Code::ValidationFailed, vec![FieldError::new("id", rule, message)])
}

/// `POST /employees/import`: 200 with a result for each row; 422 where rows are refused and so nothing was imported,
/// the same report in the problem.
pub async fn import(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    let options = import_options(call.head.uri.query().unwrap_or_default())?;
    let media_type = extract::media_type(&call.head.headers);
    let read: fn(&[u8]) -> Result<Vec<CheckedRow>, Failure> = match media_type.as_deref() {
        Some("text/csv") => |body| checked(rows::read_csv(body).map_err(bad_header)?),
        Some("application/x-ndjson") => |body| checked(rows::read_ndjson(body)),
        _ => {
            let detail = "Send `Content-Type: text/csv` or `application/x-ndjson`.";
            return Err(Failure::new(Code::MediaTypeUnsupported, detail));
        }
    };
    let body = extract::import(call.body).await?;
    // Many rows would hold up the other requests of this thread.
    let rows = tokio::task::spawn_blocking(move || read(&body)).await.map_err(|error| Failure::internal(&error))?;
    let report = employees::import(&call.site.app, &who, rows?, options).await?;
    if report.refused > 0 && options.mode == ImportMode::Atomic && !options.dry_run {
        let detail = format!("{} of {} rows are refused, so nothing was imported.", report.refused, report.rows.len());
        let failure = Failure::new(Code::ValidationFailed, detail);
        return Err(failure.with_problem(|problem| problem.report = Some(Box::new(report))));
    }
    json(&report)
}

fn checked(rows: impl Iterator<Item = Row>) -> Result<Vec<CheckedRow>, Failure> {
    let rows: Vec<_> = rows.take(MOST_ROWS + 1).map(employees::check).collect();
    if rows.len() > MOST_ROWS {
        return Err(Failure::new(Code::BodyTooLarge, format!("Send at most {MOST_ROWS} rows at a time.")));
    }
    Ok(rows)
}

fn bad_header(error: HeaderError) -> Failure {
    match error {
        HeaderError::Columns(errors) => Failure::fields(Code::BodyInvalid, errors),
        HeaderError::Unreadable(_) => Failure::new(Code::BodyInvalid, "The first line cannot be read."),
    }
}

fn import_options(query: &str) -> Result<ImportOptions, Failure> {
    let mut options = ImportOptions::default();
    let mut errors = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match (&*name, &*value) {
            ("mode", "atomic") => options.mode = ImportMode::Atomic,
            ("mode", "partial") => options.mode = ImportMode::Partial,
            ("dry_run", "true") => options.dry_run = true,
            ("dry_run", "false") => options.dry_run = false,
            ("mode", _) => errors.push(FieldError::new(name, Rule::Format, "Must be atomic or partial.")),
            ("dry_run", _) => errors.push(FieldError::new(name, Rule::Format, "Must be true or false.")),
            _ => errors.push(FieldError::new(name, Rule::Unknown, "There is no such parameter.")),
        }
    }
    if errors.is_empty() { Ok(options) } else { Err(Failure::fields(Code::QueryInvalid, errors)) }
}
