//! A part of the index: which of [`RECORDS`] neighbouring records have each gram.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::chunk::{CHUNK, Chunk};
use super::dictionary::{self, WordId, Words};
use super::grams::{self, Gram, LETTERS, Needed};

/// How many chunks a segment covers.
pub(super) const CHUNKS: usize = 64;

/// How many records a segment covers.
pub(super) const RECORDS: usize = CHUNKS * CHUNK;

/// A bit for each record of a segment, a word for each of its chunks.
pub(super) type Bits = [u64; CHUNKS];

/// The length of a row that is a bitmap. All lists are shorter.
const BITMAP: usize = RECORDS / 8;

/// In a list, so many records are left out, and the next byte goes on.
const FAR: u8 = u8::MAX;

/// Which records have each gram: a row for each gram that some have, which is a list of the gaps
/// between them, a byte each, or a bitmap if that is shorter.
///
/// A segment of real people has thousands of rows, so little memory belongs to each.
#[derive(Debug)]
pub(super) struct Segment {
    /// For each letter, where the rows of the grams that begin with it are; and the end of all.
    groups: Box<[Group]>,
    /// The rest of each row's gram, in the order of the grams.
    rests: Box<[u16]>,
    /// How long each row is.
    lens: Box<[u16]>,
    rows: Box<[u8]>,
    /// By dictionary; `None` for one of so many words that rows would be larger than what they save.
    words: [Option<WordRows>; dictionary::COUNT],
}

/// Which records have each word of a dictionary: a row for each word that some have.
#[derive(Debug)]
pub(super) struct WordRows {
    /// In their order.
    ids: Box<[WordId]>,
    lens: Box<[u16]>,
    rows: Box<[u8]>,
}

/// Where the rows of the grams with one first letter begin.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    /// Among [`Segment::rests`] and [`Segment::lens`].
    row: u32,
    /// Among [`Segment::rows`].
    byte: u32,
}

impl Segment {
    /// Those of some records that have the grams.
    pub(super) fn find(&self, needed: &Needed, records: Bits) -> Bits {
        let records = self.with_all(&needed.all, records);
        match &needed.one {
            Some(grams) if !is_empty(&records) => self.with_one(grams, records),
            _ => records,
        }
    }

    /// The rows of one dictionary.
    pub(super) fn words(&self, dictionary: usize) -> Option<&WordRows> {
        self.words.get(dictionary)?.as_ref()
    }

    fn with_all(&self, grams: &[Gram], mut records: Bits) -> Bits {
        let rows = grams
            .iter()
            .map(|gram| self.rows_of(&(*gram..=*gram)).next());
        let Some(mut rows) = rows.collect::<Option<Vec<_>>>() else {
            return [0; CHUNKS];
        };
        // The shortest first, since it often leaves nothing for the others to do.
        rows.sort_unstable_by_key(|row| row.len());
        for row in rows {
            if is_empty(&records) {
                break;
            }
            let mut found = [0; CHUNKS];
            add_row(row, &mut found);
            records = both(records, &found);
        }
        records
    }

    fn with_one(&self, grams: &RangeInclusive<Gram>, records: Bits) -> Bits {
        let mut found = [0; CHUNKS];
        for row in self.rows_of(grams) {
            add_row(row, &mut found);
            // A common letter has hundreds of rows, and the first ones are often enough.
            if row.len() == BITMAP && is_empty(&without(records, &found)) {
                break;
            }
        }
        both(records, &found)
    }

    /// The rows of the grams in a range, which begin with the same letter.
    fn rows_of(&self, grams: &RangeInclusive<Gram>) -> impl Iterator<Item = &[u8]> {
        let first = grams.start().first();
        let group = self.groups[first];
        let all = group.row as usize..self.groups[first + 1].row as usize;
        let rests = &self.rests[all.clone()];
        let begin = rests.partition_point(|rest| *rest < grams.start().rest());
        let wanted = rests[begin..]
            .iter()
            .take_while(|rest| **rest <= grams.end().rest());
        let lens = &self.lens[all];
        let before: usize = lens[..begin].iter().map(|len| usize::from(*len)).sum();
        let mut from = group.byte as usize + before;
        wanted.zip(&lens[begin..]).map(move |(_, len)| {
            let row = &self.rows[from..from + usize::from(*len)];
            from += row.len();
            row
        })
    }
}

