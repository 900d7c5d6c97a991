//! Long work on several processors.

use std::io;
use std::iter::Fuse;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::vec;

/// How many items a thread maps at a time.
const BATCH: usize = 256;

/// How many batches a thread has at most: the one that it maps, and others that wait on either side.
const BATCHES_EACH: usize = 3;

/// On how many processors items are mapped at most.
const MOST_THREADS: usize = 4;

/// Maps the items of a long iterator on several processors, while the caller's thread reads the next
/// items and takes results. These come in the order of the items. The caller's thread maps fewer
/// than 256 items by itself.
pub fn map<T, R>(
    items: impl Iterator<Item = T>,
    change: impl Fn(T) -> R + Send + Sync + 'static,
) -> impl Iterator<Item = R>
where
    T: Send + 'static,
    R: Send + 'static,
{
    let change: Change<T, R> = Arc::new(change);
    Map {
        items: items.fuse(),
        change,
        mappers: Vec::new(),
        sent: 0,
        taken: 0,
        results: Vec::new().into_iter(),
    }
}

/// What the threads do to each item.
type Change<T, R> = Arc<dyn Fn(T) -> R + Send + Sync>;

struct Map<T, R, I> {
    items: Fuse<I>,
    change: Change<T, R>,
    /// They get batches in turn, so their results are taken in turn. None are started for few items.
    mappers: Vec<Mapper<T, R>>,
    /// How many batches they have got.
    sent: usize,
    /// Of how many of them the results were taken.
    taken: usize,
    /// The rest of what was taken last.
    results: vec::IntoIter<R>,
}

impl<T, R, I> Iterator for Map<T, R, I>
where
    T: Send + 'static,
    R: Send + 'static,
    I: Iterator<Item = T>,
{
    type Item = R;

    fn next(&mut self) -> Option<R> {
        loop {
            if let Some(result) = self.results.next() {
                return Some(result);
            }
            self.results = self.next_results()?.into_iter();
        }
    }
}

impl<T, R, I> Map<T, R, I>
where
    T: Send + 'static,
    R: Send + 'static,
    I: Iterator<Item = T>,
{
    /// The results of the next batch, after there is work for all threads; `None` at the end.
    fn next_results(&mut self) -> Option<Vec<R>> {
        while self.sent == 0 || self.sent - self.taken < BATCHES_EACH * self.mappers.len() {
            let batch: Vec<T> = self.items.by_ref().take(BATCH).collect();
            if self.sent == 0 && batch.len() == BATCH {
                self.mappers = start_mappers(&self.change);
            }
            if self.mappers.is_empty() {
                let results: Vec<R> = batch.into_iter().map(&*self.change).collect();
                return (!results.is_empty()).then_some(results);
            }
            if batch.is_empty() {
                break;
            }
            if let Some(mapper) = self.mappers.get(self.sent % self.mappers.len()) {
                // One that has panicked takes nothing, which is noticed when its results are taken.
                _ = mapper.batches.send(batch);
            }
            self.sent += 1;
        }
        if self.sent == self.taken {
            return None;
        }
        let mapper = self.mappers.get(self.taken % self.mappers.len())?;
        self.taken += 1;
        match mapper.results.recv() {
            Ok(results) => Some(results),
            Err(_) => self.panic_as_they_did(),
        }
    }

    fn panic_as_they_did(&mut self) -> ! {
        for mapper in self.mappers.drain(..) {
            drop(mapper.batches);
            drop(mapper.results);
            if let Err(panic) = mapper.thread.join() {
                resume_unwind(panic);
            }
        }
        unreachable!("a thread gives results until it has panicked")
    }
}

/// A thread that maps batches one after the other, as long as somebody sends them.
struct Mapper<T, R> {
    batches: SyncSender<Vec<T>>,
    results: Receiver<Vec<R>>,
    thread: JoinHandle<()>,
}

/// One for each processor. None if the system has no more threads.
fn start_mappers<T, R>(change: &Change<T, R>) -> Vec<Mapper<T, R>>
where
    T: Send + 'static,
    R: Send + 'static,
{
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let mappers = (0..processors.min(MOST_THREADS)).map(|_| start_mapper(Arc::clone(change)));
    mappers.map_while(Result::ok).collect()
}

fn start_mapper<T, R>(change: Change<T, R>) -> io::Result<Mapper<T, R>>
where
    T: Send + 'static,
    R: Send + 'static,
{
    let (batches, to_map) = sync_channel::<Vec<T>>(BATCHES_EACH);
    let (mapped, results) = sync_channel(BATCHES_EACH);
    let map_all = move || {
        for batch in to_map {
            let results: Vec<R> = batch.into_iter().map(&*change).collect();
            if mapped.send(results).is_err() {
                return;
            }
        }
    };
    let thread = thread::Builder::new()
        .name("map".to_owned())
        .spawn(map_all)?;
    Ok(Mapper {
        batches,
        results,
        thread,
    })
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for count in [0, 1, BATCH - 1, BATCH, BATCH + 1, 30 * BATCH + 1] {
            let expected: Vec<usize> = (0..count).map(|item| item * 2).collect();
            assert_eq!(map(0..count, |item| item * 2).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn who_takes_few_results_has_read_few_items() {
        let mut read = 0;
        let items = (0..).inspect(|_| read += 1);
        assert_eq!(map(items, |item: u64| item).nth(10), Some(10));
        assert!(read <= BATCH * BATCHES_EACH * MOST_THREADS, "{read}");
    }

    #[test]
    fn a_panic_is_passed_on_to_who_takes_the_results() {
        let change = |item: usize| assert_ne!(item, 5 * BATCH, "a bug");
        let mapped = catch_unwind(AssertUnwindSafe(|| map(0..20 * BATCH, change).count()));
        assert!(mapped.is_err());
    }
}
