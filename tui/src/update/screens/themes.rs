//! The choice of a theme: each is shown at once.

use crate::effect::{Effects, LocalTask};
use crate::keys::Action;
use crate::state::{State, Themes};

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) {
    match action {
        Action::Down => state.theme = state.theme.neighbour(1),
        Action::Up => state.theme = state.theme.neighbour(-1),
        Action::Open => keep(state, effects),
        Action::Close => {
            let before = state.overlay::<Themes>().map(|themes| themes.before);
            state.theme = before.unwrap_or(state.theme);
            state.close::<Themes>();
        }
        _ => {}
    }
}

/// Saves the theme, unless config.toml or `NO_COLOR` sets one.
fn keep(state: &mut State, effects: &mut Effects) {
    let before = state.take::<Themes>().map(|themes| themes.before);
    if before == Some(state.theme) {
        return;
    }
    let name = state.theme.name();
    if state.saves_theme {
        state.message(format!("Theme: {name}."));
        effects.push(LocalTask::SaveTheme(state.theme));
    } else {
        state.message(format!(
            "Theme: {name}, until you quit (NO_COLOR or config.toml sets it)."
        ));
    }
}
