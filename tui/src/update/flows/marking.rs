//! Marks people: one, a range, or everyone who matches.

use roster_common::query::Sort;
use roster_common::{Employee, Query};

use crate::effect::{Call, Effects};
use crate::format::grouped;
use crate::keys::Action;
use crate::remote::{ClientError, Page, Result};
use crate::state::State;
use crate::state::marks::{Marking, Marks, RangeStart};
use crate::update::next::Next;
use crate::update::verbs::message::failed;
use crate::update::verbs::{call, cursor};

/// Marks or unmarks the current person and moves down.
pub(crate) fn toggle(state: &mut State, effects: &mut Effects) {
    let Some(employee) = state.current().cloned() else {
        return;
    };
    if !state.table.marks.remove(employee.id) {
        state.table.marks.insert(&employee);
    }
    cursor::move_cursor(state, Action::Down, None, effects);
}

/// Starts a range at the cursor, or marks the range that ends there.
pub(crate) fn range(state: &mut State, effects: &mut Effects) {
    let Some(rows) = state.table.range() else {
        state.table.range = Some(RangeStart {
            row: state.table.cursor,
            query_number: state.table.query_number,
        });
        let stop = state.keymap.key(state.screen(), Action::ClearSearch);
        state.message(format!(
            "Move to the other end and press the key again. {stop} cancels."
        ));
        return;
    };
    state.table.range = None;
    let sort = state.table.sort();
    begin(state, sort, *rows.start(), rows.end() + 1, effects);
}

/// Marks everyone who matches the filter.
pub(crate) fn all(state: &mut State, effects: &mut Effects) {
    let end = state.table.len();
    // Sorted by id, so that people added meanwhile come last and shift no one.
    begin(state, Sort::default(), 0, end, effects);
}

fn begin(state: &mut State, sort: Sort, first: usize, end: usize, effects: &mut Effects) {
    if end - first > Marks::MOST_MARKED {
        return state.warn(format!(
            "You can mark at most {} people.",
            grouped(Marks::MOST_MARKED)
        ));
    }
    let query = Query {
        sort,
        ..state.table.filter()
    };
    state.table.marking = Some(Marking {
        query,
        first,
        next: first,
        end,
        total: state.table.len(),
        asked: false,
    });
    // No request if every row is loaded, unless these rows are those of an older query.
    let here: Option<Vec<_>> = (first..end)
        .map(|row| state.table.row(row).cloned())
        .collect();
    match here.filter(|_| !state.table.is_outdated()) {
        Some(rows) => take(state, rows, state.table.len(), effects),
        None => advance(state, effects),
    }
}

/// Loads the next page to mark, if any is left and no request is in flight.
pub(crate) fn advance(state: &mut State, effects: &mut Effects) {
    let signed_in = state.identity.is_some();
    let Some(marking) = state
        .table
        .marking
        .as_mut()
        .filter(|marking| signed_in && !marking.asked)
    else {
        return;
    };
    marking.asked = true;
    let query = marking.page();
    call::send(state, Call::Collect { query }, effects);
}

/// Marks the people of a page. Outdated answers are ignored.
pub(crate) fn on_collected(
    state: &mut State,
    query: &Query,
    result: Result<Page>,
    effects: &mut Effects,
) -> Option<Next> {
    let marking = state
        .table
        .marking
        .as_mut()
        .filter(|marking| marking.page() == *query)?;
    marking.asked = false;
    match result {
        Ok(page) => {
            take(state, page.rows, page.total, effects);
            None
        }
        // It continues when the server is back.
        Err(ClientError::Unreachable { .. }) => None,
        Err(error) => {
            if !error.needs_sign_in() {
                state.table.marking = None;
            }
            failed(state, &error)
        }
    }
}

fn take(state: &mut State, people: Vec<Employee>, total: usize, effects: &mut Effects) {
    let Some(marking) = state.table.marking.as_mut() else {
        return;
    };
    marking.next += people.len();
    let is_done = people.is_empty() || marking.next >= marking.end;
    let has_changed = marking.total != total;
    let (count, filter) = (
        marking.next - marking.first,
        marking.query.filter(state.now),
    );
    for employee in &people {
        state.table.marks.insert(employee);
    }
    if !is_done {
        return advance(state, effects);
    }
    state.table.marking = None;
    // No one was marked before, so the filter hides none.
    if state.table.marks.len() == count {
        state.table.marks.are_seen(filter);
    }
    state.table.refilter(state.now);
    if has_changed {
        state.warn("The list changed while marking. Mark again to include everyone.");
    } else {
        state.message(format!("{} marked.", grouped(state.table.marks.len())));
    }
}

/// Cancels a range or a running mark-all. Returns `true` if there was one.
pub(crate) fn stop(state: &mut State) -> bool {
    let was_range = state.table.range().is_some();
    state.table.range = None;
    let marking = state.table.marking.take();
    if marking.is_some() {
        state.table.refilter(state.now);
        state.message(format!(
            "Stopped; {} marked.",
            grouped(state.table.marks.len())
        ));
    }
    was_range || marking.is_some()
}

/// Unmarks deleted people, after an answer that contains everyone, and reports how many.
pub(crate) fn unmark_deleted(state: &mut State) {
    let deleted = state.table.unmark_deleted();
    match deleted {
        0 => {}
        1 => state.warn("One marked person has been deleted."),
        _ => state.warn(format!(
            "{} marked people have been deleted.",
            grouped(deleted)
        )),
    }
}
