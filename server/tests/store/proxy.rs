//! A way to PostgreSQL that breaks at the worst moments.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use roster_server::store::postgres::Address;
use roster_server::testing::TestDatabase;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

/// How PostgreSQL names the socket of its default port.
const SOCKET: &str = ".s.PGSQL.5432";

/// When a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BreakAt {
    /// Before the commit reaches the database.
    BeforeCommit,
    /// When the database has committed, and before its answer reaches the client.
    AfterCommit,
}

/// Passes on what is said, and breaks the connection of a writer as often as it is told to.
pub(crate) struct Proxy {
    folder: TempDir,
    plan: Arc<Plan>,
    database: TestDatabase,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Plan {
    before: AtomicUsize,
    after: AtomicUsize,
    /// Whether nothing passes any more.
    is_cut: AtomicBool,
    is_deaf: bool,
}

impl Proxy {
    /// A way to a database.
    pub(crate) fn to(database: &TestDatabase) -> Self {
        Self::with(database, Plan::default())
    }

    /// A way on which nobody hears of what others commit: clients listen to another channel than
    /// they ask for.
    pub(crate) fn without_notifications(database: &TestDatabase) -> Self {
        let plan = Plan {
            is_deaf: true,
            ..Plan::default()
        };
        Self::with(database, plan)
    }

    fn with(database: &TestDatabase, plan: Plan) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let plan = Arc::new(plan);
        let server = database.socket().join(SOCKET);
        let task = tokio::spawn(accept(listener, server, Arc::clone(&plan)));
        let database = database.clone();
        Self {
            folder,
            plan,
            database,
            task,
        }
    }

    /// The address of the database, through this.
    pub(crate) fn address(&self) -> Address {
        self.database.address_through(self.folder.path())
    }

    /// Breaks the next `times` connections of writers at that moment.
    pub(crate) fn break_next(&self, moment: BreakAt, times: usize) {
        self.plan.left(moment).store(times, Ordering::SeqCst);
    }

    /// How many connections are still to be broken.
    pub(crate) fn left(&self, moment: BreakAt) -> usize {
        self.plan.left(moment).load(Ordering::SeqCst)
    }

    /// Lets nothing pass, or everything again. Connections that were made before stay open.
    pub(crate) fn cut(&self, is_cut: bool) {
        self.plan.is_cut.store(is_cut, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Plan {
    fn left(&self, moment: BreakAt) -> &AtomicUsize {
        match moment {
            BreakAt::BeforeCommit => &self.before,
            BreakAt::AfterCommit => &self.after,
        }
    }

    /// Whether a connection breaks now; then one less will.
    fn breaks(&self, moment: BreakAt) -> bool {
        let left = self.left(moment);
        let taken = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            left.checked_sub(1)
        });
        taken.is_ok()
    }
}

async fn accept(listener: UnixListener, server: PathBuf, plan: Arc<Plan>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(connection(client, server.clone(), Arc::clone(&plan)));
    }
}

/// One connection. Both directions end together.
async fn connection(client: UnixStream, server: PathBuf, plan: Arc<Plan>) {
    let Ok(server) = UnixStream::connect(Path::new(&server)).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let is_writer = AtomicBool::new(false);
    let requests = pump(from_client, to_server, &plan, |bytes| {
        if has(bytes, b"FOR UPDATE") {
            is_writer.store(true, Ordering::SeqCst);
        }
        is_writer.load(Ordering::SeqCst)
            && has(bytes, b"COMMIT\0")
            && plan.breaks(BreakAt::BeforeCommit)
    });
    let answers = pump(from_server, to_client, &plan, |bytes| {
        is_writer.load(Ordering::SeqCst)
            && has(bytes, b"COMMIT\0")
            && plan.breaks(BreakAt::AfterCommit)
    });
    tokio::select! {
        () = requests => {}
        () = answers => {}
    }
}

/// Passes bytes on until a side closes or `breaks` says so of what has just come.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    plan: &Plan,
    breaks: impl Fn(&[u8]) -> bool,
) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if plan.is_cut.load(Ordering::SeqCst) {
            // As if the network had swallowed it: nobody is told.
            std::future::pending::<()>().await;
        }
        if plan.is_deaf {
            replace(&mut bytes[..count], b"LISTEN roster", b"LISTEN silent");
        }
        if breaks(&bytes[..count]) || to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

/// Replaces a word by another of the same length.
fn replace(bytes: &mut [u8], word: &[u8], by: &[u8]) {
    if let Some(position) = bytes.windows(word.len()).position(|window| window == word) {
        bytes[position..position + word.len()].copy_from_slice(by);
    }
}

fn has(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}
