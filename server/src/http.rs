//! The HTTP layer: turns each request into a response, whatever happens on the way.
//!
//! - [`routes`] one table of all routes, and the dispatch over it
//! - [`handlers`] one file per resource: from a [`Request`] to a [`Response`]
//! - [`edge`] what applies to every request: CORS, proxies, compression, and the trace for the log
//! - [`openapi`] the table as an OpenAPI document
//! - [`body`] request bodies, read at once or while they arrive; [`content_coding`] those in gzip
//! - [`preconditions`] and [`negotiation`] what a request demands of the state and form of its target
//! - [`extract`] and [`fields`] headers, path and JSON bodies as types, or the refusal
//! - [`mod@format`] lists as JSON, NDJSON and CSV
//! - `page` the pages of a log
//! - [`reply`] the shapes of responses
//! - [`error`] every error as a response (RFC 9457)
//! - [`metrics`] the counters of requests, and the page that shows them

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

/// A response, with a body in one piece or in many.
pub type Response = hyper::Response<Body>;

/// What all requests share.
pub struct ServerState {
    /// The use cases, with the store behind them.
    pub app: App,
    /// Deployment settings.
    pub config: HttpConfig,
    /// The counters of requests, for the metrics.
    pub requests: Requests,
    /// Permits for imports: each one holds its rows in memory.
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
    /// The proxies whose `X-Forwarded-For` is believed.
    pub proxies: Proxies,
    /// Which clients get compressed responses.
    pub compression: Compression,
}

impl HttpConfig {
    /// The kind of cookie that the response to this request sets.
    pub fn cookie(&self, headers: &HeaderMap) -> CookieKind {
        if self.origins.is_across(headers) {
            CookieKind::Across
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
    Across,
    /// `refresh`, not Secure: over plain HTTP to other hosts, if that is enabled.
    Plain,
}

impl ServerState {
    /// The state of a server that is ready.
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

/// A request on its way to its handler.
pub struct Request {
    /// What all requests share.
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
    let origin = state.config.origins.asking(&head.headers).cloned();
    let gzip = state.config.compression.is_for(peer);
    let gzip =
        gzip.then(|| head.method != Method::HEAD && negotiation::prefers_gzip(&head.headers));
    let mut trace = Trace::begin(&head, address);
    let request = Request {
        state: Arc::clone(&state),
        address,
        head,
        body,
        parameter: None,
    };
    let answered = AssertUnwindSafe(routes::dispatch(request, &mut trace))
        .catch_unwind()
        .await;
    let answered = answered.unwrap_or_else(|panic| Err(Failure::internal(&cause_of(&*panic))));
    let mut response = answered.unwrap_or_else(|failure| {
        state.requests.refused(failure.code());
        failure.into_response(&trace.id)
    });
    trace.user = trace.user.or_else(|| response.extensions_mut().remove());
    let (status, taken) = (response.status().as_u16(), trace.taken());
    state.requests.answered(trace.route, status, taken);
    trace.log(status, taken);
    if let Some(wanted) = gzip {
        response = compression::fit(response, trace.route, wanted);
    }
    let headers = response.headers_mut();
    cors::harden(headers, state.config.tls);
    state
        .config
        .origins
        .open(origin.as_ref(), &routes::EXPOSED_HEADERS, headers);
    if let Ok(value) = HeaderValue::try_from(trace.id) {
        headers.insert(REQUEST_ID, value);
    }
    response
}

/// The message of a panic, for the log.
fn cause_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic")
}

/// How long a head is on the wire, but for the protocol's version.
fn size_of(head: &Parts) -> usize {
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

/// The method that the route table knows: a HEAD is a GET whose body hyper leaves out.
fn routed(method: &Method) -> &Method {
    if method == Method::HEAD {
        &Method::GET
    } else {
        method
    }
}
