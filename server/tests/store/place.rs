//! Where the tests keep their stores: the same tests run in each place.

use roster_server::store::postgres::PostgresStore;
use roster_server::store::redb::RedbStore;
use roster_server::store::{AuditRetention, Store};
use roster_server::testing::TestDatabase;
use tempfile::TempDir;

use super::disk::Disk;

/// A place for one store, empty at first. Another kind of store adds a place, and its tests to
/// [`in_every_place`].
pub(crate) trait Place: Sized {
    /// The store that is opened here.
    type Store: Store;

    /// Makes an empty place. Returns `None` if what it needs is not installed.
    async fn new() -> Option<Self>;

    /// Opens the store. What an earlier one left is there; that one must have been dropped.
    async fn open(&self) -> Self::Store;

    /// Opens the store with another bound of its audit.
    async fn open_keeping(&self, audit: AuditRetention) -> Self::Store;
}

/// A redb file in a temporary folder.
pub(crate) struct File(TempDir);

impl Place for File {
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

impl Place for Memory {
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

impl Place for Postgres {
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

/// Makes a test in each place of functions that take a [`Place`]. A function that is not named here
/// is dead code, which the lints refuse.
macro_rules! in_every_place {
    ($($test:ident,)+) => {
        in_every_place! { redb_file: super::super::place::File, $($test,)+ }
        in_every_place! { redb_memory: super::super::place::Memory, $($test,)+ }
        in_every_place! { postgres: super::super::place::Postgres, $($test,)+ }
    };
    ($name:ident: $place:ty, $($test:ident,)+) => {
        mod $name {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    if let Some(place) = <$place as super::super::place::Place>::new().await {
                        super::$test(place).await;
                    }
                }
            )+
        }
    };
}

pub(crate) use in_every_place;
