//! Deletes one record: confirmation and result.

use roster_common::{Code, Employee};

use super::{unanswered, undo};
use crate::effect::{Call, Effects};
use crate::keys::Screen;
use crate::remote::{ClientError, Result};
use crate::state::pending_write::WriteKind;
use crate::state::undo::Edit;
use crate::state::{Confirm, PendingWrite, Question, State};
use crate::update::next::Next;
use crate::update::verbs::message::failed;
use crate::update::verbs::{call, cursor, load};

/// Asks for confirmation, and asks the server how many people report to the person. `changed_by` is
/// set if someone changed the record since the user was first asked.
pub(crate) fn ask(
    state: &mut State,
    employee: Employee,
    changed_by: Option<String>,
    effects: &mut Effects,
) -> Option<Next> {
    if state.identity.is_some() {
        let query = load::reports_to(employee.id);
        call::send(state, Call::Collect { query }, effects);
    }
    Next::open(Confirm::new(Question::Delete {
        employee: Box::new(employee),
        changed_by,
        reports: 0,
    }))
}

/// Handles the answer.
pub(crate) fn on_deleted(
    state: &mut State,
    employee: Box<Employee>,
    result: Result<()>,
    effects: &mut Effects,
) -> Option<Next> {
    let write = PendingWrite::new(employee, WriteKind::Delete);
    let name = &write.name;
    match result {
        Ok(()) => {
            let before = write.before.as_deref().cloned();
            let undo_hint = undo::push_edits(state, vec![Edit::new(before, None)]);
            state.success(format!("Deleted {name}.{undo_hint}"));
        }
        Err(ClientError::Refused(problem)) => match (problem.code, problem.current.clone()) {
            (Code::Stale, Some(current)) => {
                return changed_meanwhile(state, name, *current, effects);
            }
            (Code::EmployeeNotFound, _) => {
                state.warn(format!("{name} had already been deleted."));
            }
            _ => return not_deleted(state, &write, &ClientError::Refused(problem), effects),
        },
        Err(ClientError::Unreachable { sent: true, .. }) => {
            unanswered::track(state, write);
            return None;
        }
        Err(error) => return not_deleted(state, &write, &error, effects),
    }
    // Also if someone else was faster: the record is gone either way.
    cursor::on_deleted(state, write.id);
    load::refresh(state, effects);
    None
}

/// Someone changed the record: asks again with its current version.
fn changed_meanwhile(
    state: &mut State,
    name: &str,
    current: Employee,
    effects: &mut Effects,
) -> Option<Next> {
    state.table.replace(&current);
    let by = current.updated_by.clone();
    if matches!(state.screen(), Screen::Table | Screen::Detail) {
        return ask(state, current, Some(by), effects);
    }
    // No dialog may pop up while someone is typing: they could answer it unread.
    state.warn(format!(
        "{by} changed {name} in the meantime. Nothing was deleted."
    ));
    None
}

/// Reports the failure. If the session ended, asks again after the sign-in.
fn not_deleted(
    state: &mut State,
    write: &PendingWrite,
    error: &ClientError,
    effects: &mut Effects,
) -> Option<Next> {
    let sign_in = failed(state, error);
    match state.cached(write.id).cloned() {
        Some(employee) if error.needs_sign_in() && state.overlay::<Confirm>().is_none() => {
            let question = ask(state, employee, None, effects);
            Next::both(sign_in, question)
        }
        _ => sign_in,
    }
}
