//! Puts all the records in order at once: at the start, after a large import, and for a sort not asked for before.
//!
//! Texts are sorted by sixteen bytes at a time, taken as a number. Only those that are equal in them and yet not
//! the same are looked at again, for their next sixteen: so nearly all is done in one pass through memory in the
//! order in which it lies, and few comparisons have to fetch what they compare.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;

use roster_common::employee::Field;
use roster_common::query::{Column, Sort, SortKey};

use super::chunk::{CHUNK, Chunk, Chunks, Slot, join, split};
use super::entry::Entry;
use super::key::{Key, text, unescaped};
use super::order::Order;

/// The key of a record without a value: no text begins with so many bytes of 255, and no number is so great.
const MISSING: [u64; 2] = [u64::MAX; 2];

/// A record while it is sorted: by its key, and where that is equal, by its slot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    /// A number, its high half first.
    key: [u64; 2],
    slot: Slot,
    /// A number, or a hash of the whole text as it was written: the same for the same value, and for no other.
    value: u64,
}

impl Item {
    /// Whether its text has no more bytes behind those of the key.
    fn is_at_end(&self) -> bool {
        self.key[1].to_be_bytes()[7] == 0
    }
}

/// The chunks, to be read at random more quickly than from their persistent list.
pub(super) struct Table<'a> {
    chunks: Vec<&'a Chunk>,
}

impl<'a> Table<'a> {
    pub(super) fn new(chunks: &'a Chunks) -> Self {
        Self { chunks: chunks.iter().map(Arc::as_ref).collect() }
    }

    fn entry(&self, slot: Slot) -> Option<Entry<'a>> {
        let (chunk, index) = split(slot);
        self.chunks.get(chunk)?.entry(index)
    }

    /// The slots of all records, in the order of their ids.
    fn slots(&self) -> impl Iterator<Item = Slot> {
        let slots = |(number, chunk): (usize, &&'a Chunk)| {
            let chunk = *chunk;
            (0..chunk.len()).filter(move |i| chunk.entry(*i).is_some()).filter_map(move |i| join(number, i))
        };
        self.chunks.iter().enumerate().flat_map(slots)
    }

    /// All records by one column, the least value first. `items` is room to work in.
    pub(super) fn ascending(&self, column: Column, items: &mut Vec<Item>) -> Order {
        self.sort(column, items);
        items.iter().map(|item| item.slot).collect()
    }

    fn sort(&self, column: Column, items: &mut Vec<Item>) {
        items.clear();
        items.extend(self.slots().map(|slot| Item { key: [0; 2], slot, value: 0 }));
        match column {
            Column::Id | Column::Created | Column::Updated | Column::Field(Field::Manager) => {
                self.sort_numbers(items, column);
            }
            Column::Field(field) => self.sort_texts(items, field),
        }
    }

    fn sort_numbers(&self, items: &mut [Item], column: Column) {
        for item in &mut *items {
            if let Some(Key::Number(number)) = self.entry(item.slot).map(|entry| Key::of(&entry, column)) {
                // The sign turned over, so that the order of signed numbers is that of unsigned ones.
                item.value = number.cast_unsigned() ^ (1 << 63);
                item.key = [0, item.value];
            } else {
                item.key = MISSING;
            }
        }
        items.sort_unstable();
    }

    fn sort_texts(&self, items: &mut [Item], field: Field) {
        let hasher = RandomState::new();
        for item in &mut *items {
            let text = self.text(item.slot, field);
            item.value = hasher.hash_one(text.map(|(_, raw)| raw));
            item.key = Part::Folded.key(text, 0);
        }
        self.sort_run(items, field, Part::Folded, 0);
    }

    fn text(&self, slot: Slot, field: Field) -> Option<(&'a str, &'a [u8])> {
        text(&self.entry(slot)?, field)
    }

    /// Sorts records whose keys are the bytes number `depth` of a part of their text, what stands before those
    /// being equal.
    fn sort_run(&self, run: &mut [Item], field: Field, part: Part, depth: usize) {
        run.sort_unstable();
        for equal in run.chunk_by_mut(|a, b| a.key == b.key) {
            let Some(first) = equal.first().copied() else { continue };
            let (part, depth) = match part {
                _ if equal.iter().all(|item| item.value == first.value) => continue,
                _ if !first.is_at_end() => (part, depth + 1),
                Part::Folded => (Part::Raw, 0),
                Part::Raw => continue,
            };
            for item in &mut *equal {
                item.key = part.key(self.text(item.slot, field), depth);
            }
            self.sort_run(equal, field, part, depth);
        }
    }

    /// All records in the order of any columns: by the rank that each has in them.
    pub(super) fn sorted(&self, sort: &Sort) -> Order {
        let mut run: Vec<([u32; Sort::MAX_KEYS], Slot)> = self.slots().map(|slot| ([0; _], slot)).collect();
        for (index, key) in sort.keys().iter().enumerate() {
            let ranks = self.ranks(*key);
            for (tuple, slot) in &mut run {
                if let (Some(place), Some(rank)) = (tuple.get_mut(index), ranks.get(*slot as usize)) {
                    *place = *rank;
                }
            }
        }
        run.sort_unstable();
        run.into_iter().map(|(_, slot)| slot).collect()
    }

    /// The rank of each slot's record by a column, the same for equal values; the greatest number without one.
    fn ranks(&self, key: SortKey) -> Vec<u32> {
        let mut items = Vec::new();
        self.sort(key.column, &mut items);
        let mut ranks = vec![u32::MAX; self.chunks.len() * CHUNK];
        let values =
            items.chunk_by(|a, b| a.value == b.value).filter(|run| run.first().is_some_and(|i| i.key != MISSING));
        for (rank, item) in values.zip(0..).flat_map(|(run, rank)| run.iter().map(move |item| (rank, item))) {
            if let Some(place) = ranks.get_mut(item.slot as usize) {
                *place = if key.descending { u32::MAX - 1 - rank } else { rank };
            }
        }
        ranks
    }
}

/// By which part of its two a text is sorted.
#[derive(Clone, Copy)]
enum Part {
    Folded,
    Raw,
}

impl Part {
    /// Sixteen bytes of a text as a number; those behind the end are zero, which is in no text.
    fn key(self, text: Option<(&str, &[u8])>, number: usize) -> [u64; 2] {
        match (self, text) {
            (_, None) => MISSING,
            (Self::Folded, Some((folded, _))) => sixteen(folded.as_bytes(), number),
            (Self::Raw, Some((_, raw))) if raw.contains(&b'\\') => sixteen(&unescaped(raw).collect::<Vec<_>>(), number),
            (Self::Raw, Some((_, raw))) => sixteen(raw, number),
        }
    }
}

fn sixteen(text: &[u8], number: usize) -> [u64; 2] {
    [2 * number, 2 * number + 1].map(|eight| {
        let rest = text.get(eight * 8..).unwrap_or_default();
        u64::from_be_bytes(rest.first_chunk().copied().unwrap_or_else(|| padded(rest)))
    })
}

fn padded(short: &[u8]) -> [u8; 8] {
    let mut bytes = [0; 8];
    bytes.iter_mut().zip(short).for_each(|(to, from)| *to = *from);
    bytes
}
