//! Backups and checks of the file. For redb only: other databases have tools of their own for
//! backups.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::redb::{Database, ReadableTable, TableDefinition, WriteTransaction};
use jiff::Timestamp;
use roster_common::Query;
use roster_server::store::EmployeeStore;
use roster_server::store::redb::{BackupError, OpenError, RedbStore, backup_file, check_file};

use super::previous::{everything, unpack};
use super::{create, person};

#[tokio::test]
async fn a_backup_reads_as_the_store_did_whether_or_not_it_was_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    unpack(&path);
    let [at_rest, live] = ["at-rest", "live"].map(|name| folder.path().join(name));
    backup_file(&path, &at_rest).unwrap();
    let store = RedbStore::open(&path).unwrap();
    let report = store.backup(live.clone()).await.unwrap();
    assert_eq!(report, check_file(&live).unwrap());
    for backup in [at_rest, live] {
        let restored = RedbStore::open(&backup).unwrap();
        assert_eq!(everything(&restored).await, everything(&store).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_one_committed_state() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(RedbStore::open(&folder.path().join("roster.redb")).unwrap());
    let acknowledged = Arc::new(AtomicU64::new(0));
    let writers: Vec<_> = (0..3)
        .map(|_| {
            let (store, acknowledged) = (Arc::clone(&store), Arc::clone(&acknowledged));
            tokio::spawn(async move {
                loop {
                    create(&*store, person(&[])).await.unwrap();
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    for number in 0..8 {
        let backup = folder.path().join(format!("backup-{number}"));
        let before = acknowledged.load(Ordering::SeqCst);
        let report = store.backup(backup.clone()).await.unwrap();
        let after = acknowledged.load(Ordering::SeqCst);
        // Each writer may have one that is committed and not acknowledged yet.
        assert!((before..=after + 3).contains(&report.employees));
        assert_eq!(report.audit, report.employees, "each with its audit entry");
        let restored = RedbStore::open(&backup).unwrap();
        let page = restored
            .page(&Query::parse("sort=id").unwrap(), Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
        assert_eq!(page.records.iter().count() as u64, report.employees);
        assert_eq!(
            create(&restored, person(&[])).await.unwrap().id.get(),
            report.employees + 1
        );
    }
    writers.iter().for_each(|writer| writer.abort());
}

#[test]
fn neither_a_check_nor_a_backup_changes_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    unpack(&path);
    let before = std::fs::read(&path).unwrap();
    let report = check_file(&path).unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(
        backup_file(&path, &folder.path().join("b")).unwrap(),
        report
    );
    assert!(std::fs::read(&path).unwrap() == before);
}

#[test]
fn a_backup_replaces_an_older_one_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let [path, backup, document, link] =
        ["roster.redb", "backup", "notes.txt", "link"].map(|name| folder.path().join(name));
    unpack(&path);
    for _ in 0..2 {
        backup_file(&path, &backup).unwrap();
    }
    std::fs::write(&document, "Buy milk.").unwrap();
    assert!(matches!(
        backup_file(&path, &document),
        Err(BackupError::Taken(taken)) if taken == document
    ));
    assert_eq!(std::fs::read_to_string(&document).unwrap(), "Buy milk.");
    std::fs::hard_link(&path, &link).unwrap();
    for itself in [&path, &link] {
        assert!(matches!(
            backup_file(&path, itself),
            Err(BackupError::Itself(_))
        ));
    }
    let nowhere = folder.path().join("nowhere/backup");
    assert!(matches!(
        backup_file(&path, &nowhere),
        Err(BackupError::File { .. })
    ));
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 4, "nothing is left behind: {names:?}");
}

#[tokio::test]
async fn a_running_store_is_not_replaced_by_its_own_backup() {
    let folder = tempfile::tempdir().unwrap();
    let [path, link] = ["roster.redb", "link"].map(|name| folder.path().join(name));
    let store = RedbStore::open(&path).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for itself in [&path, &link] {
        assert!(matches!(
            store.backup(itself.clone()).await,
            Err(BackupError::Itself(_))
        ));
    }
    create(&store, person(&[])).await.unwrap();
}

#[test]
fn a_file_that_is_open_is_not_checked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    let _store = RedbStore::open(&path).unwrap();
    assert!(matches!(check_file(&path), Err(OpenError::Locked(_))));
}

#[test]
fn what_is_no_database_of_rosterd_gets_no_backup() {
    let folder = tempfile::tempdir().unwrap();
    let [path, backup] = ["other.redb", "backup"].map(|name| folder.path().join(name));
    change(&path, |transaction| {
        let table = TableDefinition::<&str, &str>::new("songs");
        transaction
            .open_table(table)
            .unwrap()
            .insert("a", "b")
            .unwrap();
    });
    for error in [
        backup_file(&path, &backup)
            .map(drop)
            .unwrap_err()
            .to_string(),
        check_file(&path).map(drop).unwrap_err().to_string(),
        RedbStore::open(&path).map(drop).unwrap_err().to_string(),
    ] {
        assert!(error.contains("a database of another program"), "{error}");
    }
    assert!(!backup.exists());
}

/// Changes a file behind the store's back.
fn change(path: &Path, change: impl FnOnce(&WriteTransaction)) {
    let database = Database::create(path).unwrap();
    let transaction = database.begin_write().unwrap();
    change(&transaction);
    transaction.commit().unwrap();
}

/// A change that makes the rows contradict each other, and what a check says then.
type Contradiction = (fn(&WriteTransaction), &'static [&'static str]);

const SESSIONS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("sessions");
const SESSION_AGES: TableDefinition<'_, (i64, u128), ()> = TableDefinition::new("session_ages");
const USER_SESSIONS: TableDefinition<'_, (&str, u128), ()> = TableDefinition::new("user_sessions");
const EMPLOYEES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("employees");
const NUMBERS: TableDefinition<'_, &str, u64> = TableDefinition::new("numbers");
const REQUEST_AGES: TableDefinition<'_, (i64, &str, &str), ()> =
    TableDefinition::new("request_ages");
const HISTORY: TableDefinition<'_, (u64, u64), &[u8]> = TableDefinition::new("history");
const REFUSALS: TableDefinition<'_, u64, ()> = TableDefinition::new("refusals");
const ACCOUNTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("accounts");

const CONTRADICTIONS: [Contradiction; 10] = [
    (
        |t| _ = t.open_table(NUMBERS).unwrap().insert("e1", 1).unwrap(),
        &["the index of personnel numbers has (\"e1\", "],
    ),
    (
        |t| _ = t.open_table(SESSION_AGES).unwrap().pop_first().unwrap(),
        &["the index of sessions by age lacks"],
    ),
    (
        |t| _ = t.open_table(SESSIONS).unwrap().pop_last().unwrap(),
        &["the index of sessions by age has", "which no row has"],
    ),
    (
        |t| _ = t.open_table(USER_SESSIONS).unwrap().pop_last().unwrap(),
        &["the index of open sessions by user lacks"],
    ),
    (
        |t| _ = t.open_table(REQUEST_AGES).unwrap().pop_last().unwrap(),
        &["the index of requests by age lacks"],
    ),
    (
        |t| _ = t.open_table(REFUSALS).unwrap().insert(1, ()).unwrap(),
        &["the index of the audit (Refusals) has 1"],
    ),
    (
        |t| _ = t.open_table(EMPLOYEES).unwrap().remove(1).unwrap(),
        &["employee 1 is missing, but its history does not end with a deletion"],
    ),
    (
        |t| {
            let mut history = t.open_table(HISTORY).unwrap();
            let last = history.range((1, 0)..(2, 0)).unwrap().next_back();
            let key = last.unwrap().unwrap().0.value();
            history.remove(key).unwrap();
        },
        &["employee 1 has version", "in its history"],
    ),
    (
        |t| {
            let mut employees = t.open_table(EMPLOYEES).unwrap();
            employees.insert(2, b"\x01damaged".as_slice()).unwrap();
        },
        &["invalid row in employees"],
    ),
    (
        |t| _ = t.open_table(ACCOUNTS).unwrap().remove("ada").unwrap(),
        &["is of ada, who has no account"],
    ),
];

#[test]
fn every_contradiction_between_rows_is_found_and_gets_no_backup() {
    for (number, (contradict, words)) in CONTRADICTIONS.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let [path, backup] = ["roster.redb", "backup"].map(|name| folder.path().join(name));
        unpack(&path);
        change(&path, contradict);
        let report = check_file(&path).unwrap();
        let described = report.described.join("\n");
        assert!(
            !report.is_sound() && words.iter().all(|word| described.contains(word)),
            "{number}: {described}"
        );
        assert!(matches!(
            backup_file(&path, &backup),
            Err(BackupError::Unsound(unsound)) if *unsound == report
        ));
        assert!(!backup.exists());
    }
}
