//! One employee at a time.

use futures_util::future::join_all;
use roster_common::employee::{Details, Employee, Field};
use roster_common::problem::{FieldError, Rule};
use roster_server::store::{Attribution, EmployeeStore, IdempotencyKey, Record, Refused, Store};

use super::backend::{Backend, on_every_backend};
use super::{at, broken, by_ada, create, id, name, person, read, reporting_to};

const HOUR: i64 = 3600;

async fn change(store: &impl Store, number: u64, details: Details) -> Result<Record, Refused> {
    store
        .change_employee(
            id(number),
            Box::new(move |_| Ok(details.clone())),
            by_ada(9),
        )
        .await
        .unwrap()
}

async fn delete(store: &impl Store, number: u64) -> Result<(), Refused> {
    store
        .delete_employee(id(number), Box::new(|_| Ok(())), by_ada(9))
        .await
        .unwrap()
}

fn title(title: &str) -> Details {
    person(&[(Field::Title, title)])
}

async fn a_created_employee_is_read_as_it_was_answered(backend: impl Backend) {
    let store = backend.open().await;
    let created = create(&store, title("Plant Operator")).await.unwrap();
    let employee = read(&created);
    assert_eq!(
        (employee.id, employee.updated_by.as_str(), employee.created),
        (id(1), "ada", at(0))
    );
    assert_eq!(employee.details, title("Plant Operator"));
    assert_eq!(
        store.employee(id(1)).await.unwrap().unwrap().json,
        created.json
    );
    assert!(store.employee(id(2)).await.unwrap().is_none());
}

async fn a_change_counts_the_version_up(backend: impl Backend) {
    let store = backend.open().await;
    create(&store, title("Analyst")).await.unwrap();
    let changed = read(&change(&store, 1, title("Lead")).await.unwrap());
    assert_eq!(
        (changed.version.get(), changed.updated, changed.created),
        (2, at(9), at(0))
    );
    assert_eq!(
        store.employee(id(1)).await.unwrap().unwrap().version.get(),
        2
    );
}

async fn a_change_of_nothing_keeps_the_version(backend: impl Backend) {
    let store = backend.open().await;
    let created = create(&store, title("Analyst")).await.unwrap();
    let same = change(&store, 1, title("Analyst")).await.unwrap();
    assert_eq!(same.json, created.json);
}

async fn a_rule_sees_the_record_and_its_refusal_comes_back(backend: impl Backend) {
    let store = backend.open().await;
    create(&store, title("Analyst")).await.unwrap();
    let stale = |employee: &Employee| Refused::Stale(Box::new(employee.clone()));
    let refused = store
        .change_employee(id(1), Box::new(move |e| Err(stale(e))), by_ada(1))
        .await
        .unwrap();
    assert!(
        matches!(refused, Err(Refused::Stale(employee)) if employee.details == title("Analyst"))
    );
    let refused = store
        .delete_employee(id(1), Box::new(move |e| Err(stale(e))), by_ada(1))
        .await
        .unwrap();
    assert!(matches!(refused, Err(Refused::Stale(_))));
    assert_eq!(
        store.employee(id(1)).await.unwrap().unwrap().version.get(),
        1
    );
    assert_eq!(
        change(&store, 2, title("x")).await.unwrap_err(),
        Refused::NotFound
    );
    assert_eq!(delete(&store, 2).await, Err(Refused::NotFound));
}

async fn a_deleted_employees_id_is_never_given_again(backend: impl Backend) {
    let store = backend.open().await;
    create(&store, title("Analyst")).await.unwrap();
    delete(&store, 1).await.unwrap();
    assert!(store.employee(id(1)).await.unwrap().is_none());
    assert_eq!(create(&store, title("Analyst")).await.unwrap().id, id(2));
    assert_eq!(delete(&store, 1).await, Err(Refused::NotFound));
}

async fn who_was_deleted_comes_back_under_the_same_id_and_nobody_else_does(backend: impl Backend) {
    let store = backend.open().await;
    let restore = |number, details| store.restore_employee(id(number), details, by_ada(20));
    create(&store, title("Analyst")).await.unwrap();
    assert!(
        matches!(restore(1, title("Lead")).await.unwrap(), Err(Refused::Stale(here)) if here.details == title("Analyst"))
    );
    delete(&store, 1).await.unwrap();
    let restored = read(&restore(1, title("Lead")).await.unwrap().unwrap());
    assert_eq!(
        (restored.id, restored.version.get(), restored.details),
        (id(1), 3, title("Lead"))
    );
    assert_eq!((restored.created, restored.updated), (at(0), at(20)));
    assert!(
        matches!(
            restore(2, title("Lead")).await.unwrap(),
            Err(Refused::NotFound)
        ),
        "nobody has had that id"
    );
    assert_eq!(create(&store, person(&[])).await.unwrap().id, id(2));
}

