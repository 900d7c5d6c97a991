//! Many employees at a time.

use roster_common::employee::Details;
use roster_common::problem::Rule;
use roster_server::store::{Commit, EmployeeStore, ImportRecord, Imported, Store};

use super::place::{Place, in_every_place};
use super::{by_ada, create, id, person, read, reporting_to};

fn row(number: Option<u64>, details: Details) -> ImportRecord {
    ImportRecord {
        id: number.map(id),
        details,
    }
}

async fn import(store: &impl Store, rows: Vec<ImportRecord>, commit: Commit) -> Imported {
    store
        .import_employees(rows.into_iter().collect(), commit, by_ada(3))
        .await
        .unwrap()
}

/// The id of each row, or the field and rule that refuse it.
fn verdicts(imported: &Imported) -> Vec<Result<u64, (&str, Rule)>> {
    let records = imported.records.iter().map(|row| match row {
        Ok(id) => Ok(id.get()),
        Err(error) => Err((error.field.as_str(), error.code)),
    });
    records.collect()
}

async fn rows_without_an_id_get_those_that_no_row_asks_for(place: impl Place) {
    let store = place.open().await;
    create(&store, person(&[])).await.unwrap();
    let rows = vec![
        row(None, person(&[])),
        row(Some(3), person(&[])),
        row(None, person(&[])),
        row(Some(9), person(&[])),
    ];
    let imported = import(&store, rows, Commit::IfAllGood).await;
    assert_eq!(verdicts(&imported), [Ok(2), Ok(3), Ok(4), Ok(9)]);
    assert!(imported.written);
    assert_eq!(create(&store, person(&[])).await.unwrap().id, id(10));
}

async fn an_id_that_was_given_or_stands_twice_is_taken(place: impl Place) {
    let store = place.open().await;
    create(&store, person(&[])).await.unwrap();
    store
        .delete_employee(id(1), Box::new(|_| Ok(())), by_ada(0))
        .await
        .unwrap()
        .unwrap();
    let rows = vec![
        row(Some(1), person(&[])),
        row(Some(5), person(&[])),
        row(Some(5), person(&[])),
    ];
    let imported = import(&store, rows, Commit::IfAllGood).await;
    assert_eq!(
        verdicts(&imported),
        [Err(("id", Rule::Taken)), Ok(5), Err(("id", Rule::Taken))]
    );
    assert!(!imported.written);
    assert!(store.employee(id(5)).await.unwrap().is_none());
    assert_eq!(
        create(&store, person(&[])).await.unwrap().id,
        id(2),
        "a refused import uses no id"
    );
}

async fn managers_may_stand_anywhere_in_the_file(place: impl Place) {
    let store = place.open().await;
    create(&store, person(&[])).await.unwrap();
    let rows = vec![
        row(Some(2), reporting_to(4)),
        row(Some(3), reporting_to(1)),
        row(Some(4), reporting_to(3)),
    ];
    let imported = import(&store, rows, Commit::IfAllGood).await;
    assert_eq!(verdicts(&imported), [Ok(2), Ok(3), Ok(4)]);
    let employee = read(&store.employee(id(2)).await.unwrap().unwrap());
    assert_eq!(
        (employee.details.manager(), employee.version.get()),
        (Some(id(4)), 1)
    );
}

async fn circles_and_managers_who_are_nobody_are_refused(place: impl Place) {
    let store = place.open().await;
    let rows = vec![
        row(Some(1), reporting_to(2)),
        row(Some(2), reporting_to(1)),
        row(Some(3), reporting_to(3)),
        row(Some(4), reporting_to(1)),
        row(Some(5), reporting_to(99)),
        row(Some(6), reporting_to(5)),
        row(Some(7), person(&[])),
        row(Some(8), reporting_to(7)),
    ];
    let imported = import(&store, rows, Commit::Good).await;
    let (circle, nobody) = (
        Err(("manager", Rule::Circle)),
        Err(("manager", Rule::NotFound)),
    );
    assert_eq!(
        verdicts(&imported),
        [circle, circle, circle, circle, nobody, nobody, Ok(7), Ok(8)]
    );
    assert!(imported.written);
    assert!(store.employee(id(6)).await.unwrap().is_none());
    assert!(store.employee(id(8)).await.unwrap().is_some());
}

async fn a_rehearsal_writes_nothing_and_tells_what_would_be(place: impl Place) {
    let store = place.open().await;
    let imported = import(&store, vec![row(None, person(&[]))], Commit::Never).await;
    assert_eq!(
        (verdicts(&imported), imported.written),
        (vec![Ok(1)], false)
    );
    assert!(store.employee(id(1)).await.unwrap().is_none());
}

async fn an_empty_import_is_good(place: impl Place) {
    let imported = import(&place.open().await, Vec::new(), Commit::IfAllGood).await;
    assert_eq!((imported.records, imported.written), (Vec::new(), true));
}

in_every_place! {
    rows_without_an_id_get_those_that_no_row_asks_for,
    an_id_that_was_given_or_stands_twice_is_taken,
    managers_may_stand_anywhere_in_the_file,
    circles_and_managers_who_are_nobody_are_refused,
    a_rehearsal_writes_nothing_and_tells_what_would_be,
    an_empty_import_is_good,
}
