//! Constructors of responses.

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, Stream};
use http_body_util::{Either, Full, StreamBody};
use hyper::StatusCode;
use hyper::body::Frame;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde::Serialize;

use super::{Failure, Response};

/// A body in one piece, or one that comes in pieces.
pub type Body = Either<Full<Bytes>, StreamBody<BoxStream<'static, Result<Frame<Bytes>, Aborted>>>>;

/// A body could not be made whole. The client sees that it is incomplete: the connection ends in the middle of it. The
/// cause is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body was aborted")]
pub struct Aborted;

/// `application/json`
pub const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How many headers there is room for from the start: what a page has.
const HEADERS: usize = 12;

fn answer(body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().reserve(HEADERS);
    response
}

/// An answer without a body.
pub fn empty(status: StatusCode) -> Response {
    let mut response = answer(Either::Left(Full::default()));
    *response.status_mut() = status;
    response
}

/// An answer whose body is written already.
pub fn bytes(content_type: HeaderValue, body: impl Into<Bytes>) -> Response {
    let mut response = answer(Either::Left(Full::new(body.into())));
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// An answer whose body is made while it is sent; it stops being made when the client goes away. An error is logged, and
/// aborts the body.
pub fn stream<E>(
    content_type: HeaderValue,
    pieces: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
) -> Response
where
    E: std::fmt::Display + Send + 'static,
{
    let pieces = pieces.map(|piece| {
        piece.map_err(|error| {
            tracing::error!(%error, "a body was aborted");
            Aborted
        })
    });
    let mut response = answer(streamed(pieces));
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// A streamed body.
pub(super) fn streamed(
    pieces: impl Stream<Item = Result<Bytes, Aborted>> + Send + 'static,
) -> Body {
    Either::Right(StreamBody::new(
        pieces.map(|piece| piece.map(Frame::data)).boxed(),
    ))
}

/// An answer as JSON.
///
/// # Errors
/// Only if the value cannot be written, which would be a fault of this program.
pub fn json(value: &impl Serialize) -> Result<Response, Failure> {
    let body = serde_json::to_vec(value).map_err(|error| Failure::internal(&error))?;
    Ok(bytes(JSON, body))
}

/// Something new as JSON: 201.
///
/// # Errors
/// As [`json`].
pub fn created(value: &impl Serialize) -> Result<Response, Failure> {
    let mut response = json(value)?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// Adds a header whose value is made from plain ASCII; one that cannot be a header is left out.
pub fn set(response: &mut Response, name: HeaderName, value: impl TryInto<HeaderValue>) {
    if let Ok(value) = value.try_into() {
        response.headers_mut().append(name, value);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream::iter;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::store::StoreError;

    /// What a client reads from a socket when the server sends these pieces.
    async fn received(pieces: Vec<Result<Bytes, StoreError>>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let service = service_fn(move |_| {
            let response = stream(JSON, iter(pieces.clone()));
            async move { Ok::<_, Infallible>(response) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(server), service);
        let ask = async {
            client
                .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                .await
                .unwrap();
            let mut text = String::new();
            client.read_to_string(&mut text).await.unwrap();
            text
        };
        // An aborted body is an error of the connection.
        let (_, text) = tokio::join!(connection, ask);
        text
    }

    #[tokio::test]
    async fn a_list_that_breaks_off_does_not_look_complete() {
        let record = || Ok(Bytes::from_static(b"[1"));
        let end = || Ok(Bytes::from_static(b"]"));
        let whole = received(vec![record(), end()]).await;
        assert!(whole.ends_with("0\r\n\r\n"), "{whole}");
        let broken = StoreError::Unreadable("a bad row".into());
        let aborted = received(vec![record(), Err(broken), end()]).await;
        assert!(!aborted.ends_with("0\r\n\r\n"), "{aborted}");
    }
}
