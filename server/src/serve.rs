//! Sockets: accept, TLS, timeouts, connection limits and graceful shutdown.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use self::connection_timer::{ConnectionTimer, TimedStream};
pub use self::metrics::Metrics;
pub use self::reload::Reload;
pub use self::tls::{PairError, PairFiles, Tls};
use crate::http::{self, RequestBody, Response, ServerState};
use crate::rules::throttle::network;

mod connection_timer;
mod metrics;
mod reload;
mod tls;

/// What hyper reads ahead, in bytes: enough for a head that is over [`http::HEAD_SIZE`] to be refused in words.
/// What is over this as well gets hyper's bare 431.
const READ_AHEAD: usize = 4 * http::HEAD_SIZE;
/// Connections in all, and from one network, as the throttle of sign-ins takes it.
const CONNECTIONS: usize = 4096;
const CONNECTIONS_PER_NETWORK: usize = 512;
/// How long requests may take to finish during shutdown.
const DRAIN: Duration = Duration::from_secs(10);

/// What a listener is for.
pub trait Service: Send + Sync + 'static {
    /// Answers a request of that peer's, whatever happens.
    fn answer(
        self: Arc<Self>,
        peer: IpAddr,
        request: Request<RequestBody>,
    ) -> impl Future<Output = Response> + Send;

    /// Whether connections from there are those of many clients.
    fn is_proxy(&self, _: IpAddr) -> bool {
        false
    }

    /// Shutdown has begun.
    fn drain(&self) {}
}

impl Service for ServerState {
    async fn answer(self: Arc<Self>, peer: IpAddr, request: Request<RequestBody>) -> Response {
        http::handle(self, peer, request).await
    }

    fn is_proxy(&self, peer: IpAddr) -> bool {
        self.config.proxies.has(peer)
    }

    fn drain(&self) {
        Self::drain(self);
    }
}

/// Serves a listener until `shutdown` completes, then stops accepting and waits for open requests.
/// Serves plain HTTP without a certificate.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    service: Arc<impl Service>,
    shutdown: impl Future<Output = ()>,
) {
    let connections = Connections::default();
    let graceful = GracefulShutdown::new();
    // Dropped at the end: a handshake that is not over by then is broken off.
    let (open, closed) = watch::channel(());
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: they come back when connections end.
                    tracing::error!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        // All that goes by a proxy comes from one address.
        let whose = (!service.is_proxy(peer.ip())).then(|| network(peer.ip()));
        let Some(place) = connections.admit(whose) else {
            // Closed without a response, which would cost as much as serving it.
            tracing::warn!(%peer, "too many connections");
            continue;
        };
        // Without it small answers wait for the client's acknowledgement; where it cannot be had they still arrive.
        let _ = stream.set_nodelay(true);
        notice_death(&stream);
        let talk = talk(
            stream,
            peer,
            tls.clone(),
            Arc::clone(&service),
            graceful.watcher(),
            closed.clone(),
        );
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = talk.await {
                tracing::debug!(%peer, error, "a connection failed");
            }
        });
    }
    service.drain();
    drop((listener, open));
    if tokio::time::timeout(DRAIN, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in time");
    }
}

/// Has the system break a connection whose other end confirms nothing for as long as nothing may move: a client that is
/// gone without a word would else be sent heartbeats for a quarter of an hour.
fn notice_death(stream: &TcpStream) {
    // Elsewhere the system's own, longer time holds; where it cannot be had the connection works all the same.
    #[cfg(target_os = "linux")]
    let _ = rustix::net::sockopt::set_tcp_user_timeout(
        stream,
        u32::try_from(connection_timer::REST.as_millis()).unwrap_or(u32::MAX),
    );
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}

/// One connection, from its first byte to its last. One whose handshake is not over when `closed` is broken off.
async fn talk(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<Arc<Tls>>,
    service: Arc<impl Service>,
    watcher: Watcher,
    mut closed: watch::Receiver<()>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let Some(tls) = tls else {
        return Ok(converse(stream, peer, service, watcher).await?);
    };
    let stream = tokio::select! {
        _ = closed.changed() => return Ok(()),
        stream = tls.accept(stream) => stream?,
    };
    Ok(converse(stream, peer, service, watcher).await?)
}

/// HTTP over a stream: request after request, until one of the two sides has had enough.
async fn converse(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: SocketAddr,
    service: Arc<impl Service>,
    watcher: Watcher,
) -> hyper::Result<()> {
    let pace = ConnectionTimer::default();
    let stream = TokioIo::new(TimedStream::new(stream, pace.clone()));
    let service = service_fn(move |request: Request<_>| {
        let (service, pace) = (Arc::clone(&service), pace.clone());
        let request = request.map(RequestBody::Left);
        async move {
            let _work = pace.work();
            Ok::<_, Infallible>(service.answer(peer.ip(), request).await)
        }
    });
    let mut http = http1::Builder::new();
    // The pace has the limits of time, and hyper only that of size.
    let connection = http
        .header_read_timeout(None)
        .max_buf_size(READ_AHEAD)
        .serve_connection(stream, service);
    watcher.watch(connection).await
}

/// The connections of each network, and of the proxies together.
#[derive(Clone, Default)]
struct Connections(Arc<Mutex<HashMap<Option<IpAddr>, usize>>>);

impl Connections {
    fn admit(&self, network: Option<IpAddr>) -> Option<ConnectionSlot> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = open.values().sum();
        let own = open.get(&network).copied().unwrap_or_default();
        if all >= CONNECTIONS || (network.is_some() && own >= CONNECTIONS_PER_NETWORK) {
            return None;
        }
        open.insert(network, own + 1);
        Some(ConnectionSlot {
            connections: self.clone(),
            network,
        })
    }
}

/// A connection's place, given back when it ends.
struct ConnectionSlot {
    connections: Connections,
    network: Option<IpAddr>,
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut open = self
            .connections
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut own) = open.entry(self.network) {
            *own.get_mut() -= 1;
            if *own.get() == 0 {
                own.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_limited_per_network_but_not_for_proxies() {
        let connections = Connections::default();
        let one = Some("192.0.2.1".parse().unwrap());
        let mut places: Vec<_> = std::iter::from_fn(|| connections.admit(one)).collect();
        assert_eq!(places.len(), CONNECTIONS_PER_NETWORK);
        places.extend(std::iter::from_fn(|| connections.admit(None)));
        assert_eq!(places.len(), CONNECTIONS);
        drop(places.pop());
        let other = Some("192.0.2.2".parse().unwrap());
        let last = connections.admit(other);
        assert!(
            last.is_some()
                && connections.admit(other).is_none()
                && connections.admit(one).is_none()
        );
        drop((places, last));
        assert!(connections.0.lock().unwrap().is_empty());
    }
}
