//! Imports that update, slice by slice, and what is kept of them.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::StreamExt;
use jiff::Timestamp;
use jiff::civil::date;
use roster_common::Query;
use roster_common::api::{KeptReason, MatchBy, MissingPeople, RunId};
use roster_common::employee::{Field, Status, Version};
use roster_common::event::Event;
use roster_common::history::{AuditAction, ChangeKind, HistoryEntry};
use roster_common::problem::Rule;
use roster_server::store::{
    Above, Attribution, Checkpoint, EmployeeStore, HistoryStore, IdempotencyKey, PackedRows, Plan,
    PlanOptions, Planned, Resumed, RunRefusal, RunStep, RunStore, SliceSteps, Sliced, Step,
    StepOutcome, Store, StoreMonitor, Target, UndoStep, ValidRow,
};

use super::backend::{Backend, on_every_backend};
use super::{at, by_ada, create, id, name, person, read};

const BY_NUMBER: PlanOptions = PlanOptions {
    by: Some(MatchBy::Number),
    missing: None,
    today: date(2026, 11, 28),
};

/// A file in which each row has a personnel number and a title.
fn file<'a>(people: impl IntoIterator<Item = (&'a str, &'a str)>) -> Arc<PackedRows> {
    let mut rows = PackedRows::default();
    for (line, (number, title)) in (1..).zip(people) {
        let values = [
            (Field::Firstname, "Maya"),
            (Field::Lastname, "Castro"),
            (Field::Number, number),
            (Field::Title, title),
        ];
        let values = values.map(|(field, value)| (field, value.to_owned()));
        rows.push(
            line,
            &ValidRow {
                id: None,
                manager_line: None,
                values: values.to_vec(),
            },
        );
    }
    Arc::new(rows)
}

/// The file of four pilots.
fn four_pilots() -> Arc<PackedRows> {
    file(["E1", "E2", "E3", "E4"].map(|number| (number, "Pilot")))
}

async fn plan(store: &impl Store, rows: &Arc<PackedRows>, options: PlanOptions) -> Plan {
    let planned = store.plan_import(Arc::clone(rows), options, Resumed::default());
    planned.await.unwrap()
}

/// What a plan writes.
fn steps(plan: &Plan) -> Vec<Step> {
    plan.steps(None).collect()
}

fn begin() -> RunStep {
    RunStep::begin(None, "a file".to_owned())
}

/// Writes some steps as one slice.
async fn write(
    store: &impl Store,
    rows: &Arc<PackedRows>,
    steps: &[Step],
    run: RunStep,
    by: Attribution,
) -> Result<Sliced, RunRefusal> {
    let slice = SliceSteps {
        steps: steps.to_vec(),
        uses_row_ids: false,
        last_id: None,
        all_or_nothing: false,
        run,
    };
    store
        .import_slice(Arc::clone(rows), slice, by)
        .await
        .unwrap()
}

/// Imports a file as a run of one slice. Returns the run.
async fn import(store: &impl Store, rows: &Arc<PackedRows>, by: Attribution) -> Checkpoint {
    let steps = steps(&plan(store, rows, BY_NUMBER).await);
    let written = write(store, rows, &steps, begin(), by).await.unwrap();
    let checkpoint = written.run.unwrap();
    let finished = store.finish_run(checkpoint, b"{}".to_vec()).await.unwrap();
    finished.unwrap();
    checkpoint
}

async fn title(store: &impl Store, number: u64) -> String {
    let record = store.employee(id(number)).await.unwrap().unwrap();
    read(&record).details.text(Field::Title).into_owned()
}

async fn set_title(store: &impl Store, number: u64, title: &'static str) {
    let rule = move |before: &roster_common::Employee| {
        let number = before.details.number().unwrap_or_default().to_owned();
        Ok(person(&[(Field::Number, &number), (Field::Title, title)]))
    };
    let changed = store.change_employee(id(number), Box::new(rule), by_ada(50));
    changed.await.unwrap().unwrap();
}

async fn history(store: &impl Store, number: u64) -> Vec<HistoryEntry> {
    store.history(id(number), None, 99).await.unwrap().unwrap()
}

/// The run that made each entry, newest first.
async fn runs_in_history(store: &impl Store, number: u64) -> Vec<Option<u64>> {
    let entries = history(store, number).await;
    entries.iter().map(|e| e.run.map(RunId::get)).collect()
}

