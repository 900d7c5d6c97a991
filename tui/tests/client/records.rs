//! The employees, through the client.

use std::io::{Seek, Write};
use std::sync::mpsc;

use roster::client::{ImportFormat, Upload};
use roster::remote::ClientError;
use roster_common::api::{ImportOptions, path};
use roster_common::query::{Start, Window};
use roster_common::{Changes, Code, Field, Query};

use crate::proxy::Fault;
use crate::world::{World, code, sign_in};

fn named(first: &str, last: &str) -> Changes {
    let mut changes = Changes::default();
    changes.set(Field::Firstname, first);
    changes.set(Field::Lastname, last);
    changes
}

#[tokio::test]
async fn a_record_is_created_changed_and_removed() {
    let world = World::new().await;
    let client = world.signed_in().await;

    let ada = client
        .create(&named("Ada", "Lovelace"), "key")
        .await
        .unwrap()
        .employee;
    let mut title = Changes::default();
    title.set(Field::Title, "Countess");
    let countess = client.change(ada.id, ada.version, &title).await.unwrap();
    let countess = countess.employee;

    assert_eq!(client.employee(ada.id).await.unwrap(), countess);
    assert_eq!(
        code(client.change(ada.id, ada.version, &title).await),
        Code::Stale
    );
    client.delete(ada.id, countess.version).await.unwrap();
    assert_eq!(code(client.employee(ada.id).await), Code::EmployeeNotFound);
}

#[tokio::test]
async fn a_restore_whose_answer_is_lost_happens_once() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let ada = client
        .create(&named("Ada", "Lovelace"), "key")
        .await
        .unwrap()
        .employee;
    client.delete(ada.id, ada.version).await.unwrap();
    world
        .proxy
        .spoil(&path::employee(ada.id), [Fault::LoseAnswer]);

    let lost = client.restore(ada.id, &Changes::from(&ada.details)).await;
    let again = client.restore(ada.id, &Changes::from(&ada.details)).await;

    assert!(matches!(lost, Err(ClientError::Unreachable { .. })));
    let Err(ClientError::Refused(problem)) = again else {
        panic!("{again:?}")
    };
    let back = client.employee(ada.id).await.unwrap();
    assert_eq!(
        (problem.code, problem.current.as_deref()),
        (Code::Stale, Some(&back))
    );
    assert_eq!(
        (&back.details, back.version),
        (&ada.details, ada.version.next().next())
    );
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_can_be_repeated() {
    let world = World::new().await;
    let client = world.signed_in().await;
    world.proxy.spoil(path::EMPLOYEES, [Fault::LoseAnswer]);

    let lost = client
        .create(&named("Ada", "Lovelace"), "the same key")
        .await;
    client
        .create(&named("Ada", "Lovelace"), "the same key")
        .await
        .unwrap();

    assert!(matches!(lost, Err(ClientError::Unreachable { .. })));
    assert_eq!(client.employees(&Query::default()).await.unwrap().total, 1);
}

#[tokio::test]
async fn a_list_comes_by_page_or_whole() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let csv = "firstname,lastname\nAda,A\nBea,B\nCleo,C\n";
    client
        .import(
            ImportFormat::Csv,
            Upload::whole(csv),
            &ImportOptions::default(),
            None,
        )
        .await
        .unwrap();
    let window = Window::Page {
        limit: 2,
        start: Start::Offset(1),
    };

    let page = client
        .employees(&Query {
            window,
            ..Query::default()
        })
        .await
        .unwrap();
    let whole = client.employees(&Query::default()).await.unwrap();

    assert_eq!((page.offset, page.total, page.rows.len()), (1, 3, 2));
    assert_eq!(page.rows, whole.rows[1..]);
    assert_eq!(whole.total, 3);
}

#[tokio::test]
async fn a_list_that_breaks_off_is_an_error_and_not_a_shorter_list() {
    let world = World::new().await;
    let client = world.signed_in().await;
    client
        .create(&named("Ada", "Lovelace"), "key")
        .await
        .unwrap();
    world.proxy.spoil(path::EMPLOYEES, [Fault::CutAnswer]);

    assert!(matches!(
        client.employees(&Query::default()).await,
        Err(ClientError::Unreachable { .. })
    ));
}

