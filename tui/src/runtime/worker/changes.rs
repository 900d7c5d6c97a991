//! Follows the changes of others: one stream, reopened where it ended.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{BoxStream, unfold};
use tokio::time::{Instant, sleep};

use crate::client::{ChangeStream, Client};
use crate::event::{Event, StreamEvent};

/// A stream that lasted for less than this has failed.
const SHORT: Duration = Duration::from_secs(1);

/// The longest pause before a stream that keeps failing is opened again.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The events of a server's stream, until it cannot be opened. The last one says why.
///
/// It does nothing unless it is polled, so it needs no task. A stream that ends is opened again at
/// once, and continues after its last event: the server ends one with each access token.
pub(super) fn follow(client: Client) -> BoxStream<'static, Event> {
    let follower = Follower {
        client,
        after: None,
        stream: None,
        failures: 0,
    };
    let events = unfold(Some(follower), |follower| async {
        let mut follower = follower?;
        let event = follower.next().await;
        let has_ended = matches!(event, StreamEvent::Ended(_));
        let rest = (!has_ended).then_some(follower);
        Some((Event::Stream(Box::new(event)), rest))
    });
    events.boxed()
}

struct Follower {
    client: Client,
    /// The number of the last event.
    after: Option<String>,
    /// The open stream, and when it was opened.
    stream: Option<(ChangeStream, Instant)>,
    /// How many streams in a row ended at once.
    failures: u32,
}

impl Follower {
    async fn next(&mut self) -> StreamEvent {
        loop {
            let Some((stream, opened)) = &mut self.stream else {
                match self.open().await {
                    Ok(stream) => {
                        self.stream = Some((stream, Instant::now()));
                        return StreamEvent::Opened;
                    }
                    Err(error) => return StreamEvent::Ended(error),
                }
            };
            // An error is treated as the end: if it lasts, opening the stream again reports it.
            if let Ok(Some(event)) = stream.next().await {
                self.after = stream.last_number().map(str::to_owned);
                return StreamEvent::Change(event);
            }
            let is_short = opened.elapsed() < SHORT;
            self.failures = if is_short { self.failures + 1 } else { 0 };
            self.stream = None;
        }
    }

    async fn open(&self) -> crate::remote::Result<ChangeStream> {
        sleep(pause(self.failures)).await;
        self.client.changes(self.after.as_deref()).await
    }
}

/// The pause after streams that ended at once: none, then a second, doubled each time.
fn pause(failures: u32) -> Duration {
    match failures.checked_sub(1) {
        None => Duration::ZERO,
        Some(doublings) => Duration::from_secs(1 << doublings.min(5)).min(LONGEST_PAUSE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_keeps_ending_is_opened_less_and_less_often() {
        let pauses: Vec<_> = (0..8).map(|failures| pause(failures).as_secs()).collect();
        assert_eq!(pauses, [0, 1, 2, 4, 8, 16, 30, 30]);
    }
}
