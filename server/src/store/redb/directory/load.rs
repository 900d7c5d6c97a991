//! Makes the directory from the rows of the file, on all processors.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};

use roster_common::employee::{Employee, EmployeeId};
use roster_common::query::{Column, Sort};

use super::chunk::{CHUNK, Chunk, Chunks, Packer};
use super::entry::Encoded;
use super::order::Order;
use super::sorting::Table;
use super::words::{FIELDS, Number, Words};
use crate::store::redb::batch::Fault;
use crate::store::redb::tables::{BadRow, Row};

/// How many rows one thread takes at a time: some chunks' worth.
const BLOCK: usize = 32 * CHUNK;

/// Rows as they are read from the file, and the place of this block among all.
type Block = (usize, Vec<(EmployeeId, Vec<u8>)>);

/// Makes the chunks of all rows, which come in the order of their ids.
pub(super) fn load_chunks(rows: impl Iterator<Item = Result<(EmployeeId, Vec<u8>), Fault>>) -> Result<Chunks, Fault> {
    let (sender, blocks) = sync_channel::<Block>(2 * workers());
    let (blocks, words, mut rows) = (Mutex::new(blocks), Mutex::default(), rows.fuse());
    let mut loaded = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers()).map(|_| scope.spawn(|| load_blocks(&blocks, &words))).collect();
        for number in 0.. {
            let block: Vec<_> = rows.by_ref().take(BLOCK).collect::<Result<_, Fault>>()?;
            if block.is_empty() || sender.send((number, block)).is_err() {
                break;
            }
        }
        drop(sender);
        Ok::<_, Fault>(threads.into_iter().flat_map(joined).collect::<Vec<_>>())
    })?;
    loaded.sort_unstable_by_key(|(number, _)| *number);
    let words = words.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut chunks = Chunks::new(words);
    for (_, block) in loaded {
        block?.into_iter().for_each(|chunk| chunks.push(chunk));
    }
    Ok(chunks)
}

/// One thread's work: blocks, as long as there are any.
fn load_blocks(blocks: &Mutex<Receiver<Block>>, words: &Mutex<Words>) -> Vec<(usize, Result<Vec<Chunk>, BadRow>)> {
    let (mut packer, mut known) = (Packer::default(), Known { words, numbers: Default::default() });
    let next = || blocks.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
    let mut load = |rows: &[_]| load_chunk(rows, &mut packer, &mut known);
    std::iter::from_fn(next).map(|(number, rows)| (number, rows.chunks(CHUNK).map(&mut load).collect())).collect()
}

fn load_chunk(rows: &[(EmployeeId, Vec<u8>)], packer: &mut Packer, known: &mut Known<'_>) -> Result<Chunk, BadRow> {
    for (id, row) in rows {
        packer.push(&Encoded::new(&Employee::from_row(*id, row)?, |field, raw| known.number(field, raw)));
    }
    Ok(packer.finish())
}

/// The words that a thread has met, so that it need not ask for their numbers again.
struct Known<'a> {
    words: &'a Mutex<Words>,
    numbers: [HashMap<Box<str>, Number>; FIELDS.len()],
}

impl Known<'_> {
    /// See [`Words::number`].
    fn number(&mut self, field: usize, raw: &str) -> Number {
        let Some(numbers) = self.numbers.get_mut(field) else { return 0 };
        if let Some(number) = numbers.get(raw) {
            return *number;
        }
        let number = self.words.lock().unwrap_or_else(PoisonError::into_inner).number(field, raw);
        // What has got no number is not remembered: there may be very many of them.
        if number > 0 {
            numbers.insert(raw.into(), number);
        }
        number
    }
}

/// The order by each column, the least value first.
pub(super) fn load_orders(chunks: &Chunks) -> Vec<(Sort, Arc<Order>)> {
    let (table, next) = (Table::new(chunks), AtomicUsize::new(0));
    let columns: Vec<Column> = Column::all().collect();
    let work = || {
        let mut room = Vec::new();
        let mine = std::iter::from_fn(|| columns.get(next.fetch_add(1, Ordering::Relaxed)));
        mine.map(|column| (Sort::by(*column, false), Arc::new(table.ascending(*column, &mut room)))).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..workers()).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(joined).collect()
    })
}

/// How many threads share the work.
pub(super) fn workers() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// What a thread found; its panic goes on here.
pub(super) fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
