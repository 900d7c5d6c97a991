//! Putting a backup in the place of the database. For redb only.

use std::fs;
use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use roster_common::employee::{Field, Version};
use roster_common::event::Event;
use roster_common::history::{AuditAction, ChangeKind};
use roster_server::rules::session::{Limits, Presented, RefreshRefusal, Verdict};
use roster_server::store::redb::{
    BackupError, Current, OpenError, PreparedRestore, RedbStore, check_file,
};
use roster_server::store::{
    AccountStore, EmployeeStore, EventNumber, HistoryStore, Record, SessionStore, StoreMonitor,
};
use tempfile::TempDir;
use uuid::Uuid;

use super::disk::Disk;
use super::{account, at, by_ada, create, id, name, now, person, session, sign_in, sign_in_proof};

/// A folder with a database and a backup of it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn database(&self) -> PathBuf {
        self.0.path().join("roster.redb")
    }

    fn backup(&self) -> PathBuf {
        self.0.path().join("backup.redb")
    }

    fn store(&self) -> RedbStore {
        RedbStore::open(&self.database()).unwrap()
    }

    fn prepare(&self) -> Result<PreparedRestore, BackupError> {
        PreparedRestore::new(&self.backup(), &self.database())
    }

    /// Restores, and opens the store.
    fn restore(&self) -> RedbStore {
        self.prepare().unwrap().run(by_ada(100)).unwrap();
        self.store()
    }
}

async fn retitle(store: &RedbStore, number: u64, title: &'static str) -> Version {
    let details = person(&[(Field::Title, title)]);
    let rule = Box::new(move |_: &_| Ok(details.clone()));
    let changed = store.change_employee(id(number), rule, by_ada(2)).await;
    changed.unwrap().unwrap().version
}

async fn delete(store: &RedbStore, number: u64) {
    let deleted = store
        .delete_employee(id(number), Box::new(|_| Ok(())), by_ada(3))
        .await;
    deleted.unwrap().unwrap();
}

async fn bring_back(store: &RedbStore, number: u64) -> Record {
    let restored = store
        .restore_employee(id(number), person(&[]), by_ada(4))
        .await;
    restored.unwrap().unwrap()
}

/// What became of the database that a backup is to replace.
const FATES: [fn(&Path); 3] = [
    |_| {},
    |database| fs::write(database, "no database").unwrap(),
    |database| fs::remove_file(database).unwrap(),
];

#[tokio::test]
async fn no_version_and_no_id_is_given_twice() {
    for (number, fate) in FATES.into_iter().enumerate() {
        let folder = Folder::new();
        let store = folder.store();
        for _ in 0..3 {
            create(&store, person(&[])).await.unwrap();
        }
        delete(&store, 2).await;
        store.backup(folder.backup()).await.unwrap();
        let mut given = Version::FIRST;
        for title in ["one", "two", "three", "four"] {
            given = retitle(&store, 1, title).await;
        }
        bring_back(&store, 2).await;
        let last = create(&store, person(&[])).await.unwrap().id;
        drop(store);
        fate(&folder.database());

        let store = folder.restore();
        let unchanged = store.employee(id(1)).await.unwrap().unwrap();
        assert_eq!(unchanged.version, Version::FIRST, "{number}");
        assert!(retitle(&store, 1, "another").await > given, "{number}");
        assert!(bring_back(&store, 2).await.version > given, "{number}");
        delete(&store, 3).await;
        assert!(bring_back(&store, 3).await.version > given, "{number}");
        let next = create(&store, person(&[])).await.unwrap().id;
        assert!(next > last, "{number}: {next} after {last}");
        drop(store);
        let report = check_file(&folder.database()).unwrap();
        assert!(report.is_sound(), "{number}: {report:?}");
    }
}

async fn forget(store: &RedbStore, number: u64) {
    let rule = Box::new(|_: &_| Ok(()));
    let forgotten = store.forget_employees(vec![id(number)], rule, by_ada(5));
    assert_eq!(forgotten.await.unwrap(), [Ok(())]);
}

#[tokio::test]
async fn forgetting_after_a_restore_gives_no_version_twice() {
    let folder = Folder::new();
    let store = folder.store();
    create(&store, person(&[])).await.unwrap();
    store.backup(folder.backup()).await.unwrap();
    let mut given = Version::FIRST;
    for title in ["one", "two", "three"] {
        given = retitle(&store, 1, title).await;
    }
    drop(store);
    let store = folder.restore();
    forget(&store, 1).await;
    let history = store.history(id(1), None, 1).await.unwrap().unwrap();
    assert!(history[0].version > given, "{:?}", history[0]);
}

#[tokio::test]
async fn whoever_was_forgotten_since_the_backup_is_forgotten_again() {
    let folder = Folder::new();
    let store = folder.store();
    for _ in 0..4 {
        create(&store, person(&[(Field::Title, "Zorblax")]))
            .await
            .unwrap();
    }
    forget(&store, 1).await;
    store.backup(folder.backup()).await.unwrap();
    forget(&store, 2).await;
    delete(&store, 3).await;
    create(&store, person(&[])).await.unwrap();
    for number in [3, 5] {
        forget(&store, number).await;
    }
    drop(store);

    let restored = folder.prepare().unwrap().run(by_ada(100)).unwrap();
    assert_eq!(
        restored.forgotten,
        [id(2), id(3)],
        "1 was before, 5 is not in it"
    );
    let store = folder.store();
    for (number, is_there) in [(1, false), (2, false), (3, false), (4, true)] {
        let employee = store.employee(id(number)).await.unwrap();
        assert_eq!(employee.is_some(), is_there, "{number}");
        let history = store.history(id(number), None, 9).await.unwrap().unwrap();
        let is_forgotten = history[0].what == ChangeKind::Forgotten;
        assert_eq!(is_forgotten, !is_there, "{number}");
    }
    drop(store);
    let text = String::from_utf8_lossy(&fs::read(folder.database()).unwrap()).into_owned();
    assert!(text.contains("Zorblax"), "of the one who stays");
    assert!(check_file(&folder.database()).unwrap().is_sound());
}

