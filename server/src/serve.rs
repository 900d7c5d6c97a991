//! Sockets: accept, TLS, timeouts, connection limits and graceful shutdown.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

pub use self::admin::{Admin, AdminCommand, AdminReply, AdminSocket, SetLogLevel, socket_of};
use self::connection_timer::{ConnectionTimer, TimedStream};
use self::connections::{Connections, Limits};
pub use self::files::raise_file_limit;
pub use self::listener::Listener;
use self::listener::Stream;
pub use self::metrics::Metrics;
pub use self::pem::PemError;
pub use self::reload::Reload;
pub use self::schedule::Schedule;
pub use self::socket::SocketListener;
pub use self::tls::{PairError, PairFiles, Tls};
use crate::http::{self, ConnectionUse, RequestBody, Response, ServerState};
use crate::rules::throttle::network;

mod admin;
mod connection_timer;
mod connections;
mod files;
mod listener;
mod metrics;
mod pem;
mod reload;
mod schedule;
mod socket;
mod tls;

/// How many bytes hyper may buffer. It exceeds [`http::HEAD_SIZE`], so that most heads over the
/// limit still get a problem document; a head over this limit gets hyper's empty 431.
const READ_AHEAD: usize = 4 * http::HEAD_SIZE;
/// How long requests may take to finish during shutdown.
const DRAIN: Duration = Duration::from_secs(10);

/// What a listener serves: the API, or the metrics.
pub trait Service: Send + Sync + 'static {
    /// Answers a request. It cannot fail: every error becomes a response.
    fn answer(
        self: Arc<Self>,
        peer: IpAddr,
        request: Request<RequestBody>,
    ) -> impl Future<Output = Response> + Send;

    /// Returns `true` if the peer is a proxy, whose connections carry requests of many clients.
    fn is_proxy(&self, _: IpAddr) -> bool {
        false
    }

    /// Called when shutdown begins.
    fn drain(&self) {}
}

impl Service for ServerState {
    async fn answer(self: Arc<Self>, peer: IpAddr, request: Request<RequestBody>) -> Response {
        http::handle(self, peer, request).await
    }

    fn is_proxy(&self, peer: IpAddr) -> bool {
        self.config.proxies.contains(peer)
    }

    fn drain(&self) {
        Self::drain(self);
    }
}

/// Serves a listener until `shutdown` completes, then stops accepting and waits for open requests.
/// Serves plain HTTP without a certificate, and over a Unix socket in any case.
pub async fn serve(
    listener: impl Into<Listener>,
    tls: Option<Arc<Tls>>,
    service: Arc<impl Service>,
    shutdown: impl Future<Output = ()>,
) {
    let listener = listener.into();
    let connections = Connections::new(Limits::DEFAULT);
    let graceful = GracefulShutdown::new();
    // Dropped at shutdown, which aborts the TLS handshakes that are still in progress.
    let (open, closed) = watch::channel(());
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    make_room(&connections, &error).await;
                    continue;
                }
            },
        };
        // A proxy's address stands for many clients, so only the total limit applies to it.
        let network = (!service.is_proxy(peer)).then(|| network(peer));
        let Some(slot) = connections.admit(network) else {
            // Closed without a response, which would cost as much as serving it.
            tracing::debug!(%peer, "too many connections");
            continue;
        };
        let connection = Connection {
            peer,
            service: Arc::clone(&service),
            usage: slot.usage(),
            timer: slot.timer(),
            watcher: graceful.watcher(),
        };
        let serving = connection.serve(stream, tls.clone(), closed.clone());
        slot.spawn(async move {
            if let Err(error) = serving.await {
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
        tracing::warn!("shutting down: aborted requests that did not finish in time");
    }
}

/// Drops a connection after one could not be accepted, most likely for want of a file descriptor,
/// and waits until that is free.
async fn make_room(connections: &Connections, error: &io::Error) {
    let pause = if connections.drop_one() {
        Duration::from_millis(1)
    } else {
        tracing::error!(%error, "cannot accept a connection");
        Duration::from_millis(100)
    };
    tokio::time::sleep(pause).await;
}

/// An accepted connection.
struct Connection<S> {
    peer: IpAddr,
    service: Arc<S>,
    usage: ConnectionUse,
    timer: ConnectionTimer,
    watcher: Watcher,
}

impl<S: Service> Connection<S> {
    /// Serves it until it ends. `closed` changes at shutdown, which aborts an unfinished TLS
    /// handshake.
    async fn serve(
        self,
        stream: Stream,
        tls: Option<Arc<Tls>>,
        mut closed: watch::Receiver<()>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let stream = match (stream, tls) {
            (Stream::Unix(stream), _) => return Ok(self.serve_http(stream).await?),
            (Stream::Tcp(stream), None) => return Ok(self.serve_http(stream).await?),
            (Stream::Tcp(stream), Some(tls)) => tokio::select! {
                _ = closed.changed() => return Ok(()),
                stream = tls.accept(stream) => stream?,
            },
        };
        Ok(self.serve_http(stream).await?)
    }

    /// Serves HTTP on a stream until either side closes it.
    async fn serve_http(
        self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    ) -> hyper::Result<()> {
        let Self {
            peer,
            service,
            usage,
            timer,
            watcher,
        } = self;
        let stream = TokioIo::new(TimedStream::new(stream, timer.clone()));
        let service = service_fn(move |request: Request<_>| {
            let (service, timer) = (Arc::clone(&service), timer.clone());
            let mut request = request.map(RequestBody::Left);
            request.extensions_mut().insert(usage.clone());
            async move {
                let _work = timer.start_work();
                Ok::<_, Infallible>(service.answer(peer, request).await)
            }
        });
        let mut http = http1::Builder::new();
        // The timer enforces the time limits; hyper only limits the size.
        let connection = http
            .header_read_timeout(None)
            // A client may close its half of the connection once it has sent its request.
            .half_close(true)
            .max_buf_size(READ_AHEAD)
            .serve_connection(stream, service);
        watcher.watch(connection).await
    }
}
