//! What a server listens on: a TCP address, or a Unix socket.

use std::io;
use std::net::{IpAddr, Ipv4Addr};

use tokio::net::{TcpListener, TcpStream, UnixStream};

use super::connection_timer::IDLE;
use super::socket::SocketListener;

/// What a server listens on.
#[derive(Debug)]
pub enum Listener {
    /// A TCP address.
    Tcp(TcpListener),
    /// A Unix socket. Whoever connects to it is on this host, and counts as 127.0.0.1.
    Unix(SocketListener),
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Self {
        Self::Tcp(listener)
    }
}

/// An accepted connection.
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Listener {
    /// Where clients reach it, for example `https://127.0.0.1:7678` or `unix:/run/rosterd.sock`.
    ///
    /// # Errors
    /// If the system does not know the address.
    pub fn address(&self, is_tls: bool) -> io::Result<String> {
        let scheme = if is_tls { "https" } else { "http" };
        match self {
            Self::Tcp(listener) => Ok(format!("{scheme}://{}", listener.local_addr()?)),
            Self::Unix(socket) => Ok(format!("unix:{}", socket.path().display())),
        }
    }

    /// Accepts a connection, and tells the address of its peer.
    ///
    /// # Errors
    /// If the system has no room for one.
    pub(super) async fn accept(&self) -> io::Result<(Stream, IpAddr)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // Only an optimisation (small responses do not wait for an acknowledgement), so an
                // error is ignored.
                let _ = stream.set_nodelay(true);
                detect_dead_peer(&stream);
                Ok((Stream::Tcp(stream), peer.ip()))
            }
            Self::Unix(socket) => {
                let stream = Stream::Unix(socket.accept().await?);
                Ok((stream, Ipv4Addr::LOCALHOST.into()))
            }
        }
    }
}

/// Makes the system close a connection whose peer acknowledges nothing for [`IDLE`]. Otherwise a
/// client that vanished would be sent heartbeats for about 15 minutes.
fn detect_dead_peer(stream: &TcpStream) {
    // Other systems, and a failed call, keep the longer default, which is acceptable.
    #[cfg(target_os = "linux")]
    let _ = rustix::net::sockopt::set_tcp_user_timeout(
        stream,
        u32::try_from(IDLE.as_millis()).unwrap_or(u32::MAX),
    );
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}
