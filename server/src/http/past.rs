//! What was: the history of a record, and the audit; each the newest first, in pages.

use hyper::Response;
use hyper::header::LINK;
use roster_common::FieldError;
use roster_common::api::path;
use roster_common::employee::Version;
use roster_common::problem::{Code, Rule};
use serde::Serialize;

use super::reply::{json, set};
use super::{Body, Call, Failure, extract};
use crate::app::AppError;
use crate::app::auth::Identity;
use crate::app::employees;

/// The most entries of a page, and how many there are where nothing else is said.
const MOST: usize = 500;
const USUAL: usize = 50;

/// `GET /employees/{id}/history`
pub async fn history(call: Call, _: Identity) -> Result<Response<Body>, Failure> {
    let (id, window) = (extract::id(&call)?, Window::parse(&call)?);
    let before = window.before.map(Version::new);
    let entries = employees::history(&call.site.app, id, before, window.limit).await?;
    let next = entries.last().map(|last| last.version.get());
    window.answer(&path::history(id), &entries, next)
}

/// `GET /audit`
pub async fn audit(call: Call, _: Identity) -> Result<Response<Body>, Failure> {
    let window = Window::parse(&call)?;
    let entries = call
        .site
        .app
        .store
        .audit(window.before, window.limit)
        .await
        .map_err(AppError::from)?;
    let next = entries.last().map(|last| last.id);
    window.answer(path::AUDIT, &entries, next)
}

/// Which entries: at most so many, of before that one.
#[derive(Debug, PartialEq, Eq)]
struct Window {
    limit: usize,
    before: Option<u64>,
}

impl Window {
    fn parse(call: &Call) -> Result<Self, Failure> {
        let query = call.head.uri.query().unwrap_or_default();
        Self::from_query(query).map_err(|errors| Failure::fields(Code::QueryInvalid, errors))
    }

    fn from_query(query: &str) -> Result<Self, Vec<FieldError>> {
        let mut window = Self {
            limit: USUAL,
            before: None,
        };
        let mut errors = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match (&*name, value.parse()) {
                ("limit", Ok(limit @ 1..=MOST)) => window.limit = limit,
                ("limit", _) => errors.push(FieldError::new(
                    name,
                    Rule::Format,
                    "Must be a number from 1 to 500.",
                )),
                ("before", Ok(before)) => window.before = u64::try_from(before).ok(),
                ("before", Err(_)) => errors.push(FieldError::new(
                    name,
                    Rule::Format,
                    "Must be a whole number.",
                )),
                _ => errors.push(FieldError::new(
                    name,
                    Rule::Unknown,
                    "There is no such parameter.",
                )),
            }
        }
        if errors.is_empty() {
            Ok(window)
        } else {
            Err(errors)
        }
    }

    /// The page, with where the next one is, if there may be one (RFC 8288).
    fn answer(
        &self,
        path: &str,
        entries: &[impl Serialize],
        last: Option<u64>,
    ) -> Result<Response<Body>, Failure> {
        let mut response = json(&entries)?;
        if let Some(last) = last.filter(|_| entries.len() == self.limit) {
            set(
                &mut response,
                LINK,
                format!("<{path}?limit={}&before={last}>; rel=\"next\"", self.limit),
            );
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_says_how_many_and_before_which() {
        let read = |query| {
            Window::from_query(query)
                .map_err(|errors| errors.iter().map(|e| e.code).collect::<Vec<_>>())
        };
        assert_eq!(
            read(""),
            Ok(Window {
                limit: 50,
                before: None
            })
        );
        assert_eq!(
            read("limit=500&before=7"),
            Ok(Window {
                limit: 500,
                before: Some(7)
            })
        );
        for query in ["limit=0", "limit=501", "limit=x", "before=-1"] {
            assert_eq!(read(query), Err(vec![Rule::Format]), "{query}");
        }
        assert_eq!(read("after=1"), Err(vec![Rule::Unknown]));
    }
}
