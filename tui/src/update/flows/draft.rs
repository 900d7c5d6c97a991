//! Edits records as text in an external editor.

use std::path::PathBuf;

use roster_common::Changes;

use crate::availability::unavailable;
use crate::effect::{Effects, LocalTask, TerminalTask};
use crate::format::grouped;
use crate::keys::{Action, Screen};
use crate::state::batch::{Batch, BatchOrigin, BatchRow, Outcome, Step};
use crate::state::draft::DraftEdits;
use crate::state::{Confirm, Draft, Question, State};
use crate::update::next::Next;
use crate::update::verbs::propose;

/// Opens the unfinished text, or creates one of the marked people or the current one. Asks which,
/// if they are about different people.
pub(crate) fn open(state: &mut State, effects: &mut Effects) -> Option<Next> {
    match &state.draft {
        Some(draft) if draft.is_of_others(&state.table.marks) => {
            let people = draft.people.len();
            Next::open(Confirm::new(Question::KeptDraft { people }))
        }
        Some(_) => {
            reopen(state, effects);
            None
        }
        None => begin(state),
    }
}

/// Opens the unfinished text.
pub(crate) fn reopen(state: &State, effects: &mut Effects) {
    if let Some(draft) = &state.draft {
        effects.push(TerminalTask::OpenEditor(Box::new(draft.clone())));
    }
}

/// Loads the marked people, or the current one, for the editor. An unfinished text is discarded
/// once they are loaded.
pub(crate) fn begin(state: &mut State) -> Option<Next> {
    let nothing_yet = Step::Change(Changes::default());
    propose::for_targets(
        state,
        "Load for the editor",
        BatchOrigin::LoadForEditor,
        &nothing_yet,
    )
}

/// Like [`begin`], after the user chose to discard the unfinished text.
pub(crate) fn start_over(state: &mut State) -> Option<Next> {
    // The same limits as for setting fields apply.
    if let Some(reason) = unavailable(state, Action::Set) {
        state.warn(reason);
        return None;
    }
    begin(state)
}

/// All records are loaded: opens the editor.
pub(crate) fn compose(state: &mut State, effects: &mut Effects) {
    let Some(batch) = state.take::<Batch>() else {
        return;
    };
    let all = batch.rows.len();
    let wanted = batch.rows.iter().map(|row| row.id).collect();
    let people: Vec<_> = batch
        .rows
        .into_iter()
        .filter_map(|row| row.before.map(|person| *person))
        .collect();
    if people.is_empty() {
        return state.warn("Can't read any of these records.");
    }
    if people.len() < all {
        state.warn(format!(
            "Left out {} of {}: they could not be read.",
            grouped(all - people.len()),
            grouped(all)
        ));
    }
    // Not earlier, so that an older text is kept if there is no new one.
    discard(state, effects);
    let draft = Draft::new(wanted, people);
    state.draft = Some(draft.clone());
    effects.push(TerminalTask::OpenEditor(Box::new(draft)));
}

/// The editor was closed: previews the changes in the text, or saves it with the reasons for
/// refusing it. After a failure of the editor, an edited text is saved too.
pub(crate) fn on_editor_closed(
    state: &mut State,
    path: Option<PathBuf>,
    text: Option<String>,
    failure: Option<String>,
    effects: &mut Effects,
) -> Option<Next> {
    let again = state
        .keymap
        .key(Screen::Table, Action::OpenEditor)
        .into_owned();
    let draft = state.draft.as_mut()?;
    // If the text could not be written, an earlier file still has it.
    draft.path = path.or(draft.path.take());
    let is_read = text.is_some();
    if let Some(text) = text {
        draft.text = text;
    }
    let edits = draft.read(&state.keymap.key(Screen::Table, Action::New));
    if let Some(why) = failure {
        // The text has no change that would be lost.
        if is_read && edits.is_ok_and(|edits| edits.changes.is_empty()) {
            state.warn(why);
            discard(state, effects);
        } else {
            let kept = draft.reopen_hint(&again);
            state.warn(format!("{why} {kept}"));
        }
        return None;
    }
    match edits {
        Ok(DraftEdits { changes, removed }) if changes.is_empty() => {
            state.message(match removed {
                0 => "Nothing was changed.",
                _ => "Nothing was changed: removing a row deletes nobody.",
            });
            discard(state, effects);
            None
        }
        Ok(DraftEdits { changes, removed }) => {
            let row =
                |(id, changes)| BatchRow::new(id, draft.newest(id).cloned(), Step::Change(changes));
            let rows = changes.into_iter().map(row).collect();
            if removed > 0 {
                state.message("Removing a row deletes nobody.");
            }
            propose::rows(state, "Changes from the editor", BatchOrigin::Editor, rows)
        }
        Err(refusals) => {
            let first = refusals.first().cloned().unwrap_or_default();
            let more = match refusals.len() - 1 {
                0 => String::new(),
                more => format!(" ({more} more)"),
            };
            draft.explain(&refusals);
            state.warn(format!("Press {again} to reopen it. {first}{more}"));
            None
        }
    }
}

/// Updates the text after a batch. It is kept until everything is saved.
pub(crate) fn finish(state: &mut State, batch: &Batch, effects: &mut Effects) {
    let is_settled = |row: &BatchRow| matches!(row.outcome, Outcome::Done(_) | Outcome::Unchanged);
    if batch.rows.iter().all(is_settled) {
        return discard(state, effects);
    }
    if let Some(draft) = state.draft.as_mut() {
        for row in &batch.rows {
            if row.is_over() {
                _ = draft.left.remove(&row.id);
            }
            // The next preview starts from these: a saved row is unchanged in it, and a skipped one
            // shows the newer values.
            if let Outcome::Conflict(now) | Outcome::Done(Some(now)) = &row.outcome {
                _ = draft.newer.insert(now.id, (**now).clone());
            }
        }
        let kept = draft.reopen_hint(&state.keymap.key(Screen::Table, Action::OpenEditor));
        state.warn(format!("Your text is saved. {kept}"));
    }
}

/// The text is no longer needed.
fn discard(state: &mut State, effects: &mut Effects) {
    if let Some(path) = state.draft.take().and_then(|draft| draft.path) {
        effects.push(LocalTask::Discard(path));
    }
}
