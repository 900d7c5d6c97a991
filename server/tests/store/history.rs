//! What became of a record, kept with it and after it.

use roster_common::employee::{Field, Version};
use roster_common::history::{ChangeKind, HistoryEntry};
use roster_server::store::{EmployeeStore, HistoryStore, RunStore, Store, ValidRow};

use super::backend::{Backend, on_every_backend};
use super::{at, by_ada, create, id, person, read};

async fn retitle(store: &impl Store, number: u64, title: &'static str, second: i64) {
    let rule = Box::new(move |_: &_| Ok(person(&[(Field::Title, title)])));
    store
        .change_employee(id(number), rule, by_ada(second))
        .await
        .unwrap()
        .unwrap();
}

async fn history(store: &impl Store, number: u64) -> Vec<HistoryEntry> {
    store.history(id(number), None, 100).await.unwrap().unwrap()
}

/// An entry's version, time and kind, and the old and new value of the title, if that changed.
fn message(entry: &HistoryEntry) -> (u64, i64, ChangeKind, Option<(&str, &str)>) {
    let title = entry
        .changes
        .iter()
        .find(|change| change.field == Field::Title);
    let title = title.map(|change| (change.old.as_str(), change.new.as_str()));
    (entry.version.get(), entry.at.as_second(), entry.what, title)
}

async fn a_records_life_is_told_from_its_end_to_its_beginning(backend: impl Backend) {
    let store = backend.open().await;
    create(&store, person(&[])).await.unwrap();
    assert_eq!(
        history(&store, 1)
            .await
            .iter()
            .map(message)
            .collect::<Vec<_>>(),
        [(1, 0, ChangeKind::Created, None)]
    );
    retitle(&store, 1, "Analyst", 10).await;
    retitle(&store, 1, "Engineer", 20).await;
    store
        .delete_employee(id(1), Box::new(|_| Ok(())), by_ada(30))
        .await
        .unwrap()
        .unwrap();
    let life = history(&store, 1).await;
    let message: Vec<_> = life.iter().map(message).collect();
    assert_eq!(
        message,
        [
            (4, 30, ChangeKind::Deleted, Some(("Engineer", ""))),
            (3, 20, ChangeKind::Changed, Some(("Analyst", "Engineer"))),
            (2, 10, ChangeKind::Changed, Some(("", "Analyst"))),
            (1, 0, ChangeKind::Created, None),
        ]
    );
    assert!(life.iter().all(|entry| entry.by == "ada"));
    assert_eq!(life[1].changes.len(), 1, "a change names what it changed");
    let last: Vec<_> = life[0]
        .changes
        .iter()
        .map(|gone| (gone.field, gone.old.as_str()))
        .collect();
    assert!(
        last.contains(&(Field::Lastname, "Castro")),
        "a deletion names all that the record said: {last:?}"
    );
}

async fn a_clock_that_is_set_back_changes_no_order_and_no_beginning(backend: impl Backend) {
    let store = backend.open().await;
    store
        .create_employee(person(&[]), None, by_ada(100))
        .await
        .unwrap()
        .unwrap();
    retitle(&store, 1, "Analyst", 50).await;
    retitle(&store, 1, "Engineer", 10).await;
    let life = history(&store, 1).await;
    let moments: Vec<_> = life
        .iter()
        .map(|entry| (entry.version.get(), entry.at))
        .collect();
    assert_eq!(
        moments,
        [(3, at(10)), (2, at(50)), (1, at(100))],
        "the newest first is the latest commit first"
    );
    let page = store
        .history(id(1), Some(Version::new(3)), 1)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(page, [life[1].clone()]);
}

async fn a_record_that_was_brought_back_goes_on_with_its_life(backend: impl Backend) {
    let store = backend.open().await;
    create(&store, person(&[(Field::Title, "Analyst")]))
        .await
        .unwrap();
    store
        .delete_employee(id(1), Box::new(|_| Ok(())), by_ada(10))
        .await
        .unwrap()
        .unwrap();
    store
        .restore_employee(id(1), person(&[(Field::Title, "Analyst")]), by_ada(20))
        .await
        .unwrap()
        .unwrap();
    retitle(&store, 1, "Engineer", 30).await;
    assert_eq!(
        history(&store, 1)
            .await
            .iter()
            .map(message)
            .collect::<Vec<_>>(),
        [
            (4, 30, ChangeKind::Changed, Some(("Analyst", "Engineer"))),
            (3, 20, ChangeKind::Restored, Some(("", "Analyst"))),
            (2, 10, ChangeKind::Deleted, Some(("Analyst", ""))),
            (1, 0, ChangeKind::Created, None),
        ]
    );
}

