//! The records themselves, sixty-four to a chunk: a filter reads few long stretches of memory, and
//! a change copies little.

use std::array;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use imbl::Vector;
use roster_common::employee::{EmployeeId, Version};

use super::dictionary::{self, WordId, Words};
use super::entry::{END, Encoded, Entry, Head, ManagerId, Parts, Texts};
use super::key::ListedRecord;
use crate::rules::record::{Record, Values};

/// The place of a record: chunk × [`CHUNK`] + index. Slots follow the order of ids, and change only
/// if a record that was deleted before this start is restored.
pub(crate) type Slot = u32;

/// How many records a chunk has: the bits of a word, so that a word can say which of them were
/// found.
pub(super) const CHUNK: usize = u64::BITS as usize;

/// Up to [`CHUNK`] records in the order of their ids, and the places of those that were deleted.
pub(super) struct Chunk {
    /// A bit for each record that has not been deleted. One that has been has neither JSON nor
    /// text.
    alive: u64,
    json: Bytes,
    text: Box<str>,
    /// The digits of each record's phone number, with [`END`] behind them.
    phones: Box<str>,
    /// Where each record ends in the JSON and in the text; those behind the last end where it does.
    /// They stand here and not in the heads so that what passes over many records reads little
    /// memory.
    json_ends: [u32; CHUNK],
    text_ends: [u32; CHUNK],
    /// The word ids of all records in the first dictionary, then those of the second, and so on.
    word_ids: Box<[WordId]>,
    managers: Box<[ManagerId]>,
    heads: Box<[Head]>,
}

impl Chunk {
    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    /// A bit for each record that has not been deleted.
    pub(super) fn alive(&self) -> u64 {
        self.alive
    }

    fn is_alive(&self, index: usize) -> bool {
        index < CHUNK && self.alive >> index & 1 == 1
    }

    /// The word ids of all records in one dictionary.
    pub(super) fn word_ids(&self, dictionary: usize) -> &[WordId] {
        self.word_ids
            .get(dictionary * self.len()..(dictionary + 1) * self.len())
            .unwrap_or_default()
    }

    /// The managers of all records.
    pub(super) fn managers(&self) -> &[ManagerId] {
        &self.managers
    }

    /// All the search texts, one behind the other.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where a record's part of [`Chunk::text`] begins.
    pub(super) fn text_start(&self, index: usize) -> usize {
        start(&self.text_ends, index)
    }

    /// Where a record's part of [`Chunk::text`] ends.
    pub(super) fn text_end(&self, index: usize) -> usize {
        self.text_ends
            .get(index)
            .map_or(self.text.len(), |end| *end as usize)
    }

    /// A record's part of [`Chunk::text`].
    pub(super) fn text_of(&self, index: usize) -> &str {
        self.text
            .get(self.text_start(index)..self.text_end(index))
            .unwrap_or_default()
    }

    /// The digits of all phone numbers, each with [`END`] behind them.
    pub(super) fn phones(&self) -> &str {
        &self.phones
    }

    /// The position of each record, with its part of [`Chunk::phones`] without the end.
    fn phones_of_all(&self) -> impl Iterator<Item = (usize, &str)> {
        (0..self.len()).zip(self.phones.split(char::from(END)))
    }

    /// A record's part of [`Chunk::phones`], without the end.
    pub(super) fn phone_of(&self, index: usize) -> &str {
        let mut phones = self.phones.split(char::from(END));
        phones.nth(index).unwrap_or_default()
    }

    /// One record, if it has not been deleted.
    pub(super) fn entry<'a>(&'a self, index: usize, words: &'a Words) -> Option<Entry<'a>> {
        let head = self.heads.get(index)?;
        self.is_alive(index).then_some(Entry {
            chunk: self,
            index,
            head,
            words,
        })
    }

    /// One record as it is answered. Its JSON is shared and not copied.
    fn record(&self, index: usize) -> Option<Record> {
        let Head { id, version, .. } = *self.heads.get(index)?;
        Some(Record {
            id,
            version,
            json: self.json.slice_ref(self.json(index)?),
        })
    }

    /// The JSON of one record, if it has not been deleted.
    pub(super) fn json(&self, index: usize) -> Option<&[u8]> {
        let end = *self.json_ends.get(index)? as usize;
        self.json
            .get(start(&self.json_ends, index)..end)
            .filter(|json| !json.is_empty())
    }

