//! A long body as what reads it sees it: a few pieces of it at a time, on a thread that may wait.

use std::io::{self, Read};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use roster_common::problem::Code;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::Failure;

/// The longest body, in bytes.
const SIZE: usize = 512 * 1024 * 1024;
/// How long it may take to arrive.
const TIME: Duration = Duration::from_secs(15 * 60);
/// How long nothing of it may arrive.
const PAUSE: Duration = Duration::from_secs(10);
/// How many pieces may wait to be read. The sender is then not read from, and so waits too.
const WAITING: usize = 16;

/// A body that arrives while it is read. Its end is the body's, or the place where it broke off.
pub(super) struct Arriving {
    pieces: mpsc::Receiver<Bytes>,
    piece: Bytes,
}

impl Read for Arriving {
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

/// Has a body read while it arrives. Of one that `read` does not read to its end the rest is passed over, so that its
/// sender comes to hear the answer.
///
/// # Errors
/// [`Code::BodyTooLarge`], [`Code::Timeout`], [`Code::BadRequest`], whatever `read` has made of what came until then.
pub(super) async fn read<T: Send + 'static>(
    body: Incoming,
    read: impl FnOnce(Arriving) -> T + Send + 'static,
) -> Result<T, Failure> {
    if body.size_hint().lower() > SIZE as u64 {
        return Err(too_large());
    }
    let (sender, pieces) = mpsc::channel(WAITING);
    let reading = spawn_blocking(move || {
        read(Arriving {
            pieces,
            piece: Bytes::new(),
        })
    });
    let late = |_| {
        Failure::new(
            Code::Timeout,
            format!(
                "The body did not arrive within {} min.",
                TIME.as_secs() / 60
            ),
        )
    };
    let arrived = timeout(TIME, pass_on(Limited::new(body, SIZE), sender))
        .await
        .map_err(late)
        .flatten();
    let read = reading.await.map_err(|error| Failure::internal(&error))?;
    arrived.map(|()| read)
}

async fn pass_on(mut body: Limited<Incoming>, pieces: mpsc::Sender<Bytes>) -> Result<(), Failure> {
    let late = |_| {
        Failure::new(
            Code::Timeout,
            format!("Nothing of the body arrived for {} s.", PAUSE.as_secs()),
        )
    };
    while let Some(frame) = timeout(PAUSE, body.frame()).await.map_err(late)? {
        let frame = frame.map_err(|error| match error.is::<LengthLimitError>() {
            true => too_large(),
            false => Failure::new(Code::BadRequest, "The body broke off."),
        })?;
        if let Ok(piece) = frame.into_data() {
            // Nobody takes it where the reader has seen enough.
            let _ = pieces.send(piece).await;
        }
    }
    Ok(())
}

fn too_large() -> Failure {
    Failure::new(
        Code::BodyTooLarge,
        format!("Send at most {} MiB.", SIZE >> 20),
    )
}
