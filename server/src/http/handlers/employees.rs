//! Lists of employees, and single records.

use futures_util::{StreamExt, stream};
use hyper::StatusCode;
use hyper::header::{ETAG, HeaderMap, HeaderName, LINK, LOCATION};
use roster_common::api::path;
use roster_common::parameters::Parameters;
use roster_common::problem::{Code, Rule};
use roster_common::query::{Start, Window};
use roster_common::{Changes, EmployeeId, FieldError, Query};

use crate::app::auth::Identity;
use crate::app::employees::{self, ReadOutcome};
use crate::app::lists;
use crate::app::merge::{Named, merge as merge_records};
use crate::app::warnings::Saved;
use crate::http::format::Format;
use crate::http::reply::{self, JSON, empty, set};
use crate::http::{Failure, Request, RequestBody, Response, extract, preconditions};
use crate::rules::employees::UpdateKind;
use crate::rules::preconditions::Preconditions;
use crate::store::{Page, Record, StoreError};

const TOTAL: HeaderName = HeaderName::from_static("x-total-count");
const OFFSET: HeaderName = HeaderName::from_static("x-offset");

/// `GET /employees`: one page if the query has a limit, otherwise all records, streamed.
pub async fn list(request: Request, who: Identity) -> Result<Response, Failure> {
    let format = Format::accepted(&request.head.headers)?;
    let query =
        Query::parse(request.head.uri.query().unwrap_or_default()).map_err(Failure::query)?;
    let app = &request.state.app;
    match query.window {
        Window::Page { limit, .. } => {
            let mut query = query;
            // The other formats have fixed columns.
            query.names &= format == Format::Json;
            let page = lists::page(app, &query).await?;
            Ok(answer_page(path::EMPLOYEES, format, query, limit, page))
        }
        Window::All => {
            let records = lists::scan(app, &who, &query).await?;
            let pieces = records
                .enumerate()
                .map(move |(i, piece)| Ok(format.piece(piece?, i == 0)));
            let opening = stream::iter([Ok(format.opening())]);
            let closing = stream::iter([Ok::<_, StoreError>(format.closing())]);
            Ok(reply::stream(
                format.media_type(),
                opening.chain(pieces).chain(closing),
            ))
        }
    }
}

fn answer_page(path: &str, format: Format, query: Query, limit: usize, page: Page) -> Response {
    let links = links(path, query, limit, &page);
    let mut response = reply::bytes(format.media_type(), format.whole(page.records));
    set(&mut response, TOTAL, page.total.to_string());
    set(&mut response, OFFSET, page.offset.to_string());
    set(&mut response, LINK, links);
    response
}

/// The `Link` header with the other pages (RFC 8288). The next page is given by a cursor, so that
/// no record is skipped or repeated if the list changes meanwhile.
fn links(path: &str, mut query: Query, limit: usize, page: &Page) -> String {
    query.window = Window::Page {
        limit,
        start: Start::Offset(0),
    };
    // Every link is the query of the first page plus a position.
    let first = format!("<{path}?{}", query.to_query_string());
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
        // A cursor needs no escaping in a query.
        links.extend([", ", &first, "&cursor=", cursor, ">; rel=\"next\""]);
    }
    links
}

/// `GET /employees/{id}`
pub async fn read(request: Request, _: Identity) -> Result<Response, Failure> {
    let id = extract::id(&request)?;
    let preconditions = preconditions::read(&request.head.headers)?;
    let found = employees::read_if(&request.state.app, id, &preconditions).await?;
    Ok(match found {
        ReadOutcome::Current(record) => respond(&record),
        ReadOutcome::NotModified(version) => {
            let mut response = empty(StatusCode::NOT_MODIFIED);
            set(&mut response, ETAG, version.etag());
            response
        }
    })
}

/// 200 with a record that was saved, and with its warnings if it has any.
fn respond_saved(saved: Saved) -> Response {
    let Saved {
        mut record,
        warnings,
    } = saved;
    if let (false, Some(json)) = (warnings.is_empty(), record.json.strip_suffix(b"}")) {
        // Texts can always be serialised.
        let warnings = serde_json::to_vec(&warnings).unwrap_or_default();
        let parts = [
            json,
            b",\"warnings\":".as_slice(),
            warnings.as_slice(),
            b"}".as_slice(),
        ];
        record.json = parts.concat().into();
    }
    respond(&record)
}

/// 200 with a record, and its version as the entity tag.
fn respond(record: &Record) -> Response {
    let mut response = reply::bytes(JSON, record.json.clone());
    set(&mut response, ETAG, record.version.etag());
    response
}

/// `POST /employees`
pub async fn create(request: Request, who: Identity) -> Result<Response, Failure> {
    let (document, body) = extract::document(&request.head.headers, request.body).await?;
    let key = extract::idempotency_key(&request.head.headers, &body)?;
    Ok(respond_created(
        employees::create(&request.state.app, &who, document, key).await?,
    ))
}

