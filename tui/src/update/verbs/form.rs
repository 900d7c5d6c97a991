//! The open form: its changes, and closing it.

use roster_common::{Changes, Employee, EmployeeId};

use crate::keys::{Action, Screen};
use crate::state::form::Purpose;
use crate::state::{Conflict, Form, State};
use crate::update::next::Next;

/// Closes the form and its conflict.
pub(crate) fn close(state: &mut State) {
    state.close::<Form>();
    state.close::<Conflict>();
}

/// Closes a finished form. If it resolved an undo, that entry is finished too.
pub(crate) fn finish(state: &mut State) {
    if let Some(entry) = state
        .overlay_mut::<Form>()
        .and_then(|form| form.undoing.take())
    {
        state.undo.remove(&entry);
    }
    close(state);
}

/// What the form would do to the entry whose conflict it resolves: `undone` or `redone`.
pub(crate) fn participle(state: &State) -> &'static str {
    let entry = state
        .overlay::<Form>()
        .and_then(|form| form.undoing.as_ref());
    entry.map_or("undone", |entry| state.undo.participle(entry))
}

/// Unlocks the form and the conflict.
pub(crate) fn unlock(state: &mut State) {
    if let Some(form) = state.overlay_mut::<Form>() {
        form.saving = false;
    }
    if let Some(conflict) = state.overlay_mut::<Conflict>() {
        conflict.saving = false;
    }
}

/// The record that the form is based on, and the form's changes.
fn mine(state: &State) -> Option<(Employee, Changes)> {
    let form = state.overlay::<Form>()?;
    match &form.purpose {
        Purpose::Edit(base) => Some(((**base).clone(), form.changes())),
        Purpose::Create { .. } | Purpose::Restore(_) | Purpose::Many(_) => None,
    }
}

/// The record and the changes to send: from the resolved conflict, otherwise from the form.
pub(crate) fn requested(state: &State) -> Option<(Employee, Changes)> {
    let result = state
        .overlay::<Conflict>()
        .map(|conflict| ((*conflict.theirs).clone(), conflict.changes()));
    result.or_else(|| mine(state))
}

/// Opens the conflict with the current version. After a second conflict, all choices start over.
pub(crate) fn open_conflict(state: &State, theirs: Employee) -> Option<Next> {
    let (base, mine) = mine(state)?;
    Next::open(Conflict::new(&base, &mine, theirs))
}

/// Whether the open form edits this person, and is not being saved.
pub(crate) fn is_of(state: &State, id: EmployeeId) -> bool {
    state.overlay::<Form>().is_some_and(|form| {
        matches!(&form.purpose, Purpose::Edit(base) if base.id == id) && !form.saving
    })
}

/// The person in the form was deleted. Saving the form restores them under their id.
pub(crate) fn on_record_deleted(state: &mut State) {
    if state.undo_form().is_some() {
        let participle = participle(state);
        finish(state);
        return state.warn(format!(
            "This person has since been deleted; nothing was {participle}."
        ));
    }
    if let Some(form) = state.overlay_mut::<Form>() {
        if let Purpose::Edit(base) = &form.purpose {
            form.purpose = Purpose::Restore(base.clone());
        }
        form.newer = None;
        // The whole record will be saved, so all of it is shown.
        form.cell = None;
        form.undoing = None;
    }
    let key = |action| state.keymap.key(Screen::Form, action);
    let (save, leave) = (key(Action::Save), key(Action::Close));
    state.warn(format!(
        "This person has since been deleted. {save} restores them, {leave} discards."
    ));
}
