//! The filter: every edit is a new query, unless it has a mistake.

use roster_common::Query;

use super::{completion, saved_filters};
use crate::effect::Effects;
use crate::keys::{Action, Screen};
use crate::state::jumps::Jump;
use crate::state::text::LineEdit;
use crate::state::{State, completion as typed, offline};
use crate::update::verbs::{load, names};

/// The maximum length: a character can take 12 bytes of the request head, which is limited to 16
/// KiB.
const MAX_CHARS: usize = 1000;

/// Opens the filter.
pub(crate) fn open(state: &mut State) {
    let table = &mut state.table;
    table.searching = true;
    table.recalled = None;
    table.left = Some(Jump::of(table));
    if table.search.text().is_empty() {
        table.before_search = Some((table.cursor, table.selected));
    }
}

/// Closes the filter and keeps it. With a mistake it stays open, since the rows do not match it.
pub(crate) fn keep(state: &mut State, effects: &mut Effects) {
    let filter = state.table.search.text().to_owned();
    if let Some(mistake) = mistake(&filter) {
        let choose = state.keymap.key(Screen::Search, Action::Suggestion);
        let hint = match state.table.suggestions.is_shown() {
            true => format!(" {choose} chooses from the list."),
            false => String::new(),
        };
        return state.warn(mistake + &hint);
    }
    apply(state, filter, effects);
    // A filter that was opened and not changed is no place to go back to.
    if let Some(jump) = state.table.left.take()
        && jump.filter != state.table.applied
    {
        state.table.jumps.push(jump);
    }
    state.table.searching = false;
    state.table.suggestions.close();
    if state.table.search.text() != state.table.applied {
        return state.message(offline::FILTER_WAITS);
    }
    saved_filters::remember(state, effects);
}

/// Runs the filter. With a mistake, the rows stay as they are, and the status line names it.
pub(crate) fn on_change(state: &mut State, effects: &mut Effects) {
    shorten(state);
    let search = &state.table.search;
    let filter = typed::settled(search);
    if mistake(&filter).is_none() {
        if !is_nobody_still(state) {
            apply(state, filter, effects);
        }
    } else if let Some(others) = typed::without_unknown_field(search) {
        // Before its colon, the name was searched for as a word, which may have emptied the table.
        apply(state, others, effects);
    }
    completion::list(state, effects);
}

/// Nobody has the manager's name that is being typed: shows nobody, and not everybody.
pub(crate) fn find_nobody(state: &mut State, effects: &mut Effects) {
    let filter = state.table.search.text().to_owned();
    apply(state, filter, effects);
}

/// Whether nobody has the manager's name so far, so that nobody has the longer one.
fn is_nobody_still(state: &State) -> bool {
    let table = &state.table;
    let applied = LineEdit::new(table.applied.as_str());
    let is_longer = table.search.text().starts_with(applied.text());
    is_longer
        && typed::typed_manager(&applied).is_some()
        && typed::typed_manager(&table.search).is_some()
}

/// What is wrong with a filter, as a sentence.
fn mistake(filter: &str) -> Option<String> {
    let query = Query {
        q: filter.to_owned(),
        ..Query::default()
    };
    Some(query.mistake()?.to_string())
}

/// Applies the filter that was written offline.
pub(crate) fn on_reconnect(state: &mut State, effects: &mut Effects) {
    let filter = typed::settled(&state.table.search);
    if mistake(&filter).is_none() {
        apply(state, filter, effects);
    }
}

/// Loads the rows that match another filter. Offline it waits, since only the loaded people could
/// be searched.
fn apply(state: &mut State, filter: String, effects: &mut Effects) {
    if filter != state.table.applied && state.offline.is_none() {
        state.table.applied = filter;
        load::requery(state, effects);
        names::fetch_filter_manager(state, effects);
    }
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
        table.search = LineEdit::new(table.applied.as_str());
        if table.applied.is_empty() {
            return;
        }
        return state.warn("Offline: only these people are loaded, so the filter stays.");
    }
    // A filter that is still being typed is no place to go back to.
    if !is_written {
        table.jumps.push(Jump::of(table));
    }
    table.left = None;
    table.search = LineEdit::default();
    table.applied.clear();
    if is_written || table.selected.is_none() {
        (table.cursor, table.selected) = before.unwrap_or_default();
    }
    load::refresh(state, effects);
    if !is_written {
        saved_filters::remember(state, effects);
    }
}
