//! The records: pages, lists, and one at a time.

use futures_util::{StreamExt, stream};
use hyper::body::Incoming;
use hyper::header::{ETAG, HeaderMap, HeaderName, LINK, LOCATION};
use hyper::{Response, StatusCode};
use roster_common::api::path;
use roster_common::problem::{Code, Rule};
use roster_common::query::{Start, Window};
use roster_common::{Changes, EmployeeId, FieldError, Query};

use super::format::Format;
use super::reply::{self, JSON, empty, set};
use super::{Body, Call, Failure, extract};
use crate::app::auth::Identity;
use crate::app::employees::{self, How};
use crate::store::{Page, Record};

const TOTAL: HeaderName = HeaderName::from_static("x-total-count");
const OFFSET: HeaderName = HeaderName::from_static("x-offset");

/// `GET /employees`: a page where there is a limit, else all of them, while they are sent.
pub async fn list(call: Call, _: Identity) -> Result<Response<Body>, Failure> {
    let format = Format::accepted(&call.head.headers)?;
    let query = Query::parse(call.head.uri.query().unwrap_or_default())
        .map_err(|errors| Failure::fields(Code::QueryInvalid, errors))?;
    match query.window {
        Window::Page { limit, .. } => {
            let page = call
                .site
                .app
                .store
                .page(&query)
                .await
                .map_err(crate::app::AppError::from)?;
            Ok(answer_page(format, query, limit, page))
        }
        Window::All => {
            let records = call
                .site
                .app
                .store
                .scan(&query)
                .await
                .map_err(crate::app::AppError::from)?;
            let pieces = records
                .enumerate()
                .map(move |(i, piece)| format.piece(piece, i == 0));
            let opening = stream::iter([format.opening()]);
            let closing = stream::iter([format.closing()]);
            Ok(reply::stream(
                format.media_type(),
                opening.chain(pieces).chain(closing),
            ))
        }
    }
}

fn answer_page(format: Format, query: Query, limit: usize, page: Page) -> Response<Body> {
    let links = links(query, limit, &page);
    let mut response = reply::bytes(format.media_type(), format.whole(page.records));
    set(&mut response, TOTAL, page.total.to_string());
    set(&mut response, OFFSET, page.offset.to_string());
    set(&mut response, LINK, links);
    response
}

/// Where the other pages are (RFC 8288): the next by its cursor, which holds its place while records come and go.
fn links(mut query: Query, limit: usize, page: &Page) -> String {
    query.window = Window::Page {
        limit,
        start: Start::Offset(0),
    };
    let first = format!("<{}?{}", path::EMPLOYEES, query.to_query_string());
    let at = |offset: usize| {
        if offset == 0 {
            String::new()
        } else {
            format!("&offset={offset}")
        }
    };
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
    Ok(made(
        &employees::create(&call.site.app, &who, document, key).await?,
    ))
}

/// A record that was not there before.
fn made(record: &Record) -> Response<Body> {
    let mut response = one(record);
    *response.status_mut() = StatusCode::CREATED;
    set(&mut response, LOCATION, path::employee(record.id));
    response
}

/// `PUT /employees/{id}`: replaces; or, where there must be nobody, brings back who was deleted.
pub async fn replace(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    if !extract::must_be_nobody(&call.head.headers) {
        return change(call, who, How::Replace).await;
    }
    let id = extract::id(&call)?;
    let changes = changes_of(id, &call.head.headers, call.body).await?;
    Ok(made(
        &employees::restore(&call.site.app, &who, id, changes).await?,
    ))
}

/// `PATCH /employees/{id}`
pub async fn merge(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    change(call, who, How::Merge).await
}

async fn change(call: Call, who: Identity, how: How) -> Result<Response<Body>, Failure> {
    let id = extract::id(&call)?;
    let expected = extract::if_match(&call.head.headers)?;
    let changes = changes_of(id, &call.head.headers, call.body).await?;
    Ok(one(&employees::change(
        &call.site.app,
        &who,
        id,
        expected,
        how,
        changes,
    )
    .await?))
}

/// What the body says of the employee in the path.
async fn changes_of(
    id: EmployeeId,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Changes, Failure> {
    let (document, _) = extract::document(headers, body).await?;
    match document.id {
        Some(named) if named != id => {
            Err(unfit_id(Rule::ReadOnly, "It is not the id of the path."))
        }
        _ => Ok(document.changes),
    }
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
    let id = document
        .id
        .ok_or_else(|| unfit_id(Rule::Required, "Say which employee."))?;
    let changes: Changes = document.changes;
    let record = employees::change(
        &call.site.app,
        &who,
        id,
        document.version,
        How::Merge,
        changes,
    )
    .await?;
    Ok(one(&record))
}

/// `DELETE /employees`: a version in the body is compared.
pub async fn delete_by_body(call: Call, who: Identity) -> Result<Response<Body>, Failure> {
    let (document, _) = extract::document(&call.head.headers, call.body).await?;
    let id = document
        .id
        .ok_or_else(|| unfit_id(Rule::Required, "Say which employee."))?;
    employees::delete(&call.site.app, &who, id, document.version).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

fn unfit_id(rule: Rule, message: &str) -> Failure {
    Failure::fields(
        Code::ValidationFailed,
        vec![FieldError::new("id", rule, message)],
    )
}
