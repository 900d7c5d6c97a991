//! The table: a window into a list on the server.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};

use jiff::Timestamp;
use roster_common::query::{Filter, Sort, Start, Window};
use roster_common::{Employee, EmployeeId, Field, Query};

use super::arrangement::Arrangement;
use super::column::TableColumn;
use super::jumps::{Jump, JumpList};
use super::manager_names::ManagerNames;
use super::marks::{self, Marking, Marks};
use super::saved_filters::SavedFilters;
use super::suggestions::Suggestions;
use super::text::LineEdit;
use crate::remote::Page;

/// The number of records per page.
pub const PAGE: usize = 100;

/// How many pages are cached; the farthest from the cursor are dropped first.
const KEPT_PAGES: usize = 30;

/// The loaded employees, and the view of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The filter as it is typed.
    pub search: LineEdit,
    /// The filter of the rows: what was typed last without a mistake.
    pub applied: String,
    /// Whether the filter is being edited.
    pub searching: bool,
    /// The suggestions for the filter.
    pub suggestions: Suggestions,
    /// The cursor position before the filter was opened.
    pub before_search: Option<(usize, Option<EmployeeId>)>,
    /// Where `back` returns to.
    pub jumps: JumpList,
    /// Where the table was when the filter was opened.
    pub left: Option<Jump>,
    /// The filters that are kept.
    pub saved: SavedFilters,
    /// The filter that was recalled last, by its place among the recent ones.
    pub recalled: Option<usize>,
    /// The sort columns, as the header shows them.
    pub order: Vec<SortedColumn>,
    /// Counts the queries: each filter, sort or reload is a new one. Answers to older ones are
    /// dropped.
    pub query_number: u64,
    /// The query of the loaded pages. They stay until the first page of the next query
    /// arrives.
    pub shown: u64,
    /// The loaded records, by page.
    pub pages: BTreeMap<usize, Vec<Employee>>,
    /// The pages requested.
    pub asked: Vec<Range<usize>>,
    /// The number of page requests in flight.
    pub loads: usize,
    /// The names of the loaded records' managers.
    pub managers: BTreeMap<EmployeeId, String>,
    /// The number of records that match; unknown before the first page.
    pub total: Option<usize>,
    /// The number of records without a filter, if known.
    pub everybody: Option<usize>,
    /// The cursor's row.
    pub cursor: usize,
    /// The record under the cursor, which it follows when rows move.
    pub selected: Option<EmployeeId>,
    /// The manager to whom a jump leads, until the rows around them are loaded.
    pub sought: Option<EmployeeId>,
    /// The first row on the screen.
    pub top: usize,
    /// The direction of the last move, for prefetching.
    pub direction: ScrollDirection,
    /// The cursor's column, among the visible ones.
    pub column: usize,
    /// The column settings.
    pub arrangement: Arrangement,
    /// The scroll position of the open record, if it is open.
    pub detail: Option<usize>,
    /// The marked people.
    pub marks: Marks,
    /// Names of managers who are not in a loaded row.
    pub named: ManagerNames,
    /// The start of a range being marked.
    pub range: Option<marks::RangeStart>,
    /// The running mark-all.
    pub marking: Option<Marking>,
}

/// The direction in which the table was scrolled last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScrollDirection {
    /// Towards the end.
    #[default]
    Down,
    /// Towards the start.
    Up,
}

/// The cursor's person, who is not in the list.
#[derive(Debug, Clone, PartialEq)]
pub enum LostPerson {
    /// They were under the cursor, and have left the list.
    Left(Box<Employee>),
    /// The cursor was to go to them, and they are not there.
    NotFound,
}

/// A sort column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortedColumn {
    /// The column.
    pub column: TableColumn,
    /// Whether the order is descending.
    pub descending: bool,
}

impl Table {
    /// The record in a row, if loaded.
    pub fn row(&self, row: usize) -> Option<&Employee> {
        self.pages.get(&(row / PAGE))?.get(row % PAGE)
    }

    /// The loaded record of a person in the list.
    pub fn loaded(&self, id: EmployeeId) -> Option<&Employee> {
        let mut rows = self.pages.values().flatten();
        rows.find(|employee| employee.id == id)
    }

    /// The ids of the loaded rows in a range.
    pub fn loaded_ids(&self, rows: Range<usize>) -> impl Iterator<Item = EmployeeId> {
        let pages = self.pages.range(rows.start / PAGE..rows.end.div_ceil(PAGE));
        let numbered = pages.flat_map(|(page, loaded)| (page * PAGE..).zip(loaded));
        numbered
            .filter(move |(row, _)| rows.contains(row))
            .map(|(_, employee)| employee.id)
    }

    /// The full name of a manager, if known.
    pub fn manager_name(&self, id: EmployeeId) -> Option<String> {
        let named = || Some(self.named.get(id)?.details.full_name());
        self.managers.get(&id).cloned().or_else(named)
    }

    /// The text of a cell: a manager's name, or the id while the name is unknown.
    pub fn text(&self, column: TableColumn, employee: &Employee) -> String {
        let manager = match column.field() {
            Some(Field::Manager) => employee.details.manager(),
            _ => None,
        };
        let name = manager.and_then(|id| self.manager_name(id));
        name.unwrap_or_else(|| column.of(employee))
    }

