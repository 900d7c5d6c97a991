//! Undo and redo, through the server; never over someone else's newer change.
//!
//! An undo is a batch, even for one record. Up to five records run at once without a dialog; more
//! show a preview, and redoing a deletion asks again.

use roster_common::{Employee, Role, Version};

use super::import;
use crate::keys::{Action, Screen};
use crate::state::batch::{Batch, BatchOrigin, BatchRow, Outcome, Step};
use crate::state::confirm::UndoneRun;
use crate::state::undo::{Edit, UndoEntry};
use crate::state::{Conflict, Form, State};
use crate::update::next::Next;
use crate::update::verbs::propose;

/// Undoes the last entry. It stays on the stack until it is undone.
pub(crate) fn undo(state: &mut State) -> Option<Next> {
    let entry = state.undo.done.last().cloned()?;
    if entry.creates() && !state.may(Role::Admin) {
        skip_creation(state, &entry);
        return None;
    }
    if let Some(undone) = UndoneRun::of(&entry, false) {
        return import::ask_to_undo(state, undone);
    }
    propose_edits(state, entry, "Undo", BatchOrigin::Undo)
}

/// Takes an entry off the stack that this user may not undo. The one before it is about someone
/// else, so it is only undone if the key is pressed again.
fn skip_creation(state: &mut State, entry: &UndoEntry) {
    state.undo.remove(entry);
    let key = state.keymap.key(Screen::Table, Action::Undo);
    let next = match state.undo.done.last() {
        Some(next) => format!(" Press {key} again to undo: {}.", next.what),
        None => String::new(),
    };
    state.warn(format!("Only an admin can undo: {}.{next}", entry.what));
}

/// Redoes the last undone entry.
pub(crate) fn redo(state: &mut State) -> Option<Next> {
    let entry = state.undo.undone.last().cloned()?;
    if let Some(undone) = UndoneRun::of(&entry, true) {
        return import::ask_to_undo(state, undone);
    }
    propose_edits(state, entry, "Redo", BatchOrigin::Redo)
}

fn propose_edits(
    state: &mut State,
    entry: UndoEntry,
    word: &str,
    origin: fn(UndoEntry) -> BatchOrigin,
) -> Option<Next> {
    let rows = entry.edits.iter().filter_map(BatchRow::undoing).collect();
    let title = format!("{word}: {}", entry.what);
    propose::rows(state, &title, origin(entry), rows)
}

/// Pushes an undo entry, if it can be undone. Returns the hint for the message, or an empty string.
pub(crate) fn push_edits(state: &mut State, edits: Vec<Edit>) -> String {
    if edits.is_empty() {
        return String::new();
    }
    let creates = edits.iter().any(|edit| edit.before.is_none());
    state.undo.push(edits);
    if creates && !state.may(Role::Admin) {
        return String::new();
    }
    format!(
        " Press {} to undo.",
        state.keymap.key(Screen::Table, Action::Undo)
    )
}

/// Returns `true` if the user made `now` from the version `before`. If others were involved, it
/// must not be undone.
pub(crate) fn is_own_change(state: &State, before: Version, now: &Employee) -> bool {
    now.version == before.next() && state.is_me(&now.updated_by)
}

/// The conflict of an entry was resolved. Returns the hint for the message.
pub(crate) fn on_conflict_resolved(
    state: &mut State,
    entry: &UndoEntry,
    edits: Vec<Edit>,
) -> String {
    let key = |action| state.keymap.key(Screen::Table, action).into_owned();
    let (redo, undo) = (key(Action::Redo), key(Action::Undo));
    if state.undo.finish_conflict(entry, edits) {
        format!(" Press {redo} to redo.")
    } else {
        format!(" Press {undo} to undo.")
    }
}

/// Pushes the edits of a batch, and updates entries for restored records.
pub(crate) fn push_batch(state: &mut State, batch: &Batch) {
    let done = |row: &BatchRow| match &row.outcome {
        Outcome::Done(now) => Some(Edit {
            before: row.before.clone(),
            after: now.clone(),
        }),
        _ => None,
    };
    let edits: Vec<_> = batch.rows.iter().filter_map(done).collect();
    match &batch.origin {
        BatchOrigin::Direct | BatchOrigin::Editor | BatchOrigin::LoadForEditor => {
            // The batch itself says how to undo it.
            _ = push_edits(state, edits);
        }
        BatchOrigin::Undo(entry) => {
            take_off_stack(state, entry, batch);
            state.undo.undone.extend(entry.with(edits));
            state.undo.done.extend(remaining_entries(entry, batch));
        }
        BatchOrigin::Redo(entry) => {
            take_off_stack(state, entry, batch);
            state.undo.done.extend(entry.with(edits));
            state.undo.undone.extend(remaining_entries(entry, batch));
        }
    }
}

