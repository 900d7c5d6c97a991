//! Saving a form, or the result of a conflict: what the server said, and what the person is told.

use roster_common::{Code, Employee, Problem};

use super::{unanswered, undo};
use crate::effect::Effects;
use crate::keys::{Action, Screen};
use crate::remote::{ClientError, Result};
use crate::state::form::Purpose;
use crate::state::pending_write::reads_as;
use crate::state::undo::Edit;
use crate::state::{Conflict, Form, State};
use crate::update::next::Next;
use crate::update::verbs::message::{error_text, failed};
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
    let undo_hint = undo::push_edits(state, vec![Edit::new(None, Some(employee.clone()))]);
    let name = employee.details.full_name();
    state.message(format!("Added {name} (#{}).{undo_hint}", employee.id));
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
    let undo_hint = record_change(state, employee);
    form::finish(state);
    state.table.replace(employee);
    state.message(format!(
        "Saved {}.{undo_hint}",
        employee.details.full_name()
    ));
    load::refresh(state, effects);
}

/// Puts on the undo stack what the form, or the result of a conflict, has made of a record.
fn record_change(state: &mut State, now: &Employee) -> String {
    let before = form::asked(state).map(|(before, _)| before);
    let ours = before.filter(|before| undo::is_own_change(state, before.version, now));
    let edits = ours
        .map(|before| Edit::new(Some(before), Some(now.clone())))
        .into_iter()
        .collect();
    let unseen = state
        .overlay::<Form>()
        .filter(|form| form.is_behind_conflict());
    match unseen.and_then(|form| form.undoing.clone()) {
        Some(entry) => undo::decided(state, &entry, edits),
        None => undo::push_edits(state, edits),
    }
}

/// A refused form stays open with its contents.
fn refused(state: &mut State, error: ClientError, effects: &mut Effects) -> Option<Next> {
    if matches!(error, ClientError::Unreachable { sent: true, .. }) {
        unanswered::track_form(state);
        return None;
    }
    form::unlock(state);
    let problem = match error {
        ClientError::Refused(problem) => problem,
        ClientError::Unreachable { .. } => {
            state.warn(format!("Not saved. {}", error_text(&error)));
            return None;
        }
        _ => return failed(state, &error),
    };
    match problem.code {
        Code::Stale => return stale(state, *problem, effects),
        Code::ValidationFailed => unfit(state, &problem),
        Code::IdempotencyMismatch => on_idempotency_mismatch(state, effects),
        Code::EmployeeNotFound => {
            state.close::<Conflict>();
            form::on_record_deleted(state);
            load::refresh(state, effects);
        }
        _ => return failed(state, &ClientError::Refused(problem)),
    }
    None
}

/// Somebody else has changed the record since it was read.
fn stale(state: &mut State, problem: Problem, effects: &mut Effects) -> Option<Next> {
    let Some(theirs) = problem.current else {
        state.warn("Someone changed this record in the meantime. Nothing was saved.");
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
    form::open_conflict(state, *theirs)
}

/// The server does not take some of the values.
fn unfit(state: &mut State, problem: &Problem) {
    state.close::<Conflict>();
    let other = state
        .overlay_mut::<Form>()
        .map(|form| form.refuse(&problem.errors))
        .unwrap_or_default();
    match other.first() {
        Some(error) => state.warn(error.to_string()),
        None => state.warn("Fix the fields below."),
    }
}

/// The answer to an earlier try was lost, and what it carried is on the server: from now on, saving
/// adds one more.
fn on_idempotency_mismatch(state: &mut State, effects: &mut Effects) {
    let another = state.next_idempotency_key();
    if let Some(Purpose::Create { key }) = state.overlay_mut::<Form>().map(|form| &mut form.purpose)
    {
        *key = another;
    }
    let leave = state.keymap.key(Screen::Form, Action::Close);
    state.warn(format!(
        "An earlier attempt was saved. Press {leave} to close; saving adds another person."
    ));
    load::refresh(state, effects);
}
