//! Forgetting a person: no text about them is left, and that somebody was there is.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use roster_common::employee::{Employee, Field};
use roster_common::event::Event;
use roster_common::history::{AuditAction, ChangeKind};
use roster_common::problem::Rule;
use roster_server::store::redb::RedbStore;
use roster_server::store::{
    EmployeeStore, HistoryStore, IdempotencyKey, Record, Refused, RunStore, Store, StoreMonitor,
    ValidRow,
};

use super::backend::{Backend, on_every_backend};
use super::{broken, by_ada, create, id, person};

/// A name that nothing else contains.
const NAME: &str = "Zorblax";

fn key() -> IdempotencyKey {
    IdempotencyKey {
        key: "k".into(),
        digest: [1; 32],
    }
}

/// Creates a person under a key, with the id 1.
async fn create_named(store: &impl Store) -> Result<Record, Refused> {
    let named = person(&[(Field::Title, NAME), (Field::Notes, NAME)]);
    store
        .create_employee(named, Some(key()), by_ada(0))
        .await
        .unwrap()
}

async fn change(store: &impl Store, title: &'static str) {
    let rule = move |current: &Employee| {
        let mut changes = roster_common::Changes::default();
        changes.set(Field::Title, title);
        changes.apply_to(&current.details).map_err(Refused::Invalid)
    };
    store
        .change_employee(id(1), Box::new(rule), by_ada(1))
        .await
        .unwrap()
        .unwrap();
}

async fn delete(store: &impl Store) {
    let deleted = store.delete_employee(id(1), Box::new(|_| Ok(())), by_ada(2));
    deleted.await.unwrap().unwrap();
}

async fn forget(store: &impl Store) -> Result<(), Refused> {
    forget_all(store, &[1]).await.remove(0)
}

/// Forgets people in one transaction.
async fn forget_all(store: &impl Store, ids: &[u64]) -> Vec<Result<(), Refused>> {
    let rule = Box::new(|_: &Employee| Ok(()));
    let ids = ids.iter().copied().map(id).collect();
    store.forget_employees(ids, rule, by_ada(3)).await.unwrap()
}

/// The kinds of the entries in a history, the oldest first. None of them has a value.
async fn kinds(store: &impl Store) -> Vec<ChangeKind> {
    let mut history = store.history(id(1), None, 100).await.unwrap().unwrap();
    history.reverse();
    assert!(history.iter().all(|entry| entry.changes.is_empty()));
    assert!(history.iter().all(|entry| entry.by == "ada"));
    history.iter().map(|entry| entry.what).collect()
}

async fn of_a_person_who_is_forgotten_only_the_fact_is_left<P: Backend>(_: P) {
    use ChangeKind::{Changed, Created, Deleted, Forgotten};
    for (is_changed, is_deleted, left) in [
        (false, false, vec![Created, Forgotten]),
        (true, false, vec![Created, Changed, Forgotten]),
        (false, true, vec![Created, Deleted, Forgotten]),
        (true, true, vec![Created, Changed, Deleted, Forgotten]),
    ] {
        let backend = P::new().await.unwrap();
        let store = backend.open().await;
        create_named(&store).await.unwrap();
        if is_changed {
            change(&store, "Other").await;
        }
        if is_deleted {
            delete(&store).await;
        }
        forget(&store).await.unwrap();
        assert_eq!(kinds(&store).await, left);
        assert!(store.employee(id(1)).await.unwrap().is_none());
        let newest = &store.audit(None, 1).await.unwrap()[0];
        let line = (newest.what, newest.target.as_deref(), &newest.note);
        assert_eq!(line, (AuditAction::EmployeeForgotten, Some("1"), &None));
    }
}

async fn who_is_forgotten_comes_back_in_no_way(backend: impl Backend) {
    let store = backend.open().await;
    create_named(&store).await.unwrap();
    delete(&store).await;
    forget(&store).await.unwrap();
    assert_eq!(forget(&store).await, Err(Refused::NotFound));
    let restored = store.restore_employee(id(1), person(&[]), by_ada(4));
    assert_eq!(restored.await.unwrap(), Err(Refused::NotFound));
    assert_eq!(create_named(&store).await, Err(Refused::KeyReused));
    let rows = [ValidRow::of_new(Some(id(1)), &person(&[]))];
    let added = store.add_employees(rows.into_iter().collect(), by_ada(5));
    let error = added.await.unwrap().unwrap_err().remove(0);
    assert_eq!((error.field.as_str(), error.code), ("id", Rule::Taken));
    assert_eq!(create(&store, person(&[])).await.unwrap().id, id(2));
    assert_eq!(
        store.history(id(3), None, 9).await.unwrap(),
        None,
        "nobody was ever there"
    );
}

async fn a_rule_may_refuse_and_nobody_is_forgotten_who_never_was(backend: impl Backend) {
    let store = backend.open().await;
    assert_eq!(forget(&store).await, Err(Refused::NotFound));
    create_named(&store).await.unwrap();
    let rule = Box::new(|current: &Employee| Err(Refused::Stale(Box::new(current.clone()))));
    let refused = store.forget_employees(vec![id(1)], rule, by_ada(3));
    let refused = refused.await.unwrap();
    assert!(matches!(refused[..], [Err(Refused::Stale(_))]));
    assert!(store.employee(id(1)).await.unwrap().is_some());
    let unknown = person(&[(Field::Manager, "9")]);
    assert_eq!(broken(create(&store, unknown).await)[0].1, Rule::NotFound);
}

