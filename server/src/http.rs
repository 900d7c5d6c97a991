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
//! - [`metrics`] the counters of requests, and the text for Prometheus

use std::any::Any;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use hyper::Method;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use tokio::sync::{Semaphore, watch};

use self::edge::trace::Trace;
use self::edge::{compression, cors};
use self::handlers::import;
use crate::app::App;

pub mod body;
pub mod content_coding;
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
pub mod routes;

pub use body::RequestBody;
pub use edge::compression::Compression;
pub use edge::cors::{Origin, Origins};
pub use edge::proxies::Proxies;
pub use error::Failure;
pub use metrics::Requests;
pub use reply::Body;

/// A response. Its body is either complete or streamed.
pub type Response = hyper::Response<Body>;

/// The state that all requests share.
pub struct ServerState {
    /// The use cases, with the store behind them.
    pub app: App,
    /// Deployment settings.
    pub config: HttpConfig,
    /// The counters of requests, for the metrics.
    pub requests: Requests,
    /// Limits concurrent imports, since each holds its rows in memory.
    imports: Semaphore,
    draining: watch::Sender<bool>,
}

/// Deployment settings of the HTTP layer: cookie, TLS, CORS, proxies, compression.
#[derive(Debug, Clone, Default)]
pub struct HttpConfig {
    /// The attributes of the refresh cookie.
    pub cookie: CookieKind,
    /// Whether this server terminates TLS itself.
    pub tls: bool,
    /// The origins whose pages may use this server, besides its own.
    pub origins: Origins,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub proxies: Proxies,
    /// Which clients get compressed responses.
    pub compression: Compression,
}

impl HttpConfig {
    /// The kind of cookie that the response to this request sets.
    pub fn cookie(&self, headers: &HeaderMap) -> CookieKind {
        if self.origins.is_cross_site(headers) {
            CookieKind::CrossSite
        } else {
            self.cookie
        }
    }
}

/// The name and attributes of the refresh cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CookieKind {
    /// `__Host-refresh`, Secure: over TLS and on loopback.
    #[default]
    Host,
    /// As [`CookieKind::Host`] with `SameSite=None`, for a page of a listed cross-site origin.
    CrossSite,
    /// `refresh`, not Secure: over plain HTTP to other hosts, if that is enabled.
    Plain,
}

impl ServerState {
    /// Creates the state of a server that is not draining.
    pub fn new(app: App, config: HttpConfig) -> Self {
        Self {
            app,
            config,
            requests: Requests::default(),
            imports: Semaphore::new(import::AT_ONCE),
            draining: watch::Sender::new(false),
        }
    }

    /// Reports the server as not ready from now on, and ends the event streams.
    pub fn drain(&self) {
        self.draining.send_replace(true);
    }

    fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }

    /// Waits until the server starts to drain.
    async fn drained(&self) {
        // Fails only if the sender is dropped, and `self` holds it.
        let _ = self
            .draining
            .subscribe()
            .wait_for(|draining| *draining)
            .await;
    }
}

/// A request, as its handler gets it.
pub struct Request {
    /// The state of the server.
    pub state: Arc<ServerState>,
    /// The client's address: behind a trusted proxy, the one that the proxy reports.
    pub address: IpAddr,
    /// Method, target and headers.
    pub head: Parts,
    /// The body, not read yet.
    pub body: RequestBody,
    /// The segment of the path that matched the route's `{…}`, still percent-encoded.
    pub parameter: Option<String>,
}

/// The maximum size of the request line and headers, in bytes.
pub const HEAD_SIZE: usize = 16 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Handles a request. Errors become responses, and so does a handler's panic, so that other
/// requests are unaffected.
pub async fn handle(
    state: Arc<ServerState>,
    peer: IpAddr,
    request: hyper::Request<RequestBody>,
) -> Response {
    let (head, body) = request.into_parts();
    let address = state.config.proxies.client(peer, &head.headers);
    let origin = state.config.origins.of_request(&head.headers).cloned();
    // `None` if this client never gets compressed responses; otherwise whether it asked for one.
    let wants_gzip = state
        .config
        .compression
        .is_for(peer)
        .then(|| head.method != Method::HEAD && negotiation::prefers_gzip(&head.headers));
    let mut trace = Trace::begin(&head, address);
    let request = Request {
        state: Arc::clone(&state),
        address,
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
        failure.into_response(&trace.id)
    });
    // A sign-in has no identity, so its handler passes the username along with the response.
    trace.user = trace.user.or_else(|| response.extensions_mut().remove());
    let (status, taken) = (response.status().as_u16(), trace.taken());
    state.requests.answered(trace.route, status, taken);
    trace.log(status, taken);
    if let Some(wanted) = wants_gzip {
        response = compression::compress(response, trace.route, wanted);
    }
    let headers = response.headers_mut();
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

/// The size of a request head in bytes, without the protocol version.
fn head_size(head: &Parts) -> usize {
    let target = head
        .uri
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    let fields = head
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    head.method.as_str().len() + target + fields.sum::<usize>()
}

/// The method to look up in the route table. HEAD is handled as GET, and hyper omits the body.
fn routed(method: &Method) -> &Method {
    if method == Method::HEAD {
        &Method::GET
    } else {
        method
    }
}
