//! The command palette.

use crate::keys::{Action, Key};
use crate::palette::entries;
use crate::state::{Palette, State};
use crate::update::next::Next;
use crate::update::verbs::edit;

/// How many recent actions are remembered.
const RECENT: usize = 20;

pub(crate) fn act(state: &mut State, action: Action) -> Option<Next> {
    let palette = state.overlay::<Palette>()?;
    let entries = entries(state, palette);
    let last = entries.len().saturating_sub(1);
    let chosen = match action {
        Action::Close => {
            state.close::<Palette>();
            return None;
        }
        Action::Open => {
            let entry = entries.get(palette.chosen)?;
            let (reason, actions) = (entry.unavailable_reason, entry.actions());
            return perform(state, actions, reason);
        }
        // `>=`, because the list shrinks when an action becomes unavailable.
        Action::Down if palette.chosen >= last => 0,
        Action::Down => palette.chosen + 1,
        Action::Up => palette.chosen.checked_sub(1).unwrap_or(last),
        _ => palette.chosen,
    };
    if let Some(palette) = state.overlay_mut::<Palette>() {
        palette.chosen = chosen;
    }
    None
}

/// Runs the selected action on the screen below, or on another one that is opened first.
fn perform(
    state: &mut State,
    (way, action): (Option<Action>, Action),
    reason: Option<&'static str>,
) -> Option<Next> {
    state.close::<Palette>();
    if let Some(reason) = reason {
        state.warn(reason);
        return None;
    }
    state.recent.retain(|recent| *recent != action);
    state.recent.insert(0, action);
    state.recent.truncate(RECENT);
    Next::both(way.map(Next::Act), Some(Next::Act(action)))
}

pub(crate) fn write(state: &mut State, key: Key) {
    if let Some(palette) = state.overlay_mut::<Palette>()
        && edit::edit(&mut palette.line, key)
    {
        palette.chosen = 0;
    }
}

/// Returns the number of lines pasted.
pub(crate) fn on_paste(state: &mut State, text: &str) -> usize {
    let Some(palette) = state.overlay_mut::<Palette>() else {
        return 0;
    };
    palette.chosen = 0;
    palette.line.paste(text)
}
