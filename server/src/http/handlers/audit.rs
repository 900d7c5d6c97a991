//! The audit log.

use roster_common::api::path;

use crate::app::AppError;
use crate::app::auth::Identity;
use crate::http::page::Page;
use crate::http::{Failure, Request, Response};

/// `GET /audit`
pub async fn list(request: Request, _: Identity) -> Result<Response, Failure> {
    let page = Page::parse(&request)?;
    let entries = request
        .state
        .app
        .store
        .audit(page.before, page.limit)
        .await
        .map_err(AppError::from)?;
    let last = entries.last().map(|entry| entry.id);
    page.answer(path::AUDIT, &entries, last)
}
