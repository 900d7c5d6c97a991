//! A question, and what its answer does.

use super::ask;
use crate::event::Effect;
use crate::keys::Action;
use crate::state::{Question, State};

pub(super) fn on_key(state: &mut State, action: Option<Action>) -> Vec<Effect> {
    let Some(confirm) = state.confirm.as_mut() else {
        return Vec::new();
    };
    match action {
        Some(Action::Right) => confirm.yes = !confirm.yes,
        Some(Action::Yes) => return answer(state, true),
        Some(Action::No) => return answer(state, false),
        Some(Action::Open) => {
            let yes = confirm.yes;
            return answer(state, yes);
        }
        _ => {}
    }
    Vec::new()
}

fn answer(state: &mut State, yes: bool) -> Vec<Effect> {
    let Some(confirm) = state.confirm.take().filter(|_| yes) else {
        return Vec::new();
    };
    match confirm.question {
        Question::Delete { employee, .. } => {
            let effect =
                Effect::Delete { id: employee.id, version: employee.version, name: employee.details.full_name() };
            ask(state, effect)
        }
        Question::Discard => {
            state.form = None;
            Vec::new()
        }
        Question::SignOut => ask(state, Effect::SignOut),
    }
}
