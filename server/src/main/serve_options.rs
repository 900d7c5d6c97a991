//! The options of `rosterd serve`.

use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use ipnet::IpNet;
use jiff::SignedDuration;
use roster_server::config::Registration;
use roster_server::http::{Compression, CookieKind, HttpConfig, MaxStreams, Origin};
use roster_server::serve::{PairFiles, Schedule};

use super::data::{Data, Hashing};
use super::retention::Retention;

#[derive(Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(super) data: Data,
    #[command(flatten)]
    pub(super) hashing: Hashing,
    /// Seconds for which employees can still be read without a PostgreSQL primary, at most 60 (a logout may take that long to affect these reads)
    #[arg(long, env = "ROSTER_STALE_READS", default_value_t = 0, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=60))]
    pub(super) stale_reads: u64,
    /// Create the database if it is missing
    #[arg(long)]
    pub(super) create: bool,
    /// Address to listen on, or unix:PATH for a Unix socket
    #[arg(
        long,
        env = "ROSTER_LISTEN",
        default_value = "127.0.0.1:7678",
        value_name = "ADDRESS:PORT"
    )]
    pub(super) listen: ListenAddress,
    /// Lifetime of access tokens, for example 10m or 90s
    #[arg(long, env = "ROSTER_ACCESS_TTL", default_value = "10m", value_name = "TIME", value_parser = ttl)]
    pub(super) access_ttl: SignedDuration,
    #[command(flatten)]
    pub(super) tls: TlsPair,
    /// Allow plain HTTP on a non-loopback address (anyone on the network path can read passwords and data)
    #[arg(long)]
    insecure_http: bool,
    #[arg(
        long,
        help = "Origin whose pages may use this server (CORS), for example https://app.example; repeatable",
        env = "ROSTER_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    origin: Vec<Origin>,
    /// Trusted proxy, an address or a network, which must set X-Forwarded-For; repeatable
    #[arg(long, env = "ROSTER_TRUSTED_PROXY", value_name = "ADDRESS[/BITS]", value_delimiter = ',', value_parser = network)]
    trusted_proxy: Vec<IpNet>,
    /// Serve Prometheus metrics at /metrics on this loopback address
    #[arg(long, env = "ROSTER_METRICS", value_name = "ADDRESS:PORT", value_parser = loopback)]
    pub(super) metrics: Option<SocketAddr>,
    #[command(flatten)]
    pub(super) backups: Backups,
    /// Who may create accounts: only admins (closed), or anyone, as a viewer (open)
    #[arg(long, env = "ROSTER_REGISTRATION", default_value = "closed")]
    pub(super) registration: RegistrationPolicy,
    /// Maximum number of event streams
    #[arg(long, env = "ROSTER_MAX_STREAMS", default_value_t = MaxStreams::default().0, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    max_streams: u32,
    /// Which clients get compressed responses: only remote ones, or all
    #[arg(long, env = "ROSTER_COMPRESSION", default_value = "remote")]
    compression: CompressedClients,
    #[command(flatten)]
    pub(super) retention: Retention,
}

