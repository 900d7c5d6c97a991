//! A generated password, shown once.

use crate::effect::{Effects, LocalTask};
use crate::keys::Action;
use crate::state::{GeneratedPassword, State};

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) {
    match (action, state.overlay::<GeneratedPassword>()) {
        (Action::CopyCell, Some(generated_password)) => effects.push(LocalTask::Copy {
            text: generated_password.password.clone(),
            what: format!("{}'s password", generated_password.name),
        }),
        (Action::Close, _) => state.close::<GeneratedPassword>(),
        _ => {}
    }
}
