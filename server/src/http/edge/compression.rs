//! Long answers in gzip (RFC 1952) where a client asks for that, made while they are sent. The one place
//! that encodes with flate2.
//!
//! Never where the refresh cookie is read or set: what is secret does not stand beside what somebody else may have
//! chosen, so that no length tells of it (BREACH). And never where there is an entity tag, which is one of these very
//! bytes (RFC 9110, section 8.8.3).

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
use crate::http::routes::{Guard, Route};
use crate::http::{Response, reply};

/// Which clients get compressed responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// Only remote clients; on loopback it would be slower.
    #[default]
    Remote,
    /// All clients, including loopback.
    All,
}

impl Compression {
    /// Whether it is for this end of a connection.
    pub(in crate::http) fn is_for(self, peer: IpAddr) -> bool {
        self == Self::All || !peer.to_canonical().is_loopback()
    }
}

/// Smaller responses are not compressed, in bytes.
const LEAST: u64 = 1024;

/// The compressed media types. Not events: the encoder would delay them.
const TEXTS: [&str; 3] = ["application/json", "text/csv", "application/x-ndjson"];

/// Compresses a response if it is large enough and `wanted`.
pub(in crate::http) fn fit(
    mut response: Response,
    route: Option<&Route>,
    wanted: bool,
) -> Response {
    let is_open_to_it = route.is_some_and(|route| !matches!(route.guard, Guard::Cookie(_)));
    if !is_open_to_it || !is_worth_it(&response) {
        return response;
    }
    response
        .headers_mut()
        .append(VARY, HeaderValue::from_name(ACCEPT_ENCODING));
    if !wanted {
        return response;
    }
    response
        .headers_mut()
        .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response.map(|body| reply::streamed(gzip(body.into_data_stream().boxed())))
}

fn is_worth_it(response: &Response) -> bool {
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
            .is_none_or(|size| size >= LEAST)
}

/// Compresses a body. One that is aborted is aborted compressed, too, without the end of the format.
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
