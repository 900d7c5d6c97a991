//! The keys.

use crate::event::Effect;
use crate::keys::{self, Action};
use crate::state::State;

pub(super) fn on_key(state: &mut State, action: Option<Action>) -> Vec<Effect> {
    let last = keys::BINDINGS.len();
    state.help = match action {
        Some(Action::Close) => None,
        Some(Action::Down) => state.help.map(|line| (line + 1).min(last)),
        Some(Action::Up) => state.help.map(|line| line.saturating_sub(1)),
        _ => state.help,
    };
    Vec::new()
}