impl WordRows {
    /// The rows of some pairs, whose words are in order, and the records of each word.
    fn new(pairs: &[Pair]) -> Self {
        let (mut ids, mut lens, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for row in pairs.chunk_by(|a, b| a >> POSITION == b >> POSITION) {
            ids.push(row[0] >> POSITION);
            lens.push(push_row(row, &mut rows));
        }
        Self {
            ids: ids.into(),
            lens: lens.into(),
            rows: rows.into(),
        }
    }

    /// The records that have one of the words that are wanted.
    pub(super) fn find(&self, is_wanted: impl Fn(WordId) -> bool) -> Bits {
        let (mut found, mut from) = ([0; CHUNKS], 0);
        for (id, len) in self.ids.iter().zip(&self.lens) {
            let row = from..from + usize::from(*len);
            from = row.end;
            if is_wanted(*id) {
                add_row(&self.rows[row], &mut found);
            }
        }
        found
    }
}

/// Adds the records of a row.
fn add_row(row: &[u8], bits: &mut Bits) {
    if row.len() == BITMAP {
        for (bits, bytes) in bits.iter_mut().zip(row.as_chunks().0) {
            *bits |= u64::from_le_bytes(*bytes);
        }
        return;
    }
    let mut position = 0;
    for gap in row {
        position += usize::from(*gap);
        if *gap != FAR {
            insert(bits, position);
            position += 1;
        }
    }
}

/// Adds the record at a position.
pub(super) fn insert(bits: &mut Bits, position: usize) {
    if let Some(word) = bits.get_mut(position / CHUNK) {
        *word |= 1 << (position % CHUNK);
    }
}

pub(super) fn is_empty(bits: &Bits) -> bool {
    bits.iter().all(|word| *word == 0)
}

pub(super) fn count(bits: &Bits) -> u32 {
    bits.iter().map(|word| word.count_ones()).sum()
}

pub(super) fn both(bits: Bits, other: &Bits) -> Bits {
    combined(bits, other, |bits, other| bits & other)
}

pub(super) fn either(bits: Bits, other: &Bits) -> Bits {
    combined(bits, other, |bits, other| bits | other)
}

pub(super) fn without(bits: Bits, removed: &Bits) -> Bits {
    combined(bits, removed, |bits, removed| bits & !removed)
}

fn combined(mut bits: Bits, other: &Bits, combine: impl Fn(u64, u64) -> u64) -> Bits {
    for (bits, other) in bits.iter_mut().zip(other) {
        *bits = combine(*bits, *other);
    }
    bits
}

/// Builds segments, one after the other, in the same memory.
#[derive(Default)]
pub(super) struct Builder {
    letters: Vec<u8>,
    /// For each first letter of a gram, its rest, each with a record that has it.
    groups: Vec<Vec<Pair>>,
    room: Vec<Pair>,
}

/// A word's id or the rest of a gram, and in the low bits the position of a record that has it.
type Pair = u32;

/// How many bits a position has.
const POSITION: u32 = RECORDS.ilog2();

fn pair(value: u32, position: u32) -> Pair {
    value << POSITION | position
}

/// A dictionary with more words than a segment has records gets no rows.
const MOST_WORDS: usize = RECORDS;

impl Builder {
    /// Builds the segment of some chunks, at most [`CHUNKS`].
    pub(super) fn build(&mut self, chunks: &[Arc<Chunk>], words: &Words) -> Segment {
        self.groups.resize(LETTERS, Vec::new());
        for (number, chunk) in chunks.iter().enumerate() {
            let entries = (0..chunk.len()).filter_map(|index| chunk.entry(index, words));
            for entry in entries {
                let position = (number * CHUNK + entry.index) as u32;
                grams::visit(&entry, &mut self.letters, |gram| {
                    self.groups[gram.first()].push(pair(u32::from(gram.rest()), position));
                });
            }
        }
        let mut rows = Rows::default();
        for group in &mut self.groups {
            // The positions are in order already, and sorting by a byte keeps what is in order.
            sort_by_byte(group, &mut self.room, POSITION);
            sort_by_byte(&self.room, group, POSITION + u8::BITS);
            group.dedup();
            rows.push_group(group);
            group.clear();
        }
        rows.finish(std::array::from_fn(|dictionary| {
            (words.len(dictionary) <= MOST_WORDS).then(|| self.word_rows(chunks, dictionary))
        }))
    }

    /// The rows of a dictionary, but not those of records without a word.
    fn word_rows(&mut self, chunks: &[Arc<Chunk>], dictionary: usize) -> WordRows {
        self.room.clear();
        let ids = chunks.iter().map(|chunk| chunk.word_ids(dictionary));
        for (number, ids) in ids.enumerate() {
            let places = (number * CHUNK..).zip(ids).filter(|(_, id)| **id > 0);
            let pairs = places.map(|(position, id)| pair(*id, position as u32));
            self.room.extend(pairs);
        }
        self.room.sort_unstable();
        WordRows::new(&self.room)
    }
}

/// Sorts by the byte that begins at a bit: each number goes behind those with a lesser byte and
/// those before it with the same.
fn sort_by_byte(from: &[Pair], to: &mut Vec<Pair>, bit: u32) {
    const BYTES: usize = 1 << u8::BITS;
    let byte = |number: Pair| (number >> bit) as usize % BYTES;
    let mut nexts = [0; BYTES + 1];
    for number in from {
        nexts[byte(*number) + 1] += 1;
    }
    for byte in 1..BYTES {
        nexts[byte] += nexts[byte - 1];
    }
    to.resize(from.len(), 0);
    for number in from {
        let next = &mut nexts[byte(*number)];
        to[*next] = *number;
        *next += 1;
    }
}

/// The rows of a segment in the making, in the order of their grams.
#[derive(Default)]
struct Rows {
    groups: Vec<Group>,
    rests: Vec<u16>,
    lens: Vec<u16>,
    rows: Vec<u8>,
}

impl Rows {
    /// Adds the rows of the grams with the next first letter.
    fn push_group(&mut self, group: &[Pair]) {
        self.begin_group();
        for row in group.chunk_by(|a, b| a >> POSITION == b >> POSITION) {
            self.rests.push((row[0] >> POSITION) as u16);
            self.lens.push(push_row(row, &mut self.rows));
        }
    }