async fn who_comes_back_does_not_report_to_somebody_who_reports_to_them(backend: impl Backend) {
    let store = backend.open().await;
    create(&store, person(&[])).await.unwrap();
    create(&store, reporting_to(1)).await.unwrap();
    create(&store, reporting_to(2)).await.unwrap();
    delete(&store, 1).await.unwrap();
    let restore = |details| store.restore_employee(id(1), details, by_ada(20));
    assert_eq!(
        broken(restore(reporting_to(3)).await.unwrap()),
        [("manager".into(), Rule::Circle)]
    );
    assert_eq!(
        broken(restore(reporting_to(1)).await.unwrap()),
        [("manager".into(), Rule::Circle)]
    );
    assert_eq!(
        broken(restore(reporting_to(9)).await.unwrap()),
        [("manager".into(), Rule::NotFound)]
    );
    restore(person(&[])).await.unwrap().unwrap();
    let report = read(&store.employee(id(2)).await.unwrap().unwrap());
    assert_eq!(
        report.details.manager(),
        Some(id(1)),
        "and those who reported to them do again"
    );
}

async fn a_manager_must_exist_and_not_report_to_the_person(backend: impl Backend) {
    let store = backend.open().await;
    assert_eq!(
        broken(create(&store, reporting_to(1)).await),
        [("manager".into(), Rule::NotFound)]
    );
    create(&store, person(&[])).await.unwrap();
    create(&store, reporting_to(1)).await.unwrap();
    create(&store, reporting_to(2)).await.unwrap();
    assert_eq!(
        broken(change(&store, 1, reporting_to(3)).await),
        [("manager".into(), Rule::Circle)]
    );
    assert_eq!(
        broken(change(&store, 1, reporting_to(1)).await),
        [("manager".into(), Rule::Circle)]
    );
    assert_eq!(
        broken(change(&store, 3, reporting_to(4)).await),
        [("manager".into(), Rule::NotFound)]
    );
    assert_eq!(
        change(&store, 3, reporting_to(1))
            .await
            .unwrap()
            .version
            .get(),
        2
    );
}

async fn who_reported_to_a_deleted_manager_can_still_be_changed(backend: impl Backend) {
    let store = backend.open().await;
    create(&store, person(&[])).await.unwrap();
    create(&store, reporting_to(1)).await.unwrap();
    delete(&store, 1).await.unwrap();
    let changed = change(
        &store,
        2,
        person(&[(Field::Manager, "1"), (Field::Title, "Lead")]),
    )
    .await
    .unwrap();
    assert_eq!(read(&changed).details.manager(), Some(id(1)));
}

async fn a_repeated_request_gets_the_first_answer_for_a_day(backend: impl Backend) {
    let store = backend.open().await;
    let key = |key: &str, digest| {
        Some(IdempotencyKey {
            key: key.into(),
            digest: [digest; 32],
        })
    };
    let send = |key, user: &str, second| {
        store.create_employee(
            title("Analyst"),
            key,
            Attribution {
                by: name(user),
                at: at(second),
            },
        )
    };
    let first = send(key("k", 1), "ada", 0).await.unwrap().unwrap();
    change(&store, 1, title("Lead")).await.unwrap();
    let again = send(key("k", 1), "ada", 24 * HOUR - 1)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (again.id, again.version, again.json),
        (first.id, first.version, first.json)
    );
    assert_eq!(
        send(key("k", 2), "ada", 1).await.unwrap().unwrap_err(),
        Refused::KeyReused
    );
    assert_eq!(
        send(key("k", 1), "bob", 1).await.unwrap().unwrap().id,
        id(2),
        "another user's key is another key"
    );
    assert_eq!(
        send(key("k", 2), "ada", 24 * HOUR)
            .await
            .unwrap()
            .unwrap()
            .id,
        id(3),
        "a day later it is forgotten"
    );
    assert_eq!(
        send(key("k", 2), "ada", 25 * HOUR)
            .await
            .unwrap()
            .unwrap()
            .id,
        id(3)
    );
}

async fn a_key_of_a_refused_request_is_free(backend: impl Backend) {
    let store = backend.open().await;
    let key = || {
        Some(IdempotencyKey {
            key: "k".into(),
            digest: [1; 32],
        })
    };
    assert!(
        store
            .create_employee(reporting_to(7), key(), by_ada(0))
            .await
            .unwrap()
            .is_err()
    );
    assert!(
        store
            .create_employee(person(&[]), key(), by_ada(0))
            .await
            .unwrap()
            .is_ok()
    );
}

