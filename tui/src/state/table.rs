//! The table: a window on a list that lives on the server.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use roster_common::query::{Sort, Start, Term, Window};
use roster_common::{Employee, EmployeeId, Query};

use super::arrangement::Arrangement;
use super::column::TableColumn;
use super::completion;
use super::manager_names::ManagerNames;
use super::marks::{self, Marking, Marks};
use super::suggestions::Suggestions;
use super::text::LineEdit;

/// How many records one page has.
pub const PAGE: usize = 100;

/// How many pages are kept; those farthest from the cursor go first.
const KEPT_PAGES: usize = 30;

/// The loaded employees, and the view of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The filter.
    pub search: LineEdit,
    /// Whether the filter is being written.
    pub searching: bool,
    /// What completes it.
    pub suggestions: Suggestions,
    /// Where the cursor was before the filter was written.
    pub before_search: Option<(usize, Option<EmployeeId>)>,
    /// The order, as the header shows it.
    pub order: Vec<SortedColumn>,
    /// Counts the queries: a filter, an order, a wish to read anew. Answers to older ones are dropped.
    pub generation: u64,
    /// The query of which the pages are; the ones of the last query stay until the first of the next has come.
    pub shown: u64,
    /// The records that are here, by page.
    pub pages: BTreeMap<usize, Vec<Employee>>,
    /// The pages that have been asked for.
    pub asked: Vec<Range<usize>>,
    /// How many requests for pages have not been answered.
    pub loads: usize,
    /// How many records the query has; unknown before the first page.
    pub total: Option<usize>,
    /// How many records there are without a filter, as far as that has been seen.
    pub everybody: Option<usize>,
    /// The row of the cursor.
    pub cursor: usize,
    /// The record of the cursor, which it follows when rows move.
    pub selected: Option<EmployeeId>,
    /// The first row on the screen.
    pub top: usize,
    /// Which way the last move went, so that what comes next is asked for early.
    pub direction: ScrollDirection,
    /// The column of the cursor, among those that are not hidden.
    pub column: usize,
    /// Which columns there are.
    pub arrangement: Arrangement,
    /// Whether the record of the cursor is open, and from which line on it is shown.
    pub detail: Option<usize>,
    /// Who is marked.
    pub marks: Marks,
    /// Managers of others, who are in no row that is here.
    pub named: ManagerNames,
    /// Where a range begins that is being marked.
    pub range: Option<marks::RangeStart>,
    /// Those who are being marked, page by page.
    pub marking: Option<Marking>,
}

/// The direction in which the table was scrolled last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScrollDirection {
    /// To the end.
    #[default]
    Down,
    /// To the beginning.
    Up,
}

