//! The filter, while it is written: every change is a new question.

use super::{edit, table};
use crate::event::{Effect, Key};
use crate::keys::Action;
use crate::state::State;
use crate::state::text::Line;

pub(super) fn open(state: &mut State) {
    let table = &mut state.table;
    table.searching = true;
    if table.search.text().is_empty() {
        table.before_search = Some((table.cursor, table.selected));
    }
}

pub(super) fn on_key(state: &mut State, key: Key, action: Option<Action>) -> Vec<Effect> {
    match action {
        Some(Action::Open) => state.table.searching = false,
        Some(Action::ClearSearch) => return clear(state),
        Some(action) => return table::move_cursor(state, action, None),
        None if edit::edit(&mut state.table.search, key) => return table::requery(state),
        None => {}
    }
    Vec::new()
}

pub(super) fn on_paste(state: &mut State, text: &str) {
    state.table.search.paste(text);
}

/// Takes the filter away, and goes back to the row where the cursor was before.
pub(super) fn clear(state: &mut State) -> Vec<Effect> {
    let table = &mut state.table;
    table.searching = false;
    let before = table.before_search.take();
    if table.search.text().is_empty() {
        return Vec::new();
    }
    table.search = Line::default();
    (table.cursor, table.selected) = before.unwrap_or_default();
    table::refresh(state)
}
