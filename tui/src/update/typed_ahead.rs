//! Keys that were typed before a list of suggestions was there: they wait for it, so that they mean
//! the same however fast somebody types and however far the server is.

use std::time::Duration;

use roster_common::Field;

use crate::effect::{Effects, LocalTask};
use crate::event::Timer;
use crate::keys::{Action, Key, Screen};
use crate::state::{Export, Form, Import, State};

/// How long keys wait. A list that takes longer would make the keyboard seem dead.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// Keeps a key that is about a list which has been asked for, and those after it. Returns `true` if
/// it waits.
pub(super) fn keep(state: &mut State, key: Key, effects: &mut Effects) -> bool {
    let action = state.keymap.action(state.screen(), key);
    let is_first = state.typed_ahead.is_empty();
    match action {
        // These do not wait for anything, and what is closed needs no keys.
        Some(Action::Close | Action::Interrupt | Action::Suspend | Action::Redraw) => {
            state.typed_ahead.clear();
            return false;
        }
        _ if is_first && !needs_list(state, action) => return false,
        _ => state.typed_ahead.push(key),
    }
    if is_first {
        effects.push(LocalTask::Wait(Timer::TypedAhead, LONGEST_WAIT));
    }
    true
}

/// The keys that can go on now: all if nothing is waited for any more, or if it `is_late`.
pub(super) fn release(state: &mut State, is_late: bool) -> Vec<Key> {
    if is_late || !awaits_list(state) {
        std::mem::take(&mut state.typed_ahead)
    } else {
        Vec::new()
    }
}

/// Whether an action chooses from a list that is not there yet.
fn needs_list(state: &State, action: Option<Action>) -> bool {
    let chooses = match state.screen() {
        // A manager has to be one of the list; other fields also take what was typed.
        Screen::Cell if names_manager(state) && action == Some(Action::Save) => true,
        Screen::Form | Screen::Cell if names_manager(state) => matches!(
            action,
            Some(Action::Down | Action::Open | Action::Suggestion)
        ),
        Screen::Form | Screen::Cell => action == Some(Action::Down),
        Screen::Search => matches!(action, Some(Action::Down | Action::Suggestion)),
        // What comes after Tab is about the completed path.
        Screen::Export | Screen::ImportFile => true,
        _ => false,
    };
    chooses && awaits_list(state)
}

/// Whether a manager's name was typed; nobody needs no list.
fn names_manager(state: &State) -> bool {
    let form = state.overlay::<Form>();
    form.is_some_and(|form| form.focus == Field::Manager && !form.text(Field::Manager).is_empty())
}

fn awaits_list(state: &State) -> bool {
    let path = match state.screen() {
        Screen::Export => state.overlay::<Export>().map(|export| &export.path),
        Screen::ImportFile => state.overlay::<Import>().map(|import| &import.path),
        _ => None,
    };
    if let Some(path) = path {
        return path.awaits_completion();
    }
    let suggestions = match state.screen() {
        Screen::Form | Screen::Cell => state.overlay::<Form>().map(|form| &form.suggestions),
        Screen::Search => Some(&state.table.suggestions),
        _ => None,
    };
    suggestions.is_some_and(|suggestions| suggestions.open && suggestions.asked.is_some())
}
