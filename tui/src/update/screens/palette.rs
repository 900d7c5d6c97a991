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
            let (action, message) = (entry.does(), entry.message());
            return perform(state, action, message);
        }
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

/// Runs the selected action on the screen below. For another screen's action, opens that screen and
/// shows a hint, unless opening it shows a message of its own.
fn perform(
    state: &mut State,
    action: Result<Action, &'static str>,
    message: Option<String>,
) -> Option<Next> {
    state.close::<Palette>();
    let action = match action {
        Ok(action) => action,
        Err(reason) => {
            state.warn(reason);
            return None;
        }
    };
    state.recent.retain(|recent| *recent != action);
    state.recent.insert(0, action);
    state.recent.truncate(RECENT);
    if let Some(message) = message {
        state.message(message);
    }
    Some(Next::Act(action))
}

pub(crate) fn write(state: &mut State, key: Key) {
    if let Some(palette) = state.overlay_mut::<Palette>()
        && edit::edit(&mut palette.line, key)
    {
        palette.chosen = 0;
    }
}

pub(crate) fn on_paste(state: &mut State, text: &str) {
    if let Some(palette) = state.overlay_mut::<Palette>() {
        palette.line.paste(text);
        palette.chosen = 0;
    }
}