    /// The id and the version of one record, if it has not been deleted.
    pub(super) fn state(&self, index: usize) -> Option<(EmployeeId, Version)> {
        let head = self.heads.get(index)?;
        self.is_alive(index).then_some((head.id, head.version))
    }

    /// The position of an id that this chunk has or had; `first` is its least.
    fn position(&self, id: EmployeeId, first: EmployeeId) -> Option<usize> {
        // Where no id is missing in between, one look is enough.
        let guess = usize::try_from(id.get().checked_sub(first.get())?).ok()?;
        match self.heads.get(guess) {
            Some(head) if head.id == id => Some(guess),
            _ => self.heads.binary_search_by_key(&id, |head| head.id).ok(),
        }
    }

    /// The least id that this chunk has or had.
    fn first(&self) -> Option<EmployeeId> {
        self.heads.first().map(|head| head.id)
    }

    /// A copy with other records at some positions; `None` deletes the one there.
    fn with(&self, changes: &[(usize, Option<Encoded>)]) -> Self {
        let mut copy = Packer::default();
        for (index, phone) in self.phones_of_all() {
            match changes.iter().rfind(|(at, _)| *at == index) {
                Some((_, Some(new))) => copy.push(new),
                Some((_, None)) => copy.push_deleted(self, index),
                None => copy.push_same(self, index, phone),
            }
        }
        copy.finish()
    }
}

/// Where a record begins, by where each ends.
fn start(ends: &[u32; CHUNK], index: usize) -> usize {
    index
        .checked_sub(1)
        .and_then(|before| ends.get(before))
        .map_or(0, |end| *end as usize)
}

/// A chunk in the making.
#[derive(Default)]
pub(super) struct Packer {
    heads: Vec<Head>,
    alive: u64,
    json_ends: Vec<u32>,
    text_ends: Vec<u32>,
    word_ids: [Vec<WordId>; dictionary::COUNT],
    managers: Vec<ManagerId>,
    texts: Texts,
}

impl Packer {
    /// Goes on with a chunk that is not full.
    pub(super) fn resume(chunk: &Chunk) -> Self {
        let mut packer = Self::default();
        for (index, phone) in chunk.phones_of_all() {
            packer.push_same(chunk, index, phone);
        }
        packer
    }

    pub(super) fn is_full(&self) -> bool {
        self.heads.len() >= CHUNK
    }

    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    /// Adds a record that has just been read. `word_id` gives the id of a word, by the index of its
    /// dictionary.
    pub(super) fn push_values(
        &mut self,
        values: &Values<'_>,
        word_id: impl FnMut(usize, &str) -> WordId,
    ) {
        let parts = self.texts.add(values, word_id);
        self.end_record(&parts);
    }

    /// Adds a record.
    pub(super) fn push(&mut self, record: &Encoded) {
        let Texts { json, text, phones } = &record.texts;
        self.texts.json.extend_from_slice(json);
        self.texts.text.push_str(text);
        self.texts.phones.push_str(phones);
        self.end_record(&record.parts);
    }

    /// Takes a record over from another chunk, or the place of one that was deleted there.
    fn push_same(&mut self, chunk: &Chunk, index: usize, phone: &str) {
        let Some(head) = chunk.heads.get(index) else {
            return;
        };
        let json = chunk.json(index).unwrap_or_default();
        self.texts.json.extend_from_slice(json);
        self.texts.text.push_str(chunk.text_of(index));
        self.texts.phones.push_str(phone);
        self.texts.phones.push(char::from(END));
        let word_id = |dictionary| chunk.word_ids(dictionary).get(index).copied();
        self.end_record(&Parts {
            head: *head,
            manager: chunk.managers.get(index).copied().flatten(),
            words: array::from_fn(|dictionary| word_id(dictionary).unwrap_or_default()),
        });
    }

    /// Keeps the place of a record of another chunk and no more.
    fn push_deleted(&mut self, chunk: &Chunk, index: usize) {
        let Some(head) = chunk.heads.get(index) else {
            return;
        };
        self.texts.phones.push(char::from(END));
        self.end_record(&Parts {
            head: *head,
            manager: None,
            words: [0; _],
        });
    }

    /// Ends a record whose texts have been added.
    fn end_record(&mut self, parts: &Parts) {
        for (ids, id) in self.word_ids.iter_mut().zip(parts.words) {
            ids.push(id);
        }
        self.managers.push(parts.manager);
        // A record's JSON and text are far below 64 KiB each, so a chunk's are far below 4 GiB.
        let end = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let text_end = end(self.texts.text.len());
        let is_alive = self.text_ends.last().copied().unwrap_or_default() < text_end;
        self.alive |= u64::from(is_alive) << self.heads.len();
        self.json_ends.push(end(self.texts.json.len()));
        self.text_ends.push(text_end);
        self.heads.push(parts.head);
    }

