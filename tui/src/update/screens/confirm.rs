//! A confirmation and its answers.

use roster_common::Query;

use crate::effect::{Call, Effects, LocalTask};
use crate::keys::{Action, Screen};
use crate::remote::{Page, Result};
use crate::state::{ChangePassword, Confirm, Question, State, UserForm};
use crate::update::flows::{accounts, draft, import, unanswered, unsaved};
use crate::update::next::Next;
use crate::update::verbs::{call, form, load};

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    let confirm = state.overlay_mut::<Confirm>()?;
    let answers = confirm.question.answers();
    let chosen = match action {
        Action::Right => {
            confirm.chosen = (confirm.chosen + 1) % answers;
            return None;
        }
        Action::Left => {
            confirm.chosen = (confirm.chosen + answers - 1) % answers;
            return None;
        }
        // Of three answers too, this is the one that goes on with the work.
        Action::Yes => 1,
        Action::No => 0,
        Action::Open => confirm.chosen,
        _ => return None,
    };
    answer(state, chosen, effects)
}

fn answer(state: &mut State, chosen: usize, effects: &mut Effects) -> Option<Next> {
    // The first answer of every question changes nothing.
    let confirm = state.take::<Confirm>().filter(|_| chosen > 0)?;
    match confirm.question {
        Question::Delete { employee, .. } => {
            call::send(state, Call::Delete(employee), effects);
        }
        Question::Discard => discard(state),
        Question::LeaveUnconfirmed => leave(state),
        Question::KeptDraft { .. } if chosen == 1 => draft::reopen(state, effects),
        Question::KeptDraft { .. } => return draft::start_over(state),
        Question::UnsavedWork(found) if chosen == 1 => {
            state.keeping.resumed = Some(found.path);
            return unsaved::resume(state, found.kept.work, effects);
        }
        Question::UnsavedWork(found) => effects.push(LocalTask::Discard(found.path)),
        Question::MissingPeople { .. } => import::run(state, effects),
        Question::UndoRun(undone) => import::undo(state, &undone, effects),
        Question::SignOut => call::send(state, Call::SignOut, effects),
        Question::Account(change) => accounts::send(state, *change, effects),
    }
    None
}

/// Closes the form that the question was about, with its input.
fn discard(state: &mut State) {
    match state.screen() {
        Screen::UserForm => state.close::<UserForm>(),
        Screen::ChangePassword => state.close::<ChangePassword>(),
        _ => leave(state),
    }
}

/// Closes the form of a record, which may or may not be saved.
fn leave(state: &mut State) {
    unanswered::leave(state);
    form::close(state);
}

/// Handles the number of reports, if the question is still open.
pub(crate) fn on_collected(state: &mut State, query: &Query, result: &Result<Page>) {
    let (Some(confirm), Ok(page)) = (state.overlay_mut::<Confirm>(), result) else {
        return;
    };
    if let Question::Delete {
        employee, reports, ..
    } = &mut confirm.question
        && *query == load::reports_to(employee.id)
    {
        *reports = page.total;
    }
}
