//! Loads rows that come into view, and the current record.

use std::ops::Range;

use roster_common::query::{Start, Window};
use roster_common::{EmployeeId, Query};

use super::{call, names, related};
use crate::effect::{Call, Effects};
use crate::state::State;
use crate::state::table::{PAGE, ScrollDirection};

/// How many screens of rows are loaded ahead: PageDown fifteen times a second passes three of them
/// before a server 150 ms away has answered.
const SCREENS_AHEAD: usize = 5;

/// Reloads the table. The cursor stays on its record.
pub(crate) fn refresh(state: &mut State, effects: &mut Effects) {
    state.table.renew(state.now);
    bring_into_view(state, effects);
    count_everybody(state, effects);
}

/// Starts a new query at its first row.
pub(crate) fn requery(state: &mut State, effects: &mut Effects) {
    state.table.cursor = 0;
    state.table.top = 0;
    state.table.selected = None;
    state.table.renew(state.now);
    bring_into_view(state, effects);
}

/// Asks for the number of people without the filter, which may have changed too.
fn count_everybody(state: &mut State, effects: &mut Effects) {
    let can_ask = state.identity.is_some() && state.offline.is_none();
    if can_ask && !state.table.applied.is_empty() {
        call::send(state, Call::Collect { query: everybody() }, effects);
    }
}

/// Scrolls the cursor into view and loads what is missing: rows, and the manager of the open
/// record.
pub(crate) fn bring_into_view(state: &mut State, effects: &mut Effects) {
    keep_cursor_in_view(state);
    load(state, effects);
    names::fetch_shown_manager(state, effects);
    related::follow(state, effects);
}

fn load(state: &mut State, effects: &mut Effects) {
    let Some(pages) = wanted(state) else {
        return;
    };
    let rows = Call::Load {
        query_number: state.table.query_number,
        query: state.table.query(&pages),
        offset: pages.start * PAGE,
    };
    state.table.asked.push(pages);
    state.table.loads += 1;
    call::send(state, rows, effects);
}

/// Scrolls the table just enough to show the cursor.
pub(crate) fn keep_cursor_in_view(state: &mut State) {
    let screen = state.rows_on_screen();
    let table = &mut state.table;
    // Beside the open record a frame costs more, so that the table scrolls further at a time.
    let ahead = table.detail.map_or(0, |_| screen / 3);
    if table.cursor < table.top {
        table.top = table.cursor.saturating_sub(ahead);
    } else if table.cursor >= table.top + screen {
        table.top = (table.cursor + 1 + ahead).saturating_sub(screen);
    }
    let least = (table.cursor + 1).saturating_sub(screen);
    let most = table.len().saturating_sub(screen);
    // Until the length of a new query is known, the window stays.
    let top = if table.is_outdated() {
        table.top
    } else {
        table.top.min(most)
    };
    table.top = top.clamp(least, table.cursor.max(least));
}

/// The pages to load now: those in view, and the next ones in the direction of travel, in one
/// request.
///
/// A new query waits for the answer to the last one, so that fast typing does not flood the server.
fn wanted(state: &State) -> Option<Range<usize>> {
    let table = &state.table;
    let screen = state.rows_on_screen();
    let is_waiting = state
        .offline
        .as_ref()
        .is_some_and(|offline| !offline.trying);
    if state.identity.is_none() || is_waiting || (table.is_outdated() && table.loads > 0) {
        return None;
    }
    // Nothing is loaded ahead until it is known how long the list is.
    if table.total.is_none() || table.is_outdated() {
        let pages = table.top / PAGE..(table.top + screen).div_ceil(PAGE);
        return (!table.asked.contains(&pages)).then_some(pages);
    }
    let ahead = PAGE.max(SCREENS_AHEAD * screen);
    let (above, below) = match table.direction {
        ScrollDirection::Up => (ahead, 0),
        ScrollDirection::Down => (0, ahead),
    };
    let first = table.top.saturating_sub(above) / PAGE;
    let end = (table.top + screen + below).min(table.len()).div_ceil(PAGE);
    let is_missing = |page: &usize| {
        !table.pages.contains_key(page) && !table.asked.iter().any(|a| a.contains(page))
    };
    // One gap per request; the next one is looked for when the answer is here.
    let start = (first..end).find(is_missing)?;
    let end = (start..end).take_while(|page| is_missing(page)).count() + start;
    Some(start..end.min(start + Window::MAX_LIMIT / PAGE))
}

/// Reloads the current record, which may have changed since the list was loaded.
pub(crate) fn read_current(state: &mut State, effects: &mut Effects) {
    let can_ask = state.identity.is_some() && state.offline.is_none();
    if let Some(id) = state.current().map(|employee| employee.id)
        && can_ask
    {
        call::send(state, Call::Fetch { id }, effects);
    }
}

/// The query for a person's reports.
pub(crate) fn reports_to(id: EmployeeId) -> Query {
    total_of(format!("mgr:{id}"))
}

/// The query for all people.
pub(crate) fn everybody() -> Query {
    total_of(String::new())
}

/// A query that loads one row, since only the total matters.
fn total_of(q: String) -> Query {
    let window = Window::Page {
        limit: 1,
        start: Start::Offset(0),
    };
    Query {
        q,
        window,
        ..Query::default()
    }
}