/// Where the server listens.
#[derive(Clone)]
pub(super) enum ListenAddress {
    /// A TCP address.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl ListenAddress {
    /// Returns `true` if only this host can reach it.
    fn is_local(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().is_loopback(),
            Self::Unix(_) => true,
        }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl FromStr for ListenAddress {
    type Err = anyhow::Error;

    /// Reads `unix:PATH`, or an address or a name with a port. A name stands for its first address,
    /// of IPv4 if it has one.
    fn from_str(text: &str) -> anyhow::Result<Self> {
        if let Some(path) = text.strip_prefix("unix:") {
            ensure!(!path.is_empty(), "a path must follow unix:");
            return Ok(Self::Unix(path.into()));
        }
        let addresses = text.to_socket_addrs();
        let addresses = addresses.context("not an address with a port")?;
        let first = addresses.min_by_key(SocketAddr::is_ipv6);
        first.map(Self::Tcp).context("this name has no address")
    }
}

/// The argument for [`Registration`].
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum RegistrationPolicy {
    /// Only admins create accounts
    Closed,
    /// Anyone can register an account, as a viewer
    Open,
}

impl From<RegistrationPolicy> for Registration {
    fn from(policy: RegistrationPolicy) -> Self {
        match policy {
            RegistrationPolicy::Closed => Self::Closed,
            RegistrationPolicy::Open => Self::Open,
        }
    }
}

/// The argument for [`Compression`].
#[derive(Clone, Copy, ValueEnum)]
enum CompressedClients {
    /// Only remote clients: on loopback, compression takes longer than it saves
    Remote,
    /// All clients
    All,
}

impl From<CompressedClients> for Compression {
    fn from(clients: CompressedClients) -> Self {
        match clients {
            CompressedClients::Remote => Self::Remote,
            CompressedClients::All => Self::All,
        }
    }
}

impl Serve {
    /// The HTTP settings that follow from the options.
    ///
    /// Refuses plain HTTP on a non-loopback address, unless it is allowed explicitly.
    pub(super) fn http(&self, tls: bool) -> anyhow::Result<HttpConfig> {
        ensure!(
            !(tls && matches!(self.listen, ListenAddress::Unix(_))),
            "a Unix socket has no TLS: nobody else can read it. Leave out --tls-cert and --tls-key."
        );
        // What stays on this host needs no TLS: nobody on the network can read it.
        let secure = tls || self.listen.is_local();
        ensure!(
            secure || self.insecure_http,
            "{} is not loopback, so others could read plain HTTP. Pass --tls-cert and --tls-key, \
                put a TLS proxy in front of a loopback address, or pass --insecure-http.",
            self.listen
        );
        ensure!(
            secure || self.origin.is_empty() || !self.trusted_proxy.is_empty(),
            "--origin needs TLS, here or at a --trusted-proxy: browsers keep only Secure cookies for \
                other sites' pages."
        );
        let cookie = if secure {
            CookieKind::Host
        } else {
            CookieKind::Plain
        };
        Ok(HttpConfig {
            cookie,
            tls,
            origins: self.origin.clone().into(),
            proxies: self.trusted_proxy.clone().into(),
            compression: self.compression.into(),
            max_streams: MaxStreams(self.max_streams),
        })
    }
}

#[derive(Args)]
pub(super) struct Backups {
    /// Write backups into this folder while serving
    #[arg(long, env = "ROSTER_BACKUP", value_name = "FOLDER")]
    backup: Option<PathBuf>,
    /// Time from one backup to the next, for example 24h or 30m
    #[arg(long, default_value = "24h", value_name = "TIME", value_parser = ttl)]
    every: SignedDuration,
    /// How many backups to keep
    #[arg(long, default_value = "7", value_name = "COUNT", value_parser = positive)]
    keep: usize,
}

impl Backups {
    pub(super) fn schedule(&self) -> Option<Schedule> {
        Some(Schedule {
            folder: self.backup.clone()?,
            every: self.every,
            keep: self.keep,
        })
    }
}

#[derive(Args)]
pub(super) struct TlsPair {
    /// TLS certificate chain (PEM); reloaded on SIGHUP
    #[arg(
        long,
        env = "ROSTER_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    tls_cert: Option<PathBuf>,
    /// TLS private key (PEM)
    #[arg(
        long,
        env = "ROSTER_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    tls_key: Option<PathBuf>,
}

impl TlsPair {
    pub(super) fn files(&self) -> Option<PairFiles> {
        Some(PairFiles {
            certificate: self.tls_cert.clone()?,
            key: self.tls_key.clone()?,
        })
    }
}

fn ttl(text: &str) -> anyhow::Result<SignedDuration> {
    let ttl: SignedDuration = text.parse()?;
    ensure!(
        ttl >= SignedDuration::from_secs(1),
        "must be at least one second"
    );
    Ok(ttl)
}

fn positive(text: &str) -> anyhow::Result<usize> {
    let number = text.parse()?;
    ensure!(number > 0, "must be at least 1");
    Ok(number)
}

fn loopback(text: &str) -> anyhow::Result<SocketAddr> {
    let address: SocketAddr = text.parse()?;
    ensure!(
        address.ip().is_loopback(),
        "must be a loopback address: metrics are not authenticated"
    );
    Ok(address)
}

fn network(text: &str) -> anyhow::Result<IpNet> {
    text.parse()
        .or_else(|_| text.parse().map(|address: IpAddr| address.into()))
        .context("not an address or network")
}
