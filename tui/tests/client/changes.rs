//! The stream of changes: over renewed tokens, lost connections and silence.

use jiff::SignedDuration;
use roster::client::{ChangeStream, Client};
use roster::remote::ClientError;
use roster_common::api::path;
use roster_common::event::Event;
use roster_common::{Changes, Code, EmployeeId, Field};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::world::{World, code};

async fn hire(client: &Client, name: &str) -> EmployeeId {
    let mut changes = Changes::default();
    changes.set(Field::Firstname, name);
    changes.set(Field::Lastname, "Hopper");
    let saved = client.create(&changes, &format!("key-{name}")).await;
    saved.unwrap().employee.id
}

/// The first names of the people who join, as the stream tells of them.
async fn joined(stream: &mut ChangeStream) -> String {
    match stream.next().await.unwrap() {
        Some(Event::Created(change)) => change.record.unwrap().details.firstname().to_owned(),
        other => panic!("{other:?}"),
    }
}

/// A stream that has begun.
async fn following(client: &Client) -> ChangeStream {
    let mut stream = client.changes(None).await.unwrap();
    assert!(matches!(stream.next().await, Ok(Some(Event::Reset(_)))));
    stream
}

#[tokio::test]
async fn whoever_follows_hears_who_did_what_in_the_order_of_the_commits() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let mut stream = following(&client).await;

    let id = hire(&client, "Grace").await;
    client
        .delete(id, roster_common::Version::FIRST)
        .await
        .unwrap();

    assert_eq!(joined(&mut stream).await, "Grace");
    let Some(Event::Deleted(change)) = stream.next().await.unwrap() else {
        panic!("she was deleted")
    };
    assert_eq!((change.id, change.by.as_str()), (id, "ada"));
}

#[tokio::test]
async fn another_stream_continues_where_the_last_one_ended() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let mut stream = following(&client).await;
    hire(&client, "Grace").await;
    joined(&mut stream).await;
    let last = stream.last_number().unwrap().to_owned();
    drop(stream);

    hire(&client, "Ada").await;
    let mut next = client.changes(Some(&last)).await.unwrap();

    assert_eq!(joined(&mut next).await, "Ada");
}

#[tokio::test]
async fn a_rejected_token_is_renewed_once_and_the_stream_opened() {
    let world = World::new().await;
    let client = world.signed_in().await;
    world.let_the_token_expire();

    following(&client).await;

    assert_eq!(
        (
            world.proxy.count(path::EVENTS),
            world.proxy.count(path::REFRESH)
        ),
        (2, 1)
    );
}

#[tokio::test]
async fn the_stream_ends_with_its_token_and_the_next_one_has_another() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let mut stream = following(&client).await;
    hire(&client, "Grace").await;
    joined(&mut stream).await;
    let last = stream.last_number().unwrap().to_owned();

    world.let_the_token_expire();
    hire(&client, "Ada").await;
    assert!(
        matches!(stream.next().await, Ok(None)),
        "it hears nothing more"
    );

    let mut next = client.changes(Some(&last)).await.unwrap();
    assert_eq!(joined(&mut next).await, "Ada");
    assert_eq!(world.proxy.count(path::REFRESH), 1);
}

#[tokio::test]
async fn a_session_that_has_ended_gets_no_stream() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let elsewhere = world.process();
    elsewhere.resume().await.unwrap();
    elsewhere.sign_out().await.unwrap();

    assert_eq!(
        code(client.changes(None).await.map(drop)),
        Code::SessionEnded
    );
}

#[tokio::test]
async fn a_gateways_page_is_no_answer() {
    let world = World::new().await;
    let client = world.signed_in().await;
    world
        .proxy
        .spoil(path::EVENTS, [crate::proxy::Fault::Answer(502)]);

    let result = client.changes(None).await.map(drop);
    assert!(
        matches!(result, Err(ClientError::Unreachable { .. })),
        "{result:?}"
    );
}

/// The first bytes of a stream, and then nothing, as over a line that was cut.
async fn falls_silent(listener: TcpListener) {
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut request = vec![0; 4096];
    let _ = connection.read(&mut request).await.unwrap();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let text = format!("{head}id: 1-0\nevent: reset\ndata: {{}}\n\n");
    connection.write_all(text.as_bytes()).await.unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_line_that_is_cut_is_noticed_after_two_missed_heartbeats() {
    let world = World::new().await;
    world.signed_in().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = world.on_the_same_jar(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(falls_silent(listener));
    let mut stream = following(&client).await;

    tokio::time::pause();
    let before = tokio::time::Instant::now();
    let result = stream.next().await;

    assert!(
        matches!(result, Err(ClientError::Unreachable { .. })),
        "{result:?}"
    );
    let waited = SignedDuration::try_from(before.elapsed()).unwrap();
    assert_eq!(waited.as_secs(), 31);
}
