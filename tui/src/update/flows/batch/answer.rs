//! The server's answer for one row of a batch.

use roster_common::{Code, Employee};

use super::{advance, stop};
use crate::effect::Effects;
use crate::remote::{ClientError, Result};
use crate::state::batch::{Batch, BatchRow, Outcome, Step};
use crate::state::pending_write::{WriteKind, reads_as};
use crate::state::{PendingWrite, State};
use crate::update::flows::undo::is_own_change;
use crate::update::next::Next;
use crate::update::verbs::message::error_text;

/// Handles the answer for one row.
pub(crate) fn on_applied(
    state: &mut State,
    number: u64,
    at: usize,
    result: Result<Option<Employee>>,
    effects: &mut Effects,
) -> Option<Next> {
    if let Ok(Some(employee)) = &result {
        state.table.replace(employee);
    }
    let batch = state
        .overlay::<Batch>()
        .filter(|batch| batch.number == number)?;
    let row = batch.rows.get(at)?.clone();
    let is_new = batch.origin.is_new();
    let (outcome, reason) = outcome(state, &row, result);
    if let Some(answered) = state.overlay_mut::<Batch>()?.rows.get_mut(at) {
        answered.outcome = outcome.clone();
        if let Outcome::Conflict(current) = &outcome {
            answered.rebase(current);
        }
    }
    if outcome == Outcome::Unanswered {
        let write = pending_write(&row, is_new);
        state.unanswered.writes.extend(write);
    }
    if let Outcome::Conflict(current) = outcome {
        state.table.replace(&current);
    }
    match reason {
        // The other rows wait for a retry.
        Some(error) => stop(state, &error, effects),
        None => advance(state, effects),
    }
}

/// The outcome to check for an unanswered row. A restore is sent again instead, which is harmless.
fn pending_write(row: &BatchRow, is_new: bool) -> Option<PendingWrite> {
    let kind = match &row.step {
        Step::Change(changes) => WriteKind::Change(changes.clone()),
        Step::Delete => WriteKind::Delete,
        Step::Restore(_) => return None,
    };
    let write = PendingWrite::new(row.before.clone()?, kind);
    // An undo or redo is not an entry of its own.
    Some(PendingWrite {
        before: write.before.filter(|_| is_new),
        ..write
    })
}

/// The outcome of a row, and the error that stops the others, if any.
fn outcome(
    state: &State,
    row: &BatchRow,
    result: Result<Option<Employee>>,
) -> (Outcome, Option<ClientError>) {
    let mut problem = match result {
        Ok(employee) => return (Outcome::Done(employee.map(Box::new)), None),
        Err(ClientError::Refused(problem)) => problem,
        Err(error @ (ClientError::Unreachable { sent: true, .. } | ClientError::Protocol(_))) => {
            return (Outcome::Unanswered, Some(error));
        }
        // It was not sent.
        Err(error) => return (Outcome::Waiting, Some(error)),
    };
    let outcome = match problem.code {
        Code::Stale => match problem.current.take() {
            Some(current) => after_change(state, row, current),
            None => Outcome::Refused(error_text(&ClientError::Refused(problem))),
        },
        Code::EmployeeNotFound => Outcome::Gone,
        Code::ValidationFailed => Outcome::unfit(&problem.errors),
        _ => {
            let error = ClientError::Refused(problem);
            if error.needs_sign_in() || error.is_transient() {
                return (Outcome::Waiting, Some(error));
            }
            Outcome::Refused(error_text(&error))
        }
    };
    (outcome, None)
}

/// The outcome of a row whose record has changed.
fn after_change(state: &State, row: &BatchRow, current: Box<Employee>) -> Outcome {
    match (&row.step, &row.before) {
        (Step::Change(changes), _) if !reads_as(&current, changes) => Outcome::Conflict(current),
        // An earlier attempt took effect, but its answer was lost.
        (Step::Change(_), Some(before)) if is_own_change(state, before.version, &current) => {
            Outcome::Done(Some(current))
        }
        (Step::Change(_), _) => Outcome::Unchanged,
        // The deletion counts as a version.
        (Step::Restore(was), _) if is_own_change(state, was.version.next(), &current) => {
            Outcome::Done(Some(current))
        }
        _ => Outcome::Conflict(current),
    }
}