    fn begin_group(&mut self) {
        self.groups.push(Group {
            row: self.rests.len() as u32,
            byte: self.rows.len() as u32,
        });
    }

    fn finish(mut self, words: [Option<WordRows>; dictionary::COUNT]) -> Segment {
        self.begin_group();
        Segment {
            groups: self.groups.into(),
            rests: self.rests.into(),
            lens: self.lens.into(),
            rows: self.rows.into(),
            words,
        }
    }
}

/// Writes the row of some pairs of one value. Returns its length.
fn push_row(row: &[Pair], rows: &mut Vec<u8>) -> u16 {
    let positions = row.iter().map(|pair| *pair as usize % RECORDS);
    let (begin, mut next) = (rows.len(), 0);
    for position in positions.clone() {
        let mut gap = position - next;
        while gap >= usize::from(FAR) {
            rows.push(FAR);
            gap -= usize::from(FAR);
        }
        rows.push(gap as u8);
        next = position + 1;
    }
    if rows.len() - begin >= BITMAP {
        rows.truncate(begin);
        rows.resize(begin + BITMAP, 0);
        for position in positions {
            rows[begin + position / 8] |= 1 << (position % 8);
        }
    }
    (rows.len() - begin) as u16
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    /// A row for each gram, as a set.
    type Model = BTreeMap<Gram, BTreeSet<usize>>;

    fn segment(model: &Model) -> Segment {
        let mut rows = Rows::default();
        for first in 0..LETTERS {
            let group = model.iter().filter(|(gram, _)| gram.first() == first);
            let of_row = |(gram, row): (&Gram, &BTreeSet<usize>)| {
                let rest = u32::from(gram.rest()) << POSITION;
                row.iter()
                    .map(|position| rest | *position as u32)
                    .collect::<Vec<_>>()
            };
            rows.push_group(&group.flat_map(of_row).collect::<Vec<_>>());
        }
        rows.finish(Default::default())
    }

    fn bits(positions: impl IntoIterator<Item = usize>) -> Bits {
        let mut bits = [0; CHUNKS];
        for position in positions {
            insert(&mut bits, position);
        }
        bits
    }

    /// Grams that begin alike are likely.
    fn gram() -> impl Strategy<Value = Gram> {
        let next = prop_oneof![Just(0), Just(100)];
        (0u8..3, 0u8..2, 125u8..128, next).prop_map(|(first, second, third, next)| {
            Gram::new([first * 63, second * 127, third], next)
        })
    }

    /// A row of a few, of many, or of nearly all records.
    fn row() -> impl Strategy<Value = BTreeSet<usize>> {
        let step = prop_oneof![Just(1usize), 2usize..9, 200usize..1500];
        (0..RECORDS, step).prop_map(|(first, step)| (first % 600..RECORDS).step_by(step).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_segment_behaves_like_a_map_of_sets(
            model in prop::collection::btree_map(gram(), row(), 0..8),
            grams in prop::collection::vec(gram(), 1..4),
            wanted in row(),
        ) {
            let segment = segment(&model);
            let row = |gram: &Gram| model.get(gram).cloned().unwrap_or_default();
            let all = grams.iter().fold(wanted.clone(), |left, gram| &left & &row(gram));
            let needed = Needed { all: grams.clone(), one: None };
            prop_assert_eq!(segment.find(&needed, bits(wanted)), bits(all.clone()));

            let begin = grams[0];
            let end = Gram::new([begin.first() as u8, 127, 127], 0);
            let needed = Needed { one: Some(begin..=end), ..needed };
            let one: BTreeSet<usize> = model.range(begin..=end).flat_map(|(_, row)| row.clone()).collect();
            prop_assert_eq!(segment.find(&needed, bits(all.clone())), bits(&one & &all));

            let needed = Needed { all: Vec::new(), ..needed };
            prop_assert_eq!(segment.find(&needed, bits(0..RECORDS)), bits(one));
        }

        #[test]
        fn sorting_by_each_byte_is_sorting(mut numbers in prop::collection::vec(0u32..1 << (POSITION + 15), 0..500)) {
            let (mut once, mut twice) = (Vec::new(), Vec::new());
            numbers.sort_by_key(|number| number % RECORDS as u32);
            sort_by_byte(&numbers, &mut once, POSITION);
            sort_by_byte(&once, &mut twice, POSITION + 8);
            numbers.sort_unstable();
            prop_assert_eq!(twice, numbers);
        }
    }
}
