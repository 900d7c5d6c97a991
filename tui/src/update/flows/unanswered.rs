//! Writes whose answer was lost. Their outcome is read from the record; they are never resent
//! blindly.
//!
//! A record that is unchanged proves nothing: the request may still be on its way, or wait in the
//! server. So it is read again, less and less often, and whenever it changes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use roster_common::event::RecordEvent;

use crate::effect::{Call, Effects, LocalTask};
use crate::event::Timer;
use crate::state::form::Purpose;
use crate::state::pending_write::WriteKind;
use crate::state::{Confirm, Form, PendingCreation, PendingWrite, Question, State};
use crate::update::next::Next;
use crate::update::verbs::{call, form};

pub(crate) mod accounts;
mod creation;
mod record;

pub(crate) use creation::on_creation_checked;
pub(crate) use record::on_write_checked;

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
        next = Next::both(next, record::settle(state, write, now, effects));
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
    let creation = creation::to_repeat(state);
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

/// Closes the question about leaving an unconfirmed form; the outcome is known.
fn close_abandon_question(state: &mut State) {
    if state
        .overlay::<Confirm>()
        .is_some_and(|confirm| confirm.question == Question::LeaveUnconfirmed)
    {
        state.close::<Confirm>();
    }
}
