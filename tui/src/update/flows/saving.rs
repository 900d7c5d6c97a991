//! Saving a form, or the result of a conflict: what the server said, and what the person is told.

use roster_common::{Code, Employee, Problem};

use super::{unanswered, undo};
use crate::effect::Effects;
use crate::keys::{Action, Screen};
use crate::remote::{ClientError, Result};
use crate::state::form::Purpose;
use crate::state::undo::Edit;
use crate::state::write::reads_as;
use crate::state::{Conflict, Form, State};
use crate::update::next::Next;
use crate::update::verbs::message::{failed, in_words};
use crate::update::verbs::{form, load};

/// The server has answered a creation.
pub(crate) fn on_created(
    state: &mut State,
    result: Result<Employee>,
    effects: &mut Effects,
) -> Option<Next> {
    let employee = match result {
        Ok(employee) => employee,
        Err(error) => return refused(state, error, effects),
    };
    form::close(state);
    let way_back = undo::record(state, vec![Edit::new(None, Some(employee.clone()))]);
    let name = employee.details.full_name();
    state.say(format!(
        "{name} is added, with the id {}.{way_back}",
        employee.id
    ));
    state.table.selected = Some(employee.id);
    load::refresh(state, effects);
    None
}

/// The server has answered a change.
pub(crate) fn on_changed(
    state: &mut State,
    result: Result<Employee>,
    effects: &mut Effects,
) -> Option<Next> {
    match result {
        Ok(employee) => {
            saved(state, &employee, effects);
            None
        }
        Err(error) => refused(state, error, effects),
    }
}

fn saved(state: &mut State, employee: &Employee, effects: &mut Effects) {
    let way_back = record_change(state, employee);
    form::finish(state);
    state.table.replace(employee);
    state.say(format!(
        "{} is saved.{way_back}",
        employee.details.full_name()
    ));
    load::refresh(state, effects);
}

/// Puts on the undo stack what the form, or the result of a conflict, has made of a record.
fn record_change(state: &mut State, now: &Employee) -> String {
    let before = form::asked(state).map(|(before, _)| before);
    let ours = before.filter(|before| undo::is_ours(state, before.version, now));
    let edits = ours
        .map(|before| Edit::new(Some(before), Some(now.clone())))
        .into_iter()
        .collect();
    let unseen = state.part::<Form>().filter(|form| form.is_unseen());
    match unseen.and_then(|form| form.undoing.clone()) {
        Some(entry) => undo::decided(state, &entry, edits),
        None => undo::record(state, edits),
    }
}

/// A form that the server does not take stays open, with every word in it.
fn refused(state: &mut State, error: ClientError, effects: &mut Effects) -> Option<Next> {
    if matches!(error, ClientError::Unreachable { sent: true, .. }) {
        unanswered::remember_form(state);
        return None;
    }
    form::unlock(state);
    let problem = match error {
        ClientError::Refused(problem) => problem,
        ClientError::Unreachable { .. } => {
            state.warn(format!("Not saved. {}", in_words(&error)));
            return None;
        }
        _ => return failed(state, &error),
    };
    match problem.code {
        Code::Stale => return stale(state, *problem, effects),
        Code::ValidationFailed => unfit(state, &problem),
        Code::IdempotencyMismatch => saved_before(state, effects),
        Code::EmployeeNotFound => {
            state.close::<Conflict>();
            form::deleted_meanwhile(state);
            load::refresh(state, effects);
        }
        _ => return failed(state, &ClientError::Refused(problem)),
    }
    None
}

/// Somebody else has changed the record since it was read.
fn stale(state: &mut State, problem: Problem, effects: &mut Effects) -> Option<Next> {
    let Some(theirs) = problem.current else {
        state.warn("Somebody has changed this person meanwhile. Nothing is saved.");
        load::refresh(state, effects);
        return None;
    };
    state.table.replace(&theirs);
    let (_, changes) = form::asked(state)?;
    if reads_as(&theirs, &changes) {
        // Somebody wrote the same, or this was sent twice on its way.
        saved(state, &theirs, effects);
        return None;
    }
    form::set_side_by_side(state, *theirs)
}

/// The server does not take some of the values.
fn unfit(state: &mut State, problem: &Problem) {
    state.close::<Conflict>();
    let other = state
        .part_mut::<Form>()
        .map(|form| form.refuse(&problem.errors))
        .unwrap_or_default();
    match other.first() {
        Some(error) => state.warn(error.to_string()),
        None => state.warn("The server asks for another value. See below the fields."),
    }
}

/// The answer to an earlier try was lost, and what it carried is on the server: from now on, saving
/// adds one more.
fn saved_before(state: &mut State, effects: &mut Effects) {
    let another = state.next_idempotency_key();
    if let Some(Purpose::Create { key }) = state.part_mut::<Form>().map(|form| &mut form.purpose) {
        *key = another;
    }
    let leave = state.keymap.key(Screen::Form, Action::Close);
    state.warn(format!(
        "An earlier try was saved, as it was then. {leave} leaves the form; saving adds one more person."
    ));
    load::refresh(state, effects);
}
