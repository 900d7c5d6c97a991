//! Saves a form or a resolved conflict.

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
use crate::update::verbs::{cursor, form, load};

/// Handles the answer to a creation.
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
    state.success(format!("Added {name} (#{}).{undo_hint}", employee.id));
    state.table.selected = Some(employee.id);
    load::refresh(state, effects);
    None
}

/// Handles the answer to the restoration of a deleted record.
pub(crate) fn on_restored(
    state: &mut State,
    result: Result<Employee>,
    effects: &mut Effects,
) -> Option<Next> {
    let employee = match result {
        Ok(employee) => employee,
        // The record is there again, perhaps by an earlier attempt whose answer was lost.
        Err(ClientError::Refused(problem)) if problem.code == Code::Stale => {
            let Some(employee) = restored_before(state, *problem) else {
                load::refresh(state, effects);
                return None;
            };
            employee
        }
        Err(error) => return refused(state, error, effects),
    };
    form::close(state);
    let undo_hint = undo::push_edits(state, vec![Edit::new(None, Some(employee.clone()))]);
    let name = employee.details.full_name();
    state.success(format!("Restored {name}.{undo_hint}"));
    state.table.selected = Some(employee.id);
    load::refresh(state, effects);
    None
}

/// The record is there again: returns it if an earlier attempt of this form has restored it.
/// Otherwise the form changes the restored record.
fn restored_before(state: &mut State, problem: Problem) -> Option<Employee> {
    form::unlock(state);
    let Some(now) = problem.current else {
        state.warn("Someone restored this person in the meantime. Nothing was saved.");
        return None;
    };
    let mine = state.overlay::<Form>().map(Form::changes);
    // A restore has no idempotency key, so the values and the author decide.
    let is_mine = mine
        .and_then(|changes| changes.to_details().ok())
        .is_some_and(|details| details == now.details);
    if is_mine && state.is_me(&now.updated_by) {
        return Some(*now);
    }
    let by = now.updated_by.clone();
    if let Some(form) = state.overlay_mut::<Form>() {
        _ = form.catch_up(&now);
    }
    let save = state.keymap.key(Screen::Form, Action::Save);
    state.warn(format!(
        "{} restored this person in the meantime. {save} saves your changes.",
        state.who(&by)
    ));
    None
}

/// Handles the answer to a change.
pub(crate) fn on_changed(
    state: &mut State,
    result: Result<Employee>,
    effects: &mut Effects,
) -> Option<Next> {
    match result {
        Ok(employee) => {
            let cell = state.overlay::<Form>().and_then(|form| form.cell);
            saved(state, &employee, effects);
            let goes_on = cell.is_some_and(|cell| cell.goes_on);
            goes_on.then(|| cursor::next_cell(state)).flatten()
        }
        Err(error) => refused(state, error, effects),
    }
}

fn saved(state: &mut State, employee: &Employee, effects: &mut Effects) {
    let undo_hint = record_change(state, employee);
    form::finish(state);
    state.table.replace(employee);
    state.success(format!(
        "Saved {}.{undo_hint}",
        employee.details.full_name()
    ));
    load::refresh(state, effects);
}

/// Pushes an undo entry for a saved form or resolved conflict.
fn record_change(state: &mut State, now: &Employee) -> String {
    let before = form::requested(state).map(|(before, _)| before);
    let ours = before.filter(|before| undo::is_own_change(state, before.version, now));
    let edits = ours
        .map(|before| Edit::new(Some(before), Some(now.clone())))
        .into_iter()
        .collect();
    match state.undo_form().and_then(|form| form.undoing.clone()) {
        Some(entry) => undo::on_conflict_resolved(state, &entry, edits),
        None => undo::push_edits(state, edits),
    }
}

/// A refused form stays open with its contents.
fn refused(state: &mut State, error: ClientError, effects: &mut Effects) -> Option<Next> {
    if matches!(error, ClientError::Unreachable { sent: true, .. }) {
        unanswered::track_form(state);
        return None;
    }
    // Not before: without an answer the form stays locked, since its changes may be saved.
    form::unlock(state);
    let problem = match error {
        ClientError::Refused(problem) => problem,
        ClientError::Unreachable { .. } => {
            let save = state.keymap.key(Screen::Form, Action::Save);
            let why = error_text(&error);
            state.warn(format!(
                "Not saved. {why} Your changes are kept; press {save} to try again."
            ));
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

/// Someone changed the record since it was loaded.
fn stale(state: &mut State, problem: Problem, effects: &mut Effects) -> Option<Next> {
    let Some(theirs) = problem.current else {
        state.warn("Someone changed this record in the meantime. Nothing was saved.");
        load::refresh(state, effects);
        return None;
    };
    state.table.replace(&theirs);
    let (_, changes) = form::requested(state)?;
    if reads_as(&theirs, &changes) {
        // Someone made the same change, or the network sent ours twice.
        saved(state, &theirs, effects);
        return None;
    }
    form::open_conflict(state, *theirs)
}

/// Shows the server's field errors in the form.
fn unfit(state: &mut State, problem: &Problem) {
    state.close::<Conflict>();
    let other = state
        .overlay_mut::<Form>()
        .map(|form| form.refuse(&problem.errors))
        .unwrap_or_default();
    match other.first() {
        Some(error) => state.warn(error.to_string()),
        None => state.warn("Fix the marked fields."),
    }
}

/// An earlier attempt was saved, but its answer was lost. Saving again would add another person.
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
