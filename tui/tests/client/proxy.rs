//! Stands between client and server, notes what passes, and spoils what it is told to.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, TRANSFER_ENCODING};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use roster_common::event::MEDIA_TYPE;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What happens to one request instead of its way through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The server does it, and the answer never comes back.
    LoseAnswer,
    /// The server does it, and the connection ends in the middle of the answer.
    CutAnswer,
    /// The server does it, and the answer is kept back until nobody waits for it any more, or until
    /// it is lost.
    KeepAnswer,
    /// The server does it, and its answer comes back with these bytes as a body, again and again.
    Endless(&'static str),
    /// The server never hears of it; an empty answer of this status comes back, as from a gateway.
    Answer(u16),
}

/// The proxy's own address, its notes and its faults.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) url: String,
    upstream: String,
    state: Arc<Mutex<State>>,
    /// Told of each answer that is kept back.
    kept: Arc<Notify>,
    /// Told when they are lost.
    lost: Arc<Notify>,
}

#[derive(Default)]
struct State {
    /// The path of each request, and whether a cookie came with it.
    seen: Vec<(String, bool)>,
    faults: HashMap<String, VecDeque<Fault>>,
    /// What is replaced in every address, and by what.
    rewritten: Option<(&'static str, &'static str)>,
}

type Piece = io::Result<Frame<Bytes>>;
type Body = StreamBody<BoxStream<'static, Piece>>;

impl Proxy {
    /// Starts on a free port before `upstream`.
    pub(crate) async fn before(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let proxy = Self {
            url,
            upstream: upstream.to_owned(),
            state: Arc::default(),
            kept: Arc::default(),
            lost: Arc::default(),
        };
        tokio::spawn(proxy.clone().serve(listener));
        proxy
    }

    /// Spoils the next requests to `path`, one by one; to `POST /path` those of this method alone.
    pub(crate) fn spoil(&self, path: &str, faults: impl IntoIterator<Item = Fault>) {
        self.state
            .lock()
            .unwrap()
            .faults
            .entry(path.to_owned())
            .or_default()
            .extend(faults);
    }

    /// Replaces a part of every address.
    pub(crate) fn rewrite(&self, part: &'static str, by: &'static str) {
        self.state.lock().unwrap().rewritten = Some((part, by));
    }

    /// Spoils nothing more; an answer that is kept back is lost.
    pub(crate) fn forget(&self) {
        self.state.lock().unwrap().faults.clear();
        self.lost.notify_waiters();
    }

    /// Waits until an answer is kept back: the server has done what it was asked.
    pub(crate) async fn keeps_an_answer(&self) {
        self.kept.notified().await;
    }

    /// How many requests to `path` have come by.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.state
            .lock()
            .unwrap()
            .seen
            .iter()
            .filter(|(seen, _)| seen == path)
            .count()
    }

    /// The paths to which a cookie was sent, in order.
    pub(crate) fn cookies(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state
            .seen
            .iter()
            .filter(|(_, cookie)| *cookie)
            .map(|(path, _)| path.clone())
            .collect()
    }

    async fn serve(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(self.clone().connection(stream));
        }
    }

    async fn connection(self, stream: TcpStream) {
        let service = service_fn(|request| self.pass(request));
        // A spoilt answer ends the connection with an error, as it is meant to.
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    async fn pass(&self, request: Request<Incoming>) -> Result<Response<Body>, &'static str> {
        match self.note(&request) {
            None => Ok(self.forward(request, false).await),
            Some(Fault::CutAnswer) => Ok(self.forward(request, true).await),
            Some(Fault::Answer(status)) => Ok(empty(status)),
            Some(Fault::Endless(text)) => {
                let answer = self.forward(request, false).await;
                Ok(answer.map(|_| endless(text)))
            }
            Some(Fault::KeepAnswer) => {
                self.forward(request, false).await;
                let lost = self.lost.notified();
                self.kept.notify_one();
                lost.await;
                Err("the answer is lost")
            }
            Some(Fault::LoseAnswer) => {
                self.forward(request, false).await;
                Err("the answer is lost")
            }
        }
    }

    /// Notes a request, and takes its fault.
    fn note(&self, request: &Request<Incoming>) -> Option<Fault> {
        let mut state = self.state.lock().unwrap();
        let (method, path) = (request.method(), request.uri().path());
        state
            .seen
            .push((path.to_owned(), request.headers().contains_key(COOKIE)));
        [path, &format!("{method} {path}")]
            .iter()
            .find_map(|to| state.faults.get_mut(*to)?.pop_front())
    }

    /// Has the server answer; in its place, where it does not, as a gateway.
    async fn forward(&self, request: Request<Incoming>, cut: bool) -> Response<Body> {
        let (head, body) = request.into_parts();
        let mut url = format!("{}{}", self.upstream, head.uri.path_and_query().unwrap());
        if let Some((part, by)) = self.state.lock().unwrap().rewritten {
            url = url.replace(part, by);
        }
        let mut headers = head.headers;
        headers.remove(HOST);
        let body = body.collect().await.unwrap().to_bytes();
        // Refused where another test has installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .build()
            .unwrap();
        let Ok(answer) = client
            .request(head.method, url)
            .headers(headers)
            .body(body)
            .send()
            .await
        else {
            return empty(502);
        };
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        for name in [TRANSFER_ENCODING, CONNECTION, CONTENT_LENGTH] {
            headers.remove(name);
        }
        let is_stream = headers
            .get(CONTENT_TYPE)
            .is_some_and(|media_type| media_type.as_bytes().starts_with(MEDIA_TYPE.as_bytes()));
        let body = match is_stream {
            true => endless_answer(answer),
            false => pieces(answer.bytes().await.unwrap(), cut),
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

/// A body, or its first half and then the end of the connection.
fn pieces(whole: Bytes, cut: bool) -> Body {
    let half = whole.slice(..whole.len() / 2);
    let pieces: Vec<Piece> = match cut {
        true => vec![Ok(Frame::data(half)), Err(io::Error::other("cut"))],
        false => vec![Ok(Frame::data(whole))],
    };
    StreamBody::new(stream::iter(pieces).boxed())
}

/// The pieces of an answer as they come.
fn endless_answer(answer: reqwest::Response) -> Body {
    let pieces = stream::unfold(answer, |mut answer| async {
        let piece = answer.chunk().await.map_err(io::Error::other).transpose()?;
        Some((piece.map(Frame::data), answer))
    });
    StreamBody::new(pieces.boxed())
}

/// A body that never ends.
fn endless(text: &str) -> Body {
    let piece = Bytes::from(text.repeat(100_000 / text.len()));
    let pieces = stream::repeat_with(move || Ok(Frame::data(piece.clone())));
    StreamBody::new(pieces.boxed())
}

fn empty(status: u16) -> Response<Body> {
    let mut response = Response::new(pieces(Bytes::new(), false));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}
