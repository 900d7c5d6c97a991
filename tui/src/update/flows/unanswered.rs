//! Writes whose answer was lost. Their outcome is read from the record; they are never resent
//! blindly.
//!
//! A record that is unchanged proves nothing: the request may still be on its way, or wait in the
//! server. So it is read again, less and less often, and whenever it changes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use roster_common::event::RecordEvent;
use roster_common::{Code, Employee};

use super::{batch, undo};
use crate::effect::{Call, Effects, LocalTask};
use crate::event::Timer;
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

/// The shortest and the longest wait between two checks.
const PAUSES: [SignedDuration; 2] = [SignedDuration::from_secs(1), SignedDuration::from_secs(30)];

/// How long a server that answers is asked about a write whose form is closed.
const ASKED_FOR: SignedDuration = SignedDuration::from_secs(60);

/// Keeps an unanswered write until the server can be asked.
pub(crate) fn track(state: &mut State, write: PendingWrite) {
    warn_unanswered(state, &write.name);
    state.unanswered.writes.push(write);
}

/// Keeps the form open and locked until its outcome is known.
pub(crate) fn track_form(state: &mut State) {
    let asked = form::requested(state);
    let now = state.now;
    let Some(form) = state.overlay_mut::<Form>() else {
        return;
    };
    form.lost = true;
    form.unseen = false;
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
        state.unanswered.creations.push(PendingCreation {
            changes,
            unseen_since: None,
        });
    }
}

/// Saves the locked form again if its record was read since and is unchanged. Returns `false` if
/// that is not known.
pub(crate) fn save_again(state: &mut State, effects: &mut Effects) -> bool {
    let can_send = state.offline.is_none() && state.overlay::<Form>().is_some_and(|it| it.unseen);
    let Some((base, changes)) = form::requested(state).filter(|_| can_send) else {
        return false;
    };
    // Of the two requests, only one can take effect, and the answer to this one tells.
    let is_of = |write: &PendingWrite| (write.id, write.version) == (base.id, base.version);
    state.unanswered.writes.retain(|write| !is_of(write));
    if let Some(form) = state.overlay_mut::<Form>() {
        (form.lost, form.unseen) = (false, false);
    }
    let change = Call::Change {
        id: base.id,
        version: base.version,
        changes,
    };
    call::send(state, change, effects);
    true
}

/// Whether the open form is sending the same change again.
fn is_sent_again(state: &State, write: &PendingWrite) -> bool {
    let is_sending = state
        .overlay::<Form>()
        .is_some_and(|form| form.saving && !form.lost);
    is_sending
        && form::requested(state)
            .is_some_and(|(base, _)| (base.id, base.version) == (write.id, write.version))
}

/// It is time to check again.
pub(crate) fn on_timer(state: &mut State, effects: &mut Effects) {
    if state.identity.is_some() && state.offline.is_none() {
        resolve(state, effects);
    }
}

/// A record was changed or deleted: the writes that were based on an earlier version are settled.
pub(crate) fn on_change(
    state: &mut State,
    change: &RecordEvent,
    effects: &mut Effects,
) -> Option<Next> {
    let is_settled =
        |write: &mut PendingWrite| write.id == change.id && write.version < change.version;
    let settled: Vec<_> = state.unanswered.writes.extract_if(.., is_settled).collect();
    let mut next = None;
    for write in settled {
        let now = change.record.as_deref().cloned();
        next = Next::both(next, settle(state, write, now, effects));
    }
    next
}

/// Checks again after a wait as long as the one since the record was first read unchanged.
fn check_later(unseen_since: &mut Option<Timestamp>, now: Timestamp, effects: &mut Effects) {
    let since = *unseen_since.get_or_insert(now);
    let [shortest, longest] = PAUSES;
    let pause = now.duration_since(since).clamp(shortest, longest);
    let pause = Duration::try_from(pause).unwrap_or_default();
    effects.push(LocalTask::Wait(Timer::CheckWrites, pause));
}

