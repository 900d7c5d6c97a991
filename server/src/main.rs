//! `rosterd`: arguments → configuration → store → serve.

use std::io::IsTerminal;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use clap::{Args, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;
use jiff::SignedDuration;
use roster_common::Changes;
use roster_server::app::App;
use roster_server::clock::{Clock, System};
use roster_server::config::{Environment, Keys, Registration};
use roster_server::http::{
    Compression, CookieKind, HttpConfig, MaxStreams, Origin, ServerState, openapi,
};
use roster_server::password::Passwords;
use roster_server::sample;
use roster_server::serve::{Admin, AdminSocket, SetLogLevel};
use roster_server::serve::{Metrics, PairFiles, Reload, Schedule, Tls, raise_file_limit, serve};
use roster_server::store::redb::{FORMAT, RedbStore};
use roster_server::store::{
    AccountStore, Attribution, Commit, EmployeeStore, ImportRecord, ImportRecords, Store,
    StoreMonitor,
};
use roster_server::token::Tokens;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::reload::Handle;

#[path = "main/admin.rs"]
mod admin;
#[path = "main/arguments.rs"]
mod arguments;
#[path = "main/backup.rs"]
mod backup;
#[path = "main/data.rs"]
mod data;
#[path = "main/keygen.rs"]
mod keygen;
#[path = "main/output.rs"]
mod output;
#[path = "main/prompt.rs"]
mod prompt;
#[path = "main/retention.rs"]
mod retention;
#[path = "main/user.rs"]
mod user;

use self::data::{Data, Hashing, open, open_existing};
use self::output::{print, print_line, tell};
use self::retention::{Retention, sweep_hourly};

/// It gives the memory of closed connections back to the system within seconds. The allocator of
/// the C library keeps most of it.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The server behind Roster: sign-in, tokens and employee records.
#[derive(Parser)]
#[command(name = "rosterd", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server until SIGTERM or SIGINT
    Serve(Box<Serve>),
    /// Manage accounts
    #[command(subcommand)]
    User(user::User),
    /// Write a backup of the database
    Backup(backup::Backup),
    /// Check a database or backup; exits with 3 if it is damaged
    Check(backup::Check),
    /// Put a backup in the place of the database, while no server runs
    Restore(backup::Restore),
    /// Show how the running server is
    Status(admin::Status),
    /// Change what the running server logs
    LogLevel(admin::LogLevel),
    /// Generate two signing keys for a .env file
    Keygen(keygen::Keygen),
    /// Print the OpenAPI 3.1 document
    Openapi,
    /// Fill an empty database with sample employees
    Sample(Sample),
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hashing: Hashing,
    /// Create the database if it is missing
    #[arg(long)]
    create: bool,
    /// Address to listen on
    #[arg(
        long,
        env = "ROSTER_LISTEN",
        default_value = "127.0.0.1:7678",
        value_name = "ADDRESS:PORT",
        value_parser = address
    )]
    listen: SocketAddr,
    /// Lifetime of access tokens, for example 10m or 90s
    #[arg(long, env = "ROSTER_ACCESS_TTL", default_value = "10m", value_name = "TIME", value_parser = ttl)]
    access_ttl: SignedDuration,
    #[command(flatten)]
    tls: TlsPair,
    /// Allow plain HTTP on a non-loopback address (anyone on the network path can read it)
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
    metrics: Option<SocketAddr>,
    #[command(flatten)]
    backups: Backups,
    /// Who may create accounts: only admins (closed), or anyone, as a viewer (open)
    #[arg(long, env = "ROSTER_REGISTRATION", default_value = "closed")]
    registration: RegistrationPolicy,
    /// Maximum number of event streams
    #[arg(long, env = "ROSTER_MAX_STREAMS", default_value_t = MaxStreams::default().0, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    max_streams: u32,
    /// Which clients get compressed responses: only remote ones, or all
    #[arg(long, env = "ROSTER_COMPRESSION", default_value = "remote")]
    compression: CompressedClients,
    #[command(flatten)]
    retention: Retention,
}

