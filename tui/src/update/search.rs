//! The filter, while it is written: every change is a new question.

use super::{completion, edit, table};
use crate::event::Effect;
use crate::keys::{Action, Key};
use crate::state::State;
use crate::state::text::Line;

/// The longest filter: each character can take twelve bytes of the request's head, which holds 16 KiB.
const MAX_CHARS: usize = 1000;

pub(super) fn open(state: &mut State) {
    let table = &mut state.table;
    table.searching = true;
    if table.search.text().is_empty() {
        table.before_search = Some((table.cursor, table.selected));
    }
}

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Open => return completion::take_chosen(state).unwrap_or_else(|| keep(state)),
        Action::Offer => return completion::complete(state),
        Action::ClearSearch if state.table.offers.is_shown() => state.table.offers.close(),
        Action::ClearSearch => return clear(state),
        Action::Down if state.table.offers.is_shown() => state.table.offers.choose(1),
        Action::Up if state.table.offers.is_shown() => state.table.offers.choose(-1),
        _ => return table::move_cursor(state, action, None),
    }
    Vec::new()
}

/// Leaves the filter as it is written.
fn keep(state: &mut State) -> Vec<Effect> {
    let asked = state.table.filter();
    state.table.searching = false;
    state.table.offers.close();
    if state.table.filter() == asked {
        Vec::new()
    } else {
        table::requery(state)
    }
}

pub(super) fn write(state: &mut State, key: Key) -> Vec<Effect> {
    if edit::edit(&mut state.table.search, key) {
        return changed(state);
    }
    // The cursor may be in another word now.
    state.table.offers.close();
    Vec::new()
}

pub(super) fn on_paste(state: &mut State, text: &str) -> Vec<Effect> {
    state.table.search.paste(text);
    changed(state)
}

/// Asks what the filter asks now.
pub(super) fn changed(state: &mut State) -> Vec<Effect> {
    shorten(state);
    let mut effects = table::requery(state);
    effects.extend(completion::list(state));
    effects
}

/// Cuts a filter that is longer than the head of a request may be.
fn shorten(state: &mut State) {
    let search = &mut state.table.search;
    if let Some((end, _)) = search.text().char_indices().nth(MAX_CHARS) {
        *search = Line::new(search.text().get(..end).unwrap_or_default());
        state.warn(format!("A filter has at most {MAX_CHARS} characters."));
    }
}

/// Takes the filter away. While it is written, that goes back to where the cursor was before; where it was kept, the
/// cursor stays on who was found.
pub(super) fn clear(state: &mut State) -> Vec<Effect> {
    let table = &mut state.table;
    let is_written = std::mem::take(&mut table.searching);
    table.offers.close();
    let before = table.before_search.take();
    if table.search.text().is_empty() {
        return Vec::new();
    }
    if state.offline.is_some() {
        state.warn("The server is not reached, and nobody else is here: the filter stays.");
        return Vec::new();
    }
    table.search = Line::default();
    if is_written || table.selected.is_none() {
        (table.cursor, table.selected) = before.unwrap_or_default();
    }
    table::refresh(state)
}
