//! A complete server on a free loopback port, with a clock that the test controls.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot start its server fails by panicking"
)]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use roster_common::{NewPassword, Password, Role};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::app::users::{self, NewAccount};
use crate::clock::{Clock, Uptime};
use crate::config::{KeyRing, Keys, Registration};
use crate::http::{HttpConfig, ServerState};
use crate::password::{Hasher, Passwords};
use crate::serve::{Tls, serve};
use crate::store::redb::MemoryFile;
use crate::store::{Attribution, Store};
use crate::token::Tokens;

mod authority;
pub mod docs;
mod hashing;
mod postgres;

pub use authority::Authority;
pub use hashing::{Hold, WatchedHasher};
pub use postgres::TestDatabase;

/// The accounts of every test server, with their passwords.
pub const USERS: [(&str, Role, &str); 3] = [
    ("ada", Role::Admin, "ada knows the engine"),
    ("eve", Role::Editor, "eve edits the records"),
    ("vic", Role::Viewer, "vic views the table"),
];

/// The password of one of [`USERS`].
pub fn password_of(name: &str) -> Password {
    let (_, _, password) = USERS.into_iter().find(|(user, ..)| *user == name).unwrap();
    Password::new(password)
}

/// Clocks that only move when a test changes them.
#[derive(Debug)]
pub struct ManualClock {
    millis: AtomicI64,
    uptime_millis: AtomicU64,
    breaks: AtomicBool,
}

