//! Puts all the records in order at once: at the start, after a large import, and for a sort not asked for before.
//!
//! Texts are sorted by eight bytes at a time, taken as a number. Records that are equal in them are sorted by the
//! next eight, and so on: each text is fetched once for each eight bytes, not once for each comparison.

use std::sync::Arc;

use roster_common::employee::Field;
use roster_common::query::{Column, Sort};

use super::chunk::{Chunk, Chunks, Entry, Slot, join, split};
use super::key::{Key, Place, same, text, unescaped};
use super::order::Order;

/// The key of a record without a value: no text begins with eight bytes of 255, and no number is so great.
const MISSING: u64 = u64::MAX;

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

    /// All records by one column, the least value first.
    pub(super) fn ascending(&self, column: Column) -> Order {
        match column {
            Column::Id => self.slots().collect(),
            Column::Created | Column::Updated | Column::Field(Field::Manager) => self.by_number(column),
            Column::Field(field) => self.by_text(field),
        }
    }

    fn by_number(&self, column: Column) -> Order {
        let key = |slot| match self.entry(slot).map(|entry| Key::of(&entry, column)) {
            // The sign turned over, so that the order of signed numbers is that of unsigned ones.
            Some(Key::Number(number)) => number.cast_unsigned() ^ (1 << 63),
            _ => MISSING,
        };
        let mut run: Vec<(u64, Slot)> = self.slots().map(|slot| (key(slot), slot)).collect();
        run.sort_unstable();
        run.into_iter().map(|(_, slot)| slot).collect()
    }

    fn by_text(&self, field: Field) -> Order {
        let mut run: Vec<(u64, Slot)> = self.slots().map(|slot| (0, slot)).collect();
        self.sort_run(&mut run, field, Part::Folded, 0);
        run.into_iter().map(|(_, slot)| slot).collect()
    }

    /// Sorts records that are equal up to the eight bytes number `depth` of a part of their text.
    fn sort_run(&self, run: &mut [(u64, Slot)], field: Field, part: Part, depth: usize) {
        for (key, slot) in &mut *run {
            *key =
                self.entry(*slot).and_then(|entry| text(&entry, field)).map_or(MISSING, |text| part.eight(text, depth));
        }
        run.sort_unstable();
        for equal in run.chunk_by_mut(|a, b| a.0 == b.0).filter(|equal| equal.len() > 1) {
            let at_end = equal.first().is_none_or(|(key, _)| key.to_be_bytes()[7] == 0);
            match (equal.first(), part) {
                (None | Some((MISSING, _)), _) => {}
                _ if !at_end => self.sort_run(equal, field, part, depth + 1),
                (_, Part::Folded) => self.sort_run(equal, field, Part::Raw, 0),
                (_, Part::Raw) => {}
            }
        }
    }

    /// All records in an order of any columns, from the orders of each.
    pub(super) fn sorted(&self, sort: &Sort, ascending: impl Fn(Column) -> Order) -> Order {
        let mut run: Vec<([u32; Sort::MAX_KEYS], Slot)> = self.slots().map(|slot| ([0; _], slot)).collect();
        for (index, key) in sort.keys().iter().enumerate() {
            let ranks = self.ranks(key.column, &ascending(key.column));
            for (tuple, slot) in &mut run {
                let rank = ranks.get(*slot as usize).copied().unwrap_or(u32::MAX);
                if let Some(place) = tuple.get_mut(index) {
                    *place = if key.descending && rank != u32::MAX { u32::MAX - 1 - rank } else { rank };
                }
            }
        }
        run.sort_unstable();
        run.into_iter().map(|(_, slot)| slot).collect()
    }

    /// The rank of each slot's record in a column, the same for equal values; the greatest number without one.
    fn ranks(&self, column: Column, order: &Order) -> Vec<u32> {
        let by_column = Sort::by(column, false);
        let mut ranks = vec![u32::MAX; self.chunks.len() * super::chunk::CHUNK];
        let (mut rank, mut before): (u32, Option<Entry<'_>>) = (0, None);
        for slot in order.iter_from(0) {
            let Some(entry) = self.entry(slot) else { continue };
            if entry.key(0, column) == Key::Missing {
                break;
            }
            rank += u32::from(before.is_some_and(|before| !same(&by_column, &before, &entry)));
            if let Some(place) = ranks.get_mut(slot as usize) {
                *place = rank;
            }
            before = Some(entry);
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
    /// Eight bytes as a number; those behind the end are zero, which is in no text.
    fn eight(self, (folded, raw): (&str, &[u8]), number: usize) -> u64 {
        let (from, mut bytes) = (number * 8, [0; 8]);
        match self {
            Self::Folded => copy(&mut bytes, folded.bytes().skip(from)),
            Self::Raw => copy(&mut bytes, unescaped(raw).skip(from)),
        }
        u64::from_be_bytes(bytes)
    }
}

fn copy(to: &mut [u8; 8], from: impl Iterator<Item = u8>) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = from;
    }
}
