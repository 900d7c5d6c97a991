//! Puts all the records in order at once: at the start, after a large import, and for a sort not
//! asked for before.
//!
//! Fields with a dictionary use a counting sort, and so do managers, whose names are sorted first.
//! Other text is sorted by its first 16 bytes, as a number; ties are sorted by the next 16. So nearly
//! all the work is one pass through memory in its own order.

use std::collections::{HashMap, HashSet};
use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use roster_common::employee::{EmployeeId, Field, Kind};
use roster_common::query::{Column, Sort, SortKey};

use super::chunk::{CHUNK, Chunk, Chunks, Slot, join, split};
use super::dictionary::{self, Word};
use super::entry::{Entry, ManagerId};
use super::key::{ListedRecord, SortValue, is_by_name_of_another, text, text_field, unescaped};
use super::load::{joined, map_parts, workers};
use super::order::Order;

/// The key of a record without a value: no text begins with so many bytes of 255, and no number is
/// so great.
const MISSING: [u64; 2] = [u64::MAX; 2];

/// A record while it is sorted: by its key, and where that is equal, by its slot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SortRecord {
    /// A number, its high half first.
    key: [u64; 2],
    slot: Slot,
}

impl SortRecord {
    /// Whether its text has no more bytes behind those of the key.
    fn is_at_end(&self) -> bool {
        self.key[1].to_be_bytes()[7] == 0
    }
}

/// The chunks, to be read at random more quickly than from their persistent list.
pub(super) struct Table<'a> {
    all: &'a Chunks,
    chunks: Vec<&'a Chunk>,
    /// The slots of all records, in the order of their ids.
    slots: Vec<Slot>,
}

impl<'a> Table<'a> {
    pub(super) fn new(all: &'a Chunks) -> Self {
        let chunks: Vec<&Chunk> = all.stamped().map(|one| one.chunk.as_ref()).collect();
        let slots = |(number, chunk): (usize, &&'a Chunk)| {
            let alive = chunk.alive();
            (0..CHUNK)
                .filter(move |index| alive >> index & 1 == 1)
                .filter_map(move |index| join(number, index))
        };
        let slots = chunks.iter().enumerate().flat_map(slots).collect();
        Self { all, chunks, slots }
    }