/// A column that orders the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortedColumn {
    /// Which.
    pub column: TableColumn,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Table {
    /// The record in a row, if it is here.
    pub fn row(&self, row: usize) -> Option<&Employee> {
        self.pages.get(&(row / PAGE))?.get(row % PAGE)
    }

    /// The row that is nearest to this one among those whose records are here.
    pub fn nearest_loaded(&self, row: usize) -> Option<usize> {
        let nearest = |(page, rows): (&usize, &Vec<Employee>)| {
            let first = page * PAGE;
            row.clamp(first, first + rows.len().saturating_sub(1))
        };
        self.pages
            .iter()
            .map(nearest)
            .min_by_key(|near| near.abs_diff(row))
    }

    /// The number of rows, as far as it is known.
    pub fn len(&self) -> usize {
        self.total.unwrap_or(0)
    }

    /// Whether the query has no record, or none is known yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the rows on the screen answer an older query.
    pub fn is_outdated(&self) -> bool {
        self.shown != self.generation
    }

    /// The column of the cursor.
    pub fn column(&self) -> TableColumn {
        self.arrangement
            .visible()
            .nth(self.column)
            .unwrap_or(TableColumn::Name)
    }

    /// The filter, as the server is asked.
    pub fn filter(&self) -> Query {
        let q = if self.searching {
            completion::settled(&self.search)
        } else {
            self.search.text().to_owned()
        };
        Query {
            q,
            ..Query::default()
        }
    }

    /// The conditions of the filter.
    pub fn terms(&self) -> Vec<Term> {
        self.filter().terms()
    }

    /// The rows of the range that is being marked.
    pub fn range(&self) -> Option<RangeInclusive<usize>> {
        let other = self
            .range
            .filter(|range| range.generation == self.generation)?
            .row;
        Some(self.cursor.min(other)..=self.cursor.max(other))
    }

    /// Counts anew how many of the marked people the filter hides.
    pub fn refilter(&mut self) {
        let terms = self.terms();
        self.marks.refilter(terms);
    }

    /// Takes the marks from those who are gone, after an answer that has everybody; how many they were.
    pub fn unmark_deleted(&mut self) -> usize {
        if self.marks.is_empty() || !self.search.text().is_empty() {
            return 0;
        }
        self.marks.keep(
            &self
                .pages
                .values()
                .flatten()
                .map(|employee| employee.id)
                .collect(),
        )
    }

    /// The order, as the server takes it: as many whole columns as it allows.
    pub fn sort(&self) -> Sort {
        let keys = self.order.iter().flat_map(|sorted| {
            let minus = if sorted.descending { "-" } else { "" };
            sorted
                .column
                .sort_keys()
                .into_iter()
                .map(move |column| format!("{minus}{}", column.name()))
        });
        let keys: Vec<_> = keys.take(Sort::MAX_KEYS).collect();
        keys.join(",").parse().unwrap_or_default()
    }

    /// What to ask the server for some pages; where the question is a new one, for those that have the record of the
    /// cursor, wherever it is now.
    pub fn query(&self, pages: &Range<usize>) -> Query {
        let fallback_offset = pages.start * PAGE;
        let start = match self.selected.filter(|_| self.is_outdated()) {
            Some(id) => Start::Around {
                id,
                fallback_offset,
            },
            None => Start::Offset(fallback_offset),
        };
        Query {
            sort: self.sort(),
            window: Window::Page {
                limit: pages.len() * PAGE,
                start,
            },
            ..self.filter()
        }
    }

    /// Takes in the answer to a query: `rows` from `offset` on, of `total`.
    ///
    /// The cursor follows its record to the row in which it is now, and stays on its line of the screen. Who was under
    /// it and is not in the list any more is given back; where nobody is left, no record is open.
    pub fn take(&mut self, offset: usize, rows: Vec<Employee>, total: usize) -> Option<Employee> {
        let followed = self.selected;
        let before = self
            .row(self.cursor)
            .filter(|employee| Some(employee.id) == followed)
            .cloned();
        if self.is_outdated() {
            self.shown = self.generation;
            self.pages.clear();
        }
        self.total = Some(total);
        if self.search.text().is_empty() {
            self.everybody = Some(total);
        }
        for employee in &rows {
            self.marks.update(employee);
            self.named.update(employee);
        }
        let found = rows
            .iter()
            .position(|employee| Some(employee.id) == followed)
            .map(|at| offset + at);
        let mut rows = rows.into_iter();
        let mut page = offset / PAGE;
        while rows.len() > 0 {
            self.pages.insert(page, rows.by_ref().take(PAGE).collect());
            page += 1;
        }
        let line = self.cursor.saturating_sub(self.top);
        let is_there = |row: usize| {
            self.row(row)
                .is_some_and(|employee| Some(employee.id) == followed)
        };
        let cursor = if is_there(self.cursor) {
            self.cursor
        } else {
            found.unwrap_or(self.cursor)
        };
        self.move_to(cursor);
        if found == Some(cursor) {
            self.top = cursor.saturating_sub(line);
        }
        self.forget_far_pages();
        if self.is_empty() {
            self.detail = None;
        }
        before.filter(|_| self.selected != followed && (self.selected.is_some() || self.is_empty()))
    }

    /// Puts the cursor on a row, or on the last one.
    pub fn move_to(&mut self, row: usize) {
        self.cursor = row.min(self.len().saturating_sub(1));
        self.selected = self.row(self.cursor).map(|employee| employee.id);
    }

    /// Starts a new query; the loaded rows stay until its first answer.
    pub fn renew(&mut self) {
        self.generation += 1;
        self.asked.clear();
        self.refilter();
    }

    /// Forgets the pages that are farthest from the cursor, so that a long journey fits in memory.
    fn forget_far_pages(&mut self) {
        let here = self.cursor / PAGE;
        while self.pages.len() > KEPT_PAGES {
            let far = self
                .pages
                .keys()
                .copied()
                .max_by_key(|page| page.abs_diff(here));
            far.and_then(|page| self.pages.remove(&page));
        }
    }

    /// Puts a record that was just read in the place of its older state.
    pub fn replace(&mut self, employee: &Employee) {
        self.marks.update(employee);
        self.named.update(employee);
        for row in self
            .pages
            .values_mut()
            .flatten()
            .filter(|row| row.id == employee.id)
        {
            *row = employee.clone();
        }
    }
}
