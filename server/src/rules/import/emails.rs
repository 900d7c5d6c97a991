//! The email addresses of earlier rows.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use roster_common::text::folded;

/// The addresses of earlier rows, as hashes, since there may be millions. Two that have the same by
/// chance cause a needless warning once in ten million imports of the largest size.
#[derive(Debug, Default)]
pub(super) struct EmailsSeen {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

impl EmailsSeen {
    /// Adds an address. Returns `false` if it was there.
    pub(super) fn insert(&mut self, email: &str) -> bool {
        self.hashes.insert(self.hasher.hash_one(folded(email)))
    }
}
