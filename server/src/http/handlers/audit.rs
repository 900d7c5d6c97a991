//! The audit log.

use roster_common::api::path;

use crate::app::audit;
use crate::app::auth::Identity;
use crate::http::page::LogPage;
use crate::http::{Failure, Request, Response};

/// `GET /audit`
pub async fn list(request: Request, _: Identity) -> Result<Response, Failure> {
    let page = LogPage::parse(&request)?;
    let entries = audit::list(&request.state.app, page.before, page.limit).await?;
    let last = entries.last().map(|entry| entry.id);
    page.answer(path::AUDIT, &entries, last)
}
