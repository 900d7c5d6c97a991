//! Collects what is logged and measured about a request.

use std::net::IpAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hyper::http::request::Parts;
use hyper::{Method, Uri};
use roster_common::Username;
use uuid::{Builder, Uuid};

use crate::http::routes::Route;

/// One request, from its head to the head of its response.
pub struct Trace {
    begun: Instant,
    /// Its id in the log, in its response and in a problem.
    pub id: String,
    method: Method,
    uri: Uri,
    address: IpAddr,
    /// Its route, once matched.
    pub route: Option<&'static Route>,
    /// The user, once authenticated.
    pub user: Option<Username>,
}

impl Trace {
    /// Starts the clock for a request that has just arrived from `address`.
    pub(in crate::http) fn begin(head: &Parts, address: IpAddr) -> Self {
        Self {
            begun: Instant::now(),
            id: new_id(),
            method: head.method.clone(),
            uri: head.uri.clone(),
            address,
            route: None,
            user: None,
        }
    }

    /// The time elapsed so far.
    pub(in crate::http) fn taken(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Logs one line per request; successful reads only at debug level. The query string is left
    /// out because it may hold personal data.
    pub(in crate::http) fn log(&self, status: u16, taken: Duration) {
        let Self {
            id,
            method,
            address,
            ..
        } = self;
        let (path, user) = (self.uri.path(), self.user.as_ref().map(Username::as_str));
        let micros = u64::try_from(taken.as_micros()).unwrap_or(u64::MAX);
        if method.is_safe() && status < 400 {
            tracing::debug!(request_id = id, %method, path, status, micros, user, %address, "answered");
        } else {
            tracing::info!(request_id = id, %method, path, status, micros, user, %address, "answered");
        }
    }
}

/// A unique id (UUID version 7). It is not secret, so a fast random generator is enough.
fn new_id() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut random = [0; 10];
    fastrand::fill(&mut random);
    let id = Builder::from_unix_timestamp_millis(
        u64::try_from(now.as_millis()).unwrap_or_default(),
        &random,
    );
    id.into_uuid()
        .hyphenated()
        .encode_lower(&mut Uuid::encode_buffer())
        .to_owned()
}
