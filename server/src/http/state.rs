//! The state that all requests share, and the deployment settings.

use std::sync::Arc;

use hyper::header::HeaderMap;
use tokio::sync::{Semaphore, watch};

use super::counters::Requests;
use super::edge::compression::Compression;
use super::edge::cors::Origins;
use super::edge::proxies::{Proxies, SilentProxies};
use super::streams::{MaxStreams, Streams};
use crate::app::App;

/// The maximum number of concurrent imports. Each needs about as much memory as its rows have
/// bytes.
pub(super) const IMPORTS_AT_ONCE: usize = 2;

/// The state that all requests share.
pub struct ServerState {
    /// The use cases, with the store behind them.
    pub app: App,
    /// Deployment settings.
    pub config: HttpConfig,
    /// The counters of requests, for the metrics.
    pub requests: Requests,
    /// Limits concurrent imports, since each holds its rows in memory.
    pub(super) imports: Semaphore,
    /// The open event streams.
    pub(super) streams: Arc<Streams>,
    /// The trusted proxies that do not report the client's address.
    pub(super) silent_proxies: SilentProxies,
    draining: watch::Sender<bool>,
}

/// Deployment settings of the HTTP layer: cookie, TLS, CORS, proxies, compression.
#[derive(Debug, Clone, Default)]
pub struct HttpConfig {
    /// The refresh cookie of requests that come without a proxy's TLS.
    pub cookie: CookieKind,
    /// Whether this server terminates TLS itself.
    pub tls: bool,
    /// The origins whose pages may use this server, besides its own.
    pub origins: Origins,
    /// The proxies whose `X-Forwarded-…` headers are trusted.
    pub proxies: Proxies,
    /// Which clients get compressed responses.
    pub compression: Compression,
    /// How many event streams there may be.
    pub max_streams: MaxStreams,
}

impl HttpConfig {
    /// The kind of cookie that the response to a request with these headers sets. `over_tls` tells
    /// whether a proxy has received the request over TLS.
    pub fn cookie(&self, headers: &HeaderMap, over_tls: bool) -> CookieKind {
        if self.origins.is_cross_site(headers) {
            CookieKind::CrossSite
        } else if over_tls {
            CookieKind::Host
        } else {
            self.cookie
        }
    }
}

/// The name and attributes of the refresh cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CookieKind {
    /// `__Host-refresh`, Secure: over TLS, here or at a trusted proxy, and on loopback.
    #[default]
    Host,
    /// As [`CookieKind::Host`] with `SameSite=None; Partitioned`, for a page of a listed cross-site
    /// origin.
    CrossSite,
    /// `refresh`, not Secure: over plain HTTP to other hosts, if that is enabled.
    Plain,
}

impl ServerState {
    /// Creates the state of a server that is not draining, with these counters.
    pub(super) fn with_counters(app: App, config: HttpConfig, requests: Requests) -> Self {
        Self {
            streams: Arc::new(Streams::new(config.max_streams)),
            app,
            config,
            requests,
            imports: Semaphore::new(IMPORTS_AT_ONCE),
            silent_proxies: SilentProxies::default(),
            draining: watch::Sender::new(false),
        }
    }

    /// Reports the server as not ready from now on, and ends the event streams.
    pub fn drain(&self) {
        self.draining.send_replace(true);
    }

    pub(super) fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }

    /// Waits until the server starts to drain.
    pub(super) async fn drained(&self) {
        // Fails only if the sender is dropped, and `self` holds it.
        let _ = self
            .draining
            .subscribe()
            .wait_for(|draining| *draining)
            .await;
    }
}
