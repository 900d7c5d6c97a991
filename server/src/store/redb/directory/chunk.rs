//! The records themselves, sixty-four to a chunk: a filter reads few long stretches of memory, and a change
//! copies little.

use std::sync::Arc;

use bytes::Bytes;
use imbl::Vector;
use roster_common::employee::EmployeeId;

use super::entry::{Encoded, Entry, Head};
use crate::store::Record;

/// The place of a record: chunk times [`CHUNK`] plus position. It is the record's own until the next start, and
/// a record with a greater id has a greater one.
pub(crate) type Slot = u32;

/// How many records a chunk has: the bits of a word, so that a word can say which of them were found.
pub(super) const CHUNK: usize = u64::BITS as usize;

/// Up to [`CHUNK`] records in the order of their ids, and the places of those that were deleted.
pub(super) struct Chunk {
    entries: Box<[Packed]>,
    json: Bytes,
    text: Box<str>,
}

/// A record's part in its chunk, and where it ends in the two texts. A deleted one has no text.
#[derive(Clone, Copy)]
struct Packed {
    head: Head,
    json: u32,
    text: u32,
}

impl Chunk {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All the search texts, one behind the other.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where a record's part of [`Chunk::text`] ends.
    pub(super) fn text_end(&self, index: usize) -> usize {
        self.entries.get(index).map_or(self.text.len(), |entry| entry.text as usize)
    }

    /// One record, if it has not been deleted.
    pub(super) fn entry(&self, index: usize) -> Option<Entry<'_>> {
        let packed = self.entries.get(index)?;
        let text = self.text.get(self.text_start(index)..packed.text as usize).filter(|text| !text.is_empty())?;
        Some(Entry { head: &packed.head, json: self.json(index)?, text })
    }

    /// One record as it is answered. Its JSON is shared and not copied.
    fn record(&self, index: usize) -> Option<Record> {
        let head = &self.entries.get(index)?.head;
        Some(Record { id: head.id, version: head.version, json: self.json.slice_ref(self.json(index)?) })
    }

    /// The JSON of one record, if it has not been deleted.
    fn json(&self, index: usize) -> Option<&[u8]> {
        let end = self.entries.get(index)?.json as usize;
        self.json.get(self.json_start(index)..end).filter(|json| !json.is_empty())
    }

    /// The position of an id that this chunk has or had.
    pub(super) fn position(&self, id: EmployeeId) -> Option<usize> {
        self.entries.binary_search_by_key(&id, |entry| entry.head.id).ok()
    }

    /// The least id that this chunk has or had.
    pub(super) fn first(&self) -> Option<EmployeeId> {
        self.entries.first().map(|entry| entry.head.id)
    }

    /// A copy with other records at some positions; nothing deletes.
    pub(super) fn with(&self, changes: &[(usize, Option<Encoded>)]) -> Self {
        let mut copy = Packer::default();
        for (index, packed) in self.entries.iter().enumerate() {
            match (changes.iter().rfind(|(at, _)| *at == index), self.entry(index)) {
                (Some((_, Some(new))), _) => copy.push(new.entry()),
                (None, Some(same)) => copy.push(same),
                (Some((_, None)), _) | (None, None) => copy.push_deleted(packed.head),
            }
        }
        copy.finish()
    }

    fn json_start(&self, index: usize) -> usize {
        index.checked_sub(1).and_then(|before| self.entries.get(before)).map_or(0, |entry| entry.json as usize)
    }

    fn text_start(&self, index: usize) -> usize {
        index.checked_sub(1).and_then(|before| self.entries.get(before)).map_or(0, |entry| entry.text as usize)
    }
}

/// A chunk in the making.
#[derive(Default)]
pub(super) struct Packer {
    entries: Vec<Packed>,
    json: Vec<u8>,
    text: String,
}

impl Packer {
    /// Goes on with a chunk that is not full.
    pub(super) fn resume(chunk: &Chunk) -> Self {
        let mut packer = Self::default();
        for (index, packed) in chunk.entries.iter().enumerate() {
            match chunk.entry(index) {
                Some(entry) => packer.push(entry),
                None => packer.push_deleted(packed.head),
            }
        }
        packer
    }

    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= CHUNK
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn push(&mut self, entry: Entry<'_>) {
        self.json.extend_from_slice(entry.json);
        self.text.push_str(entry.text);
        self.push_deleted(*entry.head);
    }

    /// Keeps the place of a record and no more.
    fn push_deleted(&mut self, head: Head) {
        // A record's JSON and text are far below 64 KiB each, so a chunk's are far below 4 GiB.
        let end = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        self.entries.push(Packed { head, json: end(self.json.len()), text: end(self.text.len()) });
    }

    /// The chunk, of no more memory than it needs. The packer is empty again.
    pub(super) fn finish(&mut self) -> Chunk {
        let chunk = Chunk {
            entries: self.entries.as_slice().into(),
            json: Bytes::copy_from_slice(&self.json),
            text: self.text.as_str().into(),
        };
        self.entries.clear();
        self.json.clear();
        self.text.clear();
        chunk
    }
}

/// All the chunks. A clone shares them.
#[derive(Clone, Default)]
pub(super) struct Chunks(Vector<Arc<Chunk>>);

impl Chunks {
    /// One record, if it has not been deleted.
    pub(super) fn entry(&self, slot: Slot) -> Option<Entry<'_>> {
        let (chunk, index) = split(slot);
        self.0.get(chunk)?.entry(index)
    }

    /// One record as it is answered.
    pub(super) fn record(&self, slot: Slot) -> Option<Record> {
        let (chunk, index) = split(slot);
        self.0.get(chunk)?.record(index)
    }

    /// The JSON of one record, if it has not been deleted.
    pub(super) fn json(&self, slot: Slot) -> Option<&[u8]> {
        let (chunk, index) = split(slot);
        self.0.get(chunk)?.json(index)
    }

    /// Where an id is, or was.
    pub(super) fn slot(&self, id: EmployeeId) -> Option<Slot> {
        let (mut low, mut high) = (0, self.0.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let before = self.0.get(middle).and_then(|chunk| chunk.first()).is_some_and(|first| first <= id);
            if before { low = middle + 1 } else { high = middle }
        }
        let chunk = low.checked_sub(1)?;
        join(chunk, self.0.get(chunk)?.position(id)?)
    }

    pub(super) fn get(&self, number: usize) -> Option<&Arc<Chunk>> {
        self.0.get(number)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Chunk>> {
        self.0.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn push(&mut self, chunk: Chunk) {
        self.0.push_back(Arc::new(chunk));
    }

    pub(super) fn pop(&mut self) -> Option<Arc<Chunk>> {
        self.0.pop_back()
    }

    /// Puts other records at some slots of one chunk; nothing deletes.
    pub(super) fn replace(&mut self, chunk: usize, changes: &[(usize, Option<Encoded>)]) {
        if let Some(place) = self.0.get_mut(chunk) {
            *place = Arc::new(place.with(changes));
        }
    }
}

/// A slot's chunk, and its position there.
pub(super) fn split(slot: Slot) -> (usize, usize) {
    (slot as usize / CHUNK, slot as usize % CHUNK)
}

/// The slot of a position in a chunk; nothing after four thousand million creations in one run.
pub(super) fn join(chunk: usize, index: usize) -> Option<Slot> {
    Slot::try_from(chunk * CHUNK + index).ok()
}
