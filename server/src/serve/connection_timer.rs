//! Time limits for a client that keeps its connection waiting.
//!
//! hyper's own limit for a request head starts at the previous response, so it would also limit the
//! idle time between two requests. It has no limit for a response that the client does not read.
//! The stream in this module is between hyper and the socket and can tell the three cases apart.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a request head may take, counted from its first byte (for the first request, from the
/// start of the connection).
const HEAD: Duration = Duration::from_secs(10);
/// How long a connection may make no progress while a response is sent or between two requests.
///
/// Load balancers usually keep idle connections for 60 s. The server must keep them longer, since
/// they would otherwise send requests on connections that it is just closing.
pub(super) const IDLE: Duration = Duration::from_secs(75);

/// Tells what goes on on a connection: whether the server is working on a request, and when data
/// was last transferred.
#[derive(Debug, Clone)]
pub(super) struct ConnectionTimer(Arc<Activity>);

#[derive(Debug)]
struct Activity {
    /// How often work has begun or ended; odd during work.
    count: AtomicUsize,
    opened: Instant,
    /// When data was last transferred, in milliseconds after `opened`.
    transferred: AtomicU64,
}

impl Default for ConnectionTimer {
    /// The timer of a connection that was opened just now.
    fn default() -> Self {
        Self(Arc::new(Activity {
            count: AtomicUsize::new(0),
            opened: Instant::now(),
            transferred: AtomicU64::new(0),
        }))
    }
}

impl ConnectionTimer {
    /// Returns `true` while the server is working on a request.
    pub(super) fn is_working(&self) -> bool {
        self.count() % 2 == 1
    }

    /// How long nothing has been transferred.
    pub(super) fn idle(&self, now: Instant) -> Duration {
        let transferred = Duration::from_millis(self.0.transferred.load(Ordering::Relaxed));
        now.saturating_duration_since(self.0.opened + transferred)
    }

    fn transfer(&self) {
        let after = self.0.opened.elapsed().as_millis();
        let after = u64::try_from(after).unwrap_or(u64::MAX);
        self.0.transferred.store(after, Ordering::Relaxed);
    }

    /// Marks the start of work on a request, when its head is complete. Work ends when the returned
    /// guard is dropped. The request body has its own time limit.
    pub(super) fn start_work(self) -> Work {
        self.toggle();
        Work(self)
    }

    fn count(&self) -> usize {
        self.0.count.load(Ordering::Acquire)
    }

    fn toggle(&self) {
        self.0.count.fetch_add(1, Ordering::AcqRel);
    }
}

/// The work on one request; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Work(ConnectionTimer);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.toggle();
    }
}

/// What a connection is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaitsFor {
    /// The rest of a request head.
    Head,
    /// The client, which must read its response or send its next request.
    Client,
    /// The server's own work, without a limit.
    Work,
}

impl WaitsFor {
    fn limit(self) -> Option<Duration> {
        match self {
            Self::Head => Some(HEAD),
            Self::Client => Some(IDLE),
            Self::Work => None,
        }
    }
}

/// A stream that fails with [`io::ErrorKind::TimedOut`] if the client keeps it waiting too long.
///
/// Resetting a timer for each request would be expensive. Instead the alarm fires at least once per
/// [`HEAD`], the shortest limit, and then compares the deadline with the clock.
#[derive(Debug)]
pub(super) struct TimedStream<S> {
    stream: S,
    timer: ConnectionTimer,
    /// The count of the timer when `waiting` was set.
    count: usize,
    waiting: WaitsFor,
    /// When the current wait times out, if one has begun.
    deadline: Option<Instant>,
    alarm: Pin<Box<Sleep>>,
}

impl<S: Unpin> TimedStream<S> {
    /// Wraps a new connection, which is waiting for its first request head.
    pub(super) fn new(stream: S, timer: ConnectionTimer) -> Self {
        let deadline = Instant::now() + HEAD;
        let alarm = Box::pin(sleep_until(deadline));
        Self {
            stream,
            count: timer.count(),
            timer,
            waiting: WaitsFor::Head,
            deadline: Some(deadline),
            alarm,
        }
    }

