//! Compresses long responses with gzip (RFC 1952) while they are sent, if the client accepts it.
//!
//! Responses that read or set the refresh cookie are never compressed: their length could reveal a
//! secret next to text that an attacker chose (BREACH). Nor are responses with an entity tag, which
//! identifies the exact bytes (RFC 9110, section 8.8.3).

use std::io::Write;
use std::mem;
use std::net::IpAddr;

use bytes::Bytes;
use flate2::write::GzEncoder;
use futures_util::stream::{self, Stream, StreamExt};
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::Body as _;
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, VARY};

use crate::http::reply::Aborted;
use crate::http::{Response, reply};

/// Which clients get compressed responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// Only remote clients; on loopback, compression takes longer than it saves.
    #[default]
    Remote,
    /// All clients, including loopback.
    All,
}

impl Compression {
    /// Returns `true` if this peer may get compressed responses.
    pub(in crate::http) fn is_for(self, peer: IpAddr) -> bool {
        self == Self::All || !peer.to_canonical().is_loopback()
    }
}

/// The minimum size of a response to compress, in bytes.
const MIN_SIZE: u64 = 1024;

/// The media types that are compressed. Events are not, since the encoder would delay them.
const TEXTS: [&str; 3] = ["application/json", "text/csv", "application/x-ndjson"];

/// Compresses a response if that is worthwhile and the client `wants` it. Adds `Vary` whenever it
/// is worthwhile.
pub(in crate::http) fn compress(mut response: Response, wants: bool) -> Response {
    if !is_worthwhile(&response) {
        return response;
    }
    response
        .headers_mut()
        .append(VARY, HeaderValue::from_name(ACCEPT_ENCODING));
    if !wants {
        return response;
    }
    response
        .headers_mut()
        .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response.map(|body| reply::streamed(gzip(body.into_data_stream().boxed())))
}

fn is_worthwhile(response: &Response) -> bool {
    let media_type = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    response.status() == StatusCode::OK
        && TEXTS.contains(&media_type.split(';').next().unwrap_or_default())
        && !response.headers().contains_key(ETAG)
        && response
            .body()
            .size_hint()
            .exact()
            .is_none_or(|size| size >= MIN_SIZE)
}

/// Compresses a body. If it is aborted, so is the compressed one, without the gzip trailer.
fn gzip(
    pieces: impl Stream<Item = Result<Bytes, impl Send>> + Unpin + Send + 'static,
) -> impl Stream<Item = Result<Bytes, Aborted>> + Send + 'static {
    let encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    stream::unfold(Some((encoder, pieces)), async |state| {
        let (mut encoder, mut pieces) = state?;
        while let Some(piece) = pieces.next().await {
            let Ok(piece) = piece else {
                return Some((Err(Aborted), None));
            };
            // Writing to memory cannot fail.
            encoder.write_all(&piece).ok()?;
            let out = mem::take(encoder.get_mut());
            if !out.is_empty() {
                return Some((Ok(out.into()), Some((encoder, pieces))));
            }
        }
        Some((Ok(encoder.finish().ok()?.into()), None))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_not_compressed() {
        for (peer, near) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("192.0.2.7", false),
        ] {
            assert_eq!(
                Compression::Remote.is_for(peer.parse().unwrap()),
                !near,
                "{peer}"
            );
            assert!(Compression::All.is_for(peer.parse().unwrap()));
        }
    }
}