    /// The chunk, of no more memory than it needs. The packer is empty again.
    pub(super) fn finish(&mut self) -> Chunk {
        let chunk = Chunk {
            alive: self.alive,
            json: Bytes::copy_from_slice(&self.texts.json),
            text: self.texts.text.as_str().into(),
            phones: self.texts.phones.as_str().into(),
            json_ends: filled_up(&self.json_ends),
            text_ends: filled_up(&self.text_ends),
            word_ids: self.word_ids.concat().into(),
            managers: self.managers.as_slice().into(),
            heads: self.heads.as_slice().into(),
        };
        self.heads.clear();
        self.alive = 0;
        self.json_ends.clear();
        self.text_ends.clear();
        self.word_ids.iter_mut().for_each(Vec::clear);
        self.managers.clear();
        self.texts.clear();
        chunk
    }
}

fn filled_up(ends: &[u32]) -> [u32; CHUNK] {
    let mut all = [ends.last().copied().unwrap_or_default(); CHUNK];
    all.iter_mut().zip(ends).for_each(|(to, end)| *to = *end);
    all
}

/// A chunk, with a number that no other chunk of the same run has had: whether it is still the same
/// is known without a look at it.
#[derive(Clone)]
pub(super) struct VersionedChunk {
    pub(super) stamp: u64,
    pub(super) chunk: Arc<Chunk>,
}

impl VersionedChunk {
    fn new(chunk: Chunk) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            stamp: NEXT.fetch_add(1, Ordering::Relaxed),
            chunk: Arc::new(chunk),
        }
    }
}

/// All the chunks, and the words that their records have in common. A clone shares them.
#[derive(Clone, Default)]
pub(super) struct Chunks {
    list: Vector<VersionedChunk>,
    /// The least id of each, so that an id is found with a look at no chunk but its own.
    firsts: Vector<EmployeeId>,
    pub(super) words: Words,
}

impl Chunks {
    /// No chunks yet.
    pub(super) fn new(words: Words) -> Self {
        Self {
            words,
            ..Self::default()
        }
    }

