//! The marked people.

use std::collections::{BTreeMap, BTreeSet};

use roster_common::query::{Start, Term, Window};
use roster_common::{Employee, EmployeeId, Query};

/// The marks, by id: sorting, filtering, reading anew and signing in again leave them as they are.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Marks {
    /// Each with the record as it was last seen, while these are few.
    people: BTreeMap<EmployeeId, Option<Box<Employee>>>,
    /// How many the filter hides; unknown where the records are not all here.
    hidden: Option<usize>,
    /// The filter of which that was known last.
    terms: Vec<Term>,
}

impl Marks {
    /// The most people that can be marked at once.
    pub const MOST: usize = 1_000_000;

    /// How many records are kept: as many as one key's work can compare with a new filter.
    const RECORDS: usize = 1000;

    /// How many are marked.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether nobody is marked.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// Whether this person is marked.
    pub fn contains(&self, id: EmployeeId) -> bool {
        self.people.contains_key(&id)
    }

    /// A marked person, as they were last seen where that is known.
    pub fn get(&self, id: EmployeeId) -> Option<&Employee> {
        self.people.get(&id)?.as_deref()
    }

    /// Who is marked, by id, with the record as it was last seen where that is known.
    pub fn iter(&self) -> impl Iterator<Item = (EmployeeId, Option<&Employee>)> {
        self.people
            .iter()
            .map(|(id, record)| (*id, record.as_deref()))
    }

    /// How many of them the filter hides, as far as that is known.
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

    /// Takes the mark from a person that the filter shows; whether there was one.
    pub fn remove(&mut self, id: EmployeeId) -> bool {
        self.people.remove(&id).is_some()
    }

    /// Takes all marks away.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes note of a record that was just read.
    pub fn update(&mut self, employee: &Employee) {
        if let Some(Some(record)) = self.people.get_mut(&employee.id) {
            **record = employee.clone();
        }
    }

    /// Counts anew how many the filter hides. Where the records are not here, what is known of the same filter stays.
    pub fn refilter(&mut self, terms: Vec<Term>) {
        let is_hidden = |record: &Employee| !terms.iter().all(|term| term.matches(record));
        let counted = match terms.as_slice() {
            [] => Some(0),
            // All or nothing: half a count would be wrong.
            _ => self
                .people
                .values()
                .map(|record| record.as_deref().map(|r| usize::from(is_hidden(r))))
                .sum(),
        };
        self.hidden = counted.or(self.hidden.filter(|_| self.terms == terms));
        self.terms = terms;
    }

    /// Notes that the filter hides none of them.
    pub fn are_seen(&mut self, terms: Vec<Term>) {
        (self.hidden, self.terms) = (Some(0), terms);
    }

    /// Takes the marks from all but these; how many lost theirs.
    pub fn keep(&mut self, ids: &BTreeSet<EmployeeId>) -> usize {
        let before = self.len();
        self.people.retain(|id, _| ids.contains(id));
        before - self.len()
    }
}

/// One end of a range that is being marked; the other one is the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RangeStart {
    /// The row.
    pub row: usize,
    /// Of which query. When that is another one, the row is another person's, and the range is none any more.
    pub generation: u64,
}

/// People who are being marked page by page, because their rows are not all here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marking {
    /// Which list they are in.
    pub query: Query,
    /// The first row.
    pub first: usize,
    /// The first row that is not marked yet.
    pub next: usize,
    /// The row after the last.
    pub end: usize,
    /// How many rows the list had at the beginning.
    pub total: usize,
    /// Whether the next page is on its way.
    pub asked: bool,
}

impl Marking {
    /// What to ask for next.
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
