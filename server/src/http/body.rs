//! Request bodies: short ones are collected, long ones are read while they arrive.

use std::io::{self, Read};
use std::sync::{Arc, Weak};
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

/// Ends a body early if nobody waits for the result: a small body may decode to one that would keep
/// a processor busy for long.
struct WhileAwaited<R> {
    body: R,
    /// Held by the future that waits for the result.
    waiting: Weak<()>,
}

impl<R: Read> Read for WhileAwaited<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.waiting.strong_count() == 0 {
            return Ok(0);
        }
        self.body.read(out)
    }
}

/// Runs `read` on a blocking thread while the body arrives and is decoded, and returns its result.
/// If `read` stops early, the rest of the body is received and dropped, since many clients read the
/// response only after sending everything. If this future is dropped, because the client has hung
/// up or the server ends, `read` meets the end of the body.
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
    // Dropped together with this future, which tells the blocking thread to stop.
    let waiting = Arc::new(());
    let awaited = Arc::downgrade(&waiting);
    let reading = spawn_blocking(move || {
        let body = BodyReader {
            pieces,
            piece: Bytes::new(),
        };
        let mut decoder = Decoder::new(coding, body, LONG_SIZE);
        let result = read(&mut WhileAwaited {
            body: &mut decoder,
            waiting: awaited,
        });
        decoder.finish().map(|()| result)
    });
    let forwarding = forward(Limited::new(body, LONG_SIZE), sender);
    let forwarded = timeout(LONG_TIME, forwarding)
        .await
        .unwrap_or_else(|_| Err(late("The body did not arrive within 15 min.")));
    let result = reading.await.map_err(|error| Failure::internal(&error))?;
    drop(waiting);
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use hyper::header::{CONTENT_ENCODING, HeaderValue};
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn reading_ends_when_nobody_waits_for_its_result() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&[b'\n'; 1 << 20]).unwrap();
        let body = Either::Right(Full::new(encoder.finish().unwrap().into()));
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static("gzip"))]);

        let (started, has_started) = oneshot::channel();
        let (hung_up, has_hung_up) = oneshot::channel();
        let (ended, has_ended) = oneshot::channel();
        let read = move |body: &mut dyn Read| {
            body.read_exact(&mut [0]).unwrap();
            started.send(()).unwrap();
            has_hung_up.blocking_recv().unwrap();
            ended
                .send(io::copy(body, &mut io::sink()).unwrap())
                .unwrap();
        };
        let request = tokio::spawn(async move { read_long(&headers, body, read).await });

        has_started.await.unwrap();
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
        hung_up.send(()).unwrap();
        assert_eq!(has_ended.await.unwrap(), 0, "of a mebibyte less a byte");
    }
}