    fn entry(&self, slot: Slot) -> Option<Entry<'a>> {
        let (chunk, index) = split(slot);
        self.chunks.get(chunk)?.entry(index, &self.all.words)
    }

    /// All records by one column, the least value first. `records` is room to work in.
    pub(super) fn ascending(&self, column: Column, records: &mut Vec<SortRecord>) -> Order {
        match self.shared_ranks(column) {
            _ if column == Column::Id => self.slots.iter().copied().collect(),
            Some(ranks) => self.counted(&ranks),
            None => {
                self.sort(column, records);
                records.iter().map(|record| record.slot).collect()
            }
        }
    }

    /// The ranks of a column whose values many records share: words, or managers.
    fn shared_ranks(&self, column: Column) -> Option<Ranks> {
        let Column::Field(field) = column else {
            return None;
        };
        if is_by_name_of_another(column) {
            return Some(self.ranks_by_manager());
        }
        dictionary::dictionary_index(field).map(|dictionary| self.ranks_by_word(dictionary))
    }

    /// All records by their ranks: each goes behind those of lesser ranks and those before it of its
    /// own.
    fn counted(&self, ranks: &Ranks) -> Order {
        let of_records = ranks.of_records.iter().map(|rank| *rank as usize);
        let mut nexts = vec![0; ranks.missing as usize + 2];
        for rank in of_records.clone() {
            if let Some(count) = nexts.get_mut(rank + 1) {
                *count += 1;
            }
        }
        for rank in 1..nexts.len() {
            nexts[rank] += nexts[rank - 1];
        }
        let mut order = vec![0; self.slots.len()];
        for (rank, slot) in of_records.zip(&self.slots) {
            order[nexts[rank]] = *slot;
            nexts[rank] += 1;
        }
        order.into_iter().collect()
    }

    /// The records by their words in a field.
    fn ranks_by_word(&self, dictionary: usize) -> Ranks {
        let ranks = self.ranks_of_words(dictionary);
        let rank = |slot: &Slot| {
            let (chunk, index) = split(*slot);
            let id = self
                .chunks
                .get(chunk)
                .and_then(|chunk| chunk.word_ids(dictionary).get(index).copied());
            ranks
                .get(id.unwrap_or_default() as usize)
                .copied()
                .unwrap_or_default()
        };
        Ranks {
            of_records: self.slots.iter().map(rank).collect(),
            missing: ranks.len() as u32 - 1,
        }
    }

    /// The rank of each word of a field by its id; no word comes last.
    fn ranks_of_words(&self, dictionary: usize) -> Vec<u32> {
        // By the first eight bytes, as a number: few words need a look at the rest.
        let with_key = |(word, id): (&'a Word, usize)| {
            let [key, _] = sixteen(word.folded().as_bytes(), 0);
            (key, word, id)
        };
        let mut words: Vec<_> = self
            .all
            .words
            .iter(dictionary)
            .zip(1..)
            .map(with_key)
            .collect();
        words.sort_unstable_by(|(key, word, _), (other_key, other, _)| {
            let rest = || (word.folded(), word.raw()).cmp(&(other.folded(), other.raw()));
            key.cmp(other_key).then_with(rest)
        });
        let mut ranks = vec![words.len() as u32; words.len() + 1];
        for ((_, _, id), rank) in words.into_iter().zip(0..) {
            ranks[id] = rank;
        }
        ranks
    }

    /// The records by the names of their managers.
    fn ranks_by_manager(&self) -> Ranks {
        let names = [Field::Lastname, Field::Firstname]
            .into_iter()
            .filter_map(dictionary::dictionary_index)
            .map(|dictionary| (dictionary, self.ranks_of_words(dictionary)))
            .collect::<Vec<_>>();
        // The ranks of the words stand for the names: numbers are compared more quickly.
        let name = |id: EmployeeId| -> Option<Vec<u32>> {
            let entry = self.entry(self.all.slot(id)?)?;
            let rank = |(dictionary, ranks): &(usize, Vec<u32>)| {
                let id = entry.word_id(*dictionary) as usize;
                ranks.get(id).copied()
            };
            names.iter().map(rank).collect()
        };
        let managers = self.slots.iter().map(|slot| self.manager(*slot));
        let known: HashSet<_> = managers.clone().flatten().collect();
        let named = known.into_iter().filter_map(|manager| {
            let id = EmployeeId::try_from(manager.get()).ok()?;
            Some((name(id)?, manager))
        });
        let mut named: Vec<_> = named.collect();
        named.sort_unstable();
        let missing = named.len() as u32;
        let ranks: HashMap<_, _> = named.into_iter().map(|(_, id)| id).zip(0..).collect();
        let rank = |manager: ManagerId| ranks.get(&manager?).copied();
        Ranks {
            of_records: managers.map(|id| rank(id).unwrap_or(missing)).collect(),
            missing,
        }
    }

    fn manager(&self, slot: Slot) -> ManagerId {
        let (chunk, index) = split(slot);
        let managers = self.chunks.get(chunk)?.managers();
        managers.get(index).copied().flatten()
    }

    fn sort(&self, column: Column, records: &mut Vec<SortRecord>) {
        let field = text_field(column);
        let key = |slot: Slot| match field {
            Some(field) => Part::Folded.key(self.text(slot, field), 0),
            None => number(self.value(column, slot)),
        };
        records.clear();
        records.extend(self.slots.iter().map(|slot| SortRecord {
            key: key(*slot),
            slot: *slot,
        }));
        match field {
            Some(field) => self.sort_run(records, field, Part::Folded, 0),
            None => records.sort_unstable(),
        }
    }

    fn text(&self, slot: Slot, field: Field) -> Option<(&'a str, &'a [u8])> {
        text(&self.entry(slot)?, field)
    }

    /// Sorts records whose keys are the bytes number `depth` of a part of their text, what stands
    /// before those being equal.
    fn sort_run(&self, run: &mut [SortRecord], field: Field, part: Part, depth: usize) {
        run.sort_unstable();
        for equal in run
            .chunk_by_mut(|a, b| a.key == b.key)
            .filter(|equal| equal.len() > 1)
        {
            let (part, depth) = match (part, equal.first()) {
                (_, Some(SortRecord { key: MISSING, .. }) | None) => continue,
                (_, Some(record)) if !record.is_at_end() => (part, depth + 1),
                // A date has neither case nor accents.
                (Part::Folded, _) if field.kind() != Kind::Date => (Part::Raw, 0),
                (Part::Folded | Part::Raw, _) => continue,
            };
            for record in &mut *equal {
                record.key = part.key(self.text(record.slot, field), depth);
            }
            self.sort_run(equal, field, part, depth);
        }
    }

    /// All records in the order of any columns: by the rank that each has in them, which is read off
    /// the order of that column alone.
    pub(super) fn sorted<'b>(
        &self,
        sort: &Sort,
        order: impl Fn(Column) -> Option<&'b Arc<Order>>,
    ) -> Order {
        let ranked = sort.keys().iter().map(|key| (*key, order(key.column)));
        let ranks: Vec<Vec<u32>> = thread::scope(|scope| {
            let threads: Vec<_> = ranked
                .map(|(key, order)| scope.spawn(move || self.ranks(key, order)))
                .collect();
            threads.into_iter().map(joined).collect()
        });
        let tuple = |slot: Slot| {
            let mut tuple = [0; Sort::MAX_KEYS];
            for (place, ranks) in tuple.iter_mut().zip(&ranks) {
                *place = ranks.get(slot as usize).copied().unwrap_or_default();
            }
            (tuple, slot)
        };
        let mut run: Vec<([u32; Sort::MAX_KEYS], Slot)> =
            self.slots.iter().map(|slot| tuple(*slot)).collect();
        sort_in_parallel(&mut run);
        run.into_iter().map(|(_, slot)| slot).collect()
    }

    /// The rank of each slot's record by a column, the same for equal values; the greatest number
    /// without one.
    fn ranks(&self, key: SortKey, order: Option<&Arc<Order>>) -> Vec<u32> {
        let mut ranks = vec![u32::MAX; self.chunks.len() * CHUNK];
        let mut set = |slot: Slot, rank: u32| {
            if let Some(place) = ranks.get_mut(slot as usize) {
                *place = match key.descending {
                    true => u32::MAX - 1 - rank,
                    false => rank,
                };
            }
        };
        if let Some(shared) = self.shared_ranks(key.column) {
            for (slot, rank) in self.slots.iter().zip(shared.of_records) {
                if rank != shared.missing {
                    set(*slot, rank);
                }
            }
            return ranks;
        }
        let slots: Vec<Slot> = match order {
            Some(order) => order.iter_from(0).collect(),
            None => self
                .ascending(key.column, &mut Vec::new())
                .iter_from(0)
                .collect(),
        };
        let mut rank = 0;
        for (slot, step) in slots.iter().zip(self.steps(key.column, &slots)) {
            match step {
                // Those without a value come last.
                Step::Missing => break,
                Step::Equal => {}
                Step::Greater => rank += 1,
            }
            set(*slot, rank);
        }
        ranks
    }

    /// How the value of each of some slots, which are in the order of a column, differs from the one
    /// before.
    fn steps(&self, column: Column, slots: &[Slot]) -> Vec<Step> {
        let digests = self.digests(column);
        let digest = |slot: Slot| digests.get(slot as usize).copied().flatten();
        let first = slots.first().map(|first| match digest(*first) {
            Some(_) => Step::Greater,
            None => Step::Missing,
        });
        let others = slots.array_windows().map(|[before, slot]| {
            let is_equal = || self.value(column, *before) == self.value(column, *slot);
            match digest(*slot) {
                None => Step::Missing,
                now if now == digest(*before) && is_equal() => Step::Equal,
                Some(_) => Step::Greater,
            }
        });
        first.into_iter().chain(others).collect()
    }

    /// A number for the value of each slot, which is the same for equal values; `None` without one.
    /// They are made in the order of memory. To compare them in another one reads far less memory
    /// than to compare the values.
    fn digests(&self, column: Column) -> Vec<Option<NonZero<u32>>> {
        let digest = |chunk: &Chunk, index: usize| {
            let entry = chunk.entry(index, &self.all.words)?;
            let chunks = self.all;
            SortValue::of(ListedRecord { entry, chunks }, column).digest()
        };
        let of_chunks = |chunks: &[&Chunk]| -> Vec<_> {
            let of_chunk = |chunk| (0..CHUNK).map(move |index| digest(chunk, index));
            chunks.iter().copied().flat_map(of_chunk).collect()
        };
        map_parts(&self.chunks, of_chunks)
    }

    fn value(&self, column: Column, slot: Slot) -> SortValue<'a> {
        self.entry(slot).map_or(SortValue::Missing, |entry| {
            let chunks = self.all;
            SortValue::of(ListedRecord { entry, chunks }, column)
        })
    }
}

