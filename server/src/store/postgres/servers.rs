//! Finds the primary among the servers of a database, and connects to it.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{self, RootCertStore};

use super::address::OpenError;
use super::connection::{Connection, SqlError};
use super::tables::plain;

/// How long a connection to one server may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How long to wait for the other servers once one calls itself the primary.
const GRACE: Duration = Duration::from_millis(200);

/// What every connection sets. A commit is answered once a synchronous standby has it, if there is
/// one; and whoever stops in the middle of a transaction loses the lock that all writers wait for.
const SETTINGS: &str = "SET search_path = roster; SET synchronous_commit = on; SET lock_timeout = '5s'; \
    SET idle_in_transaction_session_timeout = '2s'; SET jit = off";

/// Whether the server is a standby, and the timeline that it writes: each promotion begins a new
/// one.
const TIMELINE: &str = "SELECT CASE WHEN pg_is_in_recovery() THEN NULL \
    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END";

/// The servers of one database.
pub(super) struct Servers {
    configs: Vec<Config>,
    tls: MakeRustlsConnect,
    /// The greatest timeline that was ever seen. A primary of an earlier one has been replaced, but
    /// may not know it.
    timeline: AtomicU32,
}

impl Servers {
    /// Reads a URL such as `postgres://user:password@one,two/roster`. Connections to other
    /// computers use TLS, verified against `authorities` or the system's; with `insecure`, they are
    /// plain.
    ///
    /// # Errors
    /// [`OpenError::Url`], [`OpenError::Authorities`]
    pub(super) fn parse(
        url: &str,
        authorities: Option<&Path>,
        insecure: bool,
    ) -> Result<Self, OpenError> {
        // The error may repeat a part of the URL, which may be the password.
        let config: Config = url.parse().map_err(|_| OpenError::Url)?;
        let mut configs = Vec::new();
        for (index, host) in config.get_hosts().iter().enumerate() {
            let ports = config.get_ports();
            let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
            configs.push(one_server(&config, host, port, insecure));
        }
        if configs.is_empty() {
            return Err(OpenError::Url);
        }
        let uses_tls = |config: &Config| config.get_ssl_mode() != SslMode::Disable;
        let roots = match authorities {
            Some(path) => roots_in(path)?,
            None if configs.iter().any(uses_tls) => system_roots(),
            None => RootCertStore::empty(),
        };
        Ok(Self {
            configs,
            tls: tls(roots)?,
            timeline: AtomicU32::new(0),
        })
    }

    /// Whether there is more than one.
    pub(super) fn are_several(&self) -> bool {
        self.configs.len() > 1
    }

    /// Connects to the primary: of the servers that are no standby, the one with the greatest
    /// timeline. A server that was replaced may still accept connections and read-only
    /// transactions, so only a commit proves the rest.
    pub(super) async fn connect(&self) -> Result<Connection, SqlError> {
        let attempts = self.configs.iter().map(|config| self.connect_to(config));
        let mut failure = SqlError::NoPrimary;
        let mut best: Option<(u32, Connection)> = None;
        let mut attempts: FuturesUnordered<_> = attempts.collect();
        let mut until = Instant::now() + CONNECT_TIMEOUT;
        while let Ok(Some(attempt)) = timeout_at(until, attempts.next()).await {
            match attempt {
                Ok(Some((timeline, connection))) => {
                    // The others are standbys, or gone, or one of them has just been promoted.
                    until = until.min(Instant::now() + GRACE);
                    if best.as_ref().is_none_or(|(known, _)| *known < timeline) {
                        best = Some((timeline, connection));
                    }
                }
                Ok(None) => {}
                Err(error) => failure = error,
            }
        }
        let (timeline, connection) = best.ok_or(failure)?;
        if self.timeline.fetch_max(timeline, Ordering::SeqCst) > timeline {
            return Err(SqlError::NoPrimary);
        }
        connection.execute(SETTINGS).await?;
        Ok(connection)
    }

