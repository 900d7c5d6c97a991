//! Long work on several processors.

use std::collections::{HashMap, VecDeque};
use std::iter::Fuse;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::vec;

/// How many items a thread maps at a time.
const BATCH: usize = 256;

/// How many batches there are at most for each thread: the one that it maps, and others that wait on
/// either side.
const BATCHES_EACH: usize = 3;

/// On how many processors items are mapped at most.
const MOST_THREADS: usize = 4;

/// Maps the items of a long iterator on several processors. The results come in the order of the
/// items. The caller's thread reads the items, and maps some as well rather than wait for results;
/// fewer than 256 it maps all by itself.
pub fn map<T, R>(
    items: impl Iterator<Item = T>,
    change: impl Fn(T) -> R + Send + Sync + 'static,
) -> impl Iterator<Item = R>
where
    T: Send + 'static,
    R: Send + 'static,
{
    Map {
        items: items.fuse(),
        work: Arc::new(Work {
            change,
            batches: Mutex::default(),
            has_come: Condvar::new(),
            is_done: Condvar::new(),
        }),
        threads: 0,
        read: 0,
        taken: 0,
        results: Vec::new().into_iter(),
    }
}

struct Map<T, R, I, F> {
    items: Fuse<I>,
    work: Arc<Work<T, R, F>>,
    /// How many threads map, with the caller's; none before there is a whole batch.
    threads: usize,
    /// How many batches have been read.
    read: usize,
    /// Of how many of them the results were taken.
    taken: usize,
    /// The rest of what was taken last.
    results: vec::IntoIter<R>,
}

/// What the threads share.
struct Work<T, R, F> {
    change: F,
    batches: Mutex<Batches<T, R>>,
    has_come: Condvar,
    is_done: Condvar,
}

/// The batches that nobody maps at the moment.
struct Batches<T, R> {
    /// Those to be mapped, in their order, behind their numbers.
    waiting: VecDeque<(usize, Vec<T>)>,
    /// The results, or the panic, of others.
    done: HashMap<usize, thread::Result<Vec<R>>>,
    /// Whether nobody wants more results.
    is_over: bool,
}

impl<T, R> Default for Batches<T, R> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            done: HashMap::new(),
            is_over: false,
        }
    }
}

impl<T, R, F> Work<T, R, F> {
    fn batches(&self) -> MutexGuard<'_, Batches<T, R>> {
        // Nothing panics while it is locked.
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, R, F: Fn(T) -> R> Work<T, R, F> {
    fn add(&self, number: usize, batch: Vec<T>) {
        self.batches().waiting.push_back((number, batch));
        self.has_come.notify_one();
    }

    /// The results of a batch. Maps others, as long as some wait, until they are there.
    fn results_of(&self, number: usize) -> Vec<R> {
        let mut batches = self.batches();
        loop {
            match batches.done.remove(&number) {
                Some(Ok(results)) => return results,
                Some(Err(panic)) => {
                    drop(batches);
                    resume_unwind(panic);
                }
                None => {}
            }
            batches = self.map_one_or_wait(batches, &self.is_done);
        }
    }

    /// Maps the next batch, or waits for a change if there is none.
    fn map_one_or_wait<'a>(
        &'a self,
        mut batches: MutexGuard<'a, Batches<T, R>>,
        change: &Condvar,
    ) -> MutexGuard<'a, Batches<T, R>> {
        let Some(batch) = batches.waiting.pop_front() else {
            return change.wait(batches).unwrap_or_else(PoisonError::into_inner);
        };
        drop(batches);
        self.map(batch);
        self.batches()
    }

    fn map(&self, (number, batch): (usize, Vec<T>)) {
        let map = || batch.into_iter().map(&self.change).collect();
        let results = catch_unwind(AssertUnwindSafe(map));
        self.batches().done.insert(number, results);
        self.is_done.notify_one();
    }

    /// The work of a thread: batches, until nobody wants more.
    fn map_all(&self) {
        let mut batches = self.batches();
        while !batches.is_over {
            batches = self.map_one_or_wait(batches, &self.has_come);
        }
    }
}

impl<T, R, I, F> Iterator for Map<T, R, I, F>
where
    T: Send + 'static,
    R: Send + 'static,
    I: Iterator<Item = T>,
    F: Fn(T) -> R + Send + Sync + 'static,
{
    type Item = R;

    fn next(&mut self) -> Option<R> {
        loop {
            if let Some(result) = self.results.next() {
                return Some(result);
            }
            self.read_on();
            if self.taken == self.read {
                return None;
            }
            self.results = self.work.results_of(self.taken).into_iter();
            self.taken += 1;
        }
    }
}

impl<T, R, I, F> Map<T, R, I, F>
where
    T: Send + 'static,
    R: Send + 'static,
    I: Iterator<Item = T>,
    F: Fn(T) -> R + Send + Sync + 'static,
{
    /// Reads items until there is work for all threads, or no more items.
    fn read_on(&mut self) {
        while self.read - self.taken < (BATCHES_EACH * self.threads).max(1) {
            let batch: Vec<T> = self.items.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return;
            }
            if self.threads == 0 && batch.len() == BATCH {
                self.threads = 1 + self.start_threads();
            }
            self.work.add(self.read, batch);
            self.read += 1;
        }
    }

    /// Starts a thread for each other processor, as far as the system has threads. Returns how many.
    fn start_threads(&self) -> usize {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let start = |_| {
            let work = Arc::clone(&self.work);
            let thread = thread::Builder::new().name("map".to_owned());
            thread.spawn(move || work.map_all())
        };
        let started = (1..processors.min(MOST_THREADS)).map(start);
        started.map_while(Result::ok).count()
    }
}

impl<T, R, I, F> Drop for Map<T, R, I, F> {
    fn drop(&mut self) {
        self.work.batches().is_over = true;
        self.work.has_come.notify_all();
    }
}

#[cfg(test)]
mod tests {
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
