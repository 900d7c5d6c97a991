//! A bulk change: preview, confirmation, results.

use crate::effect::Effects;
use crate::keys::{Action, Key, Screen};
use crate::state::State;
use crate::state::batch::{Batch, Stage};
use crate::update::flows::{batch, history, offline};
use crate::update::next::Next;
use crate::update::verbs::cursor::steps;
use crate::update::verbs::edit;

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    let by = steps(state, action);
    let shown = state.overlay_mut::<Batch>()?;
    match action {
        Action::Right => shown.yes = !shown.yes,
        Action::Yes => {
            shown.yes = true;
            return choose(state, effects);
        }
        Action::No | Action::Close => return batch::close(state),
        Action::Open => return choose(state, effects),
        Action::History => {
            // Opens the history of the selected record, even if it is deleted.
            let row = shown.rows.get(shown.focus)?;
            let (id, name) = (row.id, row.name());
            return history::open(state, id, name, effects);
        }
        Action::Undo | Action::Redo => {
            return Next::both(batch::close(state), Some(Next::Act(action)));
        }
        _ => shown.move_by(by),
    }
    None
}

/// Edits the number typed to confirm.
pub(crate) fn write(state: &mut State, key: Key) {
    let asks_number = |batch: &&mut Batch| batch.stage == Stage::Preview && batch.asks_number();
    if let Some(batch) = state.overlay_mut::<Batch>().filter(asks_number)
        && matches!(key, Key::Char('0'..='9') | Key::Backspace)
    {
        _ = edit::edit(&mut batch.typed, key);
    }
}

/// Runs the selected answer; after the end, retries what was not done.
fn choose(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let shown = state.overlay::<Batch>()?;
    let left = shown.to_send();
    match shown.stage {
        Stage::Gathering | Stage::Running => None,
        // Otherwise a retry could repeat a change that was saved.
        Stage::Done if shown.has_unknown_results() => {
            offline::ask_now(state, effects);
            None
        }
        Stage::Done if left > 0 => batch::run(state, effects),
        Stage::Preview if shown.asks_number() && shown.typed.text() != left.to_string() => {
            ask_for_number(state);
            None
        }
        Stage::Preview if left > 0 && (shown.yes || shown.asks_number()) => {
            batch::run(state, effects)
        }
        Stage::Preview | Stage::Done => batch::close(state),
    }
}

/// Asks again for the number of people to delete, since another one or none was typed.
fn ask_for_number(state: &mut State) {
    let Some(shown) = state.overlay::<Batch>() else {
        return;
    };
    let left = shown.to_send();
    let leave = state.keymap.key(Screen::Batch, Action::Close);
    state.warn(format!(
        "Type {left} to confirm, or press {leave} to cancel."
    ));
}
