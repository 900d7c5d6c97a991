//! What a filter has found: a bit for each record. It is brought up to a later state by looking at
//! what has changed since, so a search that goes on while people write costs little more than the
//! first look.

use std::thread;

use roster_common::query::{Filter, Sort};

use super::chunk::{CHUNK, Slot, VersionedChunk, join, split};
use super::filter::{Search, View};
use super::key::compare;
use super::segment::CHUNKS;
use super::{Directory, load};

/// The minimum number of segments for a parallel search.
const WORTH_THREADS: usize = 4;

/// Up to so many records are put in order by themselves; more are picked out of the order of all.
const SORTED_ALONE: usize = 1000;

/// The records that a filter lets through in one state of the directory.
pub(crate) struct Matches {
    version: u64,
    chunks: Vec<ChunkMatches>,
    len: usize,
}

/// What was found in a chunk.
#[derive(Clone, Copy)]
struct ChunkMatches {
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
        let of_chunk = |(chunk, found): (usize, &ChunkMatches)| {
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
        let search = Search::new(filter, &self.chunks);
        self.build_index();
        let stamped: Vec<&VersionedChunk> = self.chunks.stamped().collect();
        let known = before
            .map(|before| before.chunks.as_slice())
            .unwrap_or_default();
        let views: Vec<View<'_>> = stamped
            .chunks(CHUNKS)
            .zip(self.index.parts())
            .enumerate()
            .map(|(number, (chunks, part))| View::new(number, chunks, part))
            .collect();
        let find = |views: &[View<'_>]| -> Vec<ChunkMatches> {
            let mut found = Vec::with_capacity(views.len() * CHUNKS);
            for view in views {
                find_in(&search, view, known, &mut found);
            }
            found
        };
        let chunks = if before.is_some() || views.len() < WORTH_THREADS {
            find(&views)
        } else {
            let parts = views.chunks(views.len().div_ceil(load::workers()));
            thread::scope(|scope| {
                let find = &find;
                let mut parts = parts;
                let own = parts.next();
                let threads: Vec<_> = parts.map(|part| scope.spawn(move || find(part))).collect();
                let own = own.map(find).unwrap_or_default();
                let others = threads.into_iter().flat_map(load::joined);
                own.into_iter().chain(others).collect()
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
        if found.len > SORTED_ALONE {
            return None;
        }
        let mut records: Vec<_> = found
            .slots()
            .filter_map(|slot| Some((self.chunks.listed(slot)?, slot)))
            .collect();
        records.sort_by(|(a, _), (b, _)| compare(sort, a, b));
        Some(records.into_iter().map(|(_, slot)| slot).collect())
    }
}

/// What there is in the chunks of a segment, or what is known of them.
fn find_in(
    search: &Search<'_>,
    view: &View<'_>,
    known: &[ChunkMatches],
    found: &mut Vec<ChunkMatches>,
) {
    let known = known
        .get(view.first / CHUNK..)
        .unwrap_or_default()
        .iter()
        .map(Some)
        .chain(std::iter::repeat(None));
    let known = known.zip(view.chunks).map(|(known, chunk)| {
        let is_same = |known: &&ChunkMatches| known.stamp == chunk.stamp;
        known.filter(is_same).copied()
    });
    let known: Vec<Option<ChunkMatches>> = known.collect();
    let mut wanted = [0; CHUNKS];
    for (wanted, known) in wanted.iter_mut().zip(&known) {
        *wanted = if known.is_none() { u64::MAX } else { 0 };
    }
    let bits = search.find(view, wanted);
    let all = view.chunks.iter().zip(known).zip(bits);
    found.extend(all.map(|((chunk, known), bits)| {
        known.unwrap_or(ChunkMatches {
            stamp: chunk.stamp,
            bits,
        })
    }));
}

#[cfg(test)]
mod tests;
