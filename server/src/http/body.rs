//! Request bodies: short ones are collected, long ones are read while they arrive.

use std::io::{self, Read};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::HeaderMap;
use roster_common::problem::Code;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::Failure;
use super::content_coding::{ContentCoding, DecodeError, Decoder};

/// The body of a request: from a connection, or in memory, so that handlers can be tested without a
/// socket.
pub type RequestBody = Either<Incoming, Full<Bytes>>;

/// The maximum size of a short body, in bytes.
const SHORT_SIZE: usize = 64 * 1024;
/// How long a short body may take to arrive.
const SHORT_TIME: Duration = Duration::from_secs(10);
/// The maximum size of a long body, in bytes.
const LONG_SIZE: usize = 512 * 1024 * 1024;
/// How long a long body may take to arrive.
const LONG_TIME: Duration = Duration::from_secs(15 * 60);
/// How long a client may pause while it sends a long body.
const PAUSE: Duration = Duration::from_secs(10);
/// How many pieces may wait for the reader. If it falls behind, the client must wait.
const WAITING: usize = 16;

/// Collects a short body.
///
/// # Errors
/// [`Code::BodyTooLarge`], [`Code::Timeout`]; [`Code::BadRequest`] if the client stops midway.
pub(super) async fn collect(headers: &HeaderMap, body: RequestBody) -> Result<Bytes, Failure> {
    let coding = ContentCoding::of(headers)?;
    // Refuse by `Content-Length` before reading anything.
    if body.size_hint().lower() > SHORT_SIZE as u64 {
        return Err(too_large("64 KiB"));
    }
    let collecting = Limited::new(body, SHORT_SIZE).collect();
    match timeout(SHORT_TIME, collecting).await {
        Err(_) => Err(late("The body did not arrive within 10 s.")),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large("64 KiB")),
        Ok(Err(_)) => Err(incomplete()),
        Ok(Ok(collected)) => decode(coding, collected.to_bytes()),
    }
}

/// Decodes a short body. The limit also applies to its decoded size.
fn decode(coding: ContentCoding, body: Bytes) -> Result<Bytes, Failure> {
    if coding == ContentCoding::Identity || body.is_empty() {
        return Ok(body);
    }
    let mut decoded = Vec::new();
    let mut decoder = Decoder::new(coding, &*body, SHORT_SIZE);
    // `read` never fails: the decoder stops at an error and `finish` returns it.
    let _ = decoder.read_to_end(&mut decoded);
    decoder
        .finish()
        .map_err(|error| decode_failure(error, "64 KiB"))?;
    Ok(decoded.into())
}

fn decode_failure(error: DecodeError, limit: &str) -> Failure {
    match error {
        DecodeError::TooLong => too_large(limit),
        DecodeError::Malformed => Failure::new(Code::BodyInvalid, "The body is not valid gzip."),
    }
}

/// A blocking reader of a body that is still arriving. It also ends if the connection breaks.
struct BodyReader {
    pieces: mpsc::Receiver<Bytes>,
    piece: Bytes,
}

impl Read for BodyReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let size = out.len().min(self.piece.len());
        self.piece
            .split_to(size)
            .copy_to_slice(out.get_mut(..size).unwrap_or_default());
        Ok(size)
    }
}

/// Runs `read` on a blocking thread while the body arrives and is decoded, and returns its result.
/// If `read` stops early, the rest of the body is received and dropped, since many clients read the
/// response only after sending everything.
///
/// # Errors
/// [`Code::BodyTooLarge`], [`Code::Timeout`]; [`Code::BadRequest`] if the client stops midway. The
/// result of `read` is then dropped, since it saw only a part of the body.
pub(super) async fn read_long<T: Send + 'static>(
    headers: &HeaderMap,
    body: RequestBody,
    read: impl FnOnce(&mut dyn Read) -> T + Send + 'static,
) -> Result<T, Failure> {
    let coding = ContentCoding::of(headers)?;
    if body.size_hint().lower() > LONG_SIZE as u64 {
        return Err(too_large("512 MiB"));
    }
    let (sender, pieces) = mpsc::channel(WAITING);
    let reading = spawn_blocking(move || {
        let body = BodyReader {
            pieces,
            piece: Bytes::new(),
        };
        let mut decoder = Decoder::new(coding, body, LONG_SIZE);
        let result = read(&mut decoder);
        decoder.finish().map(|()| result)
    });
    let forwarding = forward(Limited::new(body, LONG_SIZE), sender);
    let forwarded = timeout(LONG_TIME, forwarding)
        .await
        .unwrap_or_else(|_| Err(late("The body did not arrive within 15 min.")));
    let result = reading.await.map_err(|error| Failure::internal(&error))?;
    forwarded?;
    result.map_err(|error| decode_failure(error, "512 MiB"))
}

async fn forward(
    mut body: Limited<RequestBody>,
    pieces: mpsc::Sender<Bytes>,
) -> Result<(), Failure> {
    loop {
        let piece = match timeout(PAUSE, body.frame()).await {
            Err(_) => return Err(late("Nothing of the body arrived for 10 s.")),
            Ok(None) => return Ok(()),
            Ok(Some(Err(error))) if error.is::<LengthLimitError>() => {
                return Err(too_large("512 MiB"));
            }
            Ok(Some(Err(_))) => return Err(incomplete()),
            Ok(Some(Ok(frame))) => frame.into_data(),
        };
        if let Ok(piece) = piece {
            // Fails if the reader has stopped early, which is fine: the piece is dropped.
            let _ = pieces.send(piece).await;
        }
    }
}

fn too_large(limit: &str) -> Failure {
    Failure::new(Code::BodyTooLarge, format!("Send at most {limit}."))
}

fn late(detail: &str) -> Failure {
    Failure::new(Code::Timeout, detail)
}

fn incomplete() -> Failure {
    Failure::new(Code::BadRequest, "The body is incomplete.")
}