async fn a_record_that_came_in_with_many_or_was_deleted_untouched_has_a_beginning_too(
    backend: impl Backend,
) {
    let store = backend.open().await;
    let rows = (0..3)
        .map(|_| ValidRow::of_new(None, &person(&[])))
        .collect();
    let added = store.add_employees(rows, by_ada(7)).await.unwrap();
    added.unwrap();
    store
        .delete_employee(id(2), Box::new(|_| Ok(())), by_ada(9))
        .await
        .unwrap()
        .unwrap();
    let happenings =
        |life: Vec<HistoryEntry>| life.into_iter().map(|e| (e.at, e.what)).collect::<Vec<_>>();
    assert_eq!(
        happenings(history(&store, 1).await),
        [(at(7), ChangeKind::Created)]
    );
    assert_eq!(
        happenings(history(&store, 2).await),
        [(at(9), ChangeKind::Deleted), (at(7), ChangeKind::Created)]
    );
    assert_eq!(
        store.history(id(4), None, 100).await.unwrap(),
        None,
        "there never was one"
    );
}

async fn what_changes_nothing_leaves_no_trace(backend: impl Backend) {
    let store = backend.open().await;
    create(&store, person(&[(Field::Title, "Analyst")]))
        .await
        .unwrap();
    retitle(&store, 1, "Analyst", 10).await;
    assert_eq!(history(&store, 1).await.len(), 1);
}

async fn it_is_read_in_pages_that_neither_miss_nor_repeat(backend: impl Backend) {
    let store = backend.open().await;
    create(&store, person(&[])).await.unwrap();
    for second in 0..6 {
        retitle(
            &store,
            1,
            if second % 2 == 0 {
                "Analyst"
            } else {
                "Engineer"
            },
            second,
        )
        .await;
    }
    create(&store, person(&[])).await.unwrap();
    let (mut before, mut versions) = (None, Vec::new());
    loop {
        let page = store.history(id(1), before, 3).await.unwrap().unwrap();
        versions.push(
            page.iter()
                .map(|entry| entry.version.get())
                .collect::<Vec<_>>(),
        );
        match page.last() {
            Some(last) => before = Some(last.version),
            None => break,
        }
    }
    assert_eq!(versions, [vec![7, 6, 5], vec![4, 3, 2], vec![1], vec![]]);
    assert_eq!(
        store.history(id(2), Some(Version::FIRST), 3).await.unwrap(),
        Some(vec![])
    );
}

async fn of_a_record_that_changes_without_end_the_beginning_and_the_newest_thousand_entries_are_kept(
    backend: impl Backend,
) {
    let store = backend.open().await;
    create(&store, person(&[])).await.unwrap();
    let changes =
        (0..1005).map(|second| retitle(&store, 1, if second % 2 == 0 { "A" } else { "B" }, second));
    futures_util::future::join_all(changes).await;
    let life = store.history(id(1), None, 5000).await.unwrap().unwrap();
    assert_eq!(life.len(), 1001);
    assert_eq!(
        (
            life[0].version.get(),
            life[999].version.get(),
            life[1000].version.get()
        ),
        (1006, 7, 1)
    );
    store
        .delete_employee(id(1), Box::new(|_| Ok(())), by_ada(2000))
        .await
        .unwrap()
        .unwrap();
    let back = store
        .restore_employee(id(1), person(&[]), by_ada(3000))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        read(&back).created,
        at(0),
        "and it tells when the record was created, should it ever come back"
    );
}

on_every_backend! {
    a_records_life_is_told_from_its_end_to_its_beginning,
    a_clock_that_is_set_back_changes_no_order_and_no_beginning,
    a_record_that_was_brought_back_goes_on_with_its_life,
    a_record_that_came_in_with_many_or_was_deleted_untouched_has_a_beginning_too,
    what_changes_nothing_leaves_no_trace,
    it_is_read_in_pages_that_neither_miss_nor_repeat,
    of_a_record_that_changes_without_end_the_beginning_and_the_newest_thousand_entries_are_kept,
}
