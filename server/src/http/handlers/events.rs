//! The stream of changes, as server-sent events (WHATWG HTML, section 9.2).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, Stream, unfold};
use hyper::header::{HeaderName, HeaderValue, RETRY_AFTER};
use roster_common::event::Event;
use roster_common::problem::Code;
use serde::Serialize;

use crate::app::auth::{Identity, Staleness, identify, is_open};
use crate::app::{App, AppError, events};
use crate::http::connection::StreamUse;
use crate::http::reply::{self, set};
use crate::http::streams::OpenStream;
use crate::http::{ConnectionUse, Failure, Request, Response, ServerState, extract};
use crate::rules::access::Permission;
use crate::store::{self, NumberedEvent};

/// The media type of the stream, which is always in UTF-8. Proxies may guess where none is named.
const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/event-stream; charset=utf-8");
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// When to ask again for a stream if there are too many, in seconds.
const RETRY_SECONDS: &str = "30";

/// How often an idle stream sends a comment and verifies its token.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The comment of an idle stream.
const IDLE: &str = ":\n\n";
/// The last comment of a stream whose client can get another token.
const TOKEN_ENDED: &str =
    ": the access token is no longer valid; reconnect with a new one and Last-Event-ID\n\n";

/// `GET /events`: streams until the access token is no longer valid, the session ends, the server
/// shuts down, or the client disconnects.
pub async fn follow(request: Request, who: Identity) -> Result<Response, Failure> {
    let stream = request.state.streams.open(&who.username);
    let stream = stream.ok_or_else(too_many)?;
    let on_connection = ConnectionUse::of(&request.head).stream();
    let after = extract::last_event_id(&request.head.headers);
    let token = extract::bearer(&request.head.headers)?.to_owned();
    let events = events::follow(&request.state.app, after).await?;
    let follower = Follower {
        state: request.state,
        who,
        token,
        events,
        stream,
        _on_connection: on_connection,
    };
    let mut response = reply::stream(CONTENT_TYPE, follower.pieces());
    // nginx would otherwise collect the events until it has 32 KiB.
    set(&mut response, X_ACCEL_BUFFERING, "no");
    Ok(response)
}

fn too_many() -> Failure {
    let detail = "Too many event streams are open. Try again later.";
    Failure::new(Code::Unavailable, detail).with(RETRY_AFTER, RETRY_SECONDS.to_owned())
}

/// A client that follows the changes.
struct Follower {
    state: Arc<ServerState>,
    who: Identity,
    /// The access token, which is verified again before each piece: it may have expired, or the
    /// account's role or the keys may have changed.
    token: String,
    events: BoxStream<'static, store::Result<Vec<NumberedEvent>>>,
    stream: OpenStream,
    _on_connection: StreamUse,
}

impl Follower {
    /// The pieces of the body. The next one is only produced when the client has read the previous
    /// one.
    fn pieces(self) -> impl Stream<Item = store::Result<Bytes>> + Send {
        unfold(Some(self), |follower| async {
            let mut follower = follower?;
            let piece = follower.next().await?;
            // The token may have ended while this waited; then the piece must not be sent.
            match check(&follower.state.app, &follower.who, &follower.token).await {
                Ok(()) => Some((piece.map(Bytes::from), Some(follower))),
                Err(Some(last)) => Some((Ok(Bytes::from_static(last.as_bytes())), None)),
                Err(None) => None,
            }
        })
    }

    /// Waits for the next events; `None` if the server shuts down or needs room for other streams.
    async fn next(&mut self) -> Option<store::Result<String>> {
        let now = self.state.app.clock.now();
        let left = self.who.token_ends.duration_since(now);
        let pause = HEARTBEAT.min(left.try_into().unwrap_or_default());
        tokio::select! {
            () = self.state.drained() => None,
            () = self.stream.ended() => None,
            events = self.events.next() => Some(events?.map(|events| encode(&events))),
            () = tokio::time::sleep(pause) => Some(Ok(IDLE.to_owned())),
        }
    }
}

/// Checks that a request with the token would still be allowed.
///
/// # Errors
/// The last comment of the stream, if there is anything to say.
async fn check(app: &App, who: &Identity, token: &str) -> Result<(), Option<&'static str>> {
    match identify(app, token, Permission::Read, Staleness::Refused).await {
        Ok(_) => Ok(()),
        Err(AppError::Token(_) | AppError::TokenStale) if is_open(app, who).await => {
            Err(Some(TOKEN_ENDED))
        }
        Err(_) => Err(None),
    }
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
        Event::ChangedMany(many) => ("changed-many", json(many)),
        Event::Reset(reset) => ("reset", json(reset)),
    };
    format!("id: {number}\nevent: {name}\ndata: {data}\n\n")
}

fn json(data: &impl Serialize) -> String {
    // Numbers and text can always be serialised.
    serde_json::to_string(data).unwrap_or_default()
}
