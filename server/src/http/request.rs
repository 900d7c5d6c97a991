//! A request, as its handler gets it.

use std::net::IpAddr;
use std::sync::Arc;

use hyper::Method;
use hyper::http::request::Parts;

use super::body::RequestBody;
use super::state::{CookieKind, ServerState};

/// A request, as its handler gets it.
pub struct Request {
    /// The state of the server.
    pub state: Arc<ServerState>,
    /// The client's address: behind a trusted proxy, the one that the proxy reports.
    pub address: IpAddr,
    /// Whether a trusted proxy reports that it has received the request over TLS.
    pub over_tls: bool,
    /// Method, target and headers.
    pub head: Parts,
    /// The body, not read yet.
    pub body: RequestBody,
    /// The segment of the path that matched the route's `{…}`, still percent-encoded.
    pub parameter: Option<String>,
}

impl Request {
    /// The kind of cookie that it sends, and that its response sets.
    pub(super) fn cookie_kind(&self) -> CookieKind {
        self.state.config.cookie(&self.head.headers, self.over_tls)
    }
}

/// The maximum size of the request line and headers, in bytes.
pub const HEAD_SIZE: usize = 16 * 1024;

/// The size of a request head in bytes, without the protocol version.
pub(super) fn head_size(head: &Parts) -> usize {
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
pub(super) fn routed(method: &Method) -> &Method {
    if method == Method::HEAD {
        &Method::GET
    } else {
        method
    }
}
