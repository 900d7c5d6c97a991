//! Pages of a log, newest entries first: the history of a record and the audit log.

use hyper::header::LINK;
use roster_common::FieldError;
use roster_common::parameters::Parameters;
use serde::Serialize;

use super::reply::{json, set};
use super::{Failure, Request, Response};

/// The maximum number of entries on a page.
pub(super) const MAX_LIMIT: usize = 500;
/// The default number of entries on a page.
pub(super) const DEFAULT_LIMIT: usize = 50;

/// The page that a request asks for with `limit` and `before`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LogPage {
    /// At most this many entries, from 1.
    pub(super) limit: usize,
    /// Only entries older than the one with this number.
    pub(super) before: Option<u64>,
}

impl LogPage {
    /// Reads the query of a request.
    ///
    /// # Errors
    /// [`Code::QueryInvalid`](roster_common::Code::QueryInvalid)
    pub(super) fn parse(request: &Request) -> Result<Self, Failure> {
        Self::from_query(request.head.uri.query().unwrap_or_default()).map_err(Failure::query)
    }

    fn from_query(query: &str) -> Result<Self, Vec<FieldError>> {
        let mut parameters = Parameters::read(query);
        let limit = parameters.number("limit", 1..=MAX_LIMIT);
        let before = parameters.number("before", 0..=usize::MAX);
        parameters.finish()?;
        Ok(Self {
            limit: limit.unwrap_or(DEFAULT_LIMIT),
            before: before.map(|before| before as u64),
        })
    }

    /// The response, with a `Link` to the next page if there may be one (RFC 8288). `last` is the
    /// number of the last entry.
    pub(super) fn answer(
        &self,
        path: &str,
        entries: &[impl Serialize],
        last: Option<u64>,
    ) -> Result<Response, Failure> {
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
    use roster_common::problem::Rule;

    #[test]
    fn a_page_has_a_limit_and_a_start() {
        let read = |query| {
            LogPage::from_query(query)
                .map_err(|errors| errors.iter().map(|e| e.code).collect::<Vec<_>>())
        };
        assert_eq!(
            read(""),
            Ok(LogPage {
                limit: 50,
                before: None
            })
        );
        assert_eq!(
            read("limit=500&before=7"),
            Ok(LogPage {
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
