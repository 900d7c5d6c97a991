//! A long list of slots that can be changed in the middle and shared between versions.

use std::sync::{Arc, OnceLock};

use imbl::Vector;

use super::chunk::Slot;

/// The longest leaf. A change copies one leaf; the first search for an offset after it adds up the
/// lengths of all.
const LEAF: usize = 256;

/// The list, in leaves. A clone shares them. A leaf's length stands in the pointer to it.
#[derive(Clone, Default)]
pub(crate) struct Order {
    leaves: Vector<Arc<[Slot]>>,
    len: usize,
    /// Where each leaf begins; added up when it is first asked for.
    starts: OnceLock<Arc<[usize]>>,
}

impl Order {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The slots from an offset on.
    pub(crate) fn iter_from(&self, offset: usize) -> impl Iterator<Item = Slot> {
        let starts = self.starts();
        let first = starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let inside = offset - starts.get(first).copied().unwrap_or_default();
        let leaves = (first..self.leaves.len()).filter_map(|leaf| self.leaves.get(leaf));
        leaves.flat_map(|leaf| leaf.iter().copied()).skip(inside)
    }

    fn starts(&self) -> &[usize] {
        self.starts.get_or_init(|| {
            let mut end = 0;
            let start = |leaf: &Arc<[Slot]>| {
                end += leaf.len();
                end - leaf.len()
            };
            self.leaves.iter().map(start).collect()
        })
    }

    /// How many slots come before the first that is not `before`, as [`slice::partition_point`] has
    /// it.
    pub(crate) fn partition_point(&self, before: impl Fn(Slot) -> bool) -> usize {
        let (leaf, at) = self.find(before);
        self.starts().get(leaf).map_or(self.len, |start| start + at)
    }

    /// Puts a slot before the first that is not `before`.
    pub(super) fn insert(&mut self, slot: Slot, before: impl Fn(Slot) -> bool) {
        let (index, at) = self.find(before);
        self.starts = OnceLock::new();
        self.len += 1;
        let Some(leaf) = self.leaves.get(index) else {
            return self.leaves.push_back(Arc::new([slot]));
        };
        let (head, tail) = leaf.split_at(at);
        let longer = [head, &[slot], tail].concat();
        if longer.len() <= LEAF {
            self.leaves.set(index, longer.into());
        } else {
            let (head, tail) = longer.split_at(LEAF / 2);
            self.leaves.set(index, head.into());
            self.leaves.insert(index + 1, tail.into());
        }
    }

    /// Takes away a slot, which is the first that is not `before`.
    pub(super) fn remove(&mut self, slot: Slot, before: impl Fn(Slot) -> bool) {
        let (index, at) = self.find(before);
        let Some(leaf) = self
            .leaves
            .get(index)
            .filter(|leaf| leaf.get(at) == Some(&slot))
        else {
            return;
        };
        self.starts = OnceLock::new();
        self.len -= 1;
        if leaf.len() == 1 {
            self.leaves.remove(index);
        } else {
            let (head, tail) = leaf.split_at(at);
            let shorter = [head, tail.get(1..).unwrap_or_default()].concat();
            self.leaves.set(index, shorter.into());
        }
    }

    /// The leaf and the position of the first slot that is not `before`; where a leaf could end
    /// with it or the next begin with it, the end of the earlier.
    fn find(&self, before: impl Fn(Slot) -> bool) -> (usize, usize) {
        // New ids come last, and so do those without a value: most of what an import adds.
        if let Some(end) = self.leaves.len().checked_sub(1)
            && let Some(leaf) = self.leaves.get(end)
            && leaf.last().is_some_and(|last| before(*last))
        {
            return (end, leaf.len());
        }
        let (mut low, mut high) = (0, self.leaves.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let passed = self
                .leaves
                .get(middle)
                .and_then(|leaf| leaf.last())
                .is_some_and(|slot| before(*slot));
            if passed {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        match self.leaves.get(low) {
            Some(leaf) => (low, leaf.partition_point(|slot| before(*slot))),
            None => match self.leaves.back() {
                Some(last) => (low - 1, last.len()),
                None => (0, 0),
            },
        }
    }
}

impl FromIterator<Slot> for Order {
    fn from_iter<I: IntoIterator<Item = Slot>>(slots: I) -> Self {
        let slots: Vec<Slot> = slots.into_iter().collect();
        Self {
            len: slots.len(),
            leaves: slots.chunks(LEAF).map(Arc::from).collect(),
            starts: OnceLock::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_order_behaves_like_a_sorted_list(start in 0u32..4000, changes in prop::collection::vec((any::<bool>(), 0u32..5000), 0..300)) {
            let mut model: Vec<Slot> = (0..start).map(|slot| slot * 2).collect();
            let mut order: Order = model.iter().copied().collect();
            for (add, slot) in changes {
                match (add, model.binary_search(&slot)) {
                    (true, Err(at)) => {
                        model.insert(at, slot);
                        order.insert(slot, |other| other < slot);
                    }
                    (false, Ok(at)) => {
                        model.remove(at);
                        order.remove(slot, |other| other < slot);
                    }
                    _ => order.remove(u32::MAX, |_| true),
                }
                prop_assert_eq!(order.len(), model.len());
                prop_assert_eq!(order.partition_point(|other| other < slot), model.partition_point(|other| *other < slot));
            }
            for offset in [0, 1, model.len() / 2, model.len(), model.len() + 1] {
                prop_assert!(order.iter_from(offset).eq(model.iter().copied().skip(offset)));
            }
        }
    }
}
