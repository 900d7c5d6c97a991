//! The history of an employee.

use roster_common::api::path;
use roster_common::employee::Version;

use crate::app::auth::Identity;
use crate::app::employees;
use crate::http::page::LogPage;
use crate::http::{Failure, Request, Response, extract};

/// `GET /employees/{id}/history`
pub async fn list(request: Request, _: Identity) -> Result<Response, Failure> {
    let (id, page) = (extract::id(&request)?, LogPage::parse(&request)?);
    let before = page.before.map(Version::new);
    let entries = employees::history(&request.state.app, id, before, page.limit).await?;
    let last = entries.last().map(|entry| entry.version.get());
    page.answer(&path::history(id), &entries, last)
}