/// The argument for [`Registration`].
#[derive(Clone, Copy, ValueEnum)]
enum RegistrationPolicy {
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
    fn http(&self, tls: bool) -> anyhow::Result<HttpConfig> {
        let secure = tls || self.listen.ip().is_loopback();
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
struct Backups {
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
    fn schedule(&self) -> Option<Schedule> {
        Some(Schedule {
            folder: self.backup.clone()?,
            every: self.every,
            keep: self.keep,
        })
    }
}

#[derive(Args)]
struct TlsPair {
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
    fn files(&self) -> Option<PairFiles> {
        Some(PairFiles {
            certificate: self.tls_cert.clone()?,
            key: self.tls_key.clone()?,
        })
    }
}

#[derive(Args)]
struct Sample {
    /// Number of employees
    count: u64,
    /// Seed; the same seed gives the same employees
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    data: Data,
}

fn ttl(text: &str) -> anyhow::Result<SignedDuration> {
    let ttl: SignedDuration = text.parse()?;
    ensure!(
        ttl >= SignedDuration::from_secs(1),
        "must be at least one second"
    );
    Ok(ttl)
}

/// An address or a name, with a port. A name stands for its first address, of IPv4 if it has one.
fn address(text: &str) -> anyhow::Result<SocketAddr> {
    let addresses = text.to_socket_addrs();
    let addresses = addresses.context("not an address with a port")?;
    let first = addresses.min_by_key(SocketAddr::is_ipv6);
    first.context("this name has no address")
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

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            tell(format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    // First of all: arguments can come from the environment, and it may only be changed while the
    // process has one thread.
    let environment = Environment::load(".env");
    let command = arguments::parse::<Cli>().command;
    tokio::runtime::Runtime::new()?.block_on(run_command(command, environment))
}

async fn run_command(command: Command, environment: Environment) -> anyhow::Result<ExitCode> {
    // A limit on the size of files is then an error of the write, and does not end the process.
    let _ignored = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
    if let Some(failure) = environment.failure()
        && !matches!(command, Command::Serve(_))
    {
        tell(format_args!("ignoring .env: {failure}"));
    }
    match command {
        Command::Check(command) => return command.run(),
        Command::Serve(options) => serve_until_shutdown(*options, environment).await?,
        Command::User(command) => command.run_command().await?,
        Command::Status(command) => command.run()?,
        Command::LogLevel(command) => command.run()?,
        Command::Backup(command) => command.run()?,
        Command::Restore(command) => command.run()?,
        Command::Keygen(command) => command.run()?,
        Command::Openapi => print(String::from_utf8_lossy(&openapi::DOCUMENT))?,
        Command::Sample(options) => fill(&options).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn serve_until_shutdown(options: Serve, environment: Environment) -> anyhow::Result<()> {
    let started = Instant::now();
    let (_log, set_log_level) = log_to_stderr();
    warn_of_settings(&environment)?;
    let keys = Keys::from_environment(Environment::variable)?;
    let tls = options.tls.files().map(Tls::new).transpose()?.map(Arc::new);
    let http = options.http(tls.is_some())?;
    // Creating it hashes once, so do that while the store loads.
    let passwords =
        tokio::task::spawn_blocking(move || Passwords::new(options.hashing.bcrypt_cost));
    let store = if options.create {
        open(&options.data)?
    } else {
        open_existing(&options.data)?
    };
    let store = Arc::new(store.keeping(options.retention.audit()));
    let tokens = Tokens::new(&keys, options.access_ttl);
    let mut app = App::new(
        Arc::clone(&store) as Arc<dyn Store>,
        Arc::new(System),
        tokens,
        passwords.await??,
    );
    app.registration = options.registration.into();
    app.forget_leavers = options.retention.leavers();
    let reload = Reload::new(environment, Arc::clone(&app.tokens), tls.clone());
    let state = Arc::new(ServerState::new(app, http));
    raise_file_limit();
    let listener = bind(options.listen).await?;
    let metrics_listener = match options.metrics {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let reloading = tokio::spawn(reload.on_signal(signal(SignalKind::hangup())?));
    let keeping = tokio::spawn(keep_moments(Arc::clone(&state)));
    let sweeping = tokio::spawn(sweep_hourly(Arc::clone(&state)));
    let (stop_metrics, metrics_stopped) = watch::channel(());
    let metrics = tokio::spawn(serve_metrics(
        metrics_listener,
        Arc::clone(&state),
        metrics_stopped,
    ));
    let (terminated, interrupted) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = listener.local_addr()?;
    let admin_socket = bind_admin(&options.data.path);
    if let Err(error) = print_line(format_args!("listening on {scheme}://{address}")) {
        // The server is worth more than the line.
        tracing::warn!("{error:#}");
    }
    report_start(&store, &options.data.path, &format!("{scheme}://{address}")).await?;
    let admin = Admin {
        state: Arc::clone(&state),
        store,
        database: options.data.path,
        address: format!("{scheme}://{address}"),
        started,
        set_log_level,
    };
    let mut tasks = JoinSet::new();
    if let Some(schedule) = options.backups.schedule() {
        tasks.spawn(schedule.run(Arc::clone(&admin.store), Arc::clone(&state.app.clock)));
    }
    if let Some(socket) = admin_socket {
        tasks.spawn(socket.serve(admin));
    }
    let stop = first_signal(terminated, interrupted);
    serve(listener, tls, Arc::clone(&state), stop).await;
    keeping.abort();
    keep_moment(&state).await;
    drop(stop_metrics);
    metrics.await?;
    reloading.abort();
    sweeping.abort();
    // Ends them, which removes the admin socket.
    tasks.shutdown().await;
    Ok(())
}

/// Refuses a `.env` that cannot be read, and warns of what is probably a mistake.
fn warn_of_settings(environment: &Environment) -> anyhow::Result<()> {
    if let Some(failure) = environment.failure() {
        bail!("{failure}");
    }
    for file in environment.exposed_files() {
        let file = file.display();
        tracing::warn!(%file, "others can read the keys in this file: run chmod 600 on it");
    }
    for name in arguments::unknown_variables::<Cli>() {
        tracing::warn!(name, "this variable is not a setting of Roster");
    }
    Ok(())
}

/// Logs what is served where.
async fn report_start(store: &RedbStore, file: &Path, address: &str) -> anyhow::Result<()> {
    let accounts = store.accounts().await?.len();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        file = %file.display(),
        format = FORMAT,
        employees = store.figures().await?.employees,
        accounts,
        address,
        "started"
    );
    if accounts == 0 {
        tracing::warn!("there are no accounts: `rosterd user add NAME --role admin` adds one");
    }
    Ok(())
}

/// How often the store keeps the session time, so that little of it is lost if the server is killed.
const KEPT_EVERY: Duration = Duration::from_secs(3600);

async fn keep_moments(state: Arc<ServerState>) {
    let mut interval = tokio::time::interval(KEPT_EVERY);
    loop {
        interval.tick().await;
        keep_moment(&state).await;
    }
}

async fn keep_moment(state: &ServerState) {
    if let Err(error) = state.app.keep_moment().await {
        tracing::warn!(%error, "could not keep the time for the sessions");
    }
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))
}

/// Opens the admin socket. The server is worth more than the socket.
fn bind_admin(database: &Path) -> Option<AdminSocket> {
    let socket = AdminSocket::bind(database);
    let failed = |error: &std::io::Error| tracing::warn!(%error, "cannot make the admin socket");
    socket.inspect_err(failed).ok()
}

/// Serves the metrics until `stopped` changes, which is after the API has shut down, so that
/// draining can be observed.
async fn serve_metrics(
    listener: Option<TcpListener>,
    state: Arc<ServerState>,
    mut stopped: watch::Receiver<()>,
) {
    let Some(listener) = listener else { return };
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "serving metrics");
    }
    serve(listener, None, Arc::new(Metrics(state)), async {
        let _ = stopped.changed().await;
    })
    .await;
}

async fn first_signal(mut terminated: Signal, mut interrupted: Signal) {
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    tracing::info!("shutting down");
}

/// Logs to standard error: text on a terminal, otherwise JSON. `RUST_LOG` sets the level. Dropping
/// the guard writes the pending lines.
///
/// A separate thread writes, so that a blocked reader of the log loses lines and never delays a
/// request.
fn log_to_stderr() -> (WorkerGuard, SetLogLevel) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let (writer, guard) = tracing_appender::non_blocking(std::io::stderr());
    let terminal = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(terminal)
        .with_writer(writer);
    if terminal {
        let log = log.with_filter_reloading();
        let handle = log.reload_handle();
        log.init();
        (guard, set_log_level(handle))
    } else {
        let log = log.json().with_filter_reloading();
        let handle = log.reload_handle();
        log.init();
        (guard, set_log_level(handle))
    }
}