async fn a_record_that_somebody_changes_after_the_check_is_decided_again(backend: impl Backend) {
    let store = backend.open().await;
    let staff = four_pilots();
    import(&store, &staff, by_ada(1)).await;

    let rows = file([
        ("E1", "Chief"),
        ("E2", "Chief"),
        ("E3", "Chief"),
        ("E4", "Chief"),
        ("E5", "Chief"),
    ]);
    let steps = steps(&plan(&store, &rows, BY_NUMBER).await);
    // Meanwhile the first gets the same title, the second another one; the third is deleted, and
    // somebody else is given the number of the fifth.
    set_title(&store, 1, "Chief").await;
    set_title(&store, 2, "Captain").await;
    let deleted = store.delete_employee(id(3), Box::new(|_| Ok(())), by_ada(50));
    deleted.await.unwrap().unwrap();
    create(&store, person(&[(Field::Number, "e5")]))
        .await
        .unwrap();

    let written = write(&store, &rows, &steps, begin(), by_ada(60)).await;
    let outcomes = written.unwrap().outcomes;
    let rules = |outcome: &StepOutcome| match outcome {
        StepOutcome::Refused(errors) => (errors[0].field.clone(), errors[0].code),
        other => panic!("not refused: {other:?}"),
    };
    assert_eq!(
        outcomes[..2],
        [
            StepOutcome::Unchanged(id(1)),
            StepOutcome::Changed(id(2), true)
        ]
    );
    assert_eq!(rules(&outcomes[2]), ("id".to_owned(), Rule::NotFound));
    assert_eq!(outcomes[3], StepOutcome::Changed(id(4), false));
    assert_eq!(rules(&outcomes[4]), ("number".to_owned(), Rule::Taken));
    assert_eq!(title(&store, 2).await, "Chief");
    assert_eq!(runs_in_history(&store, 1).await, [None, Some(1)]);
    assert_eq!(runs_in_history(&store, 2).await, [Some(2), None, Some(1)]);
}

async fn two_runs_at_once_do_not_mix(backend: impl Backend) {
    let store = backend.open().await;
    let bob = Attribution {
        by: name("bob"),
        at: at(1),
    };
    let (ours, theirs) = (
        file([("A1", "Pilot"), ("A2", "Pilot")]),
        file([("B1", "Nurse"), ("B2", "Nurse"), ("A2", "Nurse")]),
    );
    let our_steps = steps(&plan(&store, &ours, BY_NUMBER).await);
    let their_steps = steps(&plan(&store, &theirs, BY_NUMBER).await);
    let one = write(&store, &ours, &our_steps[..1], begin(), by_ada(1)).await;
    let other = write(&store, &theirs, &their_steps[..1], begin(), bob.clone()).await;
    let (one, other) = (one.unwrap().run.unwrap(), other.unwrap().run.unwrap());
    assert_eq!((one.run.get(), other.run.get()), (1, 2));

    let next = RunStep::Continue(one);
    let one = write(&store, &ours, &our_steps[1..], next.clone(), by_ada(1)).await;
    let other = RunStep::Continue(other);
    let other = write(&store, &theirs, &their_steps[1..], other, bob).await;
    let taken = &other.as_ref().unwrap().outcomes[1];
    assert!(
        matches!(taken, StepOutcome::Refused(errors) if errors[0].code == Rule::Taken),
        "both add A2, and the first one has it: {taken:?}"
    );
    let again = write(&store, &ours, &our_steps[1..], next, by_ada(1)).await;
    assert_eq!(again, Err(RunRefusal::Busy), "a slice is written once");
    assert_eq!(
        (
            one.unwrap().run.unwrap().slices,
            other.unwrap().run.unwrap().slices
        ),
        (2, 2)
    );
    for (number, run) in [(1, 1), (2, 2), (3, 1), (4, 2)] {
        assert_eq!(
            runs_in_history(&store, number).await,
            [Some(run)],
            "{number}"
        );
    }
}

