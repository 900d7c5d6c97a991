//! A password that was made up for somebody.

use crate::effect::{Effects, LocalTask};
use crate::keys::Action;
use crate::state::{Handover, State};

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) {
    match (action, state.part::<Handover>()) {
        (Action::CopyCell, Some(handover)) => effects.push(LocalTask::Copy {
            text: handover.password.clone(),
            what: format!("the password of {}", handover.name),
        }),
        (Action::Close, _) => state.close::<Handover>(),
        _ => {}
    }
}
