//! Many employees at a time.

use std::sync::Arc;

use jiff::Timestamp;
use roster_common::Query;
use roster_common::employee::{Details, EmployeeId};
use roster_common::problem::Rule;
use roster_server::store::{
    EmployeeStore, PackedRows, PlanOptions, Planned, Resumed, RunStep, RunStore, SliceSteps,
    StepOutcome, Store, Target, ValidRow,
};
use serde_json::Value;

use super::backend::{Backend, on_every_backend};
use super::{at, by_ada, create, id, person, read, reporting_to};

/// When an import is written.
#[derive(Clone, Copy, PartialEq)]
enum Commit {
    IfAllGood,
    Good,
}

/// What became of the rows.
struct Imported {
    rows: Vec<Result<u64, (String, Rule)>>,
    written: bool,
}

fn row(number: Option<u64>, details: Details) -> ValidRow {
    ValidRow::of_new(number.map(id), &details)
}

/// Checks rows and writes them, as one slice.
async fn import(store: &impl Store, rows: Vec<ValidRow>, commit: Commit) -> Imported {
    let rows: Arc<PackedRows> = Arc::new(rows.into_iter().collect());
    let planned = store.plan_import(
        Arc::clone(&rows),
        PlanOptions::adding(at(3)),
        Resumed::default(),
    );
    let plan = planned.await.unwrap();
    let mut results: Vec<_> = plan
        .rows
        .iter()
        .map(|row| match row.errors().first() {
            Some(error) => Err((error.field.clone(), error.code)),
            // Only its manager is refused.
            None => Err((String::new(), Rule::Other)),
        })
        .collect();
    for step in plan.steps(None) {
        let Target::New(row, aside) = step.target else {
            panic!("{step:?}");
        };
        let id = rows.get(row).unwrap().id.or(aside);
        results[row] = Ok(id.unwrap().get());
    }
    let mut written = false;
    if commit == Commit::Good || !plan.rows.iter().any(Planned::is_refused) {
        let slice = SliceSteps {
            steps: plan.steps(None).collect(),
            uses_row_ids: true,
            last_id: plan.last_id(),
            all_or_nothing: commit == Commit::IfAllGood,
            run: RunStep::begin(None, String::new()),
        };
        let steps = slice.steps.clone();
        let sliced = store.import_slice(rows, slice, by_ada(3)).await.unwrap();
        for (step, outcome) in steps.iter().zip(sliced.unwrap().outcomes) {
            let StepOutcome::Created(id) = outcome else {
                panic!("{outcome:?}");
            };
            results[step.target.row().unwrap()] = Ok(id.get());
        }
        written = true;
    }
    Imported {
        rows: results,
        written,
    }
}

/// The id of each row, or the field and rule that refuse it; neither if only its manager is
/// refused.
fn verdicts(imported: &Imported) -> Vec<Result<u64, (&str, Rule)>> {
    let rows = imported.rows.iter();
    rows.map(|row| {
        row.as_ref()
            .copied()
            .map_err(|(field, rule)| (field.as_str(), *rule))
    })
    .collect()
}

