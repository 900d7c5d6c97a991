//! Who has an email address or a personnel number: an index by the digest of the value, in which a
//! look-up and a change cost little while an import adds a million records.

use std::hash::{BuildHasher, RandomState};
use std::ops::RangeInclusive;
use std::thread;

use imbl::OrdSet;
use roster_common::employee::Field;

use super::chunk::{CHUNK, Chunks, Slot};
use super::load::joined;

/// The fields by whose values records are looked up.
const FIELDS: [Field; 2] = [Field::Email, Field::Number];

/// For each of [`FIELDS`], the records that have a value. A clone shares them.
#[derive(Clone, Default)]
pub(super) struct Holders {
    digests: RandomState,
    /// The digest of a folded value in the high half, the slot of the record in the low half.
    entries: [OrdSet<u64>; FIELDS.len()],
}

impl Holders {
    /// Those of all records.
    pub(super) fn of(chunks: &Chunks) -> Self {
        let digests = RandomState::new();
        let entries = |field: Field| {
            let slots = (0..chunks.len() * CHUNK).filter_map(|slot| Slot::try_from(slot).ok());
            let mut entries: Vec<u64> = slots
                .filter_map(|slot| Some(entry(&digests, value(chunks, slot, field)?, slot)))
                .collect();
            // What comes in order is inserted faster.
            entries.sort_unstable();
            entries.into_iter().collect()
        };
        let entries = thread::scope(|scope| {
            let threads = FIELDS.map(|field| scope.spawn(move || entries(field)));
            threads.map(joined)
        });
        Self { digests, entries }
    }

    /// Brings them up to date: `changed` are the slots whose records are not as they were.
    pub(super) fn update(&mut self, before: &Chunks, after: &Chunks, changed: &[Slot]) {
        for (field, entries) in FIELDS.into_iter().zip(&mut self.entries) {
            let (mut gone, mut new) = (Vec::new(), Vec::new());
            for slot in changed.iter().copied() {
                let (old, current) = (value(before, slot, field), value(after, slot, field));
                if old != current {
                    gone.extend(old.map(|old| entry(&self.digests, old, slot)));
                    new.extend(current.map(|current| entry(&self.digests, current, slot)));
                }
            }
            // What comes in order is inserted faster.
            new.sort_unstable();
            for entry in gone {
                entries.remove(&entry);
            }
            entries.extend(new);
        }
    }

    /// The slots of the records that may have a folded value: all that have it, and seldom another
    /// one.
    pub(super) fn candidates(&self, field: Field, value: &str) -> impl Iterator<Item = Slot> {
        let mut fields = FIELDS.into_iter().zip(&self.entries);
        let entries = fields.find_map(|(other, entries)| (other == field).then_some(entries));
        let range = range(&self.digests, value);
        let found = entries.map(|entries| entries.range(range));
        found.into_iter().flatten().map(|entry| *entry as Slot)
    }
}

/// The folded value of a record; `None` if it has none.
fn value(chunks: &Chunks, slot: Slot, field: Field) -> Option<&str> {
    let value = chunks.entry(slot)?.folded(field);
    Some(value).filter(|value| !value.is_empty())
}

fn entry(digests: &RandomState, value: &str, slot: Slot) -> u64 {
    range(digests, value).start() | u64::from(slot)
}

/// The entries of all records that have a value.
fn range(digests: &RandomState, value: &str) -> RangeInclusive<u64> {
    let low = u64::from(Slot::MAX);
    let digest = digests.hash_one(value) & !low;
    digest..=digest | low
}