/// The ranks of all records by a value that many share.
struct Ranks {
    /// In the order of [`Table::slots`].
    of_records: Vec<u32>,
    /// The greatest rank: that of the records without a value.
    missing: u32,
}

/// How a value differs from the one before it in an order.
#[derive(Clone, Copy)]
enum Step {
    Equal,
    Greater,
    Missing,
}

/// Sorts parts on all processors, and then the whole, which only merges the sorted parts.
fn sort_in_parallel<T: Ord + Send>(run: &mut [T]) {
    let part = run.len().div_ceil(workers()).max(1);
    thread::scope(|scope| {
        for part in run.chunks_mut(part) {
            scope.spawn(|| part.sort_unstable());
        }
    });
    run.sort();
}

/// The key of a number.
fn number(value: SortValue<'_>) -> [u64; 2] {
    match value {
        // Flips the sign bit, so that signed numbers sort as unsigned ones.
        SortValue::Number(number) => [0, number.cast_unsigned() ^ (1 << 63)],
        _ => MISSING,
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
            (Self::Raw, Some((_, raw))) if raw.contains(&b'\\') => {
                sixteen(&unescaped(raw).collect::<Vec<_>>(), number)
            }
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
    bytes
        .iter_mut()
        .zip(short)
        .for_each(|(to, from)| *to = *from);
    bytes
}
