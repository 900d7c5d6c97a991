//! Constructors of responses.

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, Stream};
use http_body_util::{Either, Full, StreamBody};
use hyper::StatusCode;
use hyper::body::Frame;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde::Serialize;

use super::Failure;

/// A complete or a streamed body.
pub type Body = Either<Full<Bytes>, StreamBody<BoxStream<'static, Result<Frame<Bytes>, Aborted>>>>;

/// A response. Its body is either complete or streamed.
pub type Response = hyper::Response<Body>;

/// A streamed body could not be completed. The connection is closed in the middle of it, so the
/// client notices. The cause is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body was aborted")]
pub struct Aborted;

/// `application/json`
pub const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The initial capacity for headers: as many as a page of a list has.
const HEADERS: usize = 12;

fn response(body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().reserve(HEADERS);
    response
}

/// A response without a body.
pub fn empty(status: StatusCode) -> Response {
    let mut response = response(Either::Left(Full::default()));
    *response.status_mut() = status;
    response
}

/// A 200 response with a complete body.
pub fn bytes(content_type: HeaderValue, body: impl Into<Bytes>) -> Response {
    let mut response = response(Either::Left(Full::new(body.into())));
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// A 200 response whose body is produced while it is sent, and no further if the client
/// disconnects. An error is logged and aborts the body.
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
    let mut response = response(streamed(pieces));
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

/// A 200 response with JSON.
///
/// # Errors
/// If the value cannot be serialised, which would be a bug.
pub fn json(value: &impl Serialize) -> Result<Response, Failure> {
    let body = serde_json::to_vec(value).map_err(|error| Failure::internal(&error))?;
    Ok(bytes(JSON, body))
}

/// A 201 response with JSON.
///
/// # Errors
/// As [`json`].
pub fn created(value: &impl Serialize) -> Result<Response, Failure> {
    let mut response = json(value)?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// Adds a header. An invalid value is ignored, since all values are built from ASCII.
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
