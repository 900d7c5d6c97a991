//! `rosterd`: arguments → configuration → store → serve.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the program that talks to its caller"
)]

use std::io::{IsTerminal, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, ensure};
use clap::{Args, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;
use jiff::SignedDuration;
use roster_server::app::App;
use roster_server::clock::{Clock, System};
use roster_server::config::{self, Environment, Keys, Registration};
use roster_server::http::{Compression, CookieKind, HttpConfig, Origin, ServerState, openapi};
use roster_server::password::Passwords;
use roster_server::sample;
use roster_server::serve::{Metrics, PairFiles, Reload, Tls, serve};
use roster_server::store::redb::{OpenError, RedbStore};
use roster_server::store::{Attribution, Commit, EmployeeStore, ImportRecord, ImportRecords};
use roster_server::token::Tokens;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

#[path = "main/user.rs"]
mod user;

/// The token server and the employee records behind Roster.
#[derive(Parser)]
#[command(name = "rosterd", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM or SIGINT
    Serve(Serve),
    /// Manage accounts
    #[command(subcommand)]
    User(user::User),
    /// Print two new signing keys, for a .env file
    Keygen,
    /// Print the API in its machine form, OpenAPI 3.1
    Openapi,
    /// Fill an empty database with invented employees
    Sample(Sample),
}

#[derive(Args)]
struct Data {
    /// The database, which is made if it is not there
    #[arg(
        long = "data",
        env = "ROSTER_DATA",
        default_value = "roster.redb",
        value_name = "FILE"
    )]
    path: PathBuf,
}

#[derive(Args)]
struct Hashing {
    /// The cost of a new password hash
    #[arg(long, env = "ROSTER_BCRYPT_COST", default_value_t = 12, value_parser = clap::value_parser!(u32).range(4..=31))]
    bcrypt_cost: u32,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hashing: Hashing,
    /// Where to listen
    #[arg(
        long,
        env = "ROSTER_LISTEN",
        default_value = "127.0.0.1:7678",
        value_name = "ADDRESS:PORT"
    )]
    listen: SocketAddr,
    /// How long an access token is good: 10m, 90s
    #[arg(long, env = "ROSTER_ACCESS_TTL", default_value = "10m", value_name = "TIME", value_parser = ttl)]
    access_ttl: SignedDuration,
    #[command(flatten)]
    tls: TlsPair,
    /// Serve plain HTTP on an address that is not loopback: everybody on the way can read it
    #[arg(long)]
    insecure_http: bool,
    /// A site whose pages may use this server: `https://app.example`, more than once for several
    #[arg(
        long,
        env = "ROSTER_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    origin: Vec<Origin>,
    /// A proxy whose X-Forwarded-For is believed: an address or a network, more than once for several
    #[arg(long, env = "ROSTER_TRUSTED_PROXY", value_name = "ADDRESS[/BITS]", value_delimiter = ',', value_parser = network)]
    trusted_proxy: Vec<IpNet>,
    /// Show metrics for Prometheus at /metrics of this address, which must be loopback
    #[arg(long, env = "ROSTER_METRICS", value_name = "ADDRESS:PORT", value_parser = loopback)]
    metrics: Option<SocketAddr>,
    /// Who may open an account: admins only, or also everybody for themselves, as a viewer
    #[arg(long, env = "ROSTER_REGISTRATION", default_value = "closed")]
    registration: RegistrationPolicy,
    /// Whose long answers are compressed, where they ask for it: those of other computers, or also those of this one
    #[arg(long, env = "ROSTER_COMPRESSION", default_value = "remote")]
    compression: CompressedClients,
}

/// The argument for [`Registration`].
#[derive(Clone, Copy, ValueEnum)]
enum RegistrationPolicy {
    /// Only admins create accounts
    Closed,
    /// Anybody can open an account for themselves, as a viewer
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
    /// Clients on other hosts: on loopback, compressing takes longer than it saves
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
    fn http(&self, tls: bool) -> anyhow::Result<HttpConfig> {
        let secure = tls || self.listen.ip().is_loopback();
        ensure!(
            secure || self.insecure_http,
            "{} is not loopback, and plain HTTP there can be read by others. Give it a certificate with --tls-cert \
             and --tls-key, put a TLS proxy before a loopback address, or say --insecure-http.",
            self.listen
        );
        ensure!(
            secure || self.origin.is_empty(),
            "--origin needs TLS: a browser keeps no cookie for another site's page that is not Secure."
        );
        let cookie = if secure {
            CookieKind::Host
        } else {
            CookieKind::Plain
        };
        let (origins, proxies) = (
            self.origin.clone().into(),
            self.trusted_proxy.clone().into(),
        );
        Ok(HttpConfig {
            cookie,
            tls,
            origins,
            proxies,
            compression: self.compression.into(),
        })
    }
}

#[derive(Args)]
struct TlsPair {
    /// The certificate chain, PEM; SIGHUP has it read anew
    #[arg(
        long,
        env = "ROSTER_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    tls_cert: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(
        long,
        env = "ROSTER_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    tls_key: Option<PathBuf>,
}

impl TlsPair {
    fn files(&self) -> Option<PairFiles> {
        Some(PairFiles {
            certificate: self.tls_cert.clone()?,
            key: self.tls_key.clone()?,
        })
    }
}

#[derive(Args)]
struct Sample {
    /// How many
    count: u64,
    /// The same seed invents the same people
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    data: Data,
}

