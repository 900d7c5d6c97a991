//! Writes whose answer was lost. Their outcome is read from the record; they are never resent
//! blindly.

use jiff::SignedDuration;
use roster_common::{Code, Employee};

use super::{batch, undo};
use crate::effect::{Call, Effects};
use crate::keys::{Action, Screen};
use crate::remote::{ClientError, Page, Result};
use crate::state::form::Purpose;
use crate::state::pending_write::{WriteKind, WriteOutcome};
use crate::state::undo::Edit;
use crate::state::{Confirm, Form, PendingCreation, PendingWrite, Question, State};
use crate::update::next::Next;
use crate::update::verbs::message::failed;
use crate::update::verbs::{call, cursor, form, load};

pub(crate) mod accounts;

/// How long a creation may be resent with its idempotency key, which the server keeps for a day.
const RESENT: SignedDuration = SignedDuration::from_hours(23);

/// Keeps an unanswered write until the server can be asked.
pub(crate) fn track(state: &mut State, write: PendingWrite) {
    warn_unanswered(state, &write.name);
    state.unanswered.writes.push(write);
}

/// Keeps the form open and locked until its outcome is known.
pub(crate) fn track_form(state: &mut State) {
    let asked = form::asked(state);
    let now = state.now;
    let Some(form) = state.overlay_mut::<Form>() else {
        return;
    };
    form.lost = true;
    _ = form.lost_since.get_or_insert(now);
    let name = form.name();
    match asked {
        Some((base, changes)) => {
            let write = PendingWrite::new(Box::new(base), WriteKind::Change(changes));
            track(state, PendingWrite { name, ..write });
        }
        None => warn_unanswered(state, &name),
    }
}

fn warn_unanswered(state: &mut State, name: &str) {
    state.warn(format!("No answer for {name}. Checking the result."));
}

/// The form of an unanswered creation is closed: its outcome will be searched for.
pub(crate) fn leave(state: &mut State) {
    let lost = state
        .overlay::<Form>()
        .filter(|form| form.lost && matches!(form.purpose, Purpose::Create { .. }));
    if let Some(changes) = lost.map(Form::changes) {
        state.unanswered.creations.push(PendingCreation { changes });
    }
}

/// Checks all unanswered writes.
///
/// A change or deletion is checked by loading the record. A creation is sent again with its key,
/// which is harmless; but if the server may have forgotten the key, or the form is closed, the
/// record is searched for.
pub(crate) fn resolve(state: &mut State, effects: &mut Effects) {
    let creation = unanswered_creation(state);
    for write in std::mem::take(&mut state.unanswered.writes) {
        call::send(state, Call::CheckWrite(Box::new(write)), effects);
    }
    for creation in std::mem::take(&mut state.unanswered.creations) {
        call::send(state, Call::CheckCreation(Box::new(creation)), effects);
    }
    if let Some(creation) = creation {
        call::send(state, creation, effects);
    }
}

fn unanswered_creation(state: &mut State) -> Option<Call> {
    let now = state.now;
    let form = state.overlay_mut::<Form>()?;
    let Purpose::Create { key } = form.purpose.clone() else {
        return None;
    };
    if !std::mem::take(&mut form.lost) {
        return None;
    }
    let is_old = form
        .lost_since
        .is_some_and(|since| now.duration_since(since) > RESENT);
    let changes = form.changes();
    close_abandon_question(state);
    if is_old {
        offer_check(state);
        return None;
    }
    Some(Call::Create { changes, key })
}

/// Closes the question about leaving an unconfirmed form; the outcome is known.
fn close_abandon_question(state: &mut State) {
    if state
        .overlay::<Confirm>()
        .is_some_and(|confirm| confirm.question == Question::LeaveUnconfirmed)
    {
        state.close::<Confirm>();
    }
}

/// Turns a creation that may be a day old into a new one, for the user to decide.
fn offer_check(state: &mut State) {
    let key = state.next_idempotency_key();
    let Some(form) = state.overlay_mut::<Form>() else {
        return;
    };
    form.purpose = Purpose::Create { key };
    (form.saving, form.lost_since) = (false, None);
    let name = form.name();
    let save = state.keymap.key(Screen::Form, Action::Save);
    state.warn(format!(
        "{name} may already exist. Check first; {save} adds them again."
    ));
}