impl ManualClock {
    /// Creates a clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self {
            millis: AtomicI64::new(now.as_millisecond()),
            uptime_millis: AtomicU64::new(0),
            breaks: AtomicBool::new(false),
        }
    }

    /// Lets time pass; or sets the clock back, if `by` is negative.
    pub fn turn(&self, by: SignedDuration) {
        self.set(by);
        let passed = u64::try_from(by.as_millis()).unwrap_or(0);
        self.uptime_millis.fetch_add(passed, Ordering::SeqCst);
    }

    /// Sets the clock forward or back, while no time passes.
    pub fn set(&self, by: SignedDuration) {
        self.millis
            .fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Makes the next reading panic.
    pub fn break_once(&self) {
        self.breaks.store(true, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        assert!(
            !self.breaks.swap(false, Ordering::SeqCst),
            "the clock is broken"
        );
        Timestamp::from_millisecond(self.millis.load(Ordering::SeqCst)).unwrap()
    }

    fn uptime(&self) -> Uptime {
        let millis = self.uptime_millis.load(Ordering::SeqCst);
        Uptime::new(Duration::from_millis(millis))
    }
}

/// Where the operator is.
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Signing keys that differ for each seed.
pub fn keys(seed: u64) -> Keys {
    let ring = |kind: &str| {
        KeyRing::parse(
            "ACCESS_TOKEN_KEY",
            &format!("k{seed}:{kind}-0123456789-abcdefghij-{seed}"),
        )
    };
    Keys::new(ring("for-access").unwrap(), ring("for-renewal").unwrap()).unwrap()
}

/// Opens the store of a test server. It is called at every start, and must find what was written
/// before.
pub type StoreFactory = Box<dyn Fn() -> Arc<dyn Store> + Send + Sync>;

fn in_memory() -> StoreFactory {
    let file = MemoryFile::default();
    Box::new(move || Arc::new(file.open().unwrap()))
}

/// A server that runs until it is dropped.
pub struct TestServer {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    /// The server's clock.
    pub clock: Arc<ManualClock>,
    /// The signing keys. A change applies at the next [`restart`](Self::restart).
    pub keys: Keys,
    /// The HTTP settings. A change applies at the next [`restart`](Self::restart).
    pub http: HttpConfig,
    /// The certificate; plain HTTP without one. A change applies at the next
    /// [`restart`](Self::restart).
    pub tls: Option<Arc<Tls>>,
    /// The hash function of passwords.
    pub hashing: Arc<WatchedHasher>,
    /// Who may create accounts. A change applies at the next [`restart`](Self::restart).
    pub registration: Registration,
    /// How long people who left are kept. A change applies at the next [`restart`](Self::restart).
    pub forget_leavers: Option<SignedDuration>,
    /// The cost of new password hashes. A change applies at the next [`restart`](Self::restart).
    pub bcrypt_cost: u32,
    open_store: StoreFactory,
    running: Mutex<Option<Running>>,
}

struct Running {
    state: Arc<ServerState>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl TestServer {
    /// Starts a server with an empty store in memory and the accounts of [`USERS`].
    pub async fn start() -> Self {
        Self::start_on(in_memory()).await
    }

    /// Starts a server with a new store of any kind and the accounts of [`USERS`].
    pub async fn start_on(open_store: StoreFactory) -> Self {
        let mut server = Self::prepared(open_store).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        server.url = format!("http://{}", listener.local_addr().unwrap());
        server.run(listener);
        server
    }

    /// Creates a server that does not listen; [`state`](Self::state) handles requests without a
    /// socket.
    pub async fn without_socket() -> Self {
        Self::prepared(in_memory()).await
    }

    async fn prepared(open_store: StoreFactory) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::now()));
        let store = open_store();
        // The least cost that bcrypt allows, since every test hashes.
        let passwords = Passwords::new(4).unwrap();
        for (name, role, password) in USERS {
            let password = NewPassword::parse(Password::new(password)).unwrap();
            let new = NewAccount {
                username: name.parse().unwrap(),
                role,
                password,
            };
            let attribution = Attribution {
                by: "rosterd".parse().unwrap(),
                at: clock.now(),
            };
            assert!(
                users::add(&*store, &passwords, new, attribution, HOME)
                    .await
                    .unwrap()
            );
        }
        // The server opens the store again, which only one can have open.
        drop(store);
        Self {
            url: String::new(),
            clock,
            keys: keys(1),
            http: HttpConfig::default(),
            tls: None,
            registration: Registration::Closed,
            forget_leavers: None,
            bcrypt_cost: 4,
            hashing: Arc::default(),
            open_store,
            running: Mutex::new(None),
        }
    }

    /// Opens its store, which is possible while it is stopped.
    pub fn store(&self) -> Arc<dyn Store> {
        (self.open_store)()
    }

    /// Lets time pass; or sets the server's clock back, if `by` is negative.
    pub fn turn(&self, by: SignedDuration) {
        self.clock.turn(by);
    }

    /// Sets the server's clock forward or back, while no time passes.
    pub fn set_clock(&self, by: SignedDuration) {
        self.clock.set(by);
    }

    /// Replaces the signing keys while it runs.
    pub fn replace_keys(&mut self, keys: Keys) {
        let running = self.running.lock().unwrap();
        running
            .as_ref()
            .unwrap()
            .state
            .app
            .tokens
            .replace_keys(&keys);
        self.keys = keys;
    }

    /// How many sign-ins are hashing a password or queued for it.
    pub fn hash_queue(&self) -> usize {
        let running = self.running.lock().unwrap();
        running.as_ref().unwrap().state.app.passwords.waiting()
    }

    /// Stops the server. Nothing listens until it is restarted.
    pub async fn stop(&self) {
        let running = self.running.lock().unwrap().take();
        if let Some(Running { state, stop, task }) = running {
            // The store can be opened again only when nobody has it open.
            drop(state);
            let _ = stop.send(());
            task.await.unwrap();
        }
    }

    /// Restarts it on the same port and store, with the current settings.
    pub async fn restart(&self) {
        self.stop().await;
        let listener = TcpListener::bind(self.url.trim_start_matches("http://"))
            .await
            .unwrap();
        self.run(listener);
    }

    /// Opens the store and creates the state of a server with the current settings. Only one such
    /// state can exist at a time.
    pub fn state(&self) -> Arc<ServerState> {
        let tokens = Tokens::new(&self.keys, SignedDuration::from_mins(10));
        let clock = Arc::clone(&self.clock);
        // Tests can block it, to see what happens while a password is checked.
        let hasher: Arc<dyn Hasher> = Arc::<WatchedHasher>::clone(&self.hashing);
        let mut app = App::new(
            self.store(),
            clock,
            tokens,
            Passwords::with_hasher(hasher, self.bcrypt_cost).unwrap(),
        );
        app.registration = self.registration;
        app.forget_leavers = self.forget_leavers;
        let http = HttpConfig {
            tls: self.tls.is_some(),
            ..self.http.clone()
        };
        Arc::new(ServerState::new(app, http))
    }

    fn run(&self, listener: TcpListener) {
        let state = self.state();
        let (stop, stopped) = oneshot::channel();
        let tls = self.tls.clone();
        let served = Arc::clone(&state);
        let task = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            serve(listener, tls, Arc::clone(&served), stopped).await;
            // Fails if the test has broken the store.
            let _ = served.app.keep_moment().await;
        });
        *self.running.lock().unwrap() = Some(Running { state, stop, task });
    }
}
