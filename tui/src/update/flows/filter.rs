//! The filter: every change of it is a new query.

use super::completion;
use crate::effect::Effects;
use crate::state::State;
use crate::state::text::LineEdit;
use crate::update::verbs::load;

/// The longest filter: each character can take twelve bytes of the request's head, which holds 16
/// KiB.
const MAX_CHARS: usize = 1000;

/// Begins to write the filter.
pub(crate) fn open(state: &mut State) {
    let table = &mut state.table;
    table.searching = true;
    if table.search.text().is_empty() {
        table.before_search = Some((table.cursor, table.selected));
    }
}

/// Leaves the filter as it is written.
pub(crate) fn keep(state: &mut State, effects: &mut Effects) {
    let asked = state.table.filter();
    state.table.searching = false;
    state.table.suggestions.close();
    if state.table.filter() != asked {
        load::requery(state, effects);
    }
}

/// Asks what the filter asks now.
pub(crate) fn on_change(state: &mut State, effects: &mut Effects) {
    shorten(state);
    load::requery(state, effects);
    completion::list(state, effects);
}

/// Cuts a filter that is longer than the head of a request may be.
fn shorten(state: &mut State) {
    let search = &mut state.table.search;
    if let Some((end, _)) = search.text().char_indices().nth(MAX_CHARS) {
        *search = LineEdit::new(search.text().get(..end).unwrap_or_default());
        state.warn(format!("A filter can have at most {MAX_CHARS} characters."));
    }
}

/// Clears the filter. While it is written, the cursor goes back to where it was before; where it
/// was kept, the cursor stays on who was found.
pub(crate) fn clear(state: &mut State, effects: &mut Effects) {
    let table = &mut state.table;
    let is_written = std::mem::take(&mut table.searching);
    table.suggestions.close();
    let before = table.before_search.take();
    if table.search.text().is_empty() {
        return;
    }
    if state.offline.is_some() {
        return state.warn("Offline: only these people are loaded, so the filter stays.");
    }
    table.search = LineEdit::default();
    if is_written || table.selected.is_none() {
        (table.cursor, table.selected) = before.unwrap_or_default();
    }
    load::refresh(state, effects);
}
