//! Builds the directory from a store's rows, on all processors.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};

use hashbrown::HashMap;
use roster_common::employee::EmployeeId;
use roster_common::query::{Column, Sort};

use super::chunk::{CHUNK, Chunk, Chunks, Packer};
use super::dictionary::{self, WordId, Words};
use super::key::is_by_name_of_another;
use super::order::Order;
use super::sorting::Table;
use crate::rules::record::Values;

/// How many rows one thread takes at a time: some chunks' worth.
const BLOCK: usize = 32 * CHUNK;

/// Rows as a store has them, one behind the other: what one thread allocates and another frees
/// costs both.
#[derive(Default)]
pub(crate) struct Block {
    ids: Vec<EmployeeId>,
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

impl Block {
    /// Adds a row, whose id is greater than those before.
    pub(crate) fn push(&mut self, id: EmployeeId, row: &[u8]) {
        self.bytes.extend_from_slice(row);
        self.ids.push(id);
        self.ends.push(self.bytes.len());
    }

    pub(crate) fn is_full(&self) -> bool {
        self.ids.len() >= BLOCK
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    fn rows(&self) -> impl Iterator<Item = (EmployeeId, &[u8])> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let rows = starts
            .zip(&self.ends)
            .filter_map(|(start, end)| self.bytes.get(start..*end));
        self.ids.iter().copied().zip(rows)
    }
}

/// Makes the chunks of all rows. Every block but the last is full.
pub(super) fn load_chunks<E: Send>(
    blocks: impl Iterator<Item = Result<Block, E>>,
    decode: &Decode<'_, E>,
) -> Result<Chunks, E> {
    let (sender, receiver) = sync_channel(2 * workers());
    let (receiver, words) = (Mutex::new(receiver), Mutex::default());
    let mut loaded = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers())
            .map(|_| scope.spawn(|| load_blocks(&receiver, &words, decode)))
            .collect();
        for (number, block) in blocks.enumerate() {
            if sender.send((number, block?)).is_err() {
                break;
            }
        }
        drop(sender);
        Ok::<_, E>(threads.into_iter().flat_map(joined).collect::<Vec<_>>())
    })?;
    loaded.sort_unstable_by_key(|(number, _)| *number);
    let words = words.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut chunks = Chunks::new(words);
    for (_, block) in loaded {
        block?.into_iter().for_each(|chunk| chunks.push(chunk));
    }
    Ok(chunks)
}

/// Reads one row.
type Decode<'a, E> = dyn Fn(EmployeeId, &[u8]) -> Result<Values<'_>, E> + Sync + 'a;

/// A block, or what became of it, behind its place among all blocks.
type Indexed<T> = (usize, T);

/// One thread's work: blocks, as long as there are any.
fn load_blocks<E>(
    blocks: &Mutex<Receiver<Indexed<Block>>>,
    words: &Mutex<Words>,
    decode: &Decode<'_, E>,
) -> Vec<Indexed<Result<Vec<Chunk>, E>>> {
    let (mut packer, mut known) = (
        Packer::default(),
        Known {
            words,
            ids: Default::default(),
        },
    );
    let next = || {
        blocks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv()
            .ok()
    };
    std::iter::from_fn(next)
        .map(|(number, block)| (number, load_block(&block, decode, &mut packer, &mut known)))
        .collect()
}

fn load_block<E>(
    block: &Block,
    decode: &Decode<'_, E>,
    packer: &mut Packer,
    known: &mut Known<'_>,
) -> Result<Vec<Chunk>, E> {
    let mut chunks = Vec::with_capacity(BLOCK / CHUNK);
    for (id, row) in block.rows() {
        packer.push_values(&decode(id, row)?, |field, raw| known.word_id(field, raw));
        if packer.is_full() {
            chunks.push(packer.finish());
        }
    }
    if packer.len() > 0 {
        chunks.push(packer.finish());
    }
    Ok(chunks)
}

/// The words that a thread has met, so that it need not ask for their ids again.
struct Known<'a> {
    words: &'a Mutex<Words>,
    ids: [HashMap<Box<str>, WordId>; dictionary::COUNT],
}

impl Known<'_> {
    /// See [`Words::word_id`].
    fn word_id(&mut self, field: usize, raw: &str) -> WordId {
        let Some(ids) = self.ids.get_mut(field) else {
            return 0;
        };
        if let Some(id) = ids.get(raw) {
            return *id;
        }
        let id = self
            .words
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .word_id(field, raw);
        ids.insert(raw.into(), id);
        id
    }
}

/// The columns by which there is an order at all times, except right after a start and during a
/// large import.
pub(super) fn ordered_columns() -> impl Iterator<Item = Column> {
    Column::all().filter(|column| !is_by_name_of_another(*column))
}

/// Those by which there is an order when the start is over: counting puts records with shared
/// values in order quickly.
pub(super) fn usual_columns() -> impl Iterator<Item = Column> {
    ordered_columns().filter(|column| match column {
        Column::Id => true,
        Column::Field(field) => dictionary::dictionary_index(*field).is_some(),
        Column::Created | Column::Updated => false,
    })
}

/// The order by each of some columns, the least value first.
pub(super) fn load_orders(chunks: &Chunks, columns: Vec<Column>) -> Vec<(Sort, Arc<Order>)> {
    let (table, next) = (Table::new(chunks), AtomicUsize::new(0));
    let work = || {
        let mut room = Vec::new();
        let mine = std::iter::from_fn(|| columns.get(next.fetch_add(1, Ordering::Relaxed)));
        mine.map(|column| {
            (
                Sort::by(*column, false),
                Arc::new(table.ascending(*column, &mut room)),
            )
        })
        .collect::<Vec<_>>()
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

/// Changes parts of a slice on all processors. The results come in the order of the slice.
pub(super) fn map_parts<T: Sync, R: Send>(
    all: &[T],
    change: impl Fn(&[T]) -> Vec<R> + Sync,
) -> Vec<R> {
    let (change, size) = (&change, all.len().div_ceil(workers()).max(1));
    thread::scope(|scope| {
        let parts = all.chunks(size);
        let threads: Vec<_> = parts
            .map(|part| scope.spawn(move || change(part)))
            .collect();
        threads.into_iter().flat_map(joined).collect()
    })
}

/// What a thread found; its panic goes on here.
pub(super) fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
