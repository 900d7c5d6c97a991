//! Sockets: accepting, time limits, connection limits, and an orderly end.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};

use self::pace::{Pace, Paced};
use crate::http::{self, Site};
use crate::rules::throttle::network;

mod pace;

/// What hyper reads ahead, in bytes: enough for a head that is over [`http::HEAD_SIZE`] to be refused in words.
/// What is over this as well gets hyper's bare 431.
const READ_AHEAD: usize = 4 * http::HEAD_SIZE;
/// Connections in all, and from one network, as the throttle of sign-ins takes it.
const CONNECTIONS: usize = 4096;
const CONNECTIONS_PER_NETWORK: usize = 512;
/// How long requests may take to end when the server does.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves a site on a listener until `shutdown` is over; then takes no more, and waits for what is under way.
pub async fn serve(listener: TcpListener, site: Arc<Site>, shutdown: impl Future<Output = ()>) {
    let connections = Connections::default();
    let graceful = GracefulShutdown::new();
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
        match connections.admit(network(peer.ip())) {
            Some(place) => connect(stream, peer, &site, &graceful, place),
            // Closed at once: to answer would be to serve it.
            None => tracing::warn!(%peer, "too many connections"),
        }
    }
    site.drain();
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

fn connect(stream: TcpStream, peer: SocketAddr, site: &Arc<Site>, graceful: &GracefulShutdown, place: Place) {
    // Without it small answers wait for the client's acknowledgement; where it cannot be had they still arrive.
    let _ = stream.set_nodelay(true);
    let site = Arc::clone(site);
    let pace = Pace::new();
    let stream = TokioIo::new(Paced::new(stream, pace.clone()));
    let service = service_fn(move |request| {
        let (site, pace) = (Arc::clone(&site), pace.clone());
        async move {
            let _work = pace.work();
            Ok::<_, Infallible>(http::handle(site, peer.ip(), request).await)
        }
    });
    let mut http = http1::Builder::new();
    // The pace has the limits of time, and hyper only that of size.
    let connection = http.header_read_timeout(None).max_buf_size(READ_AHEAD).serve_connection(stream, service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        let _place = place;
        if let Err(error) = connection.await {
            tracing::debug!(%peer, %error, "a connection broke");
        }
    });
}

/// The connections of each network.
#[derive(Clone, Default)]
struct Connections(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Connections {
    fn admit(&self, network: IpAddr) -> Option<Place> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = open.values().sum();
        let own = open.entry(network).or_default();
        if all >= CONNECTIONS || *own >= CONNECTIONS_PER_NETWORK {
            return None;
        }
        *own += 1;
        Some(Place { connections: self.clone(), network })
    }
}

/// A connection's place, given back when it ends.
struct Place {
    connections: Connections,
    network: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut own) = open.entry(self.network) {
            *own.get_mut() -= 1;
            if *own.get() == 0 {
                own.remove();
            }
        }
    }
}