async fn of_many_writes_at_once_one_that_fails_fails_alone(backend: impl Backend) {
    let store = std::sync::Arc::new(backend.open().await);
    create(&*store, title("0")).await.unwrap();
    let write = |number: usize| {
        let store = std::sync::Arc::clone(&store);
        tokio::spawn(async move {
            match number {
                10 => store
                    .change_employee(id(1), Box::new(|_| panic!("a rule that panics")), by_ada(0))
                    .await
                    .unwrap(),
                20 => change_refused(&*store).await,
                _ => create(&*store, title(&number.to_string())).await,
            }
        })
    };
    let answers = join_all((0..64).map(write)).await;
    for (number, answer) in answers.into_iter().enumerate() {
        match (number, answer) {
            (10, answer) => assert!(answer.unwrap_err().is_panic(), "its caller panics"),
            (20, answer) => assert_eq!(broken(answer.unwrap()), [("title".into(), Rule::Format)]),
            (_, answer) => assert_eq!(
                read(&answer.unwrap().unwrap()).details,
                title(&number.to_string())
            ),
        }
    }
    assert_eq!(
        create(&*store, title("last")).await.unwrap().id,
        id(64),
        "no id was lost, and none given twice"
    );
    assert_eq!(
        store.employee(id(1)).await.unwrap().unwrap().version.get(),
        1
    );
}

async fn change_refused(store: &impl Store) -> Result<Record, Refused> {
    let refuse = |_: &Employee| {
        Err(Refused::Invalid(vec![FieldError::new(
            "title",
            Rule::Format,
            "No.",
        )]))
    };
    store
        .change_employee(id(1), Box::new(refuse), by_ada(0))
        .await
        .unwrap()
}

fn numbered(number: &str) -> Details {
    person(&[(Field::Number, number)])
}

/// The rule that refuses the personnel number, and who has it.
fn number_refusal(refused: Result<Record, Refused>) -> (Rule, String) {
    match refused {
        Err(Refused::Invalid(errors)) => {
            assert_eq!((errors.len(), errors[0].field.as_str()), (1, "number"));
            (errors[0].code, errors[0].message.clone())
        }
        other => panic!("{other:?}"),
    }
}

async fn a_personnel_number_has_one_holder(backend: impl Backend) {
    let of_1 = || {
        (
            Rule::Taken,
            "Employee 1 already has this number.".to_owned(),
        )
    };
    {
        let store = backend.open().await;
        create(&store, numbered("EX-17")).await.unwrap();
        create(&store, person(&[])).await.unwrap();
        assert_eq!(
            number_refusal(create(&store, numbered("ex-17")).await),
            of_1()
        );
        assert_eq!(
            number_refusal(change(&store, 2, numbered("EX-17")).await),
            of_1()
        );
        change(&store, 1, numbered("ex-17")).await.unwrap();
        change(&store, 2, numbered("EX-18")).await.unwrap();
        change(&store, 2, numbered("EX-19")).await.unwrap();
        change(&store, 1, numbered("EX-18")).await.unwrap();
    }
    let store = backend.open().await;
    let of_2 = (
        Rule::Taken,
        "Employee 2 already has this number.".to_owned(),
    );
    assert_eq!(
        number_refusal(create(&store, numbered("EX-19")).await),
        of_2
    );
    change(&store, 1, person(&[])).await.unwrap();
    create(&store, numbered("EX-18")).await.unwrap();
}

async fn who_comes_back_has_a_number_that_nobody_got_meanwhile(backend: impl Backend) {
    let store = backend.open().await;
    create(&store, numbered("17")).await.unwrap();
    delete(&store, 1).await.unwrap();
    create(&store, numbered("17")).await.unwrap();
    let restored = store.restore_employee(id(1), numbered("17"), by_ada(9));
    let holder = "Employee 2 already has this number.".to_owned();
    assert_eq!(
        number_refusal(restored.await.unwrap()),
        (Rule::Taken, holder)
    );
    delete(&store, 2).await.unwrap();
    let restored = store.restore_employee(id(1), numbered("17"), by_ada(9));
    restored.await.unwrap().unwrap();
}

on_every_backend! {
    a_personnel_number_has_one_holder,
    who_comes_back_has_a_number_that_nobody_got_meanwhile,
    a_created_employee_is_read_as_it_was_answered,
    a_change_counts_the_version_up,
    a_change_of_nothing_keeps_the_version,
    a_rule_sees_the_record_and_its_refusal_comes_back,
    a_deleted_employees_id_is_never_given_again,
    who_was_deleted_comes_back_under_the_same_id_and_nobody_else_does,
    who_comes_back_does_not_report_to_somebody_who_reports_to_them,
    a_manager_must_exist_and_not_report_to_the_person,
    who_reported_to_a_deleted_manager_can_still_be_changed,
    a_repeated_request_gets_the_first_answer_for_a_day,
    a_key_of_a_refused_request_is_free,
    of_many_writes_at_once_one_that_fails_fails_alone,
}