    fn stream(&mut self) -> Pin<&mut S> {
        Pin::new(&mut self.stream)
    }

    /// What the connection is waiting for now.
    fn waiting(&mut self) -> WaitsFor {
        let count = self.timer.count();
        if count != self.count {
            self.count = count;
            let is_working = count % 2 == 1;
            self.restart_wait(if is_working {
                WaitsFor::Work
            } else {
                WaitsFor::Client
            });
        }
        self.waiting
    }

    fn restart_wait(&mut self, what: WaitsFor) {
        (self.waiting, self.deadline) = (what, None);
    }

    fn received(&mut self) {
        self.timer.transfer();
        if self.waiting() == WaitsFor::Client {
            self.restart_wait(WaitsFor::Head);
        }
    }

    fn sent(&mut self) {
        self.timer.transfer();
        if self.waiting() != WaitsFor::Work {
            self.restart_wait(WaitsFor::Client);
            // Set the deadline now: if everything was sent at once, the stream is not polled again
            // until the next request or the alarm.
            self.deadline = Some(Instant::now() + IDLE);
        }
    }

    /// Called when no progress is possible: keeps waiting, or fails after the deadline. Reading and
    /// writing share the alarm, since they share the task.
    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let limit = self.waiting().limit();
        self.deadline = self.deadline.or_else(|| Some(Instant::now() + limit?));
        while self.alarm.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            if self.deadline.is_some_and(|deadline| deadline <= now) {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            // Also during work, since the stream might not be polled when the work ends.
            let next = now + HEAD;
            self.alarm
                .as_mut()
                .reset(self.deadline.map_or(next, |deadline| deadline.min(next)));
        }
        Poll::Pending
    }

    fn written(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Pending => self.wait(cx),
            Poll::Ready(result) => {
                self.sent();
                Poll::Ready(result)
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        match self.stream().poll_read(cx, buf) {
            Poll::Pending => self.wait(cx),
            Poll::Ready(result) => {
                if buf.filled().len() > before {
                    self.received();
                }
                Poll::Ready(result)
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
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

    /// A client's end of a connection whose server works so long on an answer of so many bytes. The
    /// clock stands still but for jumps to the next moment for which somebody waits.
    fn connect(work: Duration, size: usize) -> DuplexStream {
        let (client, stream) = duplex(1024);
        let timer = ConnectionTimer::default();
        let stream = TimedStream::new(stream, timer.clone());
        let service = service_fn(move |_: Request<_>| {
            let timer = timer.clone();
            async move {
                let _work = timer.start_work();
                sleep(work).await;
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(vec![b'x'; size]))))
            }
        });
        let mut http = http1::Builder::new();
        let connection = http
            .header_read_timeout(None)
            .serve_connection(TokioIo::new(stream), service);
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
    async fn a_silent_client_is_dropped_after_ten_seconds() {
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
    async fn between_two_requests_there_may_be_75_seconds() {
        let mut client = connect(seconds(0), 1);
        for _ in 0..3 {
            client.write_all(REQUEST).await.unwrap();
            answer(&mut client).await;
            sleep(seconds(74)).await;
        }
        client.write_all(REQUEST).await.unwrap();
        answer(&mut client).await;
        let start = Instant::now();
        assert_eq!(end(&mut client, start).await, (75, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn an_unread_response_is_kept_for_75_seconds() {
        let mut client = connect(seconds(0), 100_000);
        client.write_all(REQUEST).await.unwrap();
        sleep(seconds(76)).await;
        let start = Instant::now();
        assert_eq!(
            end(&mut client, start).await,
            (0, 1024),
            "what was on the way, and no more"
        );
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
    async fn a_slow_handler_is_not_interrupted() {
        let mut client = connect(seconds(300), 1);
        client.write_all(REQUEST).await.unwrap();
        answer(&mut client).await;
        client.write_all(REQUEST).await.unwrap();
        answer(&mut client).await;
        let start = Instant::now();
        assert_eq!(end(&mut client, start).await, (75, 0));
    }
}
