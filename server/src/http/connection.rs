//! What a connection is used for, as far as its requests have shown. The listener decides by it
//! which connections it can do without.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper::http::request::Parts;

/// What a connection is used for. The listener puts it into the extensions of each request.
#[derive(Debug, Clone, Default)]
pub struct ConnectionUse(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    is_signed_in: AtomicBool,
    is_stream: AtomicBool,
}

impl ConnectionUse {
    /// The use of the connection that a request came on. A request without one gets its own.
    pub(super) fn of(head: &Parts) -> Self {
        head.extensions.get().cloned().unwrap_or_default()
    }

    /// Notes that a request on it belonged to a session.
    pub fn sign_in(&self) {
        self.0.is_signed_in.store(true, Ordering::Relaxed);
    }

    /// Returns `true` if a request on it belonged to a session.
    pub fn is_signed_in(&self) -> bool {
        self.0.is_signed_in.load(Ordering::Relaxed)
    }

    /// Notes that it carries a stream of events until the returned guard is dropped.
    pub fn stream(self) -> StreamUse {
        self.0.is_stream.store(true, Ordering::Relaxed);
        StreamUse(self)
    }

    /// Returns `true` while it carries a stream of events.
    pub fn is_stream(&self) -> bool {
        self.0.is_stream.load(Ordering::Relaxed)
    }
}

/// The use for a stream of events; it ends when this is dropped.
#[derive(Debug)]
pub struct StreamUse(ConnectionUse);

impl Drop for StreamUse {
    fn drop(&mut self) {
        let ConnectionUse(flags) = &self.0;
        flags.is_stream.store(false, Ordering::Relaxed);
    }
}
