//! The filter, while it is being edited.

use crate::effect::Effects;
use crate::keys::{Action, Key};
use crate::state::State;
use crate::update::flows::completion::{self, Completed};
use crate::update::flows::{filter, saved_filters};
use crate::update::verbs::{cursor, edit};

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) {
    let has_list = state.table.suggestions.is_shown();
    match action {
        Action::Open if completion::accept_selected(state) => {
            filter::on_change(state, effects);
        }
        Action::Open => filter::keep(state, effects),
        Action::Suggestion => match completion::complete(state, effects) {
            Completed::Accepted => filter::on_change(state, effects),
            Completed::Listed => {}
            // As in a form, the key then moves on.
            Completed::Nothing => filter::keep(state, effects),
        },
        Action::ClearSearch if has_list => state.table.suggestions.close(),
        Action::ClearSearch => filter::clear(state, effects),
        Action::Down if has_list => state.table.suggestions.choose(1),
        Action::Up if has_list => state.table.suggestions.choose(-1),
        Action::Up | Action::Down if saved_filters::recall(state, action) => {
            filter::on_change(state, effects);
        }
        _ => cursor::move_cursor(state, action, None, effects),
    }
}

pub(crate) fn write(state: &mut State, key: Key, effects: &mut Effects) {
    if let Key::Char(typed) = key {
        completion::type_on(state, typed);
    }
    if edit::edit(&mut state.table.search, key) {
        state.table.recalled = None;
        filter::on_change(state, effects);
    } else {
        // The cursor may be in another word now, which has other suggestions.
        state.table.suggestions.close();
    }
}

/// Returns the number of lines pasted.
pub(crate) fn on_paste(state: &mut State, text: &str, effects: &mut Effects) -> usize {
    if let Some(first) = text.chars().next() {
        completion::type_on(state, first);
    }
    let lines = state.table.search.paste(text);
    filter::on_change(state, effects);
    lines
}
