//! A change or deletion whose answer was lost: the record tells what became of it.

use roster_common::{Code, Employee};

use super::{check_later, close_abandon_question, is_given_up, is_sent_again};
use crate::effect::Effects;
use crate::keys::{Action, Screen};
use crate::remote::{ClientError, Result};
use crate::state::form::Purpose;
use crate::state::pending_write::{WriteKind, WriteOutcome};
use crate::state::undo::Edit;
use crate::state::{Form, PendingWrite, State};
use crate::update::flows::{batch, undo};
use crate::update::next::Next;
use crate::update::verbs::message::failed;
use crate::update::verbs::{cursor, form, load};

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
pub(super) fn settle(
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