async fn rows_without_an_id_get_those_that_no_row_asks_for(backend: impl Backend) {
    let store = backend.open().await;
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

async fn an_id_that_was_given_or_stands_twice_is_taken(backend: impl Backend) {
    let store = backend.open().await;
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

/// The ids of all employees, in the order of their ids.
async fn all_ids(store: &impl Store) -> Vec<u64> {
    let query = Query::parse("sort=id").unwrap();
    let page = store.page(&query, Timestamp::UNIX_EPOCH).await.unwrap();
    let ids = page.records.iter().map(|record| {
        let record: Value = serde_json::from_slice(record).unwrap();
        record["id"].as_u64().unwrap()
    });
    ids.collect()
}

async fn the_greatest_id_from_outside_stops_no_creation(backend: impl Backend) {
    let store = backend.open().await;
    create(&store, person(&[])).await.unwrap();
    let rows = vec![row(Some(EmployeeId::MAX), person(&[]))];
    assert!(import(&store, rows, Commit::IfAllGood).await.written);
    assert_eq!(create(&store, person(&[])).await.unwrap().id, id(2));
    drop(store);

    // What an import has left in the file is no obstacle to the next start either.
    let store = backend.open().await;
    assert_eq!(create(&store, person(&[])).await.unwrap().id, id(3));
    let rows = vec![
        row(None, person(&[])),
        row(Some(4), person(&[])),
        row(None, reporting_to(EmployeeId::MAX)),
        row(Some(EmployeeId::MAX), person(&[])),
    ];
    let imported = import(&store, rows, Commit::Good).await;
    assert_eq!(
        verdicts(&imported),
        [Ok(5), Ok(4), Ok(6), Err(("id", Rule::Taken))]
    );
    assert_eq!(create(&store, person(&[])).await.unwrap().id, id(7));
    assert_eq!(
        all_ids(&store).await,
        [1, 2, 3, 4, 5, 6, 7, EmployeeId::MAX]
    );
}

async fn ids_from_outside_may_lie_anywhere_and_use_up_no_others(backend: impl Backend) {
    let store = backend.open().await;
    for wanted in [700, 40, EmployeeId::MAX - 1, 699, 1, 41] {
        let rows = vec![row(Some(wanted), person(&[]))];
        let imported = import(&store, rows, Commit::IfAllGood).await;
        assert_eq!(verdicts(&imported), [Ok(wanted)]);
    }
    store
        .delete_employee(id(40), Box::new(|_| Ok(())), by_ada(0))
        .await
        .unwrap()
        .unwrap();
    for used in [40, 700] {
        let imported = import(&store, vec![row(Some(used), person(&[]))], Commit::Good).await;
        assert_eq!(verdicts(&imported), [Err(("id", Rule::Taken))]);
    }
    let last = EmployeeId::MAX;
    for expected in [last, 2, 3] {
        assert_eq!(create(&store, person(&[])).await.unwrap().id, id(expected));
    }
    let in_order = [1, 2, 3, 41, 699, 700, last - 1, last];
    assert_eq!(all_ids(&store).await, in_order);
    drop(store);
    assert_eq!(all_ids(&backend.open().await).await, in_order);
}

async fn after_the_greatest_id_the_rows_of_one_slice_get_the_least(backend: impl Backend) {
    let store = backend.open().await;
    let rows = vec![row(Some(EmployeeId::MAX - 1), person(&[]))];
    assert!(import(&store, rows, Commit::IfAllGood).await.written);
    let rows = (0..3).map(|_| row(None, person(&[]))).collect();
    let imported = import(&store, rows, Commit::IfAllGood).await;
    assert_eq!(verdicts(&imported), [Ok(EmployeeId::MAX), Ok(1), Ok(2)]);
}

async fn managers_may_stand_anywhere_in_the_file(backend: impl Backend) {
    let store = backend.open().await;
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

async fn circles_and_managers_who_are_nobody_are_refused(backend: impl Backend) {
    let store = backend.open().await;
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
    let (circle, nobody, below) = (
        Err(("manager", Rule::Circle)),
        Err(("manager", Rule::NotFound)),
        Err(("", Rule::Other)),
    );
    assert_eq!(
        verdicts(&imported),
        [circle, circle, circle, below, nobody, below, Ok(7), Ok(8)]
    );
    assert!(imported.written);
    assert!(store.employee(id(6)).await.unwrap().is_none());
    assert!(store.employee(id(8)).await.unwrap().is_some());
}

async fn a_check_writes_nothing_and_tells_what_would_be(backend: impl Backend) {
    let store = backend.open().await;
    let rows: PackedRows = [row(None, person(&[]))].into_iter().collect();
    let options = PlanOptions::adding(at(3));
    let planned = store.plan_import(Arc::new(rows), options, Resumed::default());
    assert_eq!(planned.await.unwrap().rows, [Planned::Create]);
    assert!(store.employee(id(1)).await.unwrap().is_none());
}

async fn an_empty_import_is_good(backend: impl Backend) {
    let imported = import(&backend.open().await, Vec::new(), Commit::IfAllGood).await;
    assert_eq!((imported.rows, imported.written), (Vec::new(), true));
}

on_every_backend! {
    rows_without_an_id_get_those_that_no_row_asks_for,
    an_id_that_was_given_or_stands_twice_is_taken,
    the_greatest_id_from_outside_stops_no_creation,
    ids_from_outside_may_lie_anywhere_and_use_up_no_others,
    after_the_greatest_id_the_rows_of_one_slice_get_the_least,
    managers_may_stand_anywhere_in_the_file,
    circles_and_managers_who_are_nobody_are_refused,
    a_check_writes_nothing_and_tells_what_would_be,
    an_empty_import_is_good,
}
