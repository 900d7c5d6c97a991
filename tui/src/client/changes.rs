//! The stream of changes: server-sent events (WHATWG HTML, section 9.2), as far as the server uses
//! them.

use std::time::Duration;

use reqwest::header::ACCEPT;
use reqwest::{Method, Response};
use roster_common::api::path;
use roster_common::event::{Event, MEDIA_TYPE, ResetEvent};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::Client;
use crate::remote::{ClientError, Result};

/// How long to wait for the stream to begin.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the stream may be silent: two heartbeats of the server, and a second for the way.
const LONGEST_SILENCE: Duration = Duration::from_secs(31);

/// How long one stream may last. The server ends it with its access token, long before.
const LONGEST_STREAM: Duration = Duration::from_secs(24 * 3600);

/// The most bytes of one event. The longest record that the server stores has about a hundredth.
const LONGEST_EVENT: usize = 1 << 20;

/// The changes that are committed while it is read.
pub struct ChangeStream {
    client: Client,
    response: Response,
    parser: Parser,
}

impl Client {
    /// Follows the changes after the event with this number. Without one, or if the server no longer
    /// knows it, the stream begins with a [reset](Event::Reset).
    pub async fn changes(&self, after: Option<&str>) -> Result<ChangeStream> {
        let mut request = self
            .request(Method::GET, path::EVENTS)
            .header(ACCEPT, MEDIA_TYPE)
            .timeout(LONGEST_STREAM);
        if let Some(number) = after {
            request = request.header("last-event-id", number);
        }
        let response = timeout(START_TIMEOUT, self.call(request)).await;
        Ok(ChangeStream {
            response: response.unwrap_or_else(|_| Err(never_began()))?,
            client: self.clone(),
            parser: Parser::default(),
        })
    }

    fn silent(&self) -> ClientError {
        ClientError::Unreachable {
            server: self.server().to_owned(),
            why: "timed out".to_owned(),
            sent: true,
        }
    }
}

impl ChangeStream {
    /// Waits for the next change; `None` if the server ended the stream. Dropping the future loses
    /// nothing.
    ///
    /// # Errors
    /// If the connection breaks, is silent for two heartbeats, or carries something else.
    pub async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.parser.next() {
                return Ok(Some(event));
            }
            if self.parser.buffer.len() > LONGEST_EVENT {
                return Err(ClientError::Protocol("an event is too long".into()));
            }
            match timeout(LONGEST_SILENCE, self.response.chunk()).await {
                Ok(Ok(Some(piece))) => self.parser.buffer.extend_from_slice(&piece),
                Ok(Ok(None)) => return Ok(None),
                Ok(Err(error)) => return Err(self.client.0.http.unreachable(&error)),
                Err(_) => return Err(self.client.silent()),
            }
        }
    }

    /// The number of the last event, with which another stream can continue.
    pub fn last_number(&self) -> Option<&str> {
        self.parser.number.as_deref()
    }
}

/// Some proxies keep an answer until it is complete, which this one never is.
fn never_began() -> ClientError {
    ClientError::Protocol("the stream of changes does not begin".into())
}

/// Cuts the bytes of a stream into events.
#[derive(Default)]
struct Parser {
    /// Bytes received and not yet parsed.
    buffer: Vec<u8>,
    /// The number of the last event.
    number: Option<String>,
    /// The fields of the event being read.
    name: String,
    data: String,
}

impl Parser {
    /// The next complete event.
    fn next(&mut self) -> Option<Event> {
        while let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.buffer.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\r', '\n']);
            if !line.is_empty() {
                self.field(line);
            } else if let Some(event) = self.event() {
                return Some(event);
            }
        }
        None
    }

    /// A line without a name before its colon is a comment, such as a heartbeat.
    fn field(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => self.number = Some(value.to_owned()),
            "event" => value.clone_into(&mut self.name),
            "data" => self.data.push_str(value),
            _ => {}
        }
    }

    /// The event that an empty line ends. One that this version does not understand may have changed
    /// anything, as a reset.
    fn event(&mut self) -> Option<Event> {
        let (name, data) = (
            std::mem::take(&mut self.name),
            std::mem::take(&mut self.data),
        );
        if name.is_empty() && data.is_empty() {
            return None;
        }
        let data: Value = serde_json::from_str(&data).unwrap_or_default();
        let event = serde_json::from_value(json!({"event": name, "data": data}));
        Some(event.unwrap_or(Event::Reset(ResetEvent {})))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(parser: &mut Parser, piece: &str) -> Vec<Event> {
        parser.buffer.extend_from_slice(piece.as_bytes());
        std::iter::from_fn(|| parser.next()).collect()
    }

    #[test]
    fn events_are_read_whatever_pieces_they_come_in() {
        let deleted = r#"{"id":7,"version":3,"by":"ada","at":"2026-11-25T00:00:00.000Z"}"#;
        let text = format!(
            "id: 4-0\nevent: reset\ndata: {{}}\n\n:\n\nid: 5-1\nevent: deleted\ndata: {deleted}\n\n"
        );
        for size in 1..text.len() {
            let mut parser = Parser::default();
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                found.extend(events(&mut parser, std::str::from_utf8(piece).unwrap()));
            }
            assert!(
                matches!(found.as_slice(), [Event::Reset(_), Event::Deleted(event)] if event.by == "ada"),
                "{size}: {found:?}"
            );
            assert_eq!(parser.number.as_deref(), Some("5-1"));
        }
    }

    #[test]
    fn a_heartbeat_is_no_event_and_an_unknown_one_is_a_reset() {
        let mut parser = Parser::default();
        assert_eq!(events(&mut parser, ":\n\n: the token has ended\n\n"), []);
        let unknown = events(
            &mut parser,
            "id: 9-1\nevent: renamed\ndata: {\"id\": 7}\n\n",
        );
        assert_eq!(unknown, [Event::Reset(ResetEvent {})]);
    }
}
