//! The filter: every edit is a new query.

use super::completion;
use crate::effect::Effects;
use crate::state::State;
use crate::state::text::LineEdit;
use crate::update::verbs::load;

/// The maximum length: a character can take 12 bytes of the request head, which is limited to 16
/// KiB.
const MAX_CHARS: usize = 1000;

/// Opens the filter.
pub(crate) fn open(state: &mut State) {
    let table = &mut state.table;
    table.searching = true;
    if table.search.text().is_empty() {
        table.before_search = Some((table.cursor, table.selected));
    }
}

/// Closes the filter and keeps it.
pub(crate) fn keep(state: &mut State, effects: &mut Effects) {
    let asked = state.table.filter();
    state.table.searching = false;
    state.table.suggestions.close();
    if state.table.filter() != asked {
        load::requery(state, effects);
    }
}

/// Runs the filter.
pub(crate) fn on_change(state: &mut State, effects: &mut Effects) {
    shorten(state);
    load::requery(state, effects);
    completion::list(state, effects);
}

/// Cuts a filter that is too long for a request.
fn shorten(state: &mut State) {
    let search = &mut state.table.search;
    if let Some((end, _)) = search.text().char_indices().nth(MAX_CHARS) {
        *search = LineEdit::new(search.text().get(..end).unwrap_or_default());
        state.warn(format!("A filter can have at most {MAX_CHARS} characters."));
    }
}

/// Clears the filter. While it is being edited, the cursor returns to its earlier position;
/// otherwise it stays on its record.
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