/// Handles the search for an unanswered creation.
pub(crate) fn on_creation_checked(
    state: &mut State,
    creation: PendingCreation,
    result: Result<Page>,
    effects: &mut Effects,
) -> Option<Next> {
    let me = state
        .identity
        .as_ref()
        .map(|identity| identity.user.username.clone());
    let (Ok(page), Some(me)) = (&result, me) else {
        state.unanswered.creations.push(creation);
        return result.err().and_then(|error| failed(state, &error));
    };
    let name = creation.name();
    match creation.found(&me, &page.rows) {
        Some(found) => {
            let undo_hint = undo::push_edits(state, vec![Edit::new(None, Some(found.clone()))]);
            state.done(format!(
                "Added {name} (#{}); the server's answer was lost.{undo_hint}",
                found.id
            ));
        }
        None => state.warn(format!("{name} was not added: the request was lost.")),
    }
    load::refresh(state, effects);
    None
}

/// Handles the record loaded to check `write`.
pub(crate) fn on_write_checked(
    state: &mut State,
    write: PendingWrite,
    result: Result<Employee>,
    effects: &mut Effects,
) -> Option<Next> {
    let now = match result {
        Ok(employee) => Some(employee),
        Err(ClientError::Refused(problem)) if problem.code == Code::EmployeeNotFound => None,
        Err(error) => {
            state.unanswered.writes.push(write);
            return failed(state, &error);
        }
    };
    let Some(identity) = &state.identity else {
        state.unanswered.writes.push(write);
        return None;
    };
    let outcome = write.outcome(&identity.user.username, now.as_ref());
    if let Some(now) = &now {
        state.table.replace(now);
    }
    if batch::awaits(state, &write) {
        return batch::on_write_checked(state, &write, outcome, now.as_ref(), effects);
    }
    let done = write
        .before
        .as_deref()
        .filter(|_| outcome == WriteOutcome::Done);
    let edits = done
        .map(|before| Edit::new(Some(before.clone()), now.clone()))
        .into_iter()
        .collect();
    let undo_hint = undo::push_edits(state, edits);
    let next = match write.kind {
        WriteKind::Delete => {
            report_deletion(state, &write, outcome, now, &undo_hint);
            None
        }
        WriteKind::Change(_) => report_change(state, &write, outcome, now, &undo_hint),
    };
    load::refresh(state, effects);
    next
}

fn report_deletion(
    state: &mut State,
    write: &PendingWrite,
    outcome: WriteOutcome,
    now: Option<Employee>,
    undo_hint: &str,
) {
    let name = &write.name;
    match (outcome, now) {
        (WriteOutcome::NotApplied, _) => {
            let again = state.keymap.key(Screen::Table, Action::Delete);
            state.warn(format!(
                "{name} was not deleted: the request was lost. Press {again} to try again."
            ));
        }
        (_, Some(now)) => {
            state.warn(format!(
                "{} changed {name} in the meantime. Nothing was deleted.",
                now.updated_by
            ));
        }
        (_, None) => {
            state.done(format!(
                "Deleted {name}; the server's answer was lost.{undo_hint}"
            ));
            cursor::on_deleted(state, write.id);
        }
    }
}

fn report_change(
    state: &mut State,
    write: &PendingWrite,
    outcome: WriteOutcome,
    now: Option<Employee>,
    undo_hint: &str,
) -> Option<Next> {
    let name = &write.name;
    let is_open = unlock(state, write);
    match (outcome, now) {
        (WriteOutcome::Done, _) => state.done(format!(
            "Saved {name}; the server's answer was lost.{undo_hint}"
        )),
        (WriteOutcome::AlreadySet, _) => state.message(format!(
            "{name} has your changes; someone else has saved it since."
        )),
        (WriteOutcome::NotApplied, _) if is_open => {
            let save = state.keymap.key(Screen::Form, Action::Save);
            state.warn(format!(
                "{name} was not saved: the request was lost. Press {save} to save."
            ));
            return None;
        }
        (WriteOutcome::NotApplied, _) => {
            state.warn(format!("{name} was not saved: the request was lost."));
        }
        (_, Some(theirs)) if is_open => return form::open_conflict(state, theirs),
        (_, Some(theirs)) => {
            state.warn(format!(
                "{} changed {name} in the meantime; your change was not saved.",
                theirs.updated_by
            ));
        }
        (_, None) if is_open => {
            form::on_record_deleted(state);
            return None;
        }
        (_, None) => state.warn(format!("Someone deleted {name} in the meantime.")),
    }
    if is_open {
        form::finish(state);
    }
    None
}

/// Unlocks the form of `pending_write`, if it is still open. Returns `true` if it is.
fn unlock(state: &mut State, write: &PendingWrite) -> bool {
    let is_of = |form: &&mut Form| {
        matches!(&form.purpose, Purpose::Edit(base) if base.id == write.id) && form.lost
    };
    let Some(form) = state.overlay_mut::<Form>().filter(is_of) else {
        return false;
    };
    form.lost = false;
    form::unlock(state);
    close_abandon_question(state);
    true
}
