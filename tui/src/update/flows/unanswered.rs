//! Writes that were not answered: what became of each is read from its record, and none is sent
//! blindly again.

use jiff::SignedDuration;
use roster_common::{Code, Employee};

use super::{batch, undo};
use crate::effect::{Call, Effects};
use crate::keys::{Action, Screen};
use crate::remote::{ClientError, Page, Result};
use crate::state::form::Purpose;
use crate::state::undo::Edit;
use crate::state::write::{WriteKind, WriteOutcome};
use crate::state::{Confirm, Creation, Form, PendingWrite, Question, State};
use crate::update::next::Next;
use crate::update::verbs::message::failed;
use crate::update::verbs::{call, cursor, form, load};

pub(crate) mod accounts;

/// How long a creation is sent again under its key. The server knows the key for a day.
const RESENT: SignedDuration = SignedDuration::from_hours(23);

/// Keeps in mind that a write may have been done, until the server can be asked.
pub(crate) fn remember(state: &mut State, write: PendingWrite) {
    tell_of_silence(state, &write.name);
    state.unanswered.writes.push(write);
}

/// The form's answer is lost: it stays open, and as it was sent, until the server says what became
/// of it.
pub(crate) fn remember_form(state: &mut State) {
    let asked = form::asked(state);
    let now = state.now;
    let Some(form) = state.part_mut::<Form>() else {
        return;
    };
    form.lost = true;
    _ = form.lost_since.get_or_insert(now);
    let name = form.name();
    match asked {
        Some((base, changes)) => {
            let write = PendingWrite::new(Box::new(base), WriteKind::Change(changes));
            remember(state, PendingWrite { name, ..write });
        }
        None => tell_of_silence(state, &name),
    }
}

fn tell_of_silence(state: &mut State, name: &str) {
    state.warn(format!("No answer for {name}: it may be done or not."));
}

/// The form of a creation that was not answered is left: what became of it is found out without it.
pub(crate) fn leave(state: &mut State) {
    let lost = state
        .part::<Form>()
        .filter(|form| form.lost && matches!(form.purpose, Purpose::Create { .. }));
    if let Some(changes) = lost.map(Form::changes) {
        state.unanswered.creations.push(Creation { changes });
    }
}

/// Asks what became of everything that was not answered.
///
/// A change or a deletion is found out by reading the record. A creation is sent again under its
/// key, which does nothing that is done already; but not when the server may have forgotten the
/// key, nor once its form has been left: then it is looked for.
pub(crate) fn find_out(state: &mut State, effects: &mut Effects) {
    let creation = lost_creation(state);
    for write in std::mem::take(&mut state.unanswered.writes) {
        call::send(state, Call::Look(Box::new(write)), effects);
    }
    for creation in std::mem::take(&mut state.unanswered.creations) {
        call::send(state, Call::Seek(Box::new(creation)), effects);
    }
    if let Some(creation) = creation {
        call::send(state, creation, effects);
    }
}

fn lost_creation(state: &mut State) -> Option<Call> {
    let now = state.now;
    let form = state.part_mut::<Form>()?;
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
    drop_question(state);
    if is_old {
        ask_to_look(state);
        return None;
    }
    Some(Call::Create { changes, key })
}

/// The question whether to leave a form of which nothing is known is none any more.
fn drop_question(state: &mut State) {
    if state
        .part::<Confirm>()
        .is_some_and(|confirm| confirm.question == Question::Abandon)
    {
        state.close::<Confirm>();
    }
}

/// Leaves a creation that may be a day old to the person, as a new one.
fn ask_to_look(state: &mut State) {
    let key = state.next_idempotency_key();
    let Some(form) = state.part_mut::<Form>() else {
        return;
    };
    form.purpose = Purpose::Create { key };
    (form.saving, form.lost_since) = (false, None);
    let name = form.name();
    let save = state.keymap.key(Screen::Form, Action::Save);
    state.warn(format!(
        "{name} may have been added: look first. {save} adds once more."
    ));
}

