//! Who has an email address or a personnel number: an index by the digest of the value, in which a
//! look-up and a change cost little while an import adds a million records.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::thread;

use imbl::Vector;
use roster_common::employee::Field;

use super::chunk::{CHUNK, Chunks, Slot};
use super::load::joined;

/// The fields by whose values records are looked up.
const FIELDS: [Field; 2] = [Field::Email, Field::Number];

/// How many lists the entries of a field are in. With a million records, one has some sixty.
const LISTS: usize = 1 << 14;

/// For each of [`FIELDS`], the records that have a value. A clone shares them.
#[derive(Clone)]
pub(super) struct Holders {
    digests: RandomState,
    lists: [Lists; FIELDS.len()],
}

/// The digest of a folded value in the high half, the slot of the record in the low half.
type Entry = u64;

/// The entries of one field, in lists by the highest bits of their digests. A change copies a list.
#[derive(Clone)]
struct Lists(Vector<Arc<[Entry]>>);

impl Holders {
    /// Those of all records.
    pub(super) fn of(chunks: &Chunks) -> Self {
        let digests = RandomState::new();
        let lists = |field: Field| {
            let slots = (0..chunks.len() * CHUNK).filter_map(|slot| Slot::try_from(slot).ok());
            let entries =
                slots.filter_map(|slot| Some(entry(&digests, value(chunks, slot, field)?, slot)));
            Lists::of(entries.collect())
        };
        let lists = thread::scope(|scope| {
            let threads = FIELDS.map(|field| scope.spawn(move || lists(field)));
            threads.map(joined)
        });
        Self { digests, lists }
    }

    /// Brings them up to date: `changed` are the slots whose records are not as they were.
    pub(super) fn update(&mut self, before: &Chunks, after: &Chunks, changed: &[Slot]) {
        for (field, lists) in FIELDS.into_iter().zip(&mut self.lists) {
            let mut changes = Vec::new();
            for slot in changed.iter().copied() {
                let (old, new) = (value(before, slot, field), value(after, slot, field));
                if old != new {
                    let entry = |value| entry(&self.digests, value, slot);
                    changes.extend(old.map(|old| (entry(old), Change::Gone)));
                    changes.extend(new.map(|new| (entry(new), Change::New)));
                }
            }
            lists.change(changes);
        }
    }

    /// The slots of the records that may have a folded value: all that have it, and seldom another
    /// one.
    pub(super) fn candidates(&self, field: Field, value: &str) -> impl Iterator<Item = Slot> {
        let mut fields = FIELDS.into_iter().zip(&self.lists);
        let lists = fields.find_map(|(other, lists)| (other == field).then_some(lists));
        let wanted = entry(&self.digests, value, 0);
        let found = lists.map(|lists| lists.with_digest_of(wanted));
        found.into_iter().flatten().map(|entry| *entry as Slot)
    }
}

/// What becomes of an entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Gone,
    New,
}

impl Lists {
    fn of(mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable();
        let mut rest = entries.as_slice();
        let next = |number| {
            let (own, others) = rest.split_at(rest.partition_point(|one| list_of(*one) <= number));
            rest = others;
            Arc::from(own)
        };
        Self((0..LISTS).map(next).collect())
    }

    fn change(&mut self, mut changes: Vec<(Entry, Change)>) {
        changes.sort_unstable();
        for changes in changes.chunk_by(|(a, _), (b, _)| list_of(*a) == list_of(*b)) {
            let number = changes.first().map_or(0, |(entry, _)| list_of(*entry));
            let Some(list) = self.0.get_mut(number) else {
                continue;
            };
            let is_gone = |entry: Entry| changes.binary_search(&(entry, Change::Gone)).is_ok();
            let kept = list.iter().copied().filter(|entry| !is_gone(*entry));
            let new = changes
                .iter()
                .filter_map(|(entry, change)| (*change == Change::New).then_some(*entry));
            *list = kept.chain(new).collect();
        }
    }

    /// The entries with the digest of another.
    fn with_digest_of(&self, wanted: Entry) -> impl Iterator<Item = &Entry> {
        let list = self.0.get(list_of(wanted)).map(Arc::as_ref);
        let entries: &[Entry] = list.unwrap_or_default();
        entries
            .iter()
            .filter(move |entry| **entry >> Slot::BITS == wanted >> Slot::BITS)
    }
}

/// The number of the list that has an entry.
fn list_of(entry: Entry) -> usize {
    (entry >> (Entry::BITS - LISTS.ilog2())) as usize
}

/// The folded value of a record; `None` if it has none.
fn value(chunks: &Chunks, slot: Slot, field: Field) -> Option<&str> {
    let value = chunks.entry(slot)?.folded(field);
    Some(value).filter(|value| !value.is_empty())
}

fn entry(digests: &RandomState, value: &str, slot: Slot) -> Entry {
    digests.hash_one(value) & !u64::from(Slot::MAX) | u64::from(slot)
}
