//! Files of older versions, made here row by row as those wrote them. For redb only: no other store
//! has written any.

use std::path::Path;

use redb::{Database, ReadableDatabase, TableDefinition};
use roster_common::employee::{Employee, Field};
use roster_server::rules::session::SessionId;
use roster_server::store::redb::RedbStore;
use roster_server::store::{
    AccountStore, EmployeeStore, HistoryStore, SessionSelector, SessionStore,
};
use uuid::Uuid;

use super::{by_ada, create, id, name, person, read};

const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
const ACCOUNTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("accounts");
const SESSIONS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("sessions");
const SESSION_AGES: TableDefinition<'_, (i64, u128), ()> = TableDefinition::new("session_ages");
const EMPLOYEES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("employees");
const REQUESTS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("requests");
const REQUEST_AGES: TableDefinition<'_, (i64, &str, &str), ()> =
    TableDefinition::new("request_ages");

/// ada, an admin.
const ACCOUNT: &str = "010200082432622431322478d00f";
/// A session of ada's that has not ended.
const OPEN: &str = "0103616461020206081000000000000000000000000000000005016b0606060606060606060606060606060606060606060606060606060606060606010e0108121400033a3a310163";
/// One that has, by a reuse.
const ENDED: &str = "0103616461020206081000000000000000000000000000000005016b0606060606060606060606060606060606060606060606060606060606060606010e01081214011602033a3a310163";
/// A. B., version 2, changed by ada.
const EMPLOYEE: &str = "0101410142000000000001ac0202010a323032362d31312d32340002020403616461";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

/// Writes a file as version 1 of the format has it.
fn write(path: &Path) {
    let database = Database::create(path).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut meta = transaction.open_table(META).unwrap();
        for (name, number) in [("schema", 1), ("serial", 41), ("next_employee", 8)] {
            meta.insert(name, number).unwrap();
        }
        transaction
            .open_table(ACCOUNTS)
            .unwrap()
            .insert("ada", bytes(ACCOUNT).as_slice())
            .unwrap();
        let mut sessions = transaction.open_table(SESSIONS).unwrap();
        let mut ages = transaction.open_table(SESSION_AGES).unwrap();
        for (id, row) in [(1, OPEN), (2, ENDED)] {
            sessions.insert(id, bytes(row).as_slice()).unwrap();
            ages.insert((1, id), ()).unwrap();
        }
        transaction
            .open_table(EMPLOYEES)
            .unwrap()
            .insert(7, bytes(EMPLOYEE).as_slice())
            .unwrap();
        transaction.open_table(REQUESTS).unwrap();
        transaction.open_table(REQUEST_AGES).unwrap();
    }
    transaction.commit().unwrap();
}

fn schema(path: &Path) -> u64 {
    let database = Database::open(path).unwrap();
    let meta = database.begin_read().unwrap().open_table(META).unwrap();
    meta.get("schema").unwrap().unwrap().value()
}

fn number(number: u128) -> SessionId {
    Uuid::from_u128(number)
}

#[tokio::test]
async fn a_file_of_version_1_keeps_all_that_it_has_and_gets_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    write(&path);
    let before = folder.path().join("roster.redb.format-1");
    for _ in 0..2 {
        let store = RedbStore::open(&path).unwrap();
        assert!(store.account(&name("ada")).await.unwrap().is_some());
        assert_eq!(
            store.employee(id(7)).await.unwrap().unwrap().version.get(),
            2
        );
        let open: Vec<_> = store
            .sessions(&name("ada"))
            .await
            .unwrap()
            .into_iter()
            .map(|open| open.id)
            .collect();
        assert_eq!(open, [number(1)]);
        assert_eq!(
            store.history(id(7), None, 9).await.unwrap(),
            Some(vec![]),
            "version 1 kept no history"
        );
        assert_eq!(store.audit(None, 9).await.unwrap(), []);
        drop(store);
        assert_eq!(schema(&before), 1, "it was copied before");
    }
    let store = RedbStore::open(&path).unwrap();
    assert_eq!(
        store
            .end_sessions(&name("ada"), SessionSelector::All, by_ada(9))
            .await
            .unwrap(),
        1,
        "the writer knows it too"
    );
    let numbered = |_: &Employee| Ok(person(&[(Field::Number, "E7")]));
    let changed = store.change_employee(id(7), Box::new(numbered), by_ada(9));
    changed.await.unwrap().unwrap();
    assert!(
        create(&store, person(&[(Field::Number, "e7")]))
            .await
            .is_err()
    );
    assert_eq!(
        read(&store.employee(id(7)).await.unwrap().unwrap())
            .details
            .number(),
        Some("E7")
    );
    drop(store);
    assert_eq!(schema(&path), 5);
}