    async fn connect_to(&self, config: &Config) -> Result<Option<(u32, Connection)>, SqlError> {
        let attempt = async {
            let connection = if config.get_ssl_mode() == SslMode::Disable {
                let (client, transport) = config.connect(NoTls).await?;
                Connection::run(client, transport)
            } else {
                let (client, transport) = config.connect(self.tls.clone()).await?;
                Connection::run(client, transport)
            };
            let rows = connection.query(plain(TIMELINE)).await?;
            let timeline: Option<i32> = rows.first().and_then(|row| row.get(0));
            Ok(timeline.map(|timeline| (timeline.cast_unsigned(), connection)))
        };
        timeout(CONNECT_TIMEOUT, attempt)
            .await
            .unwrap_or(Err(SqlError::TimedOut(CONNECT_TIMEOUT)))
    }
}

/// The same settings, for one server of the list.
fn one_server(all: &Config, host: &Host, port: u16, insecure: bool) -> Config {
    let mut config = Config::new();
    let is_local = match host {
        Host::Tcp(name) => {
            config.host(name);
            is_loopback(name)
        }
        Host::Unix(path) => {
            config.host_path(path);
            true
        }
    };
    config.port(port);
    config.application_name(all.get_application_name().unwrap_or("rosterd"));
    if let Some(user) = all.get_user() {
        config.user(user);
    }
    if let Some(password) = all.get_password() {
        config.password(password);
    }
    if let Some(database) = all.get_dbname() {
        config.dbname(database);
    }
    config.ssl_mode(if is_local || insecure {
        SslMode::Disable
    } else {
        SslMode::Require
    });
    // A server that has vanished is noticed within seconds.
    config.connect_timeout(CONNECT_TIMEOUT);
    config.keepalives_idle(Duration::from_secs(2));
    config.keepalives_interval(Duration::from_secs(1));
    config.keepalives_retries(3);
    config.tcp_user_timeout(Duration::from_secs(3));
    config
}

fn is_loopback(name: &str) -> bool {
    name == "localhost"
        || name
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

/// The certificates in a file.
fn roots_in(path: &Path) -> Result<RootCertStore, OpenError> {
    let unusable = |why: &dyn std::fmt::Display| OpenError::Authorities {
        path: path.into(),
        why: why.to_string(),
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|e| unusable(&e))? {
        let certificate = certificate.map_err(|e| unusable(&e))?;
        roots.add(certificate).map_err(|e| unusable(&e))?;
    }
    if roots.is_empty() {
        return Err(unusable(&"it has no certificate"));
    }
    Ok(roots)
}

/// The certificates that this computer trusts. Without any, every connection fails and says so.
fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn tls(roots: RootCertStore) -> Result<MakeRustlsConnect, OpenError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modes(url: &str, insecure: bool) -> Vec<bool> {
        let servers = Servers::parse(url, None, insecure).unwrap();
        let is_plain = |config: &Config| config.get_ssl_mode() == SslMode::Disable;
        servers.configs.iter().map(is_plain).collect()
    }

    #[test]
    fn only_sockets_and_this_computer_are_reached_without_tls_unless_it_is_allowed() {
        let url = "postgres://u:p@127.0.0.1,localhost,[::1],%2Ftmp,db.example,10.0.0.1/n";
        // Whatever the URL says about it.
        for url in [url.to_owned(), format!("{url}?sslmode=disable")] {
            assert_eq!(modes(&url, false), [true, true, true, true, false, false]);
            assert!(modes(&url, true).iter().all(|plain| *plain));
        }
    }

    #[test]
    fn a_url_that_cannot_be_read_is_not_repeated() {
        for url in [
            "",
            "canary",
            "postgres://u:canary@h:port/n",
            "host=h password='canary",
        ] {
            let error = Servers::parse(url, None, false).map(drop).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }
}