/// Splits the rest of an entry: each conflicting record on its own, and the unanswered ones
/// together.
fn remaining_entries(entry: &UndoEntry, batch: &Batch) -> Vec<UndoEntry> {
    let rows = entry.edits.iter().zip(&batch.rows);
    let (open, unanswered): (Vec<_>, Vec<_>) = rows
        .filter(|(_, row)| row.is_undecided())
        .partition(|(_, row)| matches!(row.outcome, Outcome::Conflict(_)));
    let mut left: Vec<_> = open
        .into_iter()
        .map(|(edit, _)| UndoEntry::new(vec![edit.clone()]))
        .collect();
    let unanswered = unanswered.into_iter().map(|(edit, _)| edit.clone());
    left.extend(entry.with(unanswered.collect()));
    left
}

/// Takes an entry off the stack that has been undone, or redone, as far as that was possible.
fn take_off_stack(state: &mut State, entry: &UndoEntry, batch: &Batch) {
    state.undo.remove(entry);
    let rows = entry.edits.iter().zip(&batch.rows);
    let restored = rows.filter_map(|(edit, row)| match (&edit.before, &row.outcome) {
        (Some(before), Outcome::Done(Some(now))) => Some(((now.id, before.version), &**now)),
        _ => None,
    });
    state.undo.rebind(&restored.collect());
}

/// Reports the undo or redo of one record.
pub(crate) fn report_single(state: &mut State, batch: &Batch) -> Option<Next> {
    let key = |action| state.keymap.key(Screen::Table, action);
    let (done, verb, participle, other, entry) = match &batch.origin {
        BatchOrigin::Undo(entry) => (
            "Undid",
            "undo",
            "undone",
            format!("Press {} to redo", key(Action::Redo)),
            entry,
        ),
        BatchOrigin::Redo(entry) => (
            "Redid",
            "redo",
            "redone",
            format!("Press {} to undo", key(Action::Undo)),
            entry,
        ),
        BatchOrigin::Direct | BatchOrigin::Editor | BatchOrigin::LoadForEditor => return None,
    };
    let row = batch.rows.first()?;
    let what = &entry.what;
    match &row.outcome {
        Outcome::Done(_) | Outcome::Unchanged => {
            let beside = row
                .also_changed_by(state.me())
                .map(|name| format!(" Kept {name}'s other changes."))
                .unwrap_or_default();
            state.success(format!("{done}: {what}.{beside} {other}."));
        }
        Outcome::Conflict(current) => {
            return in_conflict(state, entry, row, current, participle);
        }
        Outcome::Gone => state.warn(format!(
            "This person has since been deleted; could not {verb}: {what}."
        )),
        Outcome::Refused(why) => state.warn(format!("Could not {verb}: {what}. {why}")),
        // Not reported: the batch stays open until these are known.
        Outcome::Waiting | Outcome::Asked | Outcome::Unanswered => {}
    }
    None
}

/// The record has changed since: opens the conflict instead of overwriting it.
fn in_conflict(
    state: &mut State,
    entry: &UndoEntry,
    row: &BatchRow,
    current: &Employee,
    participle: &str,
) -> Option<Next> {
    let when = state.zone.to_datetime(current.updated).strftime("%H:%M");
    let message = format!(
        "{} changed {} at {when}",
        current.updated_by,
        current.details.full_name()
    );
    // Only changes can be merged field by field. Over another dialog, one more could be answered
    // unread.
    let (Step::Change(changes), Some(before), true) =
        (&row.step, &row.before, state.overlays.is_empty())
    else {
        state.warn(format!("{message}. Nothing was {participle}."));
        return None;
    };
    let mut form = Form::edit((**before).clone(), state.today());
    form.undoing = Some(entry.clone());
    for (field, value) in changes.iter() {
        form.put(field, value);
    }
    let conflict = Conflict::new(before, &form.changes(), current.clone());
    let cancel = state.keymap.key(Screen::Conflict, Action::Close);
    state.warn(format!("{message}. Choose, or press {cancel} to cancel."));
    Next::both(Next::open(form), Next::open(conflict))
}
