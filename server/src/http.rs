//! HTTP over the application: from a request to a response, whatever happens.
//!
//! - [`routes`] one table: method, path, guard, handler
//! - [`openapi`] the table in its machine form
//! - [`extract`] what a request carries, or the refusal that says what it lacks
//! - [`browser`] what a browser says of the page that asks, and what it is told
//! - [`proxies`] where a request comes from
//! - [`reply`] the shapes of answers
//! - [`mod@format`] how a list is written, and `csv` one record as a line
//! - `arriving` a long body, read while it arrives
//! - `compress` long answers in gzip, for who asks
//! - [`error`] every refusal as it looks on the wire
//! - [`fields`] a small JSON body, member by member
//! - [`auth`], [`employees`], [`events`], [`import`], [`me`], [`ops`], [`past`], [`users`], [`values`] the
//!   handlers

use std::any::Any;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response};
use tokio::sync::{Semaphore, watch};

use self::trace::Trace;
use crate::app::App;

mod arriving;
pub mod auth;
pub mod browser;
mod compress;
mod csv;
pub mod employees;
pub mod error;
pub mod events;
pub mod extract;
pub mod fields;
pub mod format;
pub mod import;
pub mod me;
pub mod metrics;
pub mod openapi;
pub mod ops;
pub mod past;
pub mod proxies;
pub mod reply;
pub mod routes;
pub mod trace;
pub mod users;
pub mod values;

pub use browser::{Origin, Origins};
pub use compress::Compression;
pub use error::Failure;
pub use metrics::Requests;
pub use proxies::Proxies;
pub use reply::Body;

/// Everything that a request meets.
pub struct Site {
    /// What the server does.
    pub app: App,
    /// From where, and by whom.
    pub entrance: Entrance,
    /// How often it has been met, and how that went.
    pub requests: Requests,
    /// The places for imports.
    imports: Semaphore,
    draining: watch::Sender<bool>,
}

/// How the server is met: what differs from one place of it to another.
#[derive(Debug, Clone, Default)]
pub struct Entrance {
    /// How the refresh cookie is set.
    pub cookie: CookieKind,
    /// Whether this server itself speaks TLS.
    pub tls: bool,
    /// The sites whose pages may use it, besides its own.
    pub origins: Origins,
    /// The proxies before it.
    pub proxies: Proxies,
    /// Whose answers are compressed.
    pub compression: Compression,
}

impl Entrance {
    /// How the cookie is set in the answer to a request.
    pub fn cookie(&self, headers: &HeaderMap) -> CookieKind {
        if self.origins.is_across(headers) {
            CookieKind::Across
        } else {
            self.cookie
        }
    }
}

/// How the refresh cookie is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CookieKind {
    /// `__Host-refresh`, Secure: over TLS and on loopback.
    #[default]
    Host,
    /// The same for a page of another site that is listed: `SameSite=None`.
    Across,
    /// `refresh`, not Secure: over plain HTTP elsewhere, where that was switched on.
    Plain,
}

impl Site {
    /// A site that is ready.
    pub fn new(app: App, entrance: Entrance) -> Self {
        Self {
            app,
            entrance,
            requests: Requests::default(),
            imports: Semaphore::new(import::AT_ONCE),
            draining: watch::Sender::new(false),
        }
    }

    /// From now on the server says that it is not ready, and what would go on without an end is ended.
    pub fn drain(&self) {
        self.draining.send_replace(true);
    }

    fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }

    /// Waits until the server begins to end.
    async fn drained(&self) {
        // The sender is this site itself, which outlives the wait.
        let _ = self
            .draining
            .subscribe()
            .wait_for(|draining| *draining)
            .await;
    }
}

/// One request, on its way to its handler.
pub struct Call {
    /// Everything that it meets.
    pub site: Arc<Site>,
    /// Where it comes from.
    pub address: IpAddr,
    /// Its head.
    pub head: Parts,
    /// Its body, not read yet.
    pub body: Incoming,
    /// What stands in its path where the route has `{…}`.
    pub id: Option<String>,
}

/// The longest head, in bytes.
pub const HEAD_SIZE: usize = 16 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers a request. Never fails: a refusal is an answer, and so is a handler's panic, which harms no other request.
pub async fn handle(site: Arc<Site>, peer: IpAddr, request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let address = site.entrance.proxies.client(peer, &head.headers);
    let asking = site.entrance.origins.asking(&head.headers).cloned();
    let gzip = site.entrance.compression.is_for(peer);
    let gzip = gzip.then(|| head.method != Method::HEAD && compress::is_accepted(&head.headers));
    let mut trace = Trace::begin(&head, address);
    let call = Call {
        site: Arc::clone(&site),
        address,
        head,
        body,
        id: None,
    };
    let answered = AssertUnwindSafe(routes::dispatch(call, &mut trace))
        .catch_unwind()
        .await;
    let answered = answered.unwrap_or_else(|panic| Err(Failure::internal(&cause_of(&*panic))));
    let mut response = answered.unwrap_or_else(|failure| {
        site.requests.refused(failure.code());
        failure.into_response(&trace.id)
    });
    trace.user = trace.user.or_else(|| response.extensions_mut().remove());
    let (status, taken) = (response.status().as_u16(), trace.taken());
    site.requests.answered(trace.route, status, taken);
    trace.log(status, taken);
    if let Some(wanted) = gzip {
        response = compress::fit(response, trace.route, wanted);
    }
    let headers = response.headers_mut();
    browser::harden(headers, site.entrance.tls);
    site.entrance.origins.open(asking.as_ref(), headers);
    if let Ok(value) = HeaderValue::try_from(trace.id) {
        headers.insert(REQUEST_ID, value);
    }
    response
}

/// What a panic said, for the log.
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