fn ttl(text: &str) -> anyhow::Result<SignedDuration> {
    let ttl: SignedDuration = text.parse()?;
    ensure!(
        ttl >= SignedDuration::from_secs(1),
        "it must be at least one second"
    );
    Ok(ttl)
}

fn loopback(text: &str) -> anyhow::Result<SocketAddr> {
    let address: SocketAddr = text.parse()?;
    ensure!(
        address.ip().is_loopback(),
        "it is not loopback, and the metrics are for nobody else"
    );
    Ok(address)
}

fn network(text: &str) -> anyhow::Result<IpNet> {
    text.parse()
        .or_else(|_| text.parse().map(|address: IpAddr| address.into()))
        .context("it is no address or network")
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rosterd: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    // Before the arguments, which it may stand in for, and before there is a second thread to read the environment.
    let environment = Environment::load(".env")?;
    let command = Cli::parse().command;
    tokio::runtime::Runtime::new()?.block_on(obey(command, environment))
}

async fn obey(command: Command, environment: Environment) -> anyhow::Result<()> {
    match command {
        Command::Serve(options) => serve_until_told(options, environment).await,
        Command::User(command) => command.obey().await,
        Command::Keygen => {
            print!("{}", config::generate()?);
            Ok(())
        }
        Command::Openapi => {
            std::io::stdout().write_all(&openapi::DOCUMENT)?;
            Ok(())
        }
        Command::Sample(options) => fill(&options).await,
    }
}

async fn serve_until_told(options: Serve, environment: Environment) -> anyhow::Result<()> {
    let _log = log_to_stderr();
    let keys = Keys::from_environment(Environment::variable)?;
    let tls = options.tls.files().map(Tls::new).transpose()?.map(Arc::new);
    let http = options.http(tls.is_some())?;
    // It hashes once, beside the store's loading.
    let passwords =
        tokio::task::spawn_blocking(move || Passwords::new(options.hashing.bcrypt_cost));
    let store = open(&options.data)?;
    let tokens = Tokens::new(&keys, options.access_ttl);
    let mut app = App::new(Arc::new(store), Arc::new(System), tokens, passwords.await??);
    app.registration = options.registration.into();
    let reload = Reload::new(environment, Arc::clone(&app.tokens), tls.clone());
    let state = Arc::new(ServerState::new(app, http));
    let listener = bind(options.listen).await?;
    let watched = match options.metrics {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let reloading = tokio::spawn(reload.at_each(signal(SignalKind::hangup())?));
    let (ended, end) = watch::channel(());
    let watching = tokio::spawn(show_metrics(watched, Arc::clone(&state), end));
    let (terminated, interrupted) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let scheme = if tls.is_some() { "https" } else { "http" };
    println!("listening on {scheme}://{}", listener.local_addr()?);
    serve(listener, tls, state, first_of(terminated, interrupted)).await;
    drop(ended);
    watching.await?;
    reloading.abort();
    Ok(())
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))
}

/// To the very end: also while the server drains there is something to watch.
async fn show_metrics(
    listener: Option<TcpListener>,
    state: Arc<ServerState>,
    mut end: watch::Receiver<()>,
) {
    let Some(listener) = listener else { return };
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "showing metrics");
    }
    serve(listener, None, Arc::new(Metrics(state)), async {
        let _ = end.changed().await;
    })
    .await;
}

async fn first_of(mut terminated: Signal, mut interrupted: Signal) {
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    tracing::info!("shutting down");
}

/// Text for people, JSON for programs; `RUST_LOG` says how much. What waits is written until the guard is dropped.
///
/// A thread of its own writes: where nobody takes the log, lines are lost, and no request waits for them.
fn log_to_stderr() -> WorkerGuard {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let (writer, guard) = tracing_appender::non_blocking(std::io::stderr());
    let terminal = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(terminal)
        .with_writer(writer);
    if terminal {
        log.init();
    } else {
        log.json().init();
    }
    guard
}

fn open(data: &Data) -> anyhow::Result<RedbStore> {
    RedbStore::open(&data.path).map_err(|error| match error {
        OpenError::Locked(_) => {
            anyhow::anyhow!("{error}; if that is rosterd serving it, stop it first")
        }
        OpenError::Newer { .. } | OpenError::Unusable { .. } => error.into(),
    })
}

/// How many employees are written in one transaction.
const BATCH: usize = 50_000;

async fn fill(options: &Sample) -> anyhow::Result<()> {
    let store = open(&options.data)?;
    let mut people = sample::employees(options.count, options.seed).peekable();
    let attribution = Attribution {
        by: "sample".parse()?,
        at: System.now(),
    };
    let mut next = 1;
    while people.peek().is_some() {
        let record = |changes: roster_common::Changes, id: u64| -> anyhow::Result<ImportRecord> {
            let details = changes
                .to_details()
                .map_err(|_| anyhow::anyhow!("an invented employee breaks a rule"))?;
            Ok(ImportRecord {
                id: Some(id.try_into()?),
                details,
            })
        };
        let batch: ImportRecords = people
            .by_ref()
            .take(BATCH)
            .zip(next..)
            .map(|(p, id)| record(p, id))
            .collect::<Result<_, _>>()?;
        next += batch.len() as u64;
        let imported = store
            .import_employees(batch, Commit::IfAllGood, attribution.clone())
            .await?;
        ensure!(imported.written, "the database has employees already");
    }
    Ok(())
}