#[tokio::test]
async fn whoever_was_signed_in_must_sign_in_again_and_is_told_why() {
    let folder = Folder::new();
    let store = folder.store();
    store
        .add_account(account("ada"), name("ada"))
        .await
        .unwrap();
    let opened = session(1, "ada", 0);
    sign_in(&store, opened.clone()).await;
    store.backup(folder.backup()).await.unwrap();
    drop(store);

    let store = folder.restore();
    assert_eq!(store.live_session(opened.id).await.unwrap(), None);
    assert_eq!(store.sessions(&name("ada")).await.unwrap(), []);
    let presented = Presented {
        generation: opened.generation,
        digest: opened.digest,
    };
    let rule = move |session: &mut roster_server::rules::session::Session, _: &_| {
        session.rotate(presented, false, at(1), Uuid::nil(), &Limits::default())
    };
    let outcome = store.change_session(opened.id, Box::new(rule), at(1)).await;
    assert_eq!(
        outcome.unwrap().unwrap().verdict,
        Verdict::Refused(RefreshRefusal::Restored)
    );
    assert!(
        store
            .open_session(
                session(2, "ada", 101),
                sign_in_proof(),
                Limits::default(),
                now(101)
            )
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn who_followed_the_events_is_told_to_read_everything_again() {
    for fate in FATES {
        let folder = Folder::new();
        let store = folder.store();
        create(&store, person(&[])).await.unwrap();
        store.backup(folder.backup()).await.unwrap();
        let mut events = store.events(None).await.unwrap();
        let reset = events.next().await.unwrap().unwrap();
        for _ in 0..3 {
            create(&store, person(&[])).await.unwrap();
        }
        let seen: EventNumber = events.next().await.unwrap().unwrap()[0].number;
        assert!(seen > reset[0].number);
        drop(store);
        fate(&folder.database());

        let store = folder.restore();
        for after in [reset[0].number, seen] {
            let mut events = store.events(Some(after)).await.unwrap();
            let first = events.next().await.unwrap().unwrap();
            assert!(matches!(*first[0].event, Event::Reset(_)));
            assert!(first[0].number > seen);
        }
    }
}

#[tokio::test]
async fn it_says_what_would_be_lost_and_keeps_the_database_before() {
    let folder = Folder::new();
    let store = folder.store();
    create(&store, person(&[])).await.unwrap();
    store.backup(folder.backup()).await.unwrap();
    retitle(&store, 1, "new").await;
    create(&store, person(&[])).await.unwrap();
    drop(store);

    let restore = folder.prepare().unwrap();
    assert_eq!(restore.report().employees, 1);
    let Current::Readable { report, lost } = restore.current() else {
        panic!("{:?}", restore.current());
    };
    assert_eq!(report.employees, 2);
    let lost: Vec<_> = lost.iter().map(|(what, n)| (what.as_str(), *n)).collect();
    assert_eq!(lost, [("employee changed", 1), ("employee created", 1)]);

    let restored = restore.run(by_ada(100)).unwrap();
    let kept = RedbStore::open(&restored.kept.unwrap()).unwrap();
    assert_eq!(kept.figures().await.unwrap().employees, 2);
    let store = folder.store();
    assert_eq!(store.figures().await.unwrap().employees, 1);
    let audit = store.audit(None, 1).await.unwrap();
    assert_eq!(audit[0].what, AuditAction::DatabaseRestored);
}

#[tokio::test]
async fn nothing_is_restored_over_a_database_in_use_or_from_a_bad_backup() {
    let folder = Folder::new();
    let store = folder.store();
    create(&store, person(&[])).await.unwrap();
    store.backup(folder.backup()).await.unwrap();
    assert!(matches!(
        folder.prepare().map(drop),
        Err(BackupError::Open(OpenError::Locked(locked))) if locked == folder.database()
    ));
    drop(store);
    let bytes = fs::read(folder.database()).unwrap();

    let mut damaged = fs::read(folder.backup()).unwrap();
    let name = damaged.windows(6).position(|part| part == b"Castro");
    damaged[name.unwrap()] ^= 1;
    fs::write(folder.backup(), damaged).unwrap();
    assert!(matches!(
        folder.prepare().map(drop),
        Err(BackupError::Open(OpenError::Damaged { .. }))
    ));
    assert!(fs::read(folder.database()).unwrap() == bytes);
}

#[tokio::test]
async fn a_database_that_a_restore_is_preparing_cannot_be_served() {
    let folder = Folder::new();
    let store = folder.store();
    store.backup(folder.backup()).await.unwrap();
    drop(store);
    let restore = folder.prepare().unwrap();
    assert!(matches!(
        RedbStore::open(&folder.database()).map(drop),
        Err(OpenError::Locked(_))
    ));
    drop(restore);
    folder.store();
}

#[tokio::test]
async fn wherever_the_disk_fails_a_copy_is_complete_or_an_error() {
    let folder = Folder::new();
    let store = folder.store();
    for _ in 0..5 {
        create(&store, person(&[])).await.unwrap();
    }
    let mut complete = 0;
    for room in 0..60 {
        let disk = Disk::new();
        disk.leave_room(room);
        let copied = store.copy_to(disk.clone()).is_ok();
        disk.leave_room(i64::MAX);
        if copied {
            complete += 1;
            assert_eq!(disk.store().figures().await.unwrap().employees, 5);
        }
    }
    assert!((1..60).contains(&complete), "{complete}");
}
