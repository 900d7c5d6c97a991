//! The file: what is in it after the store was closed, who may open it, and what happens when the
//! disk fails. For redb only: other stores have no such file.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use ::redb::backends::InMemoryBackend;
use ::redb::{Database, StorageBackend, TableDefinition};
use futures_util::{FutureExt, StreamExt};
use jiff::Timestamp;
use roster_common::Query;
use roster_common::employee::Field;
use roster_server::store::redb::{OpenError, RedbStore};
use roster_server::store::{
    AccountStore, EmployeeStore, HistoryStore, IdempotencyKey, RunStore, SessionStore, StoreError,
    StoreMonitor, ValidRow,
};
use uuid::Uuid;

use super::{account, at, by_ada, create, id, name, person, session, sign_in};

#[tokio::test]
async fn everything_is_there_after_the_store_was_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    let key = || {
        Some(IdempotencyKey {
            key: "k".into(),
            digest: [1; 32],
        })
    };
    let store = RedbStore::open(&path).unwrap();
    store
        .add_account(account("ada"), name("ada"))
        .await
        .unwrap();
    sign_in(&store, session(1, "ada", 0)).await;
    store
        .confirm_session(Uuid::from_u128(1), 1, at(1))
        .await
        .unwrap();
    let created = store
        .create_employee(person(&[]), key(), by_ada(0))
        .await
        .unwrap()
        .unwrap();
    let rows = (0..500)
        .map(|_| ValidRow::of_new(None, &person(&[(Field::Title, "\"x\"")])))
        .collect();
    let added = store.add_employees(rows, by_ada(0)).await.unwrap();
    added.unwrap();
    store
        .delete_employee(id(501), Box::new(|_| Ok(())), by_ada(0))
        .await
        .unwrap()
        .unwrap();
    let before = everything(&store).await;
    drop(store);

    let store = RedbStore::open(&path).unwrap();
    assert_eq!(everything(&store).await, before);
    assert_eq!(
        store.account(&name("ada")).await.unwrap(),
        Some(account("ada"))
    );
    assert!(
        store
            .live_session(Uuid::from_u128(1))
            .await
            .unwrap()
            .unwrap()
            .seen
    );
    let again = store
        .create_employee(person(&[]), key(), by_ada(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(again.json, created.json);
    assert_eq!(create(&store, person(&[])).await.unwrap().id, id(502));
}

/// All the records, by title.
pub(crate) async fn everything(store: &RedbStore) -> Vec<Vec<u8>> {
    let page = store
        .page(&Query::parse("sort=title").unwrap(), Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    page.records.iter().map(<[u8]>::to_vec).collect()
}

#[tokio::test]
async fn only_its_owner_may_read_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    drop(RedbStore::open(&path).unwrap());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let _store = RedbStore::open(&path).unwrap();
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[tokio::test]
async fn one_process_at_a_time_may_open_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    let store = RedbStore::open(&path).unwrap();
    assert!(
        matches!(RedbStore::open(&path).map(drop), Err(OpenError::Locked(locked)) if locked == path)
    );
    store.close();
    assert!(RedbStore::open(&path).is_ok());
    assert!(matches!(store.probe().await, Err(StoreError::Closed)));
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    drop(RedbStore::open(&path).unwrap());
    let database = Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(TableDefinition::<&str, u64>::new("meta"))
        .unwrap()
        .insert("schema", 6)
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    let error = RedbStore::open(&path).map(drop).unwrap_err();
    assert!(matches!(
        error,
        OpenError::Newer {
            found: 6,
            known: 5,
            ..
        }
    ));
    assert!(error.to_string().contains("newer version"), "{error}");
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "Buy milk.".repeat(4096)).unwrap();
    assert!(matches!(
        RedbStore::open(&path).map(drop),
        Err(OpenError::Unusable { .. })
    ));
    assert!(matches!(
        RedbStore::open(folder.path()).map(drop),
        Err(OpenError::Unusable { .. })
    ));
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .starts_with("Buy milk.")
    );
}

