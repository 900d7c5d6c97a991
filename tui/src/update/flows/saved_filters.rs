//! Filters that are kept: named ones, those used lately, and the last one.

use roster_common::Username;

use super::navigation;
use crate::effect::{Effects, LocalTask};
use crate::keys::Action;
use crate::state::State;
use crate::state::saved_filters::{SavedFilter, SavedFilters};
use crate::state::text::LineEdit;
use crate::update::verbs::{load, names};

/// Notes the filter and the sort that the table has now, and saves them.
pub(crate) fn remember(state: &mut State, effects: &mut Effects) {
    let view = SavedFilter::of(&state.table);
    let saved = &mut state.table.saved;
    saved.use_filter(&view.filter);
    saved.last = view;
    save(state, effects);
}

fn save(state: &State, effects: &mut Effects) {
    if let Some(identity) = &state.identity {
        effects.push(LocalTask::SaveFilters {
            user: identity.user.username.clone(),
            text: state.table.saved.to_text(),
        });
    }
}

/// Takes over the saved filters, and shows the last one if the user wants that.
pub(crate) fn on_loaded(
    state: &mut State,
    user: &Username,
    text: Result<Option<String>, String>,
    effects: &mut Effects,
) {
    if !state.is_me(user.as_str()) {
        return;
    }
    match text.and_then(|text| text.map(|text| SavedFilters::from_text(&text)).transpose()) {
        Ok(None) => {}
        Ok(Some(saved)) => {
            let last = saved.last.clone();
            state.table.saved = saved;
            let is_plain = state.table.search.text().is_empty() && state.table.order.is_empty();
            if state.keeps_filter && is_plain && last != SavedFilter::default() {
                show(state, &last, effects);
            }
        }
        Err(why) => state.warn(format!("Can't read the saved filters: {why}.")),
    }
}

/// Shows a named filter.
pub(crate) fn apply(state: &mut State, name: &str, effects: &mut Effects) {
    let Some(view) = state.table.saved.named.get(name).cloned() else {
        return;
    };
    navigation::leave(state);
    show(state, &view, effects);
    remember(state, effects);
}

fn show(state: &mut State, view: &SavedFilter, effects: &mut Effects) {
    let table = &mut state.table;
    table.order = view.order();
    if let Some(arrangement) = view.arrangement() {
        table.arrangement = arrangement;
        table.column = 0;
    }
    table.search = LineEdit::new(view.filter.as_str());
    table.applied.clone_from(&view.filter);
    load::requery(state, effects);
    names::fetch_filter_manager(state, effects);
}

/// Keeps the current filter, sort and columns under a name.
pub(crate) fn keep(state: &mut State, name: &str, effects: &mut Effects) {
    let view = SavedFilter::with_columns(&state.table);
    _ = state.table.saved.named.insert(name.to_owned(), view);
    state.message(format!("Saved the filter “{name}”."));
    save(state, effects);
}

/// Deletes a named filter.
pub(crate) fn delete(state: &mut State, name: &str, effects: &mut Effects) {
    if state.table.saved.named.remove(name).is_some() {
        state.message(format!("Deleted the filter “{name}”."));
        save(state, effects);
    }
}

/// Recalls an older or newer filter in the empty filter line. Returns `false` if there is none, so
/// that the key moves the cursor.
pub(crate) fn recall(state: &mut State, action: Action) -> bool {
    let table = &mut state.table;
    let is_empty = table.search.text().is_empty();
    let next = match (action, table.recalled) {
        (Action::Up, None) if is_empty => Some(0),
        (Action::Up, Some(at)) => Some(at + 1),
        (Action::Down, Some(at)) => at.checked_sub(1),
        _ => return false,
    };
    let filter = match next {
        None => String::new(),
        Some(at) => match table.saved.recent.get(at) {
            Some(filter) => filter.clone(),
            // The oldest one stays.
            None => return table.recalled.is_some(),
        },
    };
    table.recalled = next;
    table.search = LineEdit::new(filter);
    true
}
