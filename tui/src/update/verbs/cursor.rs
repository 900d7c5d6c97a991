//! Moves the cursor of the table and of lists in dialogs.

use std::cmp::Ordering;

use roster_common::EmployeeId;

use super::load;
use crate::effect::Effects;
use crate::keys::Action;
use crate::state::State;
use crate::state::table::ScrollDirection;
use crate::update::next::Next;

/// Moves the table's cursor and loads the rows that come into view.
pub(crate) fn move_cursor(
    state: &mut State,
    action: Action,
    count: Option<usize>,
    effects: &mut Effects,
) {
    let screen = state.rows_on_screen();
    let by = count.unwrap_or(1);
    let here = state.table.cursor;
    let last = state.table.len().saturating_sub(1);
    let row = match action {
        Action::Down => here.saturating_add(by),
        Action::Up => here.saturating_sub(by),
        Action::PageDown => here.saturating_add(by.saturating_mul(screen)),
        Action::PageUp => here.saturating_sub(by.saturating_mul(screen)),
        Action::HalfDown => here.saturating_add(by.saturating_mul(screen.div_ceil(2))),
        Action::HalfUp => here.saturating_sub(by.saturating_mul(screen.div_ceil(2))),
        // As in vi, a count is the number of the row, from 1.
        Action::First => count.map_or(0, |row| row - 1),
        Action::Last => count.map_or(last, |row| row - 1),
        _ => return,
    };
    let row = if state.offline.is_some() {
        nearest_loaded_row(state, row)
    } else {
        row
    };
    state.table.direction = if row < here {
        ScrollDirection::Up
    } else {
        ScrollDirection::Down
    };
    state.table.move_to(row);
    pass(state, here);
    state.table.detail = state.table.detail.map(|_| 0);
    load::bring_into_view(state, effects);
}

/// Moves to the next column whose cells can be edited, and edits it; stays at the last one.
pub(crate) fn next_cell(state: &mut State) -> Option<Next> {
    let table = &mut state.table;
    let mut after = table
        .arrangement
        .visible()
        .enumerate()
        .skip(table.column + 1);
    let (at, _) = after.find(|(_, column)| column.cell_field().is_some())?;
    table.column = at;
    Some(Next::Act(Action::EditCell))
}

/// Takes the signs of changes by others off the rows that the cursor has passed.
fn pass(state: &mut State, from: usize) {
    let to = state.table.cursor;
    if state.live.is_quiet() {
        return;
    }
    // The row where the cursor is now keeps its sign, unless it has nowhere to go.
    let passed = match from.cmp(&to) {
        Ordering::Less => from..to,
        Ordering::Equal => to..to + 1,
        Ordering::Greater => to + 1..from + 1,
    };
    for id in state.table.loaded_ids(passed) {
        state.live.pass(id);
    }
}

/// While offline, the cursor can only go to loaded rows: returns the nearest one.
fn nearest_loaded_row(state: &mut State, row: usize) -> usize {
    let wanted = row.min(state.table.len().saturating_sub(1));
    let held = state.table.nearest_loaded(wanted).unwrap_or(wanted);
    if held != wanted {
        state.warn("Offline: the other rows are not loaded.");
    }
    held
}

/// Moves the cursor to a loaded row if its own cannot be loaded.
pub(crate) fn move_to_loaded_row(state: &mut State) {
    if state.current().is_none() {
        let row = nearest_loaded_row(state, state.table.cursor);
        state.table.move_to(row);
        load::keep_cursor_in_view(state);
    }
}

/// A record was deleted. If it was selected, the cursor moves to the next one.
pub(crate) fn on_deleted(state: &mut State, id: EmployeeId) {
    _ = state.table.marks.remove(id);
    if state.table.selected == Some(id) {
        state.table.selected = None;
        state.table.detail = None;
    }
}

/// How many rows an action moves the cursor of a list in a dialog.
pub(crate) fn steps(state: &State, action: Action) -> isize {
    let page = isize::try_from(state.rows_on_screen() / 2).unwrap_or(1);
    match action {
        Action::Down => 1,
        Action::Up => -1,
        Action::PageDown => page,
        Action::PageUp => -page,
        Action::First => isize::MIN,
        Action::Last => isize::MAX,
        _ => 0,
    }
}
