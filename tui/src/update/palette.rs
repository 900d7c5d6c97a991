//! The actions by their words.

use super::edit;
use crate::event::Effect;
use crate::keys::{Action, Key};
use crate::palette::entries;
use crate::state::{Palette, State};

/// How many actions are remembered as used last.
const RECENT: usize = 20;

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(palette) = state.part::<Palette>() else {
        return Vec::new();
    };
    let entries = entries(state, palette);
    let last = entries.len().saturating_sub(1);
    let chosen = match action {
        Action::Close => return leave(state),
        Action::Open => {
            let chosen = entries
                .get(palette.chosen)
                .map(|entry| (entry.does(), entry.told()));
            return chosen
                .map(|(action, told)| perform(state, action, told))
                .unwrap_or_default();
        }
        Action::Down if palette.chosen >= last => 0,
        Action::Down => palette.chosen + 1,
        Action::Up => palette.chosen.checked_sub(1).unwrap_or(last),
        _ => palette.chosen,
    };
    if let Some(palette) = state.part_mut::<Palette>() {
        palette.chosen = chosen;
    }
    Vec::new()
}

fn leave(state: &mut State) -> Vec<Effect> {
    state.close::<Palette>();
    Vec::new()
}

/// Does what the chosen key would do on the screen beneath. What is done on another is not: its key is told there.
fn perform(
    state: &mut State,
    action: Result<Action, &'static str>,
    told: Option<String>,
) -> Vec<Effect> {
    state.close::<Palette>();
    let action = match action {
        Ok(action) => action,
        Err(reason) => {
            state.warn(reason);
            return Vec::new();
        }
    };
    state.recent.retain(|recent| *recent != action);
    state.recent.insert(0, action);
    state.recent.truncate(RECENT);
    let effects = super::act(state, action);
    if let (Some(told), None) = (told, &state.banner) {
        state.say(told);
    }
    effects
}

pub(super) fn write(state: &mut State, key: Key) {
    if let Some(palette) = state.part_mut::<Palette>()
        && edit::edit(&mut palette.line, key)
    {
        palette.chosen = 0;
    }
}

pub(super) fn on_paste(state: &mut State, text: &str) {
    if let Some(palette) = state.part_mut::<Palette>() {
        palette.line.paste(text);
        palette.chosen = 0;
    }
}
