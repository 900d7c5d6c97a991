//! The keys.

use crate::event::Effect;
use crate::keys::Action;
use crate::state::{Help, State};

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let last = state.keymap.bindings().len();
    let Some(help) = state.part_mut::<Help>() else {
        return Vec::new();
    };
    match action {
        Action::Close => state.close::<Help>(),
        Action::Down => help.first = (help.first + 1).min(last),
        Action::Up => help.first = help.first.saturating_sub(1),
        _ => {}
    }
    Vec::new()
}
