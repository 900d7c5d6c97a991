//! Who hashes next: the permits of the pool and the queue for them, shared out evenly.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Items that wait, taken from each key in turn, so that one key's many do not hold up another's
/// few. Keys are compared one by one: there are at most as many as there are items.
struct FairQueue<K, T> {
    /// The keys with something waiting, the one whose turn it is first. None is empty.
    keys: VecDeque<(K, VecDeque<T>)>,
}

impl<K: Eq, T> FairQueue<K, T> {
    fn new() -> Self {
        Self {
            keys: VecDeque::new(),
        }
    }

    fn len(&self) -> usize {
        self.keys.iter().map(|(_, items)| items.len()).sum()
    }

    fn push(&mut self, key: K, item: T) {
        match self.keys.iter_mut().find(|(other, _)| *other == key) {
            Some((_, items)) => items.push_back(item),
            None => self.keys.push_back((key, VecDeque::from([item]))),
        }
    }

    /// Takes the first item of the key whose turn it is.
    fn pop(&mut self) -> Option<T> {
        let (key, mut items) = self.keys.pop_front()?;
        let item = items.pop_front();
        if !items.is_empty() {
            self.keys.push_back((key, items));
        }
        item
    }

    /// Makes room for one item of `key`: drops the newest of the key that has most. Returns `false`
    /// and drops nothing if no key would then have more than `key`.
    fn make_room(&mut self, key: &K) -> bool {
        let own = self.keys.iter().find(|(other, _)| other == key);
        let own = own.map_or(0, |(_, items)| items.len());
        let fullest = self.keys.iter_mut().max_by_key(|(_, items)| items.len());
        match fullest {
            Some((_, items)) if items.len() > own + 1 => items.pop_back().is_some(),
            _ => false,
        }
    }

    fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        for (_, items) in &mut self.keys {
            items.retain(&mut keep);
        }
        self.keys.retain(|(_, items)| !items.is_empty());
    }
}

/// A number of permits, and a bounded queue for them.
pub(super) struct Permits<K: Eq> {
    total: usize,
    /// How many may be taken or waited for.
    limit: usize,
    state: Mutex<State<K>>,
}

struct State<K: Eq> {
    free: usize,
    waiting: FairQueue<K, oneshot::Sender<Permit<K>>>,
}

/// A permit, freed on drop.
pub(super) struct Permit<K: Eq>(Arc<Permits<K>>);

/// The queue is full, and nobody has more in it than the one who asks.
#[derive(Debug)]
pub(super) struct Full;

impl<K: Eq> Permits<K> {
    pub(super) fn new(total: usize, limit: usize) -> Arc<Self> {
        Arc::new(Self {
            total,
            limit,
            state: Mutex::new(State {
                free: total,
                waiting: FairQueue::new(),
            }),
        })
    }

    /// How many are taken or waited for.
    pub(super) fn in_use(&self) -> usize {
        self.count(&self.state())
    }

    fn count(&self, state: &State<K>) -> usize {
        self.total - state.free + state.waiting.len()
    }

    /// Takes a permit, or waits for one. The keys that wait get one in turn.
    ///
    /// # Errors
    /// [`Full`], at once or when another key needs the room.
    pub(super) async fn enter(self: &Arc<Self>, key: K) -> Result<Permit<K>, Full> {
        match self.queue(key)? {
            Entry::Permit(permit) => Ok(permit),
            // The sender is dropped when another key needs the room.
            Entry::Waiting(turn) => turn.await.map_err(|_| Full),
        }
    }

    fn queue(self: &Arc<Self>, key: K) -> Result<Entry<K>, Full> {
        let mut state = self.state();
        if state.free > 0 {
            state.free -= 1;
            return Ok(Entry::Permit(Permit(Arc::clone(self))));
        }
        if self.count(&state) >= self.limit {
            // Clients that have gone away do not count.
            state.waiting.retain(|waiting| !waiting.is_closed());
        }
        if self.count(&state) >= self.limit && !state.waiting.make_room(&key) {
            return Err(Full);
        }
        let (sender, turn) = oneshot::channel();
        state.waiting.push(key, sender);
        Ok(Entry::Waiting(turn))
    }

    fn state(&self) -> MutexGuard<'_, State<K>> {
        // Every change is complete before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Entry<K: Eq> {
    Permit(Permit<K>),
    Waiting(oneshot::Receiver<Permit<K>>),
}

impl<K: Eq> Drop for Permit<K> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        let next = state.waiting.pop();
        if next.is_none() {
            state.free += 1;
        }
        drop(state);
        if let Some(next) = next {
            // If the client has gone away, the new permit is dropped here and passed on.
            let _ = next.send(Self(Arc::clone(&self.0)));
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// Waits for a permit; `None` while there is none.
    type Waiting<'a> = futures_util::future::BoxFuture<'a, Result<Permit<u8>, Full>>;

    fn wait(permits: &Arc<Permits<u8>>, key: u8) -> Waiting<'_> {
        let mut waiting = permits.enter(key).boxed();
        assert!((&mut waiting).now_or_never().is_none());
        waiting
    }

    fn take(permits: &Arc<Permits<u8>>) -> Permit<u8> {
        permits.enter(0).now_or_never().unwrap().unwrap()
    }

    fn is_next(waiting: &mut Waiting<'_>) -> Option<Permit<u8>> {
        waiting.now_or_never().map(Result::unwrap)
    }

    #[test]
    fn one_key_does_not_hold_up_another() {
        let permits = Permits::new(1, 10);
        let taken = take(&permits);
        let mut many: Vec<_> = (0..5).map(|_| wait(&permits, 1)).collect();
        let mut one = wait(&permits, 2);
        drop(taken);
        let first = is_next(&mut many[0]).unwrap();
        drop(first);
        let second = is_next(&mut one).unwrap();
        drop(second);
        assert!(is_next(&mut many[1]).is_some());
    }

    #[test]
    fn a_full_queue_drops_the_newest_of_the_key_that_has_most() {
        let permits = Permits::new(1, 4);
        let _taken = take(&permits);
        let mut many: Vec<_> = (0..3).map(|_| wait(&permits, 1)).collect();
        assert!(matches!(permits.enter(1).now_or_never(), Some(Err(Full))));
        let _one = wait(&permits, 2);
        assert!(matches!((&mut many[2]).now_or_never(), Some(Err(Full))));
        assert!((&mut many[1]).now_or_never().is_none());
        // One more would leave key 1 with fewer than key 2.
        assert!(matches!(permits.enter(2).now_or_never(), Some(Err(Full))));
        assert_eq!(permits.in_use(), 4);
    }

    #[test]
    fn clients_that_have_gone_away_leave_their_places_to_others() {
        let permits = Permits::new(1, 3);
        let taken = take(&permits);
        let gone = [wait(&permits, 1), wait(&permits, 1)];
        drop(gone);
        let mut here = wait(&permits, 1);
        drop(taken);
        drop(is_next(&mut here).unwrap());
        assert_eq!(permits.in_use(), 0);
        drop(take(&permits));
    }
}