/// Those who read like somebody whose creation was not answered.
pub(crate) fn on_sought(
    state: &mut State,
    creation: Creation,
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
            let way_back = undo::record(state, vec![Edit::new(None, Some(found.clone()))]);
            state.say(format!(
                "{name} is added, with the id {}, though the answer was lost.{way_back}",
                found.id
            ));
        }
        None => state.warn(format!("{name} is not added: the request was lost.")),
    }
    load::refresh(state, effects);
    None
}

/// The record has been read after `write` was not answered.
pub(crate) fn on_looked(
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
        return batch::on_found_out(state, &write, outcome, now.as_ref(), effects);
    }
    let done = write
        .before
        .as_deref()
        .filter(|_| outcome == WriteOutcome::Done);
    let edits = done
        .map(|before| Edit::new(Some(before.clone()), now.clone()))
        .into_iter()
        .collect();
    let way_back = undo::record(state, edits);
    let next = match write.kind {
        WriteKind::Delete => {
            tell_of_deletion(state, &write, outcome, now, &way_back);
            None
        }
        WriteKind::Change(_) => tell_of_change(state, &write, outcome, now, &way_back),
    };
    load::refresh(state, effects);
    next
}

fn tell_of_deletion(
    state: &mut State,
    write: &PendingWrite,
    outcome: WriteOutcome,
    now: Option<Employee>,
    way_back: &str,
) {
    let name = &write.name;
    match (outcome, now) {
        (WriteOutcome::NotDone, _) => {
            let again = state.keymap.key(Screen::Table, Action::Delete);
            state.warn(format!(
                "{name} is not deleted: the request was lost. {again} asks again."
            ));
        }
        (_, Some(now)) => {
            state.warn(format!(
                "{} has changed {name} meanwhile. Nothing is deleted.",
                now.updated_by
            ));
        }
        (_, None) => {
            state.say(format!(
                "{name} is deleted, though the answer was lost.{way_back}"
            ));
            cursor::on_deleted(state, write.id);
        }
    }
}

fn tell_of_change(
    state: &mut State,
    write: &PendingWrite,
    outcome: WriteOutcome,
    now: Option<Employee>,
    way_back: &str,
) -> Option<Next> {
    let name = &write.name;
    let is_open = unlock(state, write);
    match (outcome, now) {
        (WriteOutcome::Done, _) => state.say(format!(
            "{name} is saved, though the answer was lost.{way_back}"
        )),
        (WriteOutcome::Met, _) => state.say(format!(
            "{name} reads as you wrote it; somebody has saved it since."
        )),
        (WriteOutcome::NotDone, _) if is_open => {
            let save = state.keymap.key(Screen::Form, Action::Save);
            state.warn(format!(
                "{name} is not saved: the request was lost. {save} saves."
            ));
            return None;
        }
        (WriteOutcome::NotDone, _) => {
            state.warn(format!("{name} is not saved: the request was lost."));
        }
        (_, Some(theirs)) if is_open => return form::set_side_by_side(state, theirs),
        (_, Some(theirs)) => {
            state.warn(format!(
                "{} has changed {name} meanwhile, and not as you wrote it.",
                theirs.updated_by
            ));
        }
        (_, None) if is_open => {
            form::deleted_meanwhile(state);
            return None;
        }
        (_, None) => state.warn(format!("Somebody has deleted {name} meanwhile.")),
    }
    if is_open {
        form::finish(state);
    }
    None
}

/// Gives the form back to the person who wrote in it, if it is still the one of `write`. Returns
/// `true` if it is.
fn unlock(state: &mut State, write: &PendingWrite) -> bool {
    let is_of = |form: &&mut Form| {
        matches!(&form.purpose, Purpose::Edit(base) if base.id == write.id) && form.lost
    };
    let Some(form) = state.part_mut::<Form>().filter(is_of) else {
        return false;
    };
    form.lost = false;
    form::unlock(state);
    drop_question(state);
    true
}
