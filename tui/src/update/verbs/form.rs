//! The form that is open: what it asks for, and closing it.

use roster_common::{Changes, Employee};

use crate::keys::{Action, Screen};
use crate::state::form::Purpose;
use crate::state::{Conflict, Form, State};
use crate::update::next::Next;

/// Closes the form, and the conflict about it.
pub(crate) fn close(state: &mut State) {
    state.close::<Form>();
    state.close::<Conflict>();
}

/// Closes a form that has nothing left to do. If it was to undo something, that is done too.
pub(crate) fn finish(state: &mut State) {
    if let Some(entry) = state
        .overlay_mut::<Form>()
        .and_then(|form| form.undoing.take())
    {
        state.undo.remove(&entry);
    }
    close(state);
}

/// Lets the person write in the form and the conflict again, once no answer is to come any more.
pub(crate) fn unlock(state: &mut State) {
    if let Some(form) = state.overlay_mut::<Form>() {
        form.saving = false;
    }
    if let Some(conflict) = state.overlay_mut::<Conflict>() {
        conflict.saving = false;
    }
}

/// The record that the person read, and the changes that their form makes to it.
fn mine(state: &State) -> Option<(Employee, Changes)> {
    let form = state.overlay::<Form>()?;
    match &form.purpose {
        Purpose::Edit(base) => Some(((**base).clone(), form.changes())),
        Purpose::Create { .. } | Purpose::Many(_) => None,
    }
}

/// What the server is asked to change, and of which version: the result of a conflict, or else what
/// the form says.
pub(crate) fn asked(state: &State) -> Option<(Employee, Changes)> {
    let result = state
        .overlay::<Conflict>()
        .map(|conflict| ((*conflict.theirs).clone(), conflict.changes()));
    result.or_else(|| mine(state))
}

/// Sets the two versions side by side. After a second conflict, the choices begin again from the
/// newest version.
pub(crate) fn open_conflict(state: &State, theirs: Employee) -> Option<Next> {
    let (base, mine) = mine(state)?;
    Next::open(Conflict::new(&base, &mine, theirs))
}

/// The person in the form has been deleted: what was written stays to be read.
pub(crate) fn on_record_deleted(state: &mut State) {
    if state
        .overlay::<Form>()
        .is_some_and(Form::is_behind_conflict)
    {
        finish(state);
        return state.warn("This person has since been deleted; nothing was undone.");
    }
    let leave = state.keymap.key(Screen::Form, Action::Close);
    state.warn(format!(
        "This person has since been deleted. Press {leave} to close."
    ));
}
