//! `rosterd serve`: configuration → store → server, until a signal.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use roster_server::app::App;
use roster_server::clock::System;
use roster_server::config::{Environment, Keys};
use roster_server::http::ServerState;
use roster_server::password::Passwords;
use roster_server::serve::{
    Admin, AdminSocket, Listener, Metrics, Reload, SocketListener, Tls, raise_file_limit, serve,
};
use roster_server::store::Store;
use roster_server::store::postgres::{PostgresStore, ServerOptions};
use roster_server::store::redb::{FORMAT, RedbStore};
use roster_server::token::Tokens;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Cli;
use super::arguments::unknown_variables;
use super::data::{Location, open_file};
use super::log::log_to_stderr;
use super::output::print_line;
use super::retention::sweep_hourly;
use super::serve_options::{ListenAddress, Serve};

impl Serve {
    /// Serves until SIGTERM or SIGINT.
    pub(crate) async fn run(self, environment: Environment) -> anyhow::Result<()> {
        let started = Instant::now();
        let (_log, set_log_level) = log_to_stderr();
        warn_of_settings(&environment)?;
        let keys = Keys::from_environment(Environment::variable)?;
        let tls = self.tls.files().map(Tls::new).transpose()?.map(Arc::new);
        let http = self.http(tls.is_some())?;
        let (file, app) = self.open(&keys).await?;
        let reload = Reload::new(environment, Arc::clone(&app.tokens), tls.clone());
        let state = Arc::new(ServerState::new(app, http));
        raise_file_limit();
        let listener = self.listen.bind().await?;
        let metrics_listener = match self.metrics {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        // Nobody waits for these. They end with the server.
        let mut tasks = JoinSet::new();
        tasks.spawn(reload.on_signal(signal(SignalKind::hangup())?));
        tasks.spawn(keep_moments(Arc::clone(&state)));
        tasks.spawn(sweep_hourly(Arc::clone(&state)));
        let (stop_metrics, metrics_stopped) = watch::channel(());
        let metrics = tokio::spawn(serve_metrics(
            metrics_listener,
            Arc::clone(&state),
            metrics_stopped,
        ));
        let stop = first_signal(
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        let address = listener.address(tls.is_some())?;
        // Before the address is printed: whoever waits for it may use the socket.
        let admin_socket = file.as_ref().and_then(|file| bind_admin(&file.path));
        if let Err(error) = print_line(format_args!("listening on {address}")) {
            // The server is worth more than the line.
            tracing::warn!("{error:#}");
        }
        report_start(&state.app, file.as_ref(), &address).await?;
        if let Some(OpenFile { path, store }) = file {
            if let Some(schedule) = self.backups.schedule() {
                tasks.spawn(schedule.run(Arc::clone(&store), Arc::clone(&state.app.clock)));
            }
            if let Some(socket) = admin_socket {
                tasks.spawn(socket.serve(Admin {
                    state: Arc::clone(&state),
                    store,
                    database: path,
                    address,
                    started,
                    set_log_level,
                }));
            }
        }
        serve(listener, tls, Arc::clone(&state), stop).await;
        // This also removes the admin socket.
        tasks.shutdown().await;
        keep_moment(&state).await;
        drop(stop_metrics);
        metrics.await?;
        Ok(())
    }

    /// Opens the store, and makes the state that the use cases share.
    async fn open(&self, keys: &Keys) -> anyhow::Result<(Option<OpenFile>, App)> {
        let passwords = Passwords::new(self.hashing.bcrypt_cost)?;
        let tokens = Arc::new(Tokens::new(keys, self.access_ttl));
        let (store, file) = self.open_store(&tokens).await?;
        let mut app = App::new(store, Arc::new(System), tokens, passwords);
        app.registration = self.registration.into();
        app.forget_leavers = self.retention.leavers();
        Ok((file, app))
    }

    async fn open_store(
        &self,
        tokens: &Arc<Tokens>,
    ) -> anyhow::Result<(Arc<dyn Store>, Option<OpenFile>)> {
        let audit = self.retention.audit();
        let location = self.data.location()?;
        if !self.create {
            location.check_exists()?;
        }
        match location {
            Location::File(path) => {
                ensure!(
                    self.stale_reads == 0,
                    "--stale-reads is for a PostgreSQL database; what is read from a file is never stale."
                );
                let store = Arc::new(open_file(path)?.keeping(audit));
                // Backups and the admin socket need a file; PostgreSQL has tools of its own.
                let file = OpenFile {
                    path: path.to_owned(),
                    store: Arc::clone(&store),
                };
                Ok((store, Some(file)))
            }
            Location::Postgres(address) => {
                ensure!(
                    self.backups.schedule().is_none(),
                    "--backup copies a database file. PostgreSQL has its own tools for backups."
                );
                let tokens = Arc::clone(tokens);
                let options = ServerOptions {
                    keys: Arc::new(move || tokens.key_names()),
                    stale_reads: Duration::from_secs(self.stale_reads),
                    ..ServerOptions::default()
                };
                let store = PostgresStore::connect_server(&address, options).await?;
                Ok((Arc::new(store.keeping(audit)), None))
            }
        }
    }
}

/// A database that only this server has open.
struct OpenFile {
    path: PathBuf,
    store: Arc<RedbStore>,
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
    for name in unknown_variables::<Cli>() {
        tracing::warn!(name, "unknown setting ignored");
    }
    Ok(())
}

/// Logs what is served where.
async fn report_start(app: &App, file: Option<&OpenFile>, address: &str) -> anyhow::Result<()> {
    let accounts = app.store.accounts().await?.len();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        file = file.map(|file| tracing::field::display(file.path.display())),
        format = file.map(|_| FORMAT),
        employees = app.store.figures().await?.employees,
        accounts,
        address,
        "started"
    );
    if accounts == 0 {
        tracing::warn!("there are no accounts: `rosterd user add NAME --role admin` adds one");
    }
    Ok(())
}

/// How often the store keeps the session time, so that little of it is lost if the server is
/// killed.
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

impl ListenAddress {
    async fn bind(&self) -> anyhow::Result<Listener> {
        match self {
            Self::Tcp(address) => Ok(bind(*address).await?.into()),
            Self::Unix(path) => {
                let socket = SocketListener::bind(path).map(Listener::Unix);
                socket.with_context(|| format!("cannot listen on {self}"))
            }
        }
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
