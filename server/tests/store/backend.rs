//! What the stores of the tests keep their rows in. The same tests run on each backend.

use roster_server::store::postgres::PostgresStore;
use roster_server::store::redb::RedbStore;
use roster_server::store::{AuditRetention, Store};
use roster_server::testing::TestDatabase;
use tempfile::TempDir;

use super::disk::Disk;

/// A file, memory or database for one store, empty at first. Another kind of store adds its own to
/// [`on_every_backend`].
pub(crate) trait Backend: Sized {
    /// The store that is opened here.
    type Store: Store;

    /// Makes an empty backend. Returns `None` if what it needs is not installed.
    async fn new() -> Option<Self>;

    /// Opens the store. What an earlier one left is there; that one must have been dropped.
    async fn open(&self) -> Self::Store;

    /// Opens the store with another bound of its audit.
    async fn open_keeping(&self, audit: AuditRetention) -> Self::Store;
}

/// A redb file in a temporary folder.
pub(crate) struct File(TempDir);

impl Backend for File {
    type Store = RedbStore;

    async fn new() -> Option<Self> {
        Some(Self(tempfile::tempdir().unwrap()))
    }

    async fn open(&self) -> RedbStore {
        RedbStore::open(&self.0.path().join("roster.redb")).unwrap()
    }

    async fn open_keeping(&self, audit: AuditRetention) -> RedbStore {
        self.open().await.keeping(audit)
    }
}

/// redb in memory.
pub(crate) struct Memory(Disk);

impl Backend for Memory {
    type Store = RedbStore;

    async fn new() -> Option<Self> {
        Some(Self(Disk::new()))
    }

    async fn open(&self) -> RedbStore {
        self.0.store()
    }

    async fn open_keeping(&self, audit: AuditRetention) -> RedbStore {
        self.open().await.keeping(audit)
    }
}

/// A database of PostgreSQL.
pub(crate) struct Postgres(TestDatabase);

impl Backend for Postgres {
    type Store = PostgresStore;

    async fn new() -> Option<Self> {
        TestDatabase::create().await.map(Self)
    }

    async fn open(&self) -> PostgresStore {
        self.0.open().await
    }

    async fn open_keeping(&self, audit: AuditRetention) -> PostgresStore {
        self.open().await.keeping(audit)
    }
}

/// Makes one test for each backend of every function named, which takes a [`Backend`]. A function
/// that is not named here is dead code, which the lints refuse.
macro_rules! on_every_backend {
    ($($test:ident,)+) => {
        on_every_backend! { redb_file: super::super::backend::File, $($test,)+ }
        on_every_backend! { redb_memory: super::super::backend::Memory, $($test,)+ }
        on_every_backend! { postgres: super::super::backend::Postgres, $($test,)+ }
    };
    ($name:ident: $backend:ty, $($test:ident,)+) => {
        mod $name {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    if let Some(backend) = <$backend as super::super::backend::Backend>::new().await {
                        super::$test(backend).await;
                    }
                }
            )+
        }
    };
}

pub(crate) use on_every_backend;