/// 201 with a new or restored record.
fn respond_created(saved: Saved) -> Response {
    let location = path::employee(saved.record.id);
    let mut response = respond_saved(saved);
    *response.status_mut() = StatusCode::CREATED;
    set(&mut response, LOCATION, location);
    response
}

/// `PUT /employees/{id}`: replaces the record. With `If-None-Match: *`, restores a deleted one.
pub async fn replace(request: Request, who: Identity) -> Result<Response, Failure> {
    if !preconditions::read(&request.head.headers)?.expects_absence() {
        return change(request, who, UpdateKind::Replace).await;
    }
    let id = extract::id(&request)?;
    let changes = changes_of(id, &request.head.headers, request.body).await?;
    Ok(respond_created(
        employees::restore(&request.state.app, &who, id, changes).await?,
    ))
}

/// `PATCH /employees/{id}`
pub async fn merge(request: Request, who: Identity) -> Result<Response, Failure> {
    change(request, who, UpdateKind::Merge).await
}

async fn change(request: Request, who: Identity, kind: UpdateKind) -> Result<Response, Failure> {
    let id = extract::id(&request)?;
    let preconditions = extract::required_preconditions(&request.head.headers)?;
    let changes = changes_of(id, &request.head.headers, request.body).await?;
    Ok(respond_saved(
        employees::change(&request.state.app, &who, id, preconditions, kind, changes).await?,
    ))
}

/// The changes in the body. Its id, if any, must be the one in the path.
async fn changes_of(
    id: EmployeeId,
    headers: &HeaderMap,
    body: RequestBody,
) -> Result<Changes, Failure> {
    let (document, _) = extract::document(headers, body).await?;
    match document.id {
        Some(named) if named != id => Err(invalid_id(
            Rule::ReadOnly,
            "Differs from the id in the path.",
        )),
        _ => Ok(document.changes),
    }
}

/// `DELETE /employees/{id}`: with `forget=true`, all text about the person is removed as well.
pub async fn delete(request: Request, who: Identity) -> Result<Response, Failure> {
    let preconditions = extract::required_preconditions(&request.head.headers)?;
    let id = extract::id(&request)?;
    let app = &request.state.app;
    if is_forget(request.head.uri.query().unwrap_or_default())? {
        employees::forget(app, &who, id, preconditions).await?;
    } else {
        employees::delete(app, &who, id, preconditions).await?;
    }
    Ok(empty(StatusCode::NO_CONTENT))
}

fn is_forget(query: &str) -> Result<bool, Failure> {
    let mut parameters = Parameters::read(query);
    let forget = parameters.flag("forget").unwrap_or_default();
    parameters.finish().map_err(Failure::query)?;
    Ok(forget)
}

/// `POST /employees/{id}/merge`: merges the employee that the body names into the one in the path.
pub async fn merge_other(request: Request, who: Identity) -> Result<Response, Failure> {
    let survivor = Named {
        id: extract::id(&request)?,
        preconditions: extract::required_preconditions(&request.head.headers)?,
    };
    let (document, _) = extract::document(&request.head.headers, request.body).await?;
    let other = document.id;
    let other = Named {
        id: other
            .ok_or_else(|| invalid_id(Rule::Required, "Required: the other employee's id."))?,
        // The headers are about the record in the path, so the version of the other is in the body.
        preconditions: Preconditions {
            version: document.version,
            ..Preconditions::default()
        },
    };
    let app = &request.state.app;
    Ok(respond_saved(
        merge_records(app, &who, survivor, other, document.changes).await?,
    ))
}

/// `PUT /employees`: merges into the employee that the body names.
pub async fn merge_by_body(request: Request, who: Identity) -> Result<Response, Failure> {
    let ByBody {
        id,
        preconditions,
        changes,
    } = by_body(&request.head.headers, request.body).await?;
    let app = &request.state.app;
    let merged =
        employees::change(app, &who, id, preconditions, UpdateKind::Merge, changes).await?;
    Ok(respond_saved(merged))
}

/// `DELETE /employees`: deletes the employee that the body names.
pub async fn delete_by_body(request: Request, who: Identity) -> Result<Response, Failure> {
    let ByBody {
        id, preconditions, ..
    } = by_body(&request.head.headers, request.body).await?;
    employees::delete(&request.state.app, &who, id, preconditions).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// A request whose body names the employee.
struct ByBody {
    id: EmployeeId,
    /// From the headers and the version in the body. None is required, since the first clients of
    /// these routes send none.
    preconditions: Preconditions,
    changes: Changes,
}

async fn by_body(headers: &HeaderMap, body: RequestBody) -> Result<ByBody, Failure> {
    let preconditions = preconditions::read(headers)?;
    let (document, _) = extract::document(headers, body).await?;
    let id = document
        .id
        .ok_or_else(|| invalid_id(Rule::Required, "Required: the employee's id."))?;
    Ok(ByBody {
        id,
        preconditions: Preconditions {
            version: document.version,
            ..preconditions
        },
        changes: document.changes,
    })
}

fn invalid_id(rule: Rule, message: &str) -> Failure {
    Failure::fields(
        Code::ValidationFailed,
        vec![FieldError::new("id", rule, message)],
    )
}
