//! What those who follow the changes are told.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use roster_common::event::Event;
use roster_server::store::{
    NumberedEvent, PackedRows, PlanOptions, Resumed, RunStore, Store, ValidRow,
};

use super::backend::{Backend, on_every_backend};
use super::{at, by_ada, create, id, person};

/// Somebody who follows from now on, and has been told to read anew.
async fn follower(store: &impl Store) -> BoxStream<'static, NumberedEvent> {
    let mut follower = store
        .events(None)
        .await
        .unwrap()
        .flat_map(|events| stream::iter(events.unwrap()))
        .boxed();
    assert!(matches!(
        &*follower.next().await.unwrap().event,
        Event::Reset(_)
    ));
    follower
}

async fn a_follower_that_falls_behind_is_told_to_read_anew_and_nothing_is_kept_for_it(
    backend: impl Backend,
) {
    let store = backend.open().await;
    let mut follower = follower(&store).await;
    for _ in 0..1024 {
        create(&store, person(&[])).await.unwrap();
    }
    for number in 1..=1024 {
        let message = follower.next().await.unwrap();
        assert!(
            matches!(&*message.event, Event::Created(record) if record.id == id(number)),
            "all that is remembered"
        );
    }
    for _ in 0..1025 {
        create(&store, person(&[])).await.unwrap();
    }
    let reset = follower.next().await.unwrap();
    assert!(matches!(&*reset.event, Event::Reset(_)));
    create(&store, person(&[])).await.unwrap();
    let after = follower.next().await.unwrap();
    assert!(
        matches!(&*after.event, Event::Created(record) if record.id == id(2050))
            && after.number > reset.number
    );
}

async fn an_import_of_many_is_one_event_and_a_rehearsal_is_none(backend: impl Backend) {
    let store = backend.open().await;
    let mut follower = follower(&store).await;
    let rows: PackedRows = (0..5000)
        .map(|_| ValidRow::of_new(None, &person(&[])))
        .collect();
    let options = PlanOptions::adding(at(0));
    let planned = store.plan_import(Arc::new(rows.clone()), options, Resumed::default());
    assert_eq!(planned.await.unwrap().order.len(), 5000);
    let added = store.add_employees(rows, by_ada(0)).await.unwrap();
    added.unwrap();
    create(&store, person(&[])).await.unwrap();
    let import = follower.next().await.unwrap();
    assert!(
        matches!(&*import.event, Event::ChangedMany(many) if (many.ids[0], many.ids.len()) == (id(1), 5000))
    );
    assert!(
        matches!(&*follower.next().await.unwrap().event, Event::Created(record) if record.id == id(5001))
    );
}

on_every_backend! {
    a_follower_that_falls_behind_is_told_to_read_anew_and_nothing_is_kept_for_it,
    an_import_of_many_is_one_event_and_a_rehearsal_is_none,
}
