//! A question, and what its answer does.

use roster_common::Query;

use super::{ask, draft, form, lost, table, users};
use crate::event::Effect;
use crate::keys::Action;
use crate::remote::{Page, Result};
use crate::state::{Confirm, Question, State};

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(confirm) = state.part_mut::<Confirm>() else {
        return Vec::new();
    };
    let answers = confirm.question.answers();
    match action {
        Action::Right => confirm.chosen = (confirm.chosen + 1) % answers,
        Action::Left => confirm.chosen = (confirm.chosen + answers - 1) % answers,
        Action::Yes => return answer(state, 1),
        Action::No => return answer(state, 0),
        Action::Open => {
            let chosen = confirm.chosen;
            return answer(state, chosen);
        }
        _ => {}
    }
    Vec::new()
}

fn answer(state: &mut State, chosen: usize) -> Vec<Effect> {
    let Some(confirm) = state.take::<Confirm>().filter(|_| chosen > 0) else {
        return Vec::new();
    };
    match confirm.question {
        Question::Delete { employee, .. } => ask(state, Effect::Delete(employee)),
        Question::Discard | Question::Abandon => {
            lost::leave(state);
            form::close(state);
            Vec::new()
        }
        Question::KeptText { .. } if chosen == 1 => draft::reopen(state),
        Question::KeptText { .. } => draft::begin_anew(state),
        Question::SignOut => ask(state, Effect::SignOut),
        Question::Account(it) => users::send(state, *it),
    }
}

/// How many people report to who is to be deleted, if that is still asked.
pub(super) fn collected(state: &mut State, query: &Query, result: &Result<Page>) {
    if let (
        Some(Confirm {
            question: Question::Delete {
                employee, reports, ..
            },
            ..
        }),
        Ok(page),
    ) = (state.part_mut::<Confirm>(), result)
        && *query == table::reports_to(employee.id)
    {
        *reports = page.total;
    }
}
