//! The help.

use crate::keys::{Action, Key};
use crate::layout::help::{last_line, page};
use crate::state::{Help, State};
use crate::update::verbs::edit;

pub(crate) fn act(state: &mut State, action: Action) {
    let last = state
        .overlay::<Help>()
        .map_or(0, |help| last_line(state, help));
    let page = page(state);
    let Some(help) = state.overlay_mut::<Help>() else {
        return;
    };
    match action {
        Action::Close => state.close::<Help>(),
        Action::Down => help.first = (help.first + 1).min(last),
        Action::PageDown => help.first = (help.first + page).min(last),
        Action::Up => help.first = help.first.saturating_sub(1),
        Action::PageUp => help.first = help.first.saturating_sub(page),
        _ => {}
    }
}

pub(crate) fn write(state: &mut State, key: Key) {
    if let Some(help) = state.overlay_mut::<Help>()
        && edit::edit(&mut help.filter, key)
    {
        help.first = 0;
    }
}

/// Returns the number of lines pasted.
pub(crate) fn on_paste(state: &mut State, text: &str) -> usize {
    let Some(help) = state.overlay_mut::<Help>() else {
        return 0;
    };
    help.first = 0;
    help.filter.paste(text)
}
