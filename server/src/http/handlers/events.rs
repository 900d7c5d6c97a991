//! The stream of changes, as server-sent events (WHATWG HTML, section 9.2).

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

/// How often an idle stream sends a comment and checks that its session is still open.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// `GET /events`: streams until the session ends, the server shuts down, or the client disconnects.
pub async fn follow(request: Request, who: Identity) -> Result<Response, Failure> {
    let after = extract::last_event_id(&request.head.headers);
    let events = events::follow(&request.state.app, after).await?;
    Ok(reply::stream(
        HeaderValue::from_static(MEDIA_TYPE),
        pieces(request.state, who, events),
    ))
}

/// The pieces of the body. The next one is only produced when the client has read the previous one.
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
                events = events.next() => events?.map(|events| encode(&events)),
                () = tokio::time::sleep(HEARTBEAT) => Ok(":\n\n".to_owned()),
            };
            // The session may have ended while this waited; then the piece must not be sent.
            if !is_open(&state.app, &who).await {
                return None;
            }
            Some((piece.map(Bytes::from), (state, who, events)))
        },
    )
}

fn encode(events: &[NumberedEvent]) -> String {
    events.iter().map(lines).collect()
}

/// One event in the stream's format. Its JSON contains no line breaks.
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
    // Numbers and text can always be serialised.
    serde_json::to_string(data).unwrap_or_default()
}