async fn a_slice_is_one_event_and_a_run_one_line_of_the_audit(backend: impl Backend) {
    let store = backend.open().await;
    let mut follower = store.events(None).await.unwrap();
    follower.next().await.unwrap().unwrap();
    let rows = file([("E1", "Pilot"), ("E2", "Pilot"), ("E3", "Pilot")]);
    let steps = steps(&plan(&store, &rows, BY_NUMBER).await);
    let first = write(&store, &rows, &steps[..2], begin(), by_ada(1)).await;
    let next = RunStep::Continue(first.unwrap().run.unwrap());
    let second = write(&store, &rows, &steps[2..], next, by_ada(1)).await;
    let checkpoint = second.unwrap().run.unwrap();
    store
        .finish_run(checkpoint, b"{}".to_vec())
        .await
        .unwrap()
        .unwrap();

    let mut told = Vec::new();
    while told.len() < 2 {
        for event in follower.next().await.unwrap().unwrap() {
            match &*event.event {
                Event::ChangedMany(many) => told.push(many.ids.clone()),
                other => panic!("another event: {other:?}"),
            }
        }
    }
    assert_eq!(told, [vec![id(1), id(2)], vec![id(3)]]);
    let audit = store.audit(None, 9).await.unwrap();
    let lines = audit
        .iter()
        .map(|line| (line.what, line.target.as_deref(), line.note.as_deref()));
    let line = (AuditAction::EmployeesImported, Some("1"), Some("a file"));
    assert_eq!(lines.collect::<Vec<_>>(), [line]);
    let runs = store.runs().await.unwrap();
    assert_eq!(
        (runs.len(), runs[0].slices, runs[0].counts.created),
        (1, 2, 3)
    );
    assert!(runs[0].is_finished);
}

