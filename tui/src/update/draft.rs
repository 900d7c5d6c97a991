//! Records as text in somebody's editor.

use std::path::PathBuf;

use super::{batch, question};
use crate::event::Effect;
use crate::keys::{Action, Screen};
use crate::state::batch::{Batch, Origin, Outcome, Row, Step};
use crate::state::{Draft, Question, State};
use crate::why_not::why_not;
use crate::words::grouped;

/// Opens the text that was kept, or makes one of those who are marked, or of the person of the cursor; asks which of the
/// two where they are about different people.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    match &state.draft {
        Some(draft) if draft.is_of_others(&state.table.marks) => {
            let people = draft.people.len();
            question(state, Question::KeptText { people })
        }
        Some(_) => reopen(state),
        None => batch::open_as_text(state),
    }
}

/// Opens the text that was kept.
pub(super) fn reopen(state: &State) -> Vec<Effect> {
    state
        .draft
        .clone()
        .map(|draft| Effect::Compose(Box::new(draft)))
        .into_iter()
        .collect()
}

/// Makes another text of those who are marked: the one that was kept goes when that is here.
pub(super) fn begin_anew(state: &mut State) -> Vec<Effect> {
    // Who cannot be set cannot be written about either.
    match why_not(state, Action::Set) {
        Some(reason) => {
            state.warn(reason);
            Vec::new()
        }
        None => batch::open_as_text(state),
    }
}

/// All records are here: has them written in the editor.
pub(super) fn compose(state: &mut State) -> Vec<Effect> {
    let Some(batch) = state.take::<Batch>() else {
        return Vec::new();
    };
    let all = batch.rows.len();
    let wanted = batch.rows.iter().map(|row| row.id).collect();
    let people: Vec<_> = batch
        .rows
        .into_iter()
        .filter_map(|row| row.before.map(|person| *person))
        .collect();
    if people.is_empty() {
        state.warn("None of these records can be read.");
        return Vec::new();
    }
    if people.len() < all {
        state.warn(format!(
            "{} of {} could not be read, and are left out.",
            grouped(all - people.len()),
            grouped(all)
        ));
    }
    let mut effects = discard(state);
    let draft = Draft::new(wanted, people);
    state.draft = Some(draft.clone());
    effects.push(Effect::Compose(Box::new(draft)));
    effects
}

/// The editor has been left: shows what the text changes, or keeps it with the reasons why that cannot be. After a
/// failure it is kept too, if somebody has written in it.
pub(super) fn on_composed(
    state: &mut State,
    path: Option<PathBuf>,
    text: Option<String>,
    failure: Option<String>,
) -> Vec<Effect> {
    let again = state
        .keymap
        .key(Screen::Table, Action::Compose)
        .into_owned();
    let Some(draft) = state.draft.as_mut() else {
        return Vec::new();
    };
    draft.path = path.or(draft.path.take());
    let is_read = text.is_some();
    text.into_iter().for_each(|text| draft.text = text);
    let changes = draft.read(&state.keymap.key(Screen::Table, Action::New));
    if let Some(why) = failure {
        let is_untouched = is_read && changes.is_ok_and(|changes| changes.is_empty());
        let kept = if is_untouched {
            String::new()
        } else {
            format!(" {}", draft.kept(&again))
        };
        state.warn(why + &kept);
        return if is_untouched {
            discard(state)
        } else {
            Vec::new()
        };
    }
    match changes {
        Ok(changes) if changes.is_empty() => {
            state.say("Nothing was changed.");
            discard(state)
        }
        Ok(changes) => {
            let row =
                |(id, changes)| Row::new(id, draft.newest(id).cloned(), Step::Change(changes));
            let rows = changes.into_iter().map(row).collect();
            batch::open(state, "Changes as text", Origin::Text, rows)
        }
        Err(refusals) => {
            let (first, more) = (
                refusals.first().cloned().unwrap_or_default(),
                refusals.len() - 1,
            );
            let more = if more == 0 {
                String::new()
            } else {
                format!(" ({more} more)")
            };
            draft.explain(&refusals);
            state.warn(format!("{again} opens it again. {first}{more}"));
            Vec::new()
        }
    }
}

/// What came of the text: it is kept until all of it is done.
pub(super) fn finish(state: &mut State, batch: &Batch) -> Vec<Effect> {
    let is_settled = |row: &Row| matches!(row.outcome, Outcome::Done(_) | Outcome::Unchanged);
    if batch.rows.iter().all(is_settled) {
        return discard(state);
    }
    if let Some(draft) = state.draft.as_mut() {
        for row in &batch.rows {
            if row.is_over() {
                draft.left.remove(&row.id);
            }
            if let Outcome::Conflict(now) | Outcome::Done(Some(now)) = &row.outcome {
                draft.newer.insert(now.id, (**now).clone());
            }
        }
        let kept = draft.kept(&state.keymap.key(Screen::Table, Action::Compose));
        state.warn(format!("Your text is kept: {kept}"));
    }
    Vec::new()
}

/// The text is not needed any more.
fn discard(state: &mut State) -> Vec<Effect> {
    let path = state.draft.take().and_then(|draft| draft.path);
    path.into_iter().map(Effect::Discard).collect()
}
