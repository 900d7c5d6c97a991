//! The server's answers.

use std::time::Duration;

use roster_common::{Code, Employee, EmployeeId, Problem};

use super::{ask_to_sign_in, failed, in_words, table};
use crate::client::{ClientError, Identity, Page, Result};
use crate::event::{Effect, Reply, Timer};
use crate::state::form::Purpose;
use crate::state::{Conflict, Form, Screen, SignIn, State};

/// The longest time between two tries to reach the server.
const LONGEST_PAUSE: u64 = 30;

pub(super) fn on_reply(state: &mut State, reply: Reply) -> Vec<Effect> {
    if reached(&reply) {
        state.failures = 0;
    }
    match reply {
        Reply::Resumed(result) => resumed(state, result),
        Reply::SignedIn(result) => signed_in(state, result),
        Reply::SignedOut(result) => signed_out(state, result),
        Reply::Loaded { generation, offset, result } => loaded(state, generation, offset, result),
        Reply::Created(result) => created(state, result),
        Reply::Changed(result) => changed(state, result),
        Reply::Deleted { id, name, result } => deleted(state, id, &name, result),
    }
}

fn reached(reply: &Reply) -> bool {
    let unreachable = |error: &ClientError| matches!(error, ClientError::Unreachable { .. });
    match reply {
        Reply::Resumed(result) => !result.as_ref().is_err_and(unreachable),
        Reply::SignedIn(result) => !result.as_ref().is_err_and(unreachable),
        Reply::Loaded { result, .. } => !result.as_ref().is_err_and(unreachable),
        Reply::Created(result) | Reply::Changed(result) => !result.as_ref().is_err_and(unreachable),
        Reply::SignedOut(result) | Reply::Deleted { result, .. } => !result.as_ref().is_err_and(unreachable),
    }
}

fn resumed(state: &mut State, result: Result<Option<Identity>>) -> Vec<Effect> {
    match result {
        Ok(Some(identity)) => enter(state, identity),
        Ok(None) => {
            ask_to_sign_in(state, None);
            Vec::new()
        }
        Err(error @ ClientError::Unreachable { .. }) => try_again_later(state, &error),
        Err(error) => {
            ask_to_sign_in(state, Some(in_words(&error)));
            Vec::new()
        }
    }
}

fn signed_in(state: &mut State, result: Result<Identity>) -> Vec<Effect> {
    let Some(form) = state.part_mut::<SignIn>() else {
        return Vec::new();
    };
    form.waiting = false;
    match result {
        Ok(identity) => {
            let server = form.server.text().trim().to_owned();
            let is_another = form.covers.as_ref().is_some_and(|person| *person != identity.user.username);
            if is_another || server != state.server {
                state.forget(server);
            }
            state.close::<SignIn>();
            enter(state, identity)
        }
        Err(error) => {
            form.reason = Some(in_words(&error));
            form.password.clear();
            Vec::new()
        }
    }
}

/// Goes to the table, as it was left.
fn enter(state: &mut State, identity: Identity) -> Vec<Effect> {
    state.identity = Some(identity);
    table::refresh(state)
}

fn signed_out(state: &mut State, result: Result<()>) -> Vec<Effect> {
    match result {
        Ok(()) => {
            let identity = state.identity.take();
            state.forget(state.server.clone());
            state.identity = identity;
            ask_to_sign_in(state, Some("You are signed out.".into()));
        }
        Err(error) => failed(state, &error),
    }
    Vec::new()
}

fn loaded(state: &mut State, generation: u64, offset: usize, result: Result<Page>) -> Vec<Effect> {
    state.table.loads = state.table.loads.saturating_sub(1);
    let is_current = generation == state.table.generation;
    if is_current {
        state.table.asked.retain(|pages| pages.start * crate::state::table::PAGE != offset);
    }
    match result {
        Ok(page) if is_current => {
            state.table.take(page.offset, page.rows, page.total);
            table::settle(state)
        }
        Ok(_) => table::settle(state),
        Err(error @ ClientError::Unreachable { .. }) => try_again_later(state, &error),
        Err(error) => {
            failed(state, &error);
            if is_current { Vec::new() } else { table::settle(state) }
        }
    }
}

/// Waits, each time twice as long as the last, and tells so; what is on the screen stays.
fn try_again_later(state: &mut State, error: &ClientError) -> Vec<Effect> {
    let pause = (1 << state.failures.min(5)).min(LONGEST_PAUSE);
    state.failures += 1;
    state.warn(format!("Offline, trying again in {pause} s. {}", in_words(error)));
    vec![Effect::Wait(Timer::Retry, Duration::from_secs(pause))]
}

