//! Marking people: one by one, from here to there, and all that match.

use roster_common::query::Sort;
use roster_common::{Employee, Query};

use super::{ask, failed, table};
use crate::event::Effect;
use crate::keys::Action;
use crate::remote::{ClientError, Page, Result};
use crate::state::State;
use crate::state::marks::{Marking, Marks, Range};
use crate::words::grouped;

/// Marks the person of the cursor, or takes the mark away, and goes down.
pub(super) fn toggle(state: &mut State) -> Vec<Effect> {
    let Some(employee) = state.current().cloned() else {
        return Vec::new();
    };
    if !state.table.marks.remove(employee.id) {
        state.table.marks.insert(&employee);
    }
    table::move_cursor(state, Action::Down, None)
}

/// Begins a range at the cursor, or marks the one that ends there.
pub(super) fn range(state: &mut State) -> Vec<Effect> {
    let Some(rows) = state.table.range() else {
        state.table.range = Some(Range {
            row: state.table.cursor,
            generation: state.table.generation,
        });
        let stop = state.keymap.key(state.screen(), Action::ClearSearch);
        state.say(format!(
            "Go to the other end and press the key again. {stop} lets go."
        ));
        return Vec::new();
    };
    state.table.range = None;
    let sort = state.table.sort();
    begin(state, sort, *rows.start(), rows.end() + 1)
}

/// Marks all that the filter shows.
pub(super) fn all(state: &mut State) -> Vec<Effect> {
    let end = state.table.len();
    // In the order of ids, what is added meanwhile comes last and moves nobody.
    begin(state, Sort::default(), 0, end)
}

fn begin(state: &mut State, sort: Sort, first: usize, end: usize) -> Vec<Effect> {
    if end - first > Marks::MOST {
        state.warn(format!(
            "At most {} people can be marked at once.",
            grouped(Marks::MOST)
        ));
        return Vec::new();
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
    let here: Option<Vec<_>> = (first..end)
        .map(|row| state.table.row(row).cloned())
        .collect();
    match here.filter(|_| !state.table.is_outdated()) {
        Some(rows) => take(state, rows, state.table.len()),
        None => go_on(state),
    }
}

/// Asks for the next page of those who are to be marked, if any are left and none is on its way.
pub(super) fn go_on(state: &mut State) -> Vec<Effect> {
    match state
        .table
        .marking
        .as_mut()
        .filter(|marking| !marking.asked)
    {
        Some(marking) if state.identity.is_some() => {
            marking.asked = true;
            let query = marking.page();
            ask(state, Effect::Collect { query })
        }
        _ => Vec::new(),
    }
}

/// An answer to a page that is not wanted any more changes nothing.
pub(super) fn collected(state: &mut State, query: &Query, result: Result<Page>) -> Vec<Effect> {
    let Some(marking) = state
        .table
        .marking
        .as_mut()
        .filter(|marking| marking.page() == *query)
    else {
        return Vec::new();
    };
    marking.asked = false;
    match result {
        Ok(page) => take(state, page.rows, page.total),
        // It goes on when the server is back.
        Err(ClientError::Unreachable { .. }) => Vec::new(),
        Err(error) => {
            if !error.needs_sign_in() {
                state.table.marking = None;
            }
            failed(state, &error);
            Vec::new()
        }
    }
}

fn take(state: &mut State, people: Vec<Employee>, total: usize) -> Vec<Effect> {
    let Some(marking) = state.table.marking.as_mut() else {
        return Vec::new();
    };
    marking.next += people.len();
    let is_done = people.is_empty() || marking.next >= marking.end;
    let has_changed = marking.total != total;
    let (count, terms) = (marking.next - marking.first, marking.query.terms());
    people
        .iter()
        .for_each(|employee| state.table.marks.insert(employee));
    if !is_done {
        return go_on(state);
    }
    state.table.marking = None;
    // Nobody was marked before, so all have been found by the filter.
    if state.table.marks.len() == count {
        state.table.marks.are_seen(terms);
    }
    state.table.refilter();
    match has_changed {
        true => {
            state.warn("The list changed while it was marked. Mark it again to be sure of all.");
        }
        false => state.say(format!("{} marked.", grouped(state.table.marks.len()))),
    }
    Vec::new()
}

/// Lets go of what is under way; whether something was.
pub(super) fn stop(state: &mut State) -> bool {
    let was_range = state.table.range().is_some();
    state.table.range = None;
    let marking = state.table.marking.take();
    if marking.is_some() {
        state.table.refilter();
        state.say(format!(
            "Stopped; {} marked.",
            grouped(state.table.marks.len())
        ));
    }
    was_range || marking.is_some()
}

/// Takes the marks from those who are gone, after an answer that has everybody, and tells how many they were.
pub(super) fn drop_gone(state: &mut State) {
    let gone = state.table.drop_gone();
    match gone {
        0 => {}
        1 => state.warn("One of the marked people is gone."),
        _ => state.warn(format!("{} of the marked people are gone.", grouped(gone))),
    }
}
