//! The store, one story a method. Every test has a store of its own, in memory or in a temporary file.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

use jiff::Timestamp;
use roster_common::employee::{Details, Employee, EmployeeId, Field};
use roster_common::problem::Rule;
use roster_common::{Changes, Query, Role, Username};
use roster_server::rules::session::{End, Limits, Session, Verdict};
use roster_server::store::redb::{OpenError, RedbStore};
use roster_server::store::{Account, PasswordHash, Record, Refused, Stamp, Store};
use uuid::Uuid;

fn store() -> RedbStore {
    RedbStore::in_memory().unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn by_ada(second: i64) -> Stamp {
    Stamp { by: name("ada"), at: at(second) }
}

fn name(name: &str) -> Username {
    name.parse().unwrap()
}

fn id(number: u64) -> EmployeeId {
    number.try_into().unwrap()
}

/// A person with these fields beside a name.
fn person(fields: &[(Field, &str)]) -> Details {
    let mut changes = Changes::default();
    changes.set(Field::Firstname, "Maya");
    changes.set(Field::Lastname, "Castro");
    for (field, value) in fields {
        changes.set(*field, *value);
    }
    changes.to_details().unwrap()
}

fn reporting_to(manager: u64) -> Details {
    person(&[(Field::Manager, &manager.to_string())])
}

fn read(record: &Record) -> Employee {
    let employee: Employee = serde_json::from_slice(&record.json).unwrap();
    assert_eq!((employee.id, employee.version), (record.id, record.version));
    employee
}

async fn create(store: &RedbStore, details: Details) -> Result<Record, Refused> {
    store.create_employee(details, None, by_ada(0)).await.unwrap()
}

fn account(user: &str) -> Account {
    Account {
        username: name(user),
        role: Role::Editor,
        disabled: false,
        password: PasswordHash("$2b$".into()),
        created: at(0),
    }
}

fn session(number: u128, user: &str, created: i64) -> Session {
    Session {
        id: Uuid::from_u128(number),
        user: name(user),
        created: at(created),
        generation: 1,
        issued: at(created),
        expires: Session::expiry(at(created), at(created), &Limits::default()),
        jti: Uuid::from_u128(7),
        kid: "k1".into(),
        digest: [3; 32],
        seen: None,
        earlier: vec![(0, at(created))],
        latest: at(created),
        ended: None,
        address: "127.0.0.1".into(),
        client: "roster".into(),
    }
}

/// The rules that a refusal names.
fn broken<T: std::fmt::Debug>(answer: Result<T, Refused>) -> Vec<(String, Rule)> {
    match answer {
        Err(Refused::Invalid(errors)) => errors.into_iter().map(|e| (e.field, e.code)).collect(),
        other => panic!("not refused by a rule: {other:?}"),
    }
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let store = store();
    assert_eq!(store.account(&name("ada")).await.unwrap(), None);
    assert!(store.add_account(account("ada")).await.unwrap());
    assert!(!store.add_account(Account { role: Role::Admin, ..account("ada") }).await.unwrap());
    assert_eq!(store.account(&name("ada")).await.unwrap(), Some(account("ada")));
}

#[tokio::test]
async fn a_created_employee_is_read_back_as_it_was_answered() {
    let store = store();
    let created = create(&store, person(&[(Field::Title, "Plant Operator")])).await.unwrap();
    let employee = read(&created);
    assert_eq!((employee.id, employee.updated_by.as_str(), employee.created), (id(1), "ada", at(0)));
    let found = store.employee(id(1)).await.unwrap().unwrap();
    assert_eq!(found.json, created.json);
    assert_eq!(store.page(&Query::parse("limit=5").unwrap()).await.unwrap().records[0].json, created.json);
}

#[tokio::test]
async fn a_session_goes_on_after_the_store_was_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    let store = RedbStore::open(&path).unwrap();
    assert!(matches!(RedbStore::open(&path).map(|_| ()), Err(OpenError::Locked(_))));
    store.add_account(account("ada")).await.unwrap();
    store.open_session(session(1, "ada", 0), None).await.unwrap();
    let verdict = store
        .change_session(
            Uuid::from_u128(1),
            Box::new(|session, _| {
                session.generation = 2;
                Verdict::Rotated
            }),
        )
        .await;
    assert_eq!(verdict.unwrap(), Some(Verdict::Rotated));
    drop(store);

    let store = RedbStore::open(&path).unwrap();
    assert_eq!(store.live_session(Uuid::from_u128(1)).await.unwrap().unwrap().generation, 2);
    store.end_session(Uuid::from_u128(1), at(1), End::Logout).await.unwrap();
    assert_eq!(store.live_session(Uuid::from_u128(1)).await.unwrap(), None);
}

#[tokio::test]
async fn a_manager_must_exist() {
    let store = store();
    assert_eq!(broken(create(&store, reporting_to(9)).await), [("manager".into(), Rule::NotFound)]);
}
