//! The changes of the records, while they are committed: server-sent events (WHATWG HTML, section 9.2).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, Stream, unfold};
use hyper::header::HeaderValue;
use roster_common::event::{Event, MEDIA_TYPE};
use serde::Serialize;

use crate::app::auth::{Identity, is_open};
use crate::app::events;
use crate::http::{Failure, Request, Response, ServerState, extract, reply};
use crate::store::{self, NumberedEvent};

/// How often a stream says that it lives, and looks whether it still may.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// `GET /events`: until the session ends, the server does, or the client goes away.
pub async fn follow(request: Request, who: Identity) -> Result<Response, Failure> {
    let after = extract::last_event_id(&request.head.headers);
    let events = events::follow(&request.state.app, after).await?;
    Ok(reply::stream(
        HeaderValue::from_static(MEDIA_TYPE),
        pieces(request.state, who, events),
    ))
}

/// What is sent. Nothing is made ahead of a client that does not take it.
fn pieces(
    state: Arc<ServerState>,
    who: Identity,
    events: BoxStream<'static, store::Result<Vec<NumberedEvent>>>,
) -> impl Stream<Item = store::Result<Bytes>> + Send {
    unfold(
        (state, who, events),
        |(state, who, mut events)| async move {
            let piece = tokio::select! {
                () = state.drained() => return None,
                events = events.next() => events?.map(|events| written(&events)),
                () = tokio::time::sleep(HEARTBEAT) => Ok(":\n\n".to_owned()),
            };
            // What has ended since holds before anything more is told.
            is_open(&state.app, &who)
                .await
                .then(|| (piece.map(Bytes::from), (state, who, events)))
        },
    )
}

fn written(events: &[NumberedEvent]) -> String {
    events.iter().map(lines).collect()
}

/// An event in the form of the stream. JSON has no line breaks of its own.
fn lines(NumberedEvent { number, event }: &NumberedEvent) -> String {
    let (name, data) = match &**event {
        Event::Created(record) => ("created", json(record)),
        Event::Changed(record) => ("changed", json(record)),
        Event::Deleted(record) => ("deleted", json(record)),
        Event::Imported(import) => ("imported", json(import)),
        Event::Reset(reset) => ("reset", json(reset)),
    };
    format!("id: {number}\nevent: {name}\ndata: {data}\n\n")
}

fn json(data: &impl Serialize) -> String {
    // It is only numbers and text, which can always be written.
    serde_json::to_string(data).unwrap_or_default()
}