fn created(state: &mut State, result: Result<Employee>) -> Vec<Effect> {
    match result {
        Ok(employee) => {
            state.close::<Form>();
            state.say(format!("{} is added, with the id {}.", employee.details.full_name(), employee.id));
            if state.table.order.is_empty() && state.table.search.text().is_empty() {
                // Ids grow, so the new one is the last.
                state.table.cursor = state.table.len();
                state.table.selected = Some(employee.id);
            }
            table::refresh(state)
        }
        Err(error) => refused(state, error),
    }
}

fn changed(state: &mut State, result: Result<Employee>) -> Vec<Effect> {
    match result {
        Ok(employee) => {
            state.close::<Form>();
            state.close::<Conflict>();
            state.table.replace(&employee);
            state.say(format!("{} is saved.", employee.details.full_name()));
            table::refresh(state)
        }
        Err(error) => refused(state, error),
    }
}

/// A form that the server does not take stays open, with every word in it.
fn refused(state: &mut State, error: ClientError) -> Vec<Effect> {
    if let Some(conflict) = state.part_mut::<Conflict>() {
        conflict.saving = false;
    }
    if let Some(form) = state.part_mut::<Form>() {
        form.saving = false;
    }
    match error {
        ClientError::Refused(problem) if problem.code == Code::Stale => stale(state, *problem),
        ClientError::Refused(problem) if problem.code == Code::ValidationFailed => unfit(state, &problem),
        ClientError::Refused(problem) if problem.code == Code::IdempotencyMismatch => saved_before(state),
        ClientError::Refused(problem) if problem.code == Code::EmployeeNotFound => {
            state.close::<Conflict>();
            state.warn("Somebody has deleted this person meanwhile. Esc leaves the form.");
            table::refresh(state)
        }
        error => {
            failed(state, &error);
            Vec::new()
        }
    }
}

/// The answer to an earlier try was lost, and what it carried is on the server: from now on, saving adds one more.
fn saved_before(state: &mut State) -> Vec<Effect> {
    let another = state.next_idempotency_key();
    if let Some(Purpose::Create { key }) = state.part_mut::<Form>().map(|form| &mut form.purpose) {
        *key = another;
    }
    state.warn("An earlier try was saved, as it was then. Esc leaves the form; saving adds one more person.");
    table::refresh(state)
}

/// Sets the two versions side by side. After a second conflict, the choices begin anew from the newest version.
fn stale(state: &mut State, problem: Problem) -> Vec<Effect> {
    let Some(theirs) = problem.current else {
        state.warn("Somebody has changed this person meanwhile. Nothing is saved.");
        return table::refresh(state);
    };
    state.table.replace(&theirs);
    let Some((base, mine)) = mine(state) else {
        return Vec::new();
    };
    let asked = state.part::<Conflict>().map_or_else(|| mine.clone(), Conflict::changes);
    if asked.merged_into(&theirs.details).is_ok_and(|merged| merged == theirs.details) {
        // It reads as it was to: the answer to an earlier try was lost, or somebody wrote the same.
        return changed(state, Ok(*theirs));
    }
    let conflict = Conflict::new(base, mine, *theirs);
    state.open(conflict);
    Vec::new()
}

/// What the person here read and what they want of it.
fn mine(state: &State) -> Option<(Employee, roster_common::Changes)> {
    let form = state.part::<Form>()?;
    match &form.purpose {
        Purpose::Edit(base) => Some(((**base).clone(), form.changes())),
        Purpose::Create { .. } => None,
    }
}

fn unfit(state: &mut State, problem: &Problem) -> Vec<Effect> {
    state.close::<Conflict>();
    let other = state.part_mut::<Form>().map(|form| form.refuse(&problem.errors)).unwrap_or_default();
    match other.first() {
        Some(error) => state.warn(error.to_string()),
        None => state.warn("The server asks for another value. See below the fields."),
    }
    Vec::new()
}

fn deleted(state: &mut State, id: EmployeeId, name: &str, result: Result<()>) -> Vec<Effect> {
    match result {
        Ok(()) => state.say(format!("{name} is deleted.")),
        Err(ClientError::Refused(problem)) => match (problem.code, problem.current.clone()) {
            (Code::Stale, Some(current)) => {
                state.table.replace(&current);
                let by = current.updated_by.clone();
                if matches!(state.screen(), Screen::Table | Screen::Detail) {
                    return table::ask_to_delete(state, *current, Some(by));
                }
                // A question must not come up under somebody's hands, who could answer it unread.
                state.warn(format!("{by} has changed {name} meanwhile. Nothing is deleted."));
                return Vec::new();
            }
            (Code::EmployeeNotFound, _) => state.warn(format!("{name} had been deleted already.")),
            _ => {
                failed(state, &ClientError::Refused(problem));
                return Vec::new();
            }
        },
        Err(error) => {
            failed(state, &error);
            return Vec::new();
        }
    }
    if state.table.selected == Some(id) {
        state.table.selected = None;
        state.table.detail = None;
    }
    table::refresh(state)
}
