//! The marked people.

use std::collections::{BTreeMap, BTreeSet};

use roster_common::query::{Filter, Start, Window};
use roster_common::{Employee, EmployeeId, Query};

/// The marked ids. Sorting, filtering, reloading and signing in again keep them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Marks {
    /// The marked ids, with the cached record of the first few.
    people: BTreeMap<EmployeeId, Option<Box<Employee>>>,
    /// How many the filter hides, if known.
    hidden: Option<usize>,
    /// The filter for which that was last known.
    filter: Option<Filter>,
}

impl Marks {
    /// The most people that can be marked at once.
    pub const MOST_MARKED: usize = 1_000_000;

    /// How many records are cached: as many as one key press can compare with a new filter.
    const RECORDS: usize = 1000;

    /// The number of marks.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Returns `true` if no one is marked.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// Returns `true` if this person is marked.
    pub fn contains(&self, id: EmployeeId) -> bool {
        self.people.contains_key(&id)
    }

    /// The cached record of a marked person.
    pub fn get(&self, id: EmployeeId) -> Option<&Employee> {
        self.people.get(&id)?.as_deref()
    }

    /// The marked ids with their cached records.
    pub fn iter(&self) -> impl Iterator<Item = (EmployeeId, Option<&Employee>)> {
        self.people
            .iter()
            .map(|(id, record)| (*id, record.as_deref()))
    }

    /// How many of them the filter hides, if known.
    pub fn hidden(&self) -> Option<usize> {
        if self.is_empty() {
            Some(0)
        } else {
            self.hidden
        }
    }

    /// Marks a person that the filter shows.
    pub fn insert(&mut self, employee: &Employee) {
        if self.is_empty() {
            self.hidden = Some(0);
        }
        let record = (self.len() < Self::RECORDS).then(|| Box::new(employee.clone()));
        self.people.entry(employee.id).or_insert(record);
    }

    /// Unmarks a person that the filter shows. Returns `true` if they were marked.
    pub fn remove(&mut self, id: EmployeeId) -> bool {
        self.people.remove(&id).is_some()
    }

    /// Clears all marks.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Updates a cached record.
    pub fn update(&mut self, employee: &Employee) {
        if let Some(Some(record)) = self.people.get_mut(&employee.id) {
            **record = employee.clone();
        }
    }

    /// Recounts how many the filter hides. If records are missing, the last count for the same
    /// filter stays.
    pub fn refilter(&mut self, filter: Filter) {
        let is_hidden = |record: &Employee| !filter.matches(record);
        let counted = if filter == Filter::EVERYTHING {
            Some(0)
        } else {
            // A partial count would be wrong.
            self.people
                .values()
                .map(|record| record.as_deref().map(|r| usize::from(is_hidden(r))))
                .sum()
        };
        let is_same = self.filter.as_ref() == Some(&filter);
        self.hidden = counted.or(self.hidden.filter(|_| is_same));
        self.filter = Some(filter);
    }

    /// Records that the filter hides none of them.
    pub fn are_seen(&mut self, filter: Filter) {
        (self.hidden, self.filter) = (Some(0), Some(filter));
    }

    /// Keeps only these marks. Returns how many were removed.
    pub fn keep(&mut self, ids: &BTreeSet<EmployeeId>) -> usize {
        let before = self.len();
        self.people.retain(|id, _| ids.contains(id));
        before - self.len()
    }
}

/// The start of a range being marked; the cursor is its other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RangeStart {
    /// The row.
    pub row: usize,
    /// The query's number. In another query the row is someone else's, so the range is void.
    pub query_number: u64,
}

/// A running mark-all, page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marking {
    /// The query.
    pub query: Query,
    /// The first row.
    pub first: usize,
    /// The next row to mark.
    pub next: usize,
    /// The row after the last.
    pub end: usize,
    /// The length of the list at the start.
    pub total: usize,
    /// Whether a request is in flight.
    pub asked: bool,
}

impl Marking {
    /// The next request.
    pub fn page(&self) -> Query {
        let limit = (self.end - self.next).clamp(1, Window::MAX_LIMIT);
        Query {
            window: Window::Page {
                limit,
                start: Start::Offset(self.next),
            },
            ..self.query.clone()
        }
    }
}