/// A disk that refuses its writes and syncs from the moment when its room is used up. Clones are
/// the same disk.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    bytes: Arc<InMemoryBackend>,
    /// How many writes and syncs it will still do.
    room: Arc<AtomicI64>,
    /// Whether it refuses one write or sync only, and does the next ones again.
    is_brief: Arc<AtomicBool>,
    /// The greatest length that it has room for.
    limit: Arc<AtomicU64>,
}

impl Disk {
    pub(crate) fn new() -> Self {
        Self {
            bytes: Arc::new(InMemoryBackend::new()),
            room: Arc::new(AtomicI64::new(i64::MAX)),
            is_brief: Arc::default(),
            limit: Arc::new(AtomicU64::new(u64::MAX)),
        }
    }

    pub(crate) fn store(&self) -> RedbStore {
        let disk = self.clone();
        RedbStore::on(move || Ok(disk.clone())).unwrap()
    }

    pub(crate) fn leave_room(&self, room: i64) {
        self.room.store(room, Ordering::SeqCst);
    }

    /// Refuses one write or sync, after so many that it does.
    fn fail_once_after(&self, count: i64) {
        self.is_brief.store(true, Ordering::SeqCst);
        self.leave_room(count);
    }

    /// Has room for so many bytes.
    fn limit(&self, bytes: u64) {
        self.limit.store(bytes, Ordering::SeqCst);
    }