#[tokio::test]
async fn an_import_that_meets_an_expired_token_is_sent_again_whole() {
    let world = World::new().await;
    let client = world.signed_in().await;
    world.let_the_token_expire();
    let rows = "{\"firstname\":\"Ada\",\"lastname\":\"Lovelace\"}\n";

    let report = client
        .import(
            ImportFormat::Ndjson,
            Upload::whole(rows),
            &ImportOptions::default(),
            None,
        )
        .await
        .unwrap();

    assert_eq!((report.created, world.proxy.count(path::IMPORT)), (1, 2));
}

#[tokio::test]
async fn a_file_is_not_sent_under_a_token_that_is_past_its_time() {
    let world = World::new().await;
    let client = world.signed_in().await;
    world.let_the_token_expire();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"firstname,lastname\nAda,Lovelace\n")
        .unwrap();
    file.rewind().unwrap();
    let (sent, progress) = mpsc::channel();
    let rows = Upload::file(file, move |size| sent.send(size).unwrap());

    let report = client
        .import(ImportFormat::Csv, rows, &ImportOptions::default(), None)
        .await
        .unwrap();

    assert_eq!((report.created, world.proxy.count(path::IMPORT)), (1, 1));
    assert_eq!(progress.iter().last(), Some(32));
}

#[tokio::test]
async fn what_the_role_does_not_allow_is_refused_and_not_retried() {
    let world = World::new().await;
    let vic = world.process();
    sign_in(&vic, "vic").await.unwrap();

    assert_eq!(
        code(vic.create(&named("Ada", "Lovelace"), "key").await),
        Code::RoleRequired
    );

    assert_eq!(
        (
            world.proxy.count(path::EMPLOYEES),
            world.proxy.count(path::REFRESH)
        ),
        (1, 0)
    );
    assert!(world.jar().is_some());
}

#[tokio::test]
async fn the_values_that_others_have_used_help_to_write_one() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let csv = "firstname,lastname,title\nAda,A,Engineer\nBea,B,Engineer\nCleo,C,Field & Test Engineer\nDora,D,Counsel\n";
    client
        .import(
            ImportFormat::Csv,
            Upload::whole(csv),
            &ImportOptions::default(),
            None,
        )
        .await
        .unwrap();

    let found = client.values(Field::Title, "engin", "", 5).await.unwrap();
    let ampersand = client.values(Field::Title, "d & t", "", 5).await.unwrap();

    let counted: Vec<_> = found
        .iter()
        .map(|found| (found.value.as_str(), found.count))
        .collect();
    assert_eq!(counted, [("Engineer", 2), ("Field & Test Engineer", 1)]);
    assert_eq!(ampersand, found[1..]);
    let filtered = client
        .values(Field::Title, "", "!first:ada engineer", 5)
        .await;
    let counted: Vec<_> = filtered.unwrap().iter().map(|found| found.count).collect();
    assert_eq!(counted, [1, 1], "without Ada");
}

/// Whether the client has given an answer up.
fn is_cut_off<T: std::fmt::Debug>(result: Result<T, ClientError>) -> bool {
    matches!(result, Err(ClientError::Protocol(_)))
}

#[tokio::test]
async fn an_answer_without_an_end_is_given_up() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let page = Query {
        window: Window::Page {
            limit: 50,
            start: Start::Offset(0),
        },
        ..Query::default()
    };

    for text in ["[", " ", "{\"id\": 1}, "] {
        world.proxy.spoil(path::EMPLOYEES, [Fault::Endless(text)]);
        assert!(is_cut_off(client.employees(&page).await), "{text}");
        world.proxy.spoil(path::ME, [Fault::Endless(text)]);
        assert!(is_cut_off(client.me().await), "{text}");
    }
    world.proxy.spoil(path::EMPLOYEES, [Fault::Endless("x")]);
    let mut rows = client.rows(&Query::default()).await.unwrap();
    assert!(is_cut_off(rows.next().await), "a record without an end");
}

#[tokio::test]
async fn a_page_with_more_rows_than_requested_is_refused() {
    let world = World::new().await;
    let client = world.signed_in().await;
    for name in ["Ada", "Bea", "Cleo"] {
        client.create(&named(name, "Lovelace"), name).await.unwrap();
    }
    // Something between client and server changes the request.
    let page = |limit| Query {
        window: Window::Page {
            limit,
            start: Start::Offset(0),
        },
        ..Query::default()
    };
    world.proxy.rewrite("limit=2", "limit=3");
    assert!(is_cut_off(client.employees(&page(2)).await));
    assert_eq!(client.employees(&page(3)).await.unwrap().rows.len(), 3);
}
