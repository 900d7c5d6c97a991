//! How long a client may keep its connection waiting.
//!
//! hyper limits the time of a head, and counts it from the answer before: a rest between two requests would be as short
//! as a head. It has no limit for an answer that nobody takes. This stands between hyper and the socket, and sees which
//! of the three it is.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a request's head may take to arrive, from its first byte; the first one's from the connection's beginning.
const HEAD: Duration = Duration::from_secs(10);
/// How long nothing may move: of an answer that is to be taken, or between two requests.
pub(super) const REST: Duration = Duration::from_secs(60);

/// What a connection waits for, as those who work for it and its [`Paced`] stream both know it.
#[derive(Debug, Clone)]
pub(super) struct Pace(Arc<Mutex<Waiting>>);

#[derive(Debug, Clone, Copy)]
enum Waiting {
    /// For the rest of a head, no longer than until then.
    Head(Instant),
    /// For the client to take its answer or to send its next request, no longer than until then.
    Client(Instant),
    /// For this program, as long as it takes.
    Work,
}

impl Pace {
    /// Of a new connection.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Waiting::Head(Instant::now() + HEAD))))
    }

    /// A head has come whole: its request is worked on until what this returns is dropped. Its body has limits of its
    /// own.
    pub(super) fn work(&self) -> Work {
        self.change(|_| Waiting::Work);
        Work(self.clone())
    }

    fn deadline(&self) -> Option<Instant> {
        match self.change(|waiting| waiting) {
            Waiting::Head(end) | Waiting::Client(end) => Some(end),
            Waiting::Work => None,
        }
    }

    fn received(&self) {
        self.change(|waiting| match waiting {
            Waiting::Client(_) => Waiting::Head(Instant::now() + HEAD),
            Waiting::Head(_) | Waiting::Work => waiting,
        });
    }

    fn sent(&self) {
        self.change(|waiting| match waiting {
            Waiting::Head(_) | Waiting::Client(_) => Waiting::Client(Instant::now() + REST),
            Waiting::Work => waiting,
        });
    }

    fn change(&self, next: impl FnOnce(Waiting) -> Waiting) -> Waiting {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting = next(*waiting);
        *waiting
    }
}

/// The work on one request: over when this is dropped.
#[derive(Debug)]
pub(super) struct Work(Pace);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.change(|_| Waiting::Client(Instant::now() + REST));
    }
}

/// A stream that fails with [`io::ErrorKind::TimedOut`] when its client has kept it waiting too long.
#[derive(Debug)]
pub(super) struct Paced<S> {
    stream: S,
    pace: Pace,
    alarm: Pin<Box<Sleep>>,
}

impl<S: Unpin> Paced<S> {
    pub(super) fn new(stream: S, pace: Pace) -> Self {
        Self { stream, pace, alarm: Box::pin(sleep_until(Instant::now() + HEAD)) }
    }

    fn stream(&mut self) -> Pin<&mut S> {
        Pin::new(&mut self.stream)
    }

    /// Nothing moves now: waits on, or fails. Reading and writing share the alarm, as they share the task.
    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let Some(deadline) = self.pace.deadline() else { return Poll::Pending };
        if self.alarm.deadline() != deadline {
            self.alarm.as_mut().reset(deadline);
        }
        ready!(self.alarm.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn written(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Pending => self.wait(cx),
            Poll::Ready(result) => {
                self.pace.sent();
                Poll::Ready(result)
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        match self.stream().poll_read(cx, buf) {
            Poll::Pending => self.wait(cx),
            Poll::Ready(result) => {
                if buf.filled().len() > before {
                    self.pace.received();
                }
                Poll::Ready(result)
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.stream().poll_write(cx, buf);
        self.written(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream().poll_write_vectored(cx, bufs);
        self.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.stream().poll_flush(cx) {
            Poll::Pending => self.wait(cx),
            flushed => flushed,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.stream().poll_shutdown(cx) {
            Poll::Pending => self.wait(cx),
            shut => shut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    use bytes::Bytes;
    use http_body_util::Full;
    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use hyper::{Request, Response};
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::sleep;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: r\r\n\r\n";

    /// A client's end of a connection whose server works so long on an answer of so many bytes. The clock stands still
    /// but for jumps to the next moment for which somebody waits.
    fn connect(work: Duration, size: usize) -> DuplexStream {
        let (client, stream) = duplex(1024);
        let pace = Pace::new();
        let stream = Paced::new(stream, pace.clone());
        let service = service_fn(move |_: Request<hyper::body::Incoming>| {
            let pace = pace.clone();
            async move {
                let _work = pace.work();
                sleep(work).await;
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(vec![b'x'; size]))))
            }
        });
        let mut http = http1::Builder::new();
        let connection = http.header_read_timeout(None).serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
        client
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Reads an answer whose last byte is an `x`.
    async fn answer(client: &mut DuplexStream) {
        let mut bytes = [0; 1024];
        let size = client.read(&mut bytes).await.unwrap();
        assert!(bytes[..size].starts_with(b"HTTP/1.1 200 OK") && bytes[..size].ends_with(b"x"));
    }

    /// When the server closes the connection, in seconds from `start`; what it sends until then.
    async fn end(client: &mut DuplexStream, start: Instant) -> (u64, usize) {
        let size = client.read_to_end(&mut Vec::new()).await.unwrap();
        (start.elapsed().as_secs(), size)
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_has_ten_seconds() {
        let start = Instant::now();
        assert_eq!(end(&mut connect(seconds(0), 1), start).await, (10, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_comes_byte_by_byte_has_ten_seconds() {
        let mut client = connect(seconds(0), 1);
        client.write_all(REQUEST).await.unwrap();
        answer(&mut client).await;
        sleep(seconds(30)).await;
        let start = Instant::now();
        for byte in &REQUEST[..9] {
            client.write_all(&[*byte]).await.unwrap();
            sleep(seconds(1)).await;
        }
        assert_eq!(end(&mut client, start).await, (10, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn between_two_requests_there_may_be_a_minute() {
        let mut client = connect(seconds(0), 1);
        for _ in 0..3 {
            client.write_all(REQUEST).await.unwrap();
            answer(&mut client).await;
            sleep(seconds(59)).await;
        }
        client.write_all(REQUEST).await.unwrap();
        answer(&mut client).await;
        let start = Instant::now();
        assert_eq!(end(&mut client, start).await, (60, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_takes_is_held_for_a_minute() {
        let mut client = connect(seconds(0), 100_000);
        client.write_all(REQUEST).await.unwrap();
        sleep(seconds(61)).await;
        let start = Instant::now();
        assert_eq!(end(&mut client, start).await, (0, 1024), "what was on the way, and no more");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_taken_slowly_is_sent_whole() {
        let mut client = connect(seconds(0), 20_000);
        client.write_all(REQUEST).await.unwrap();
        let mut taken = 0;
        while taken < 20_000 {
            sleep(seconds(50)).await;
            taken += client.read(&mut [0; 1024]).await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn work_takes_as_long_as_it_takes() {
        let mut client = connect(seconds(300), 1);
        client.write_all(REQUEST).await.unwrap();
        answer(&mut client).await;
        client.write_all(REQUEST).await.unwrap();
        answer(&mut client).await;
    }
}