/// Whether it has been looked for in vain for long enough.
fn is_given_up(unseen_since: Option<Timestamp>, now: Timestamp) -> bool {
    unseen_since.is_some_and(|since| now.duration_since(since) >= ASKED_FOR)
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
    let key = match form.purpose.clone() {
        Purpose::Create { key } => key,
        // A repeat is harmless: it is refused if the record is there.
        Purpose::Restore(base) if std::mem::take(&mut form.lost) => {
            let changes = form.changes();
            close_abandon_question(state);
            return Some(Call::Restore {
                id: base.id,
                changes,
            });
        }
        Purpose::Restore(_) | Purpose::Edit(_) | Purpose::Many(_) => return None,
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
    mut creation: PendingCreation,
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
            state.success(format!(
                "Added {name} (#{}); the server's answer was lost.{undo_hint}",
                found.id
            ));
        }
        None if is_given_up(creation.unseen_since, state.now) => state.warn(format!(
            "No sign that {name} was added. Search for them before you add them again."
        )),
        None => {
            if creation.unseen_since.is_none() {
                state.warn(format!(
                    "No sign yet that {name} was added. Checking again."
                ));
            }
            check_later(&mut creation.unseen_since, state.now, effects);
            state.unanswered.creations.push(creation);
        }
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
        // The stream may have brought a newer version than the one that was read.
        Ok(read) => match state.cached(write.id) {
            Some(known) if known.version > read.version => Some(known.clone()),
            _ => Some(read),
        },
        Err(ClientError::Refused(problem)) if problem.code == Code::EmployeeNotFound => None,
        Err(error) => {
            state.unanswered.writes.push(write);
            return failed(state, &error);
        }
    };
    settle(state, write, now, effects)
}

/// Handles what is known of the record now, `None` if it was deleted.
fn settle(
    state: &mut State,
    write: PendingWrite,
    now: Option<Employee>,
    effects: &mut Effects,
) -> Option<Next> {
    if is_sent_again(state, &write) {
        return None;
    }
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
    if outcome == WriteOutcome::NotYet {
        on_unseen(state, write, effects);
        return None;
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
            report_deletion(state, &write, now, &undo_hint);
            None
        }
        WriteKind::Change(_) => report_change(state, &write, outcome, now, &undo_hint),
    };
    load::refresh(state, effects);
    next
}

/// The record is unchanged. The request may still take effect, so it is checked again; the form may
/// send it again. Without a form, that ends after a minute.
fn on_unseen(state: &mut State, mut write: PendingWrite, effects: &mut Effects) {
    let name = &write.name;
    let is_open = is_locked(state, &write);
    let is_first = write.unseen_since.is_none();
    let done = match write.kind {
        WriteKind::Change(_) => "saved",
        WriteKind::Delete => "deleted",
    };
    if is_open {
        let save = state.keymap.key(Screen::Form, Action::Save);
        if is_first {
            state.warn(format!(
                "No sign yet that {name} was saved. Checking again; {save} saves now."
            ));
        }
        if let Some(form) = state.overlay_mut::<Form>() {
            form.unseen = true;
        }
    } else if is_given_up(write.unseen_since, state.now) {
        return state.warn(format!(
            "No sign that {name} was {done}. Look at the record."
        ));
    } else if is_first {
        state.warn(format!(
            "No sign yet that {name} was {done}. Checking again."
        ));
    }
    check_later(&mut write.unseen_since, state.now, effects);
    state.unanswered.writes.push(write);
}

fn report_deletion(
    state: &mut State,
    write: &PendingWrite,
    now: Option<Employee>,
    undo_hint: &str,
) {
    let name = &write.name;
    match now {
        Some(now) => {
            state.warn(format!(
                "{} changed {name} in the meantime. Nothing was deleted.",
                now.updated_by
            ));
        }
        None => {
            state.success(format!(
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
        (WriteOutcome::Done, _) => state.success(format!(
            "Saved {name}; the server's answer was lost.{undo_hint}"
        )),
        (WriteOutcome::AlreadySet, _) => state.message(format!(
            "{name} has your changes; someone else has saved it since."
        )),
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

/// Unlocks the form of `write`, if it is still open. Returns `true` if it is.
fn unlock(state: &mut State, write: &PendingWrite) -> bool {
    if !is_locked(state, write) {
        return false;
    }
    if let Some(form) = state.overlay_mut::<Form>() {
        (form.lost, form.unseen) = (false, false);
    }
    form::unlock(state);
    close_abandon_question(state);
    true
}

/// Whether the form of `write` is open, and locked until its outcome is known.
fn is_locked(state: &State, write: &PendingWrite) -> bool {
    state.overlay::<Form>().is_some_and(|form| {
        matches!(&form.purpose, Purpose::Edit(base) if base.id == write.id) && form.lost
    })
}
