//! A question, and what its answer does.

use super::{ask, lost};
use crate::event::Effect;
use crate::keys::Action;
use crate::state::{Confirm, Conflict, Form, Question, State};

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(confirm) = state.part_mut::<Confirm>() else {
        return Vec::new();
    };
    match action {
        Action::Right => confirm.yes = !confirm.yes,
        Action::Yes => return answer(state, true),
        Action::No => return answer(state, false),
        Action::Open => {
            let yes = confirm.yes;
            return answer(state, yes);
        }
        _ => {}
    }
    Vec::new()
}

fn answer(state: &mut State, yes: bool) -> Vec<Effect> {
    let Some(confirm) = state.take::<Confirm>().filter(|_| yes) else {
        return Vec::new();
    };
    match confirm.question {
        Question::Delete { employee, .. } => ask(state, Effect::Delete(employee)),
        Question::Discard | Question::Abandon => {
            lost::leave(state);
            state.close::<Form>();
            state.close::<Conflict>();
            Vec::new()
        }
        Question::SignOut => ask(state, Effect::SignOut),
        Question::Account(it) => ask(state, Effect::Account(*it)),
    }
}
