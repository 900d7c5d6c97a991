//! Long work on several processors.

use std::iter;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

/// How many items are in memory at a time.
const BATCH: usize = 512;

/// On how many processors they are mapped at most.
const MOST_WORKERS: usize = 4;

/// Maps the items of a long iterator on several processors. The results come in the order of the
/// items. It takes up to 512 items before the first result, and maps fewer by itself.
pub fn map<T: Send, R: Send>(
    items: impl Iterator<Item = T>,
    change: impl Fn(T) -> R + Sync,
) -> impl Iterator<Item = R> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let part = BATCH.div_ceil(workers.min(MOST_WORKERS));
    let mut items = items.fuse();
    let batches = iter::from_fn(move || {
        let batch: Vec<T> = items.by_ref().take(BATCH).collect();
        match batch.len() {
            0 => None,
            BATCH => Some(map_parts(batch, part, &change)),
            _ => Some(batch.into_iter().map(&change).collect()),
        }
    });
    batches.flatten()
}

fn map_parts<T: Send, R: Send>(
    items: Vec<T>,
    size: usize,
    change: &(impl Fn(T) -> R + Sync),
) -> Vec<R> {
    let mut items = items.into_iter();
    let parts = iter::from_fn(|| {
        let part: Vec<T> = items.by_ref().take(size).collect();
        (!part.is_empty()).then_some(part)
    });
    thread::scope(|scope| {
        let map_part =
            |part: Vec<T>| scope.spawn(move || part.into_iter().map(change).collect::<Vec<R>>());
        let threads: Vec<_> = parts.map(map_part).collect();
        let joined = |thread: ScopedJoinHandle<'_, Vec<R>>| {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic))
        };
        threads.into_iter().flat_map(joined).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for count in [0, 1, BATCH - 1, BATCH, 3 * BATCH + 1] {
            let expected: Vec<usize> = (0..count).map(|item| item * 2).collect();
            assert_eq!(map(0..count, |item| item * 2).collect::<Vec<_>>(), expected);
        }
    }
}
