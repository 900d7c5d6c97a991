//! The audit log.

use hyper::header::HeaderName;
use roster_common::api::path;

use crate::app::audit;
use crate::app::auth::Identity;
use crate::app::health;
use crate::http::page::LogPage;
use crate::http::reply::set;
use crate::http::{Failure, Request, Response};

const DROPPED: HeaderName = HeaderName::from_static("x-dropped-count");

/// `GET /audit`
pub async fn list(request: Request, _: Identity) -> Result<Response, Failure> {
    let page = LogPage::parse(&request)?;
    let app = &request.state.app;
    let entries = audit::list(app, page.before, page.limit);
    let (entries, figures) = tokio::try_join!(entries, health::figures(app))?;
    let last = entries.last().map(|entry| entry.id);
    let mut response = page.answer(path::AUDIT, &entries, last)?;
    let dropped: u64 = figures.audit.iter().map(|count| count.dropped).sum();
    set(&mut response, DROPPED, dropped.to_string());
    Ok(response)
}
