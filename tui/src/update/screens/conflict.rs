//! An edit conflict: choose a value field by field.

use crate::cells;
use crate::effect::{Call, Effects};
use crate::format::or_dash;
use crate::keys::{Action, Screen};
use crate::state::conflict::Side;
use crate::state::{Confirm, Conflict, Form, Question, State};
use crate::update::flows::{offline, unanswered};
use crate::update::next::Next;
use crate::update::verbs::{call, form, names};

/// How much of their value a message shows.
const THEIRS: usize = 30;

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    let is_undoing = state.undo_form().is_some();
    let is_lost = state.overlay::<Form>().is_some_and(|form| form.lost);
    let conflict = state.overlay_mut::<Conflict>()?;
    match action {
        Action::Close if is_lost => return Next::open(Confirm::new(Question::LeaveUnconfirmed)),
        Action::Save if is_lost => {
            let is_sent = unanswered::save_again(state, effects);
            if !is_sent {
                offline::ask_now(state, effects);
            }
        }
        // The choices have been sent, so they stay as they are until the answer.
        _ if conflict.saving => {}
        Action::Up => conflict.focus = conflict.focus.saturating_sub(1),
        Action::Down => {
            conflict.focus = (conflict.focus + 1).min(conflict.rows.len().saturating_sub(1));
        }
        Action::TakeMine => take(conflict, Side::Mine),
        Action::TakeTheirs => take(conflict, Side::Theirs),
        Action::TakeAllMine => conflict.take_all(Side::Mine),
        Action::TakeAllTheirs => conflict.take_all(Side::Theirs),
        Action::Edit => return edit(state, effects),
        Action::Close if is_undoing => {
            let participle = form::participle(state);
            form::close(state);
            state.message(format!("Canceled. Nothing was {participle}."));
        }
        Action::Close => state.close::<Conflict>(),
        Action::Save => save(state, effects),
        _ => {}
    }
    None
}

/// Keeps one side's value and moves to the next undecided field.
fn take(conflict: &mut Conflict, side: Side) {
    if let Some(row) = conflict.rows.get_mut(conflict.focus) {
        let was_open = row.take.replace(side).is_none();
        conflict.focus = conflict
            .first_open()
            .filter(|_| was_open)
            .unwrap_or(conflict.focus);
    }
}

/// Saves the result, or moves to the first undecided field.
fn save(state: &mut State, effects: &mut Effects) {
    let Some(conflict) = state.overlay_mut::<Conflict>() else {
        return;
    };
    if let Some(open) = conflict.first_open() {
        conflict.focus = open;
        return ask_for_choice(state);
    }
    let changes = conflict.changes();
    // Everything is theirs, so the server already has the result.
    if changes.is_empty() {
        let theirs = conflict.theirs.clone();
        state.table.replace(&theirs);
        form::finish(state);
        return state.message("Kept their version.");
    }
    conflict.saving = true;
    let change = Call::Change {
        id: conflict.theirs.id,
        version: conflict.theirs.version,
        changes,
    };
    call::send(state, change, effects);
}

fn ask_for_choice(state: &mut State) {
    let key = |action| state.keymap.key(Screen::Conflict, action);
    let (mine, theirs) = (key(Action::TakeMine), key(Action::TakeTheirs));
    state.warn(format!(
        "Choose a value first: {mine} keeps mine, {theirs} keeps theirs."
    ));
}

/// Returns to the form, based on their version, with the chosen values. Only the selected field may
/// be undecided: it holds mine, and the message names theirs.
fn edit(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let conflict = state.overlay_mut::<Conflict>()?;
    if let Some(other) = conflict.first_open_beside_focus() {
        conflict.focus = other;
        ask_for_choice(state);
        return None;
    }
    let conflict = state.take::<Conflict>()?;
    let mut form = Form::edit((*conflict.theirs).clone(), state.today());
    // Saving the new form still has to settle the undo entry.
    form.undoing = state.take::<Form>().and_then(|before| before.undoing);
    for row in conflict
        .rows
        .iter()
        .filter(|row| row.take != Some(Side::Theirs))
    {
        form.put(row.field, row.mine.clone());
    }
    form.focus = conflict
        .rows
        .get(conflict.focus)
        .map_or(form.focus, |row| row.field);
    form.visited.push(form.focus);
    names::name_manager(state, &mut form, effects);
    let merged = merged_text(&conflict);
    let save = state.keymap.key(Screen::Form, Action::Save);
    state.message(format!("{merged} Press {save} to save it."));
    Next::open(form)
}

/// What the form holds after a conflict.
fn merged_text(conflict: &Conflict) -> String {
    match conflict.rows.get(conflict.focus) {
        Some(row) if row.take.is_none() => {
            let theirs = cells::cut(or_dash(&row.theirs), THEIRS);
            format!("{} is yours; theirs is “{theirs}”.", row.field.label())
        }
        _ => "This is the merged record.".to_owned(),
    }
}