    /// One record, if it has not been deleted.
    pub(super) fn entry(&self, slot: Slot) -> Option<Entry<'_>> {
        let (chunk, index) = split(slot);
        self.list.get(chunk)?.chunk.entry(index, &self.words)
    }

    /// A record as orders compare it.
    pub(super) fn listed(&self, slot: Slot) -> Option<ListedRecord<'_>> {
        let entry = self.entry(slot)?;
        Some(ListedRecord {
            entry,
            chunks: self,
        })
    }

    /// One record as it is answered.
    pub(super) fn record(&self, slot: Slot) -> Option<Record> {
        let (chunk, index) = split(slot);
        self.list.get(chunk)?.chunk.record(index)
    }

    /// The JSON of some records, without those that have been deleted.
    pub(super) fn json(&self, slots: &[Slot]) -> Vec<&[u8]> {
        // In steps, so that the processor waits for the memory of many chunks at once.
        let mut places: Vec<(&Chunk, usize)> = Vec::with_capacity(slots.len());
        places.extend(slots.iter().filter_map(|slot| {
            let (chunk, index) = split(*slot);
            Some((self.list.get(chunk)?.chunk.as_ref(), index))
        }));
        let mut records = Vec::with_capacity(slots.len());
        records.extend(
            places
                .into_iter()
                .filter_map(|(chunk, index)| chunk.json(index)),
        );
        records
    }

    /// Where an id is, or was.
    pub(super) fn slot(&self, id: EmployeeId) -> Option<Slot> {
        let chunk = self.begun_by(id).checked_sub(1)?;
        let first = *self.firsts.get(chunk)?;
        join(chunk, self.list.get(chunk)?.chunk.position(id, first)?)
    }

    /// The slots of the records whose ids are in a range.
    pub(super) fn slots_of_ids(&self, ids: &RangeInclusive<i64>) -> Range<usize> {
        let from = self.slots_below(*ids.start());
        let to = match ids.end().checked_add(1) {
            Some(end) => self.slots_below(end),
            None => self.len() * CHUNK,
        };
        from..to
    }

    /// How many slots have an id below this one.
    fn slots_below(&self, id: i64) -> usize {
        let is_below = |other: EmployeeId| other.get().cast_signed() < id;
        let (mut low, mut high) = (0, self.firsts.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self
                .firsts
                .get(middle)
                .is_some_and(|first| is_below(*first))
            {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let Some(chunk) = low.checked_sub(1) else {
            return 0;
        };
        let heads = self.get(chunk).map(|chunk| &chunk.heads);
        chunk * CHUNK + heads.map_or(0, |heads| heads.partition_point(|head| is_below(head.id)))
    }

    /// How many chunks begin with an id up to this one: a search that goes out from a guess, for
    /// ids are given in turn and lie nearly evenly.
    fn begun_by(&self, id: EmployeeId) -> usize {
        let begun = |chunk: usize| self.firsts.get(chunk).is_some_and(|first| *first <= id);
        let (mut low, mut high, mut step) = (0, self.firsts.len(), 0);
        let mut probe = self.guess(id);
        while low < high {
            if begun(probe) {
                low = probe + 1;
                probe = usize::midpoint(low, high).min(low + step);
            } else {
                high = probe;
                probe = usize::midpoint(low, high).max(high.saturating_sub(1 + step));
            }
            step = 2 * step + 1;
        }
        low
    }

    /// The chunk that would have an id if all ids lay evenly.
    fn guess(&self, id: EmployeeId) -> usize {
        let ends = self.firsts.front().zip(self.firsts.back());
        let Some((first, last)) = ends.map(|(first, last)| (first.get(), last.get())) else {
            return 0;
        };
        let (before, all) = (id.get().clamp(first, last) - first, (last - first).max(1));
        let chunk = u128::from(before) * (self.firsts.len() as u128 - 1) / u128::from(all);
        usize::try_from(chunk).unwrap_or_default()
    }

    pub(super) fn get(&self, number: usize) -> Option<&Arc<Chunk>> {
        self.list.get(number).map(|one| &one.chunk)
    }

    pub(super) fn stamped(&self) -> impl Iterator<Item = &VersionedChunk> {
        self.list.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Adds a chunk behind the others. One without a record is none.
    pub(super) fn push(&mut self, chunk: Chunk) {
        let Some(first) = chunk.first() else { return };
        self.firsts.push_back(first);
        self.list.push_back(VersionedChunk::new(chunk));
    }

    pub(super) fn pop(&mut self) -> Option<Arc<Chunk>> {
        self.firsts.pop_back();
        self.list.pop_back().map(|one| one.chunk)
    }

    /// The greatest id that has or had a place.
    pub(super) fn last(&self) -> Option<EmployeeId> {
        self.list.back()?.chunk.heads.last().map(|head| head.id)
    }

    /// Puts records, in the order of their ids, between those that are here. The first chunk that
    /// is not as it was.
    pub(super) fn insert(&mut self, records: Vec<Encoded>) -> usize {
        let mut new = records.into_iter().peekable();
        let first = new.peek().map_or(0, |record| {
            self.begun_by(record.parts.head.id).saturating_sub(1)
        });
        let moved = self.list.split_off(first);
        self.firsts.truncate(first);
        let mut packer = Packer::default();
        let mut pack = |put: &dyn Fn(&mut Packer)| {
            if packer.is_full() {
                self.push(packer.finish());
            }
            put(&mut packer);
        };
        for VersionedChunk { chunk, .. } in &moved {
            for (head, (index, phone)) in chunk.heads.iter().zip(chunk.phones_of_all()) {
                while let Some(record) = new.next_if(|record| record.parts.head.id < head.id) {
                    pack(&|packer| packer.push(&record));
                }
                pack(&|packer| packer.push_same(chunk, index, phone));
            }
        }
        self.push(packer.finish());
        first
    }

    /// Puts other records at some slots of one chunk; `None` deletes the one there.
    pub(super) fn replace(&mut self, chunk: usize, changes: &[(usize, Option<Encoded>)]) {
        if let Some(place) = self.list.get_mut(chunk) {
            *place = VersionedChunk::new(place.chunk.with(changes));
        }
    }
}

/// A slot's chunk, and its position there.
pub(super) fn split(slot: Slot) -> (usize, usize) {
    (slot as usize / CHUNK, slot as usize % CHUNK)
}

/// The slot of a position in a chunk; `None` after four thousand million creations in one run.
pub(super) fn join(chunk: usize, index: usize) -> Option<Slot> {
    Slot::try_from(chunk * CHUNK + index).ok()
}