    fn check_limit(&self, end: u64) -> io::Result<()> {
        if end > self.limit.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn spend(&self) -> io::Result<()> {
        let left = self.room.fetch_sub(1, Ordering::SeqCst);
        let is_over = left < 0 && self.is_brief.load(Ordering::SeqCst);
        if left > 0 || is_over {
            Ok(())
        } else {
            Err(io::ErrorKind::StorageFull.into())
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.bytes.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.bytes.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.spend()?;
        self.check_limit(len)?;
        self.bytes.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.spend()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.spend()?;
        self.check_limit(offset + data.len() as u64)?;
        self.bytes.write(offset, data)
    }
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_nothing_else_until_there_is_room() {
    let disk = Disk::new();
    let store = disk.store();
    store
        .add_account(account("ada"), name("ada"))
        .await
        .unwrap();
    sign_in(&store, session(1, "ada", 0)).await;
    store
        .confirm_session(Uuid::from_u128(1), 1, at(0))
        .await
        .unwrap();
    create(&store, person(&[])).await.unwrap();

    disk.leave_room(0);
    for _ in 0..3 {
        let refused = store.create_employee(person(&[]), None, by_ada(0)).await;
        assert!(
            matches!(refused, Err(StoreError::Unwritable(_))),
            "{refused:?}"
        );
        assert!(matches!(
            store.probe().await,
            Err(StoreError::Unwritable(_))
        ));
    }
    assert_eq!(everything(&store).await.len(), 1);
    assert!(
        store
            .live_session(Uuid::from_u128(1))
            .await
            .unwrap()
            .is_some()
    );
    store
        .confirm_session(Uuid::from_u128(1), 1, at(1))
        .await
        .unwrap();

    disk.leave_room(i64::MAX);
    store.probe().await.unwrap();
    assert_eq!(create(&store, person(&[])).await.unwrap().id, id(2));
}

#[tokio::test]
async fn what_is_read_from_the_disk_is_back_with_the_disk_before_anybody_writes() {
    let disk = Disk::new();
    let store = disk.store();
    create(&store, person(&[])).await.unwrap();
    disk.leave_room(0);
    let refused = store.create_employee(person(&[]), None, by_ada(0)).await;
    assert!(refused.is_err());
    for _ in 0..2 {
        let read = store.history(id(1), None, 9).await;
        assert!(matches!(read, Err(StoreError::Unwritable(_))), "{read:?}");
    }
    disk.leave_room(i64::MAX);
    assert_eq!(
        store.history(id(1), None, 9).await.unwrap().unwrap().len(),
        1
    );
    assert_eq!(store.audit(None, 9).await.unwrap().len(), 1);
    store.figures().await.unwrap();
}

#[tokio::test]
async fn wherever_the_disk_fails_readers_see_what_is_in_the_file() {
    for room in 0..40 {
        let disk = Disk::new();
        let store = disk.store();
        create(&store, person(&[])).await.unwrap();
        let mut events = store.events(None).await.unwrap();
        assert_eq!(events.next().await.unwrap().unwrap().len(), 1);
        disk.leave_room(room);
        let failed = store
            .create_employee(person(&[(Field::Title, "new")]), None, by_ada(0))
            .await
            .is_err();
        disk.leave_room(i64::MAX);
        store.probe().await.unwrap();

        let seen = everything(&store).await;
        assert!(failed || seen.len() == 2, "what was acknowledged is there");
        // Also where the commit was done and looked as if it had failed.
        assert_eq!(
            events.next().now_or_never().is_some(),
            seen.len() == 2,
            "with room for {room}"
        );
        store.close();
        assert_eq!(
            everything(&disk.store()).await,
            seen,
            "with room for {room}"
        );
    }
}

#[tokio::test]
async fn wherever_the_disk_fails_an_import_is_seen_as_a_whole_or_not_at_all() {
    // What readers will see of so many is made during the commit.
    const PEOPLE: usize = 300;
    let (mut done, mut refused) = (0, 0);
    for room in (0..120).step_by(5) {
        let disk = Disk::new();
        let store = disk.store();
        create(&store, person(&[])).await.unwrap();
        disk.leave_room(room);
        let rows = (0..PEOPLE).map(|_| ValidRow::of_new(None, &person(&[])));
        let added = store.add_employees(rows.collect(), by_ada(0)).await;
        disk.leave_room(i64::MAX);
        store.probe().await.unwrap();

        let seen = everything(&store).await.len();
        match added {
            Ok(added) => {
                added.unwrap();
                done += 1;
                assert_eq!(seen, 1 + PEOPLE, "with room for {room}");
            }
            Err(_) => {
                refused += 1;
                assert!(
                    [1, 1 + PEOPLE].contains(&seen),
                    "{seen} with room for {room}"
                );
            }
        }
        store.close();
        assert_eq!(
            everything(&disk.store()).await.len(),
            seen,
            "with room for {room}"
        );
    }
    assert!(done > 0 && refused > 0, "{done} done and {refused} refused");
}

#[tokio::test]
async fn a_commit_that_is_in_the_file_is_acknowledged_though_the_disk_failed_once() {
    for count in 0..40 {
        let disk = Disk::new();
        let store = disk.store();
        create(&store, person(&[])).await.unwrap();
        disk.fail_once_after(count);
        let created = store.create_employee(person(&[]), None, by_ada(0)).await;
        disk.leave_room(i64::MAX);
        let seen = everything(&store).await.len();
        assert_eq!(seen, if created.is_ok() { 2 } else { 1 }, "after {count}");
        store.close();
        assert_eq!(everything(&disk.store()).await.len(), seen, "after {count}");
    }
}

#[tokio::test]
async fn a_full_disk_is_not_ready_although_a_tiny_write_would_fit() {
    let disk = Disk::new();
    let store = disk.store();
    store.probe().await.unwrap();
    disk.limit(disk.bytes.len().unwrap());
    let notes = "n".repeat(1500);
    let mut created = 0;
    while store
        .create_employee(person(&[(Field::Notes, &notes)]), None, by_ada(0))
        .await
        .is_ok()
    {
        created += 1;
    }
    for _ in 0..3 {
        assert!(store.probe().await.is_err());
    }
    disk.limit(u64::MAX);
    store.probe().await.unwrap();
    create(&store, person(&[])).await.unwrap();
    store.close();
    assert_eq!(everything(&disk.store()).await.len(), created + 1);
}