async fn who_follows_the_changes_later_is_not_told_of_the_person(backend: impl Backend) {
    let store = backend.open().await;
    let mut follower = store.events(None).await.unwrap();
    let before = follower.next().await.unwrap().unwrap()[0].number;
    create_named(&store).await.unwrap();
    change(&store, "Other").await;
    create(&store, person(&[])).await.unwrap();
    forget(&store).await.unwrap();
    let later = store.events(Some(before)).await.unwrap();
    let told: Vec<_> = later
        .flat_map(|events| stream::iter(events.unwrap()))
        .take(2)
        .map(|numbered| match &*numbered.event {
            Event::Created(change) => (change.id, change.record.is_some()),
            Event::Deleted(change) => (change.id, change.record.is_some()),
            other => panic!("{other:?}"),
        })
        .collect()
        .await;
    assert_eq!(told, [(id(2), true), (id(1), false)]);
}

async fn whoever_follows_stays_up_to_date_when_a_deleted_person_is_forgotten(
    backend: impl Backend,
) {
    let store = backend.open().await;
    create_named(&store).await.unwrap();
    let mut follower = store.events(None).await.unwrap();
    let mut newest = follower.next().await.unwrap().unwrap()[0].number;
    delete(&store).await;
    let mut later = store.events(Some(newest)).await.unwrap();
    newest = later.next().await.unwrap().unwrap()[0].number;
    forget(&store).await.unwrap();
    let mut late = store.events(Some(newest)).await.unwrap();
    create(&store, person(&[])).await.unwrap();
    for follower in [&mut follower, &mut later, &mut late] {
        let mut event = follower.next().await.unwrap().unwrap().remove(0).event;
        if let Event::Deleted(_) = *event {
            event = follower.next().await.unwrap().unwrap().remove(0).event;
        }
        assert!(matches!(&*event, Event::Created(change) if change.id == id(2)));
    }
}

async fn many_are_forgotten_in_one_commit_and_each_has_an_outcome(backend: impl Backend) {
    let store = backend.open().await;
    create_named(&store).await.unwrap();
    for _ in 0..3 {
        create(&store, person(&[])).await.unwrap();
    }
    forget_all(&store, &[3]).await.remove(0).unwrap();
    let mut follower = store.events(None).await.unwrap();
    follower.next().await.unwrap().unwrap();
    let outcomes = forget_all(&store, &[4, 3, 1, 9]).await;
    let unknown = Err(Refused::NotFound);
    assert_eq!(outcomes, [Ok(()), unknown.clone(), Ok(()), unknown]);
    // An event is numbered by its commit and its position in it.
    let events = follower.next().await.unwrap().unwrap();
    let numbers = events.iter().map(|event| event.number.to_string());
    let commits: BTreeSet<_> = numbers
        .map(|number| number.split('-').next().unwrap().to_owned())
        .collect();
    assert_eq!((events.len(), commits.len()), (2, 1));
    for (number, is_there) in [(1, false), (2, true), (3, false), (4, false)] {
        let employee = store.employee(id(number)).await.unwrap();
        assert_eq!(employee.is_some(), is_there, "{number}");
    }
    assert_eq!(create_named(&store).await, Err(Refused::KeyReused));
}

on_every_backend! {
    whoever_follows_stays_up_to_date_when_a_deleted_person_is_forgotten,
    many_are_forgotten_in_one_commit_and_each_has_an_outcome,
    of_a_person_who_is_forgotten_only_the_fact_is_left,
    who_is_forgotten_comes_back_in_no_way,
    a_rule_may_refuse_and_nobody_is_forgotten_who_never_was,
    who_follows_the_changes_later_is_not_told_of_the_person,
}

/// The rows of a table in which the name stands.
fn rows_with_the_name<K: redb::Key + 'static>(
    database: &Database,
    table: TableDefinition<'_, K, &[u8]>,
) -> usize {
    let transaction = database.begin_read().unwrap();
    let table = transaction.open_table(table).unwrap();
    let rows = table
        .iter()
        .unwrap()
        .map(|row| row.unwrap().1.value().to_vec());
    let has_name = |row: &Vec<u8>| row.windows(NAME.len()).any(|part| part == NAME.as_bytes());
    rows.filter(has_name).count()
}

/// For redb only: it reads the file.
#[tokio::test]
async fn no_row_of_the_file_has_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    let rows = || {
        let database = Database::open(&path).unwrap();
        [
            rows_with_the_name::<u64>(&database, TableDefinition::new("employees")),
            rows_with_the_name::<(u64, u64)>(&database, TableDefinition::new("history")),
            rows_with_the_name::<u64>(&database, TableDefinition::new("audit")),
            rows_with_the_name::<(&str, &str)>(&database, TableDefinition::new("requests")),
        ]
    };
    let store = RedbStore::open(&path).unwrap();
    create_named(&store).await.unwrap();
    change(&store, "Other").await;
    drop(store);
    assert_eq!(rows(), [1, 1, 0, 1]);
    let store = RedbStore::open(&path).unwrap();
    forget(&store).await.unwrap();
    drop(store);
    assert_eq!(rows(), [0; 4]);
}