async fn a_nightly_run_of_50_000_with_200_changes_writes_200_records(backend: impl Backend) {
    let store = backend.open().await;
    let number = |number: u64| format!("E{number}");
    let staff = (0..50_000).map(|row| {
        let details = person(&[(Field::Number, &number(row)), (Field::Title, "Pilot")]);
        ValidRow::of_new(None, &details)
    });
    let added = store.add_employees(staff.collect(), by_ada(1)).await;
    added.unwrap().unwrap();
    let numbers: Vec<_> = (0..50_000).map(number).collect();
    let title = |row: usize| {
        if row.is_multiple_of(250) {
            "Captain"
        } else {
            "Pilot"
        }
    };
    let people = numbers.iter().enumerate();
    let rows = file(people.map(|(row, number)| (number.as_str(), title(row))));
    let plan = plan(&store, &rows, BY_NUMBER).await;
    let unchanged = plan
        .rows
        .iter()
        .filter(|row| matches!(row, Planned::Unchanged(_)));
    assert_eq!((plan.order.len(), unchanged.count()), (200, 49_800));
    let written = write(&store, &rows, &steps(&plan), begin(), by_ada(2)).await;
    let checkpoint = written.unwrap().run.unwrap();
    assert_eq!(checkpoint.slices, 1);
    let made = &store.run_details(checkpoint.run).await.unwrap().slices[0].made;
    assert_eq!(made.iter().count(), 200);
    let all = store
        .page(&Query::default(), Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let versions = all.records.iter().map(|record| {
        let record: roster_common::Employee = serde_json::from_slice(record).unwrap();
        record.version.get()
    });
    let versions: Vec<_> = versions.collect();
    let changed = versions.iter().filter(|version| **version == 2).count();
    assert_eq!((versions.len(), changed), (50_000, 200));

    let again = self::plan(&store, &rows, BY_NUMBER).await;
    assert!(again.order.is_empty(), "the second time nothing changes");
}

async fn a_run_goes_on_where_it_stopped_also_in_another_process(backend: impl Backend) {
    let store = backend.open().await;
    let rows = file([("E1", "Pilot"), ("E2", "Pilot")]);
    let all = steps(&plan(&store, &rows, BY_NUMBER).await);
    let key = IdempotencyKey {
        key: "nightly".into(),
        digest: [1; 32],
    };
    let begin = RunStep::begin(Some(key.clone()), "a file".into());
    write(&store, &rows, &all[..1], begin.clone(), by_ada(1))
        .await
        .unwrap();
    drop(store);

    let store = backend.open().await;
    let runs = store.runs().await.unwrap();
    assert!(runs[0].has_key(&key, &name("ada")) && !runs[0].is_finished);
    let again = write(&store, &rows, &all[..1], begin, by_ada(2)).await;
    assert_eq!(again, Err(RunRefusal::Busy), "the key has a run");
    let made = &store.run_details(RunId::FIRST).await.unwrap().slices[0].made;
    assert_eq!(made.iter().collect::<Vec<_>>(), [(id(1), Version::FIRST)]);

    let rest = steps(&plan(&store, &rows, BY_NUMBER).await);
    assert_eq!(rest, all[1..], "the first has been added");
    let next = RunStep::Continue(runs[0].checkpoint());
    let written = write(&store, &rows, &rest, next, by_ada(90)).await.unwrap();
    let report = b"{\"created\":2}".to_vec();
    let finished = store.finish_run(written.run.unwrap(), report.clone()).await;
    finished.unwrap().unwrap();
    let late = store.finish_run(written.run.unwrap(), Vec::new()).await;
    assert_eq!(late.unwrap(), Err(RunRefusal::Busy));
    let details = store.run_details(RunId::FIRST).await.unwrap();
    assert_eq!((details.slices.len(), details.report), (2, Some(report)));
    assert_eq!(runs_in_history(&store, 2).await, [Some(1)]);
}

const ADD_ALL: PlanOptions = PlanOptions {
    by: None,
    ..BY_NUMBER
};

/// Writes some steps as one slice, under the ids of the rows.
async fn add(
    store: &impl Store,
    rows: &Arc<PackedRows>,
    plan: &Plan,
    some: std::ops::Range<usize>,
    all_or_nothing: bool,
) -> Sliced {
    let slice = SliceSteps {
        steps: steps(plan)[some].to_vec(),
        uses_row_ids: true,
        last_id: plan.last_id(),
        all_or_nothing,
        run: begin(),
    };
    let written = store.import_slice(Arc::clone(rows), slice, by_ada(1));
    written.await.unwrap().unwrap()
}

async fn whom_an_interrupted_run_has_added_it_does_not_add_again_after_an_edit(
    backend: impl Backend,
) {
    for options in [BY_NUMBER, ADD_ALL] {
        let store = backend.open().await;
        let number = |number: u64| format!("E{:?}-{number}", options.by);
        let numbers = [number(1), number(2), number(3)];
        let rows = file(numbers.each_ref().map(|number| (number.as_str(), "Pilot")));
        let all = steps(&plan(&store, &rows, options).await);
        let written = write(&store, &rows, &all[..2], begin(), by_ada(1)).await;
        let run = written.unwrap().run.unwrap().run;
        let slices = store.run_details(run).await.unwrap().slices;
        let added: HashMap<_, _> = slices[0].added.iter().collect();
        let first = added[&0];
        let rule = move |_: &roster_common::Employee| Ok(person(&[(Field::Number, "another")]));
        let edited = store.change_employee(first, Box::new(rule), by_ada(50));
        edited.await.unwrap().unwrap();
        let deleted = store.delete_employee(added[&1], Box::new(|_| Ok(())), by_ada(50));
        deleted.await.unwrap().unwrap();

        let first_id = store.runs().await.unwrap().pop().unwrap().first_id;
        let resumed = Resumed {
            added: added.clone(),
            first_id,
        };
        let rest = store.plan_import(Arc::clone(&rows), options, resumed);
        let rest = rest.await.unwrap();
        assert_eq!(
            rest.rows,
            [
                Planned::Unchanged(first),
                Planned::Unchanged(added[&1]),
                Planned::Create
            ]
        );
        assert_eq!(steps(&rest), all[2..]);
        let gone = store.delete_employee(first, Box::new(|_| Ok(())), by_ada(51));
        gone.await.unwrap().unwrap();
    }
}

async fn an_import_of_all_or_nothing_writes_nothing_if_somebody_was_faster(backend: impl Backend) {
    let store = backend.open().await;
    let rows = file([("E1", "Pilot"), ("E2", "Pilot")]);
    let plan = plan(&store, &rows, ADD_ALL).await;
    create(&store, person(&[(Field::Number, "e2")]))
        .await
        .unwrap();
    let refused = add(&store, &rows, &plan, 0..2, true).await;
    assert!(
        matches!(&refused.outcomes[1], StepOutcome::Refused(errors) if errors[0].field == "number")
    );
    assert_eq!(refused.run, None);
    assert!(store.runs().await.unwrap().is_empty());
    let partly = add(&store, &rows, &plan, 0..2, false).await;
    assert_eq!(partly.outcomes[0], StepOutcome::Created(id(3)));
    assert_eq!(store.runs().await.unwrap()[0].counts.created, 1);
}

async fn rows_without_an_id_leave_those_that_later_slices_ask_for(backend: impl Backend) {
    let store = backend.open().await;
    create(&store, person(&[])).await.unwrap();
    let deleted = store.delete_employee(id(1), Box::new(|_| Ok(())), by_ada(0));
    deleted.await.unwrap().unwrap();
    let mut rows = PackedRows::default();
    for (line, asked) in [(1, 0), (2, 0), (3, 2), (4, 3), (5, 1), (6, 3)] {
        let values = [(Field::Firstname, "Maya"), (Field::Lastname, "Castro")];
        let row = ValidRow {
            id: asked.try_into().ok(),
            manager_line: None,
            values: values.map(|(field, value)| (field, value.into())).into(),
        };
        rows.push(line, &row);
    }
    let rows = Arc::new(rows);
    let plan = plan(&store, &rows, ADD_ALL).await;
    for (row, message) in [
        (4, "This id has been used before."),
        (5, "An earlier row has this id."),
    ] {
        let Planned::Refused(errors) = &plan.rows[row] else {
            panic!("{plan:?}");
        };
        assert_eq!(
            (errors[0].code, errors[0].message.as_str()),
            (Rule::Taken, message)
        );
    }
    let first = add(&store, &rows, &plan, 0..2, false).await.outcomes;
    let second = add(&store, &rows, &plan, 2..4, false).await.outcomes;
    let created = |number| StepOutcome::Created(id(number));
    assert_eq!(first, [created(4), created(5)]);
    assert_eq!(second, [created(2), created(3)]);
}

async fn undo(
    store: &impl Store,
    run: u64,
    steps: Vec<UndoStep>,
) -> Result<Vec<(u64, KeptReason, Vec<Field>)>, RunRefusal> {
    let runs = store.runs().await.unwrap();
    let undone = runs.iter().find(|known| known.id.get() == run).unwrap();
    let step = RunStep::Begin {
        undoes: Some(undone.checkpoint()),
        key: None,
        first_id: None,
        note: format!("undoes {run}"),
    };
    let undone = store.undo_slice(steps, step, by_ada(70)).await.unwrap()?;
    let finished = store.finish_run(undone.checkpoint, b"{}".to_vec()).await;
    finished.unwrap().unwrap();
    let kept = undone.kept.into_iter();
    Ok(kept
        .map(|kept| (kept.id.get(), kept.reason, kept.fields))
        .collect())
}

/// The versions that a run made, the latest first.
async fn made(store: &impl Store, run: u64) -> Vec<UndoStep> {
    let slices = store.run_details(RunId::new(run)).await.unwrap().slices;
    let made: Vec<_> = slices.iter().flat_map(|slice| slice.made.iter()).collect();
    made.into_iter().rev().collect()
}

async fn an_undo_keeps_newer_edits_and_can_be_undone(backend: impl Backend) {
    let store = backend.open().await;
    let staff = four_pilots();
    import(&store, &staff, by_ada(1)).await;
    let news = [
        ("E1", "Chief"),
        ("E2", "Chief"),
        ("E3", "Chief"),
        ("E5", "New"),
        ("E6", "New"),
        ("E7", "New"),
    ];
    import(&store, &file(news), by_ada(2)).await;
    set_title(&store, 2, "Captain").await;
    set_title(&store, 6, "Captain").await;
    for gone in [3, 7] {
        let deleted = store.delete_employee(id(gone), Box::new(|_| Ok(())), by_ada(50));
        deleted.await.unwrap().unwrap();
    }

    let steps = made(&store, 2).await;
    let kept = undo(&store, 2, steps.clone()).await.unwrap();
    let title_field = vec![Field::Title];
    assert_eq!(
        kept,
        [
            (7, KeptReason::Deleted, vec![]),
            (6, KeptReason::Edited, vec![]),
            (3, KeptReason::Deleted, vec![]),
            (2, KeptReason::Edited, title_field),
        ]
    );
    assert_eq!(
        (title(&store, 1).await, title(&store, 2).await),
        ("Pilot".into(), "Captain".into())
    );
    assert!(store.employee(id(5)).await.unwrap().is_none());
    assert_eq!(
        undo(&store, 2, steps).await,
        Err(RunRefusal::Busy),
        "once is enough"
    );
    let runs = store.runs().await.unwrap();
    let ids = |run: usize| {
        (
            runs[run].undoes.map(RunId::get),
            runs[run].undone_by.map(RunId::get),
        )
    };
    assert_eq!([ids(1), ids(2)], [(None, Some(3)), (Some(2), None)]);

    let redo = made(&store, 3).await;
    assert_eq!(undo(&store, 3, redo).await.unwrap(), []);
    assert_eq!(
        (title(&store, 1).await, title(&store, 5).await),
        ("Chief".into(), "New".into())
    );
    let life = history(&store, 5).await;
    let life: Vec<_> = life
        .iter()
        .map(|e| (e.what, e.run.map(RunId::get)))
        .collect();
    let expected = [
        (ChangeKind::Restored, Some(4)),
        (ChangeKind::Deleted, Some(3)),
        (ChangeKind::Created, Some(2)),
    ];
    assert_eq!(life, expected);
}

async fn an_undo_brings_back_people_who_left_and_their_managers(backend: impl Backend) {
    let store = backend.open().await;
    import(&store, &file([("E1", "Pilot"), ("E2", "Pilot")]), by_ada(1)).await;
    let rows = file([("E2", "Pilot"), ("E3", "Chief")]);
    let left = PlanOptions {
        missing: Some(MissingPeople::Become(Status::Left)),
        ..BY_NUMBER
    };
    let plan = plan(&store, &rows, left).await;
    let (gone, version) = plan.leaving[0];
    let all = [
        Step {
            target: Target::New(1, None),
            manager: None,
        },
        Step {
            target: Target::Employee(0, id(2), Version::FIRST),
            manager: Some(Above::Row(1)),
        },
        Step {
            target: Target::Missing(gone, version, Status::Left),
            manager: None,
        },
    ];
    write(&store, &rows, &all, begin(), by_ada(2))
        .await
        .unwrap();
    let read_details =
        async |number| read(&store.employee(id(number)).await.unwrap().unwrap()).details;
    assert_eq!(read_details(1).await.status(), Some(Status::Left));
    assert_eq!(read_details(2).await.manager(), Some(id(3)));

    let kept = undo(&store, 2, made(&store, 2).await).await.unwrap();
    assert_eq!(kept, []);
    assert_eq!(read_details(1).await.status(), Some(Status::Active));
    assert_eq!(read_details(2).await.manager(), None);
    assert!(store.employee(id(3)).await.unwrap().is_none());
}

async fn what_is_forgotten_is_in_no_report_and_no_undo_brings_it_back(backend: impl Backend) {
    let store = backend.open().await;
    import(&store, &file([("E1", "Pilot")]), by_ada(1)).await;
    import(&store, &file([("E1", "Chief")]), by_ada(2)).await;
    let forgotten = store.forget_employees(vec![id(1)], Box::new(|_| Ok(())), by_ada(3));
    forgotten.await.unwrap()[0].as_ref().unwrap();
    for run in [1, 2] {
        let details = store.run_details(RunId::new(run)).await.unwrap();
        assert_eq!(details.report, None);
    }
    let kept = undo(&store, 2, made(&store, 2).await).await.unwrap();
    assert_eq!(kept, [(1, KeptReason::Deleted, vec![])]);
    assert_eq!(
        history(&store, 1).await[0].what,
        ChangeKind::Forgotten,
        "there is nothing to undo"
    );
}

on_every_backend! {
    a_record_that_somebody_changes_after_the_check_is_decided_again,
    two_runs_at_once_do_not_mix,
    a_slice_is_one_event_and_a_run_one_line_of_the_audit,
    a_nightly_run_of_50_000_with_200_changes_writes_200_records,
    a_run_goes_on_where_it_stopped_also_in_another_process,
    an_undo_keeps_newer_edits_and_can_be_undone,
    an_undo_brings_back_people_who_left_and_their_managers,
    what_is_forgotten_is_in_no_report_and_no_undo_brings_it_back,
    whom_an_interrupted_run_has_added_it_does_not_add_again_after_an_edit,
    an_import_of_all_or_nothing_writes_nothing_if_somebody_was_faster,
    rows_without_an_id_leave_those_that_later_slices_ask_for,
}
