//! What a filter has found: a bit for each record. It is brought up to a later state by looking at
//! what has changed since, so a search that goes on while people write costs little more than the
//! first look.

use std::thread;

use roster_common::query::{Filter, Sort};

use super::chunk::{Slot, VersionedChunk, join, split};
use super::filter::Search;
use super::key::compare;
use super::{Directory, load};

/// The minimum number of chunks for a parallel search.
const WORTH_THREADS: usize = 256;

/// Up to so many records are put in order by themselves; more are picked out of the order of all.
const FEW: usize = 1000;

/// The records that a filter lets through in one state of the directory.
pub(crate) struct Matches {
    version: u64,
    chunks: Vec<Bits>,
    len: usize,
}

/// What was found in a chunk.
#[derive(Clone, Copy)]
struct Bits {
    stamp: u64,
    bits: u64,
}

impl Matches {
    /// The state of the directory in which it was found.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// How many records.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether a slot's record is among them.
    pub(crate) fn has(&self, slot: Slot) -> bool {
        let (chunk, index) = split(slot);
        self.chunks
            .get(chunk)
            .is_some_and(|found| found.bits >> index & 1 == 1)
    }

    /// The slots, in the order of their ids.
    fn slots(&self) -> impl Iterator<Item = Slot> {
        let of_chunk = |(chunk, found): (usize, &Bits)| {
            let bits = found.bits;
            (0..u64::BITS as usize)
                .filter(move |i| bits >> i & 1 == 1)
                .filter_map(move |i| join(chunk, i))
        };
        self.chunks
            .iter()
            .enumerate()
            .filter(|(_, found)| found.bits != 0)
            .flat_map(of_chunk)
    }
}

impl Directory {
    /// Finds the records that meet a filter; `before` is what they found in another state.
    pub(crate) fn find(&self, filter: &Filter, before: Option<&Matches>) -> Matches {
        let search = Search::new(filter, &self.chunks.words);
        let stamped: Vec<&VersionedChunk> = self.chunks.stamped().collect();
        let known = before
            .map(|before| before.chunks.as_slice())
            .unwrap_or_default();
        let find = |from: usize, part: &[&VersionedChunk]| -> Vec<Bits> {
            let known = known
                .get(from..)
                .unwrap_or_default()
                .iter()
                .map(Some)
                .chain(std::iter::repeat(None));
            part.iter()
                .zip(known)
                .map(|(chunk, known)| found_in(&search, chunk, known))
                .collect()
        };
        let chunks = if before.is_some() || stamped.len() < WORTH_THREADS {
            find(0, &stamped)
        } else {
            let size = stamped.len().div_ceil(load::workers());
            let parts = stamped.chunks(size).enumerate();
            thread::scope(|scope| {
                let threads: Vec<_> = parts
                    .map(|(n, part)| scope.spawn(move || find(n * size, part)))
                    .collect();
                threads.into_iter().flat_map(load::joined).collect()
            })
        };
        let len = chunks
            .iter()
            .map(|found| found.bits.count_ones() as usize)
            .sum();
        Matches {
            version: self.version,
            chunks,
            len,
        }
    }

    /// What was found, in the order of a sort, if it is little enough to be put in order here.
    pub(crate) fn few(&self, found: &Matches, sort: &Sort) -> Option<Vec<Slot>> {
        if found.len > FEW {
            return None;
        }
        let mut entries: Vec<_> = found
            .slots()
            .filter_map(|slot| Some((self.chunks.entry(slot)?, slot)))
            .collect();
        entries.sort_by(|(a, _), (b, _)| compare(sort, a, b));
        Some(entries.into_iter().map(|(_, slot)| slot).collect())
    }
}

/// What there is in a chunk, or what is known of it.
fn found_in(
    search: &Search<'_>,
    VersionedChunk { stamp, chunk }: &VersionedChunk,
    known: Option<&Bits>,
) -> Bits {
    match known {
        Some(known) if known.stamp == *stamp => *known,
        _ => Bits {
            stamp: *stamp,
            bits: search.find(chunk),
        },
    }
}