fn set_log_level<S: 'static>(handle: Handle<EnvFilter, S>) -> SetLogLevel {
    Box::new(move |filter| {
        let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
        handle.reload(filter).map_err(|error| error.to_string())
    })
}

/// Employees per transaction.
const BATCH: usize = 50_000;

/// Fills an empty database with sample employees.
async fn fill(options: &Sample) -> anyhow::Result<()> {
    let store = open(&options.data)?;
    let mut people = sample::employees(options.count, options.seed).peekable();
    let attribution = Attribution {
        by: "sample".parse()?,
        at: System.now(),
    };
    let mut next = 1;
    while people.peek().is_some() {
        let batch: ImportRecords = people
            .by_ref()
            .take(BATCH)
            .zip(next..)
            .map(|(changes, id)| sample_record(&changes, id))
            .collect::<Result<_, _>>()?;
        next += batch.len() as u64;
        let imported = store
            .import_employees(batch, Commit::IfAllGood, attribution.clone())
            .await?;
        ensure!(imported.written, "the database already has employees");
    }
    print_line(format_args!("added {} sample employees", next - 1))
}

fn sample_record(changes: &Changes, id: u64) -> anyhow::Result<ImportRecord> {
    let details = changes
        .to_details()
        .map_err(|_| anyhow::anyhow!("a sample employee is invalid"))?;
    Ok(ImportRecord {
        id: Some(id.try_into()?),
        details,
    })
}
