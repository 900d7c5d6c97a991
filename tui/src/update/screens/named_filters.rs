//! The list of named filters.

use crate::effect::Effects;
use crate::keys::{Action, Key};
use crate::state::text::LineEdit;
use crate::state::{NamedFilters, State};
use crate::update::flows::saved_filters;
use crate::update::verbs::{cursor, edit};

/// The longest name.
const MAX_NAME: usize = 40;

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) {
    let by = cursor::steps(state, action);
    let last = state.table.saved.named.len().saturating_sub(1);
    let chosen = name_at_cursor(state);
    let Some(dialog) = state.overlay_mut::<NamedFilters>() else {
        return;
    };
    match action {
        Action::Close => state.close::<NamedFilters>(),
        Action::New => dialog.name = Some(LineEdit::default()),
        Action::Open => {
            state.close::<NamedFilters>();
            if let Some(name) = chosen {
                saved_filters::apply(state, &name, effects);
            }
        }
        Action::Delete => {
            // The list is about to be shorter by one.
            dialog.chosen = dialog.chosen.min(last.saturating_sub(1));
            if let Some(name) = chosen {
                saved_filters::delete(state, &name, effects);
            }
        }
        _ => dialog.chosen = dialog.chosen.saturating_add_signed(by).min(last),
    }
}

/// While a name is typed.
pub(crate) fn act_on_name(state: &mut State, action: Action, effects: &mut Effects) {
    let Some(dialog) = state.overlay_mut::<NamedFilters>() else {
        return;
    };
    let name = dialog.name.as_ref().map_or("", |line| line.text().trim());
    match action {
        Action::Close => dialog.name = None,
        Action::Save if name.is_empty() => {}
        Action::Save => {
            let name = name.to_owned();
            state.close::<NamedFilters>();
            saved_filters::keep(state, &name, effects);
        }
        _ => {}
    }
}

pub(crate) fn write(state: &mut State, key: Key) {
    if let Some(name) = name_line(state) {
        let before = name.clone();
        if edit::edit(name, key) && name.text().chars().count() > MAX_NAME {
            *name = before;
        }
    }
}

/// Returns the number of lines pasted.
pub(crate) fn on_paste(state: &mut State, text: &str) -> usize {
    name_line(state).map_or(0, |name| {
        let lines = name.paste(text);
        let short: String = name.text().chars().take(MAX_NAME).collect();
        *name = LineEdit::new(short);
        lines
    })
}

fn name_line(state: &mut State) -> Option<&mut LineEdit> {
    state.overlay_mut::<NamedFilters>()?.name.as_mut()
}

fn name_at_cursor(state: &State) -> Option<String> {
    let at = state.overlay::<NamedFilters>()?.chosen;
    state.table.saved.named.keys().nth(at).cloned()
}