    /// The nearest loaded row.
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

    /// The number of rows, as far as known.
    pub fn len(&self) -> usize {
        self.total.unwrap_or(0)
    }

    /// Returns `true` if there are no rows, or none is loaded yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns `true` while the rows are those of an older query.
    pub fn is_outdated(&self) -> bool {
        self.shown != self.query_number
    }

    /// The cursor's column.
    pub fn column(&self) -> TableColumn {
        self.arrangement
            .visible()
            .nth(self.column)
            .unwrap_or(TableColumn::Name)
    }

    /// The filter that is sent to the server.
    pub fn filter(&self) -> Query {
        Query {
            q: self.applied.clone(),
            ..Query::default()
        }
    }

    /// The conditions of the filter.
    pub fn conditions(&self, now: Timestamp) -> Filter {
        self.filter().filter(now)
    }

    /// The rows of the range being marked.
    pub fn range(&self) -> Option<RangeInclusive<usize>> {
        let other = self
            .range
            .filter(|range| range.query_number == self.query_number)?
            .row;
        Some(self.cursor.min(other)..=self.cursor.max(other))
    }

    /// Recounts how many marked people the filter hides.
    pub fn refilter(&mut self, now: Timestamp) {
        let filter = self.conditions(now);
        self.marks.refilter(filter);
    }

    /// Unmarks deleted people, after an answer that contains everyone. Returns how many.
    pub fn unmark_deleted(&mut self) -> usize {
        if self.marks.is_empty() || !self.applied.is_empty() {
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

    /// The sort keys for the server: as many whole columns as it allows.
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

    /// The query for some pages. For a new query, it asks for the pages around the selected record,
    /// wherever that is now.
    pub fn query(&self, pages: &Range<usize>) -> Query {
        let fallback_offset = pages.start * PAGE;
        // Within the same query the rows have not moved, so their offset is enough.
        let start = match self.selected.filter(|_| self.is_outdated()) {
            Some(id) => Start::Around {
                id,
                fallback_offset,
            },
            None => Start::Offset(fallback_offset),
        };
        Query {
            sort: self.sort(),
            names: true,
            window: Window::Page {
                limit: pages.len() * PAGE,
                start,
            },
            ..self.filter()
        }
    }

    /// Stores a page.
    ///
    /// Moves the cursor to its record's new row, on the same line of the screen. Returns the person
    /// if they are not in the list. If the list is empty, closes the record.
    pub fn take(&mut self, page: Page) -> Option<LostPerson> {
        let Page {
            rows,
            managers,
            offset,
            total,
        } = page;
        let followed = self.selected;
        let before = self
            .row(self.cursor)
            .filter(|employee| Some(employee.id) == followed)
            .cloned();
        if self.is_outdated() {
            self.shown = self.query_number;
            self.pages.clear();
            self.managers.clear();
        }
        self.managers.extend(managers);
        self.total = Some(total);
        if self.applied.is_empty() {
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
        // The record may be in its row already, on a page that was loaded before.
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
        // A cursor on a row that is not loaded yet does not mean that the record is gone.
        let is_lost = self.selected != followed && (self.selected.is_some() || self.is_empty());
        followed.filter(|_| is_lost).map(|_| match before {
            Some(person) => LostPerson::Left(Box::new(person)),
            None => LostPerson::NotFound,
        })
    }

    /// Moves the cursor to a row, or to the last one.
    pub fn move_to(&mut self, row: usize) {
        self.cursor = row.min(self.len().saturating_sub(1));
        self.selected = self.row(self.cursor).map(|employee| employee.id);
    }

    /// Starts a new query; the loaded rows stay until its first answer.
    pub fn renew(&mut self, now: Timestamp) {
        self.query_number += 1;
        self.asked.clear();
        self.refilter(now);
    }

    /// Drops the pages farthest from the cursor and their managers' names, to limit memory.
    fn forget_far_pages(&mut self) {
        let here = self.cursor / PAGE;
        if self.pages.len() > KEPT_PAGES {
            let rows = self.pages.values().flatten();
            let managers: BTreeSet<_> = rows.filter_map(|row| row.details.manager()).collect();
            self.managers.retain(|id, _| managers.contains(id));
        }
        while self.pages.len() > KEPT_PAGES {
            let far = self
                .pages
                .keys()
                .copied()
                .max_by_key(|page| page.abs_diff(here));
            far.and_then(|page| self.pages.remove(&page));
        }
    }

    /// Replaces a loaded record with its newer version.
    pub fn replace(&mut self, employee: &Employee) {
        self.marks.update(employee);
        self.named.update(employee);
        if let Some(name) = self.managers.get_mut(&employee.id) {
            *name = employee.details.full_name();
        }
        // A change carries no names. If the new manager is in a loaded row, no request is needed.
        let manager = employee.details.manager();
        if let Some(id) = manager.filter(|id| !self.managers.contains_key(id)) {
            let name = self.loaded(id).map(|manager| manager.details.full_name());
            self.managers.extend(name.map(|name| (id, name)));
        }
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
