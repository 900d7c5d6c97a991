//! The open event streams: how many there may be, and whose stream ends when there are too many.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roster_common::Username;
use tokio::sync::watch;

/// The maximum number of event streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxStreams(pub u32);

impl Default for MaxStreams {
    fn default() -> Self {
        Self(4096)
    }
}

/// The open streams of each user, oldest first. A stream ends when its sender is dropped.
type OfUsers = HashMap<Username, VecDeque<watch::Sender<()>>>;

/// The open event streams.
#[derive(Debug)]
pub(super) struct Streams {
    max: usize,
    open: Mutex<OfUsers>,
}

impl Streams {
    pub(super) fn new(MaxStreams(max): MaxStreams) -> Self {
        Self {
            max: max as usize,
            open: Mutex::default(),
        }
    }

    /// Opens a stream of a user, if need be in place of the oldest of the user who has most of
    /// them. Returns `None` if there are too many and nobody has clearly more than this user.
    pub(super) fn open(self: &Arc<Self>, user: &Username) -> Option<OpenStream> {
        let mut open = self.lock();
        if open.values().map(VecDeque::len).sum::<usize>() >= self.max {
            let own = open.get(user).map_or(0, VecDeque::len);
            let most = open.values_mut().max_by_key(|streams| streams.len());
            most.filter(|streams| streams.len() > own + 1)?.pop_front();
        }
        let (sender, end) = watch::channel(());
        open.entry(user.clone()).or_default().push_back(sender);
        Some(OpenStream {
            streams: Arc::clone(self),
            user: user.clone(),
            end,
        })
    }

    fn lock(&self) -> MutexGuard<'_, OfUsers> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts one stream as open until it is dropped.
#[derive(Debug)]
pub(super) struct OpenStream {
    streams: Arc<Streams>,
    user: Username,
    end: watch::Receiver<()>,
}

impl OpenStream {
    /// Waits until the stream has to end, to make room for another.
    pub(super) async fn ended(&mut self) {
        // Nothing is ever sent, so this waits until the sender is dropped.
        let _ = self.end.changed().await;
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut open = self.streams.lock();
        if let Some(own) = open.get_mut(&self.user) {
            own.retain(|stream| !stream.subscribe().same_channel(&self.end));
            if own.is_empty() {
                open.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn open(streams: &Arc<Streams>, user: &str, count: usize) -> Vec<OpenStream> {
        let user = user.parse().unwrap();
        (0..count).map_while(|_| streams.open(&user)).collect()
    }

    #[tokio::test]
    async fn when_full_the_user_with_most_streams_loses_the_oldest() {
        let streams = Arc::new(Streams::new(MaxStreams(10)));
        let mut eve = open(&streams, "eve", 12);
        assert_eq!(eve.len(), 10, "nobody has more than she");
        let mut ada = open(&streams, "ada", 9);
        assert_eq!(ada.len(), 5, "then both have the same");
        let ended = |stream: &mut OpenStream| stream.ended().now_or_never().is_some();
        let ended_of_eve: Vec<_> = eve.iter_mut().map(ended).collect();
        assert_eq!(ended_of_eve, [[true; 5], [false; 5]].concat());
        assert!(!ada.iter_mut().any(ended));
        drop((eve, ada));
        assert!(streams.lock().is_empty());
    }
}
