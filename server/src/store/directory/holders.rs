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

/// How many buckets the holders of a field are in. With a million, one has some sixty.
const BUCKETS: usize = 1 << 14;

/// For each of [`FIELDS`], the records that have a value. A clone shares them.
#[derive(Clone)]
pub(super) struct Holders {
    digests: RandomState,
    buckets: [Buckets; FIELDS.len()],
}

/// The digest of a folded value in the high half, the slot of the record that has it in the low
/// half.
type Holder = u64;

/// The holders of one field, in buckets by the highest bits of their digests. A change copies a
/// bucket.
#[derive(Clone)]
struct Buckets(Vector<Arc<[Holder]>>);

impl Holders {
    /// Those of all records.
    pub(super) fn of(chunks: &Chunks) -> Self {
        let digests = RandomState::new();
        let buckets = |field: Field| {
            let slots = (0..chunks.len() * CHUNK).filter_map(|slot| Slot::try_from(slot).ok());
            let holders =
                slots.filter_map(|slot| Some(holder(&digests, value(chunks, slot, field)?, slot)));
            Buckets::of(holders.collect())
        };
        let buckets = thread::scope(|scope| {
            let threads = FIELDS.map(|field| scope.spawn(move || buckets(field)));
            threads.map(joined)
        });
        Self { digests, buckets }
    }

    /// Brings them up to date: `changed` are the slots whose records are not as they were.
    pub(super) fn update(&mut self, before: &Chunks, after: &Chunks, changed: &[Slot]) {
        for (field, buckets) in FIELDS.into_iter().zip(&mut self.buckets) {
            let mut changes = Vec::new();
            for slot in changed.iter().copied() {
                let (old, new) = (value(before, slot, field), value(after, slot, field));
                if old != new {
                    let holder = |value| holder(&self.digests, value, slot);
                    changes.extend(old.map(|old| (holder(old), Fate::Gone)));
                    changes.extend(new.map(|new| (holder(new), Fate::New)));
                }
            }
            buckets.change(changes);
        }
    }

    /// The slots of the records that may have a folded value: all that have it, and seldom another
    /// one.
    pub(super) fn candidates(&self, field: Field, value: &str) -> impl Iterator<Item = Slot> {
        let mut fields = FIELDS.into_iter().zip(&self.buckets);
        let buckets = fields.find_map(|(other, buckets)| (other == field).then_some(buckets));
        let wanted = holder(&self.digests, value, 0);
        let found = buckets.map(|buckets| buckets.with_digest_of(wanted));
        found.into_iter().flatten().map(|holder| *holder as Slot)
    }
}

/// What becomes of a holder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Gone,
    New,
}

impl Buckets {
    fn of(mut holders: Vec<Holder>) -> Self {
        holders.sort_unstable();
        let mut rest = holders.as_slice();
        let next = |number| {
            let (own, others) =
                rest.split_at(rest.partition_point(|one| bucket_of(*one) <= number));
            rest = others;
            Arc::from(own)
        };
        Self((0..BUCKETS).map(next).collect())
    }

    fn change(&mut self, mut changes: Vec<(Holder, Fate)>) {
        changes.sort_unstable();
        for changes in changes.chunk_by(|(a, _), (b, _)| bucket_of(*a) == bucket_of(*b)) {
            let number = changes.first().map_or(0, |(holder, _)| bucket_of(*holder));
            let Some(bucket) = self.0.get_mut(number) else {
                continue;
            };
            let is_gone = |holder: Holder| changes.binary_search(&(holder, Fate::Gone)).is_ok();
            let kept = bucket.iter().copied().filter(|holder| !is_gone(*holder));
            let new = changes
                .iter()
                .filter_map(|(holder, fate)| (*fate == Fate::New).then_some(*holder));
            *bucket = kept.chain(new).collect();
        }
    }

    /// The holders with the digest of another.
    fn with_digest_of(&self, wanted: Holder) -> impl Iterator<Item = &Holder> {
        let bucket = self.0.get(bucket_of(wanted)).map(Arc::as_ref);
        let holders: &[Holder] = bucket.unwrap_or_default();
        holders
            .iter()
            .filter(move |holder| **holder >> Slot::BITS == wanted >> Slot::BITS)
    }
}

/// The number of the bucket that a holder is in.
fn bucket_of(holder: Holder) -> usize {
    (holder >> (Holder::BITS - BUCKETS.ilog2())) as usize
}

/// The folded value of a record; `None` if it has none.
fn value(chunks: &Chunks, slot: Slot, field: Field) -> Option<&str> {
    let value = chunks.entry(slot)?.folded(field);
    Some(value).filter(|value| !value.is_empty())
}

fn holder(digests: &RandomState, value: &str, slot: Slot) -> Holder {
    digests.hash_one(value) & !u64::from(Slot::MAX) | u64::from(slot)
}
