//! The HTTP layer: turns each request into a response.
//!
//! - [`routes`] one table of all routes, and the dispatch over it
//! - [`handlers`] one file per resource: from a [`Request`] to a [`Response`]
//! - [`edge`] what applies to every request: CORS, proxies, compression, and the trace for the log
//! - [`openapi`] the table as an OpenAPI document
//! - [`body`] request bodies, collected or streamed, and [`content_coding`], which decodes gzip
//! - [`preconditions`] the `If-Match` and `If-None-Match` headers
//! - [`negotiation`] the `Accept` and `Accept-Encoding` headers
//! - [`extract`] and [`fields`] parse headers, path and JSON bodies, or refuse the request
//! - [`mod@format`] lists as JSON, NDJSON and CSV
//! - `csv` converts a record's JSON to CSV
//! - `page` the pages of a log: history and audit
//! - [`reply`] constructors of responses
//! - [`error`] maps every error to a problem (RFC 9457)
//! - `counters` the counters of requests, and [`metrics`] the text for Prometheus
//! - `connection` what a connection is used for, and `streams` the open event streams: both decide
//!   who goes when there are too many
//! - `state` the state that all requests share, and `request` one request

use std::any::Any;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use hyper::Method;
use hyper::header::{HeaderName, HeaderValue};

use self::edge::trace::Trace;
use self::edge::{compression, cors};
use crate::app::App;

pub mod body;
mod connection;
pub mod content_coding;
mod counters;
mod csv;
pub mod edge;
pub mod error;
pub mod extract;
pub mod fields;
pub mod format;
pub mod handlers;
pub mod metrics;
pub mod negotiation;
pub mod openapi;
mod page;
pub mod preconditions;
pub mod reply;
mod request;
pub mod routes;
mod state;
mod streams;

pub use body::RequestBody;
pub use connection::ConnectionUse;
pub use counters::Requests;
pub use edge::compression::Compression;
pub use edge::cors::{Origin, Origins};
pub use edge::proxies::Proxies;
pub use error::Failure;
pub use reply::{Body, Response};
pub use request::{HEAD_SIZE, Request};
pub use state::{CookieKind, HttpConfig, ServerState};
pub use streams::MaxStreams;

impl ServerState {
    /// Creates the state of a server that is not draining.
    pub fn new(app: App, config: HttpConfig) -> Self {
        Self::with_counters(app, config, Requests::new(routes::ROUTES.len()))
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Handles a request. Errors become responses, and so does a handler's panic, so that other
/// requests are unaffected.
pub async fn handle(
    state: Arc<ServerState>,
    peer: IpAddr,
    request: hyper::Request<RequestBody>,
) -> Response {
    let (head, body) = request.into_parts();
    let connection = ConnectionUse::of(&head);
    let client = state
        .config
        .proxies
        .client(peer, &head, &state.silent_proxies);
    let origin = state.config.origins.of_request(&head.headers).cloned();
    // `None` if this client never gets compressed responses; otherwise whether it asked for one.
    let wants_gzip = state
        .config
        .compression
        .is_for(peer)
        .then(|| head.method != Method::HEAD && negotiation::prefers_gzip(&head.headers));
    let mut trace = Trace::begin(&head, client.address);
    let request = Request {
        state: Arc::clone(&state),
        address: client.address,
        over_tls: client.over_tls,
        head,
        body,
        parameter: None,
    };
    let result = AssertUnwindSafe(routes::dispatch(request, &mut trace))
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(Failure::internal(&panic_message(&*panic))));
    let mut response = result.unwrap_or_else(|failure| {
        state.requests.refused(failure.code());
        if failure.is_fault() {
            state.app.readiness.doubt();
        }
        failure.into_response(&trace.id)
    });
    // A sign-in has no identity, so its handler passes the username along with the response.
    trace.user = trace.user.or_else(|| response.extensions_mut().remove());
    if trace.user.is_some() {
        connection.sign_in();
    }
    let (status, taken) = (response.status().as_u16(), trace.taken());
    let route = trace.route.map(|route| route.number);
    state.requests.answered(route, status, taken);
    trace.log(status, taken);
    // A compressed size must not depend on the refresh cookie (BREACH).
    let is_free_of_cookies = trace.route.is_some_and(|route| !route.uses_cookie());
    if let Some(wanted) = wants_gzip.filter(|_| is_free_of_cookies) {
        response = compression::compress(response, wanted);
    }
    let headers = response.headers_mut();
    client.localize(headers);
    cors::harden(headers, state.config.tls);
    state
        .config
        .origins
        .expose(origin.as_ref(), &routes::EXPOSED_HEADERS, headers);
    if let Ok(value) = HeaderValue::try_from(trace.id) {
        headers.insert(REQUEST_ID, value);
    }
    response
}

/// The message of a panic, for the log.
fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic")
}
