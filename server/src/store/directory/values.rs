//! Which values a field has, and how often: read off the order by that field, in which equal values
//! stand together.

use std::cmp::Reverse;

use roster_common::api::FieldValue;
use roster_common::employee::{EmployeeId, Field};
use roster_common::text::folded;

use super::chunk::Slot;
use super::key::text;
use super::{Directory, Matches, Order};

/// How many different values are looked at: each is a few microseconds of searching for its end.
const MOST_VALUES: usize = 10_000;

impl Directory {
    /// The values of a field that contain `part`, a folded text: those that begin with it first,
    /// then the most used. Counts only the records in `among`, if given, which must have been found
    /// in this directory.
    ///
    /// Case and accents make no difference between values, and the spelling is the middle one of
    /// all, which is the one that most have, if more than half have the same. Of a field with more
    /// than [`MOST_VALUES`] values, the first ones in the alphabet are looked at. `order` is that by the
    /// field.
    pub(crate) fn values(
        &self,
        field: Field,
        order: &Order,
        among: Option<&Matches>,
        part: &str,
        limit: usize,
    ) -> Vec<FieldValue> {
        let mut runs: Vec<_> = self
            .runs(field, order)
            .take(MOST_VALUES)
            .filter(|run| run.folded.contains(part))
            .map(|run| run.among(among, order))
            .filter(|run| run.count > 0)
            .collect();
        runs.sort_by_key(|run| (!run.folded.starts_with(part), Reverse(run.count)));
        runs.iter()
            .take(limit)
            .filter_map(|run| self.value(field, order, run))
            .collect()
    }

    /// Whether a record other than `except` has this value, in any case and with or without
    /// accents.
    pub(crate) fn is_in_use(&self, field: Field, value: &str, except: Option<EmployeeId>) -> bool {
        let value = folded(value);
        let holders = self.holders(field, &value, 2);
        holders.into_iter().any(|id| Some(id) != except)
    }

    /// The employees who have a folded value, at most `most` of them. The field is one by which they
    /// are looked up: the email address, or the personnel number.
    pub(crate) fn holders(&self, field: Field, value: &str, most: usize) -> Vec<EmployeeId> {
        let candidates = self.holders.candidates(field, value);
        let entries = candidates.filter_map(|slot| self.chunks.entry(slot));
        entries
            .filter(|entry| entry.folded(field) == value)
            .take(most)
            .map(|entry| entry.id())
            .collect()
    }

    /// The values in the order of the alphabet. Records without one come last in an order, and end
    /// it here.
    fn runs<'a>(&'a self, field: Field, order: &'a Order) -> impl Iterator<Item = Run<'a>> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let folded = self.folded(field, order.iter_from(start).next()?)?;
            let is_passed = |slot| {
                self.folded(field, slot)
                    .is_some_and(|other| other <= folded)
            };
            let len = order.partition_point(is_passed).saturating_sub(start);
            let run = Run {
                folded,
                start,
                len,
                middle: start + len / 2,
                count: len,
            };
            start += len;
            (len > 0).then_some(run)
        })
    }

    fn folded(&self, field: Field, slot: Slot) -> Option<&str> {
        text(&self.chunks.entry(slot)?, field).map(|(folded, _)| folded)
    }

    fn value(&self, field: Field, order: &Order, run: &Run<'_>) -> Option<FieldValue> {
        let middle = order.iter_from(run.middle).next()?;
        let value = serde_json::from_slice(self.chunks.entry(middle)?.json(field)?).ok()?;
        Some(FieldValue {
            value,
            count: run.count as u64,
            label: None,
        })
    }
}

/// The records that have one value, which follow each other in the order.
struct Run<'a> {
    folded: &'a str,
    start: usize,
    len: usize,
    /// The place of the record whose spelling is shown.
    middle: usize,
    /// How many of the records count.
    count: usize,
}

impl Run<'_> {
    /// The same run, counting only the records that a filter found.
    fn among(mut self, found: Option<&Matches>, order: &Order) -> Self {
        let Some(found) = found else { return self };
        let slots = order.iter_from(self.start).take(self.len);
        let places: Vec<usize> = (self.start..)
            .zip(slots)
            .filter_map(|(place, slot)| found.has(slot).then_some(place))
            .collect();
        self.count = places.len();
        if let Some(middle) = places.get(places.len() / 2) {
            self.middle = *middle;
        }
        self
    }
}
