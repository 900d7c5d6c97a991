//! What was done is taken back and done again: through the server, and never over somebody else's newer words.

use roster_common::Employee;

use super::{batch, reply};
use crate::event::Effect;
use crate::keys::{Action, Screen};
use crate::state::batch::{Batch, Origin, Outcome, Row, Step};
use crate::state::undo::{Edit, UndoEntry};
use crate::state::{Form, State};

/// Takes back the last deed. It stays in mind until that is done.
pub(super) fn undo(state: &mut State) -> Vec<Effect> {
    let Some(deed) = state.undo.done.last().cloned() else {
        return Vec::new();
    };
    back(state, deed, "Undo", Origin::Undo)
}

/// Does the deed again that was taken back last.
pub(super) fn redo(state: &mut State) -> Vec<Effect> {
    let Some(deed) = state.undo.undone.last().cloned() else {
        return Vec::new();
    };
    back(state, deed, "Redo", Origin::Redo)
}

fn back(
    state: &mut State,
    deed: UndoEntry,
    word: &str,
    origin: fn(UndoEntry) -> Origin,
) -> Vec<Effect> {
    let rows = deed.edits.iter().filter_map(Row::undoing).collect();
    let title = format!("{word}: {}", deed.what);
    batch::open(state, &title, origin(deed), rows)
}

/// A deed that had met somebody else's words has been decided on in the dialog; which key leads back.
pub(super) fn decided(state: &mut State, deed: &UndoEntry, turns: Vec<Edit>) -> String {
    let key = |action| state.keymap.key(Screen::Table, action).into_owned();
    let (redo, undo) = (key(Action::Redo), key(Action::Undo));
    if state.undo.decide(deed, turns) {
        format!(" {redo} does it again.")
    } else {
        format!(" {undo} undoes it.")
    }
}

/// Keeps in mind what was done, and in which state a record is that was brought back.
pub(super) fn remember(state: &mut State, batch: &Batch) {
    let done = |row: &Row| match &row.outcome {
        Outcome::Done(now) => Some(Edit {
            before: row.before.clone(),
            after: now.clone(),
        }),
        _ => None,
    };
    let turns: Vec<_> = batch.rows.iter().filter_map(done).collect();
    match &batch.origin {
        Origin::Wish | Origin::Text | Origin::ToText => _ = reply::record(state, turns),
        Origin::Undo(deed) => {
            turned(state, deed, batch);
            state.undo.undone.extend(deed.with(turns));
            state.undo.done.extend(left(deed, batch));
        }
        Origin::Redo(deed) => {
            turned(state, deed, batch);
            state.undo.done.extend(deed.with(turns));
            state.undo.undone.extend(left(deed, batch));
        }
    }
}

/// What is left of a deed: each record in conflict for itself, to be decided on, and at last what was not answered.
fn left(deed: &UndoEntry, batch: &Batch) -> Vec<UndoEntry> {
    let left = deed
        .edits
        .iter()
        .zip(&batch.rows)
        .filter(|(_, row)| row.is_left());
    let (open, unanswered): (Vec<_>, Vec<_>) =
        left.partition(|(_, row)| matches!(row.outcome, Outcome::Conflict(_)));
    let alone = open
        .into_iter()
        .map(|(turn, _)| UndoEntry::new(vec![turn.clone()]));
    alone
        .chain(
            deed.with(
                unanswered
                    .into_iter()
                    .map(|(turn, _)| turn.clone())
                    .collect(),
            ),
        )
        .collect()
}

/// A deed has been taken back, or done again, as far as that was possible.
fn turned(state: &mut State, deed: &UndoEntry, batch: &Batch) {
    state.undo.settle(deed);
    let turns = deed.edits.iter().zip(&batch.rows);
    let brought_back = turns.filter_map(|(turn, row)| match (&turn.before, &row.outcome) {
        (Some(from), Outcome::Done(Some(now))) => Some(((now.id, from.version), &**now)),
        _ => None,
    });
    state.undo.rebind(&brought_back.collect());
}

/// One step back or forth for one record: what came of it, in a sentence.
pub(super) fn tell_of_one(state: &mut State, batch: &Batch) {
    let key = |action| state.keymap.key(Screen::Table, action);
    let (word, other, deed) = match &batch.origin {
        Origin::Undo(deed) => (
            "Undone",
            format!("{} does it again", key(Action::Redo)),
            deed,
        ),
        Origin::Redo(deed) => (
            "Done again",
            format!("{} undoes it", key(Action::Undo)),
            deed,
        ),
        Origin::Wish | Origin::Text | Origin::ToText => return,
    };
    let Some(row) = batch.rows.first() else {
        return;
    };
    let what = &deed.what;
    match &row.outcome {
        Outcome::Done(_) | Outcome::Unchanged => {
            let beside = row
                .also_by(state.me())
                .map(|name| format!(" What {name} has changed stays."))
                .unwrap_or_default();
            state.say(format!("{word}: {what}.{beside} {other}."));
        }
        Outcome::Conflict(current) => in_conflict(state, deed, row, current),
        Outcome::Gone => state.warn(format!(
            "Somebody has deleted the person meanwhile: {what} stays as it is."
        )),
        Outcome::Refused(why) => state.warn(format!("Not possible: {what}. {why}")),
        Outcome::Waiting | Outcome::Asked | Outcome::Unanswered => {}
    }
}

/// Somebody has changed the record since: nothing is overwritten, and the two are set side by side.
fn in_conflict(state: &mut State, deed: &UndoEntry, row: &Row, current: &Employee) {
    let when = state.zone.to_datetime(current.updated).strftime("%H:%M");
    let told = format!(
        "{} has changed {} at {when} since",
        current.updated_by,
        current.details.full_name()
    );
    match (&row.step, &row.before) {
        (Step::Change(changes), Some(before)) if state.overlays.is_empty() => {
            let mut form = Form::edit((**before).clone(), state.today());
            form.undoing = Some(deed.clone());
            changes
                .iter()
                .for_each(|(field, value)| form.put(field, value));
            state.open(form);
            reply::set_side_by_side(state, current.clone());
            state.warn(format!("{told}: choose what it shall be."));
        }
        _ => state.warn(format!("{told}: nothing is undone.")),
    }
}
