//! The history of one record, and restoring old values.

use roster_common::Field;

use crate::effect::Effects;
use crate::keys::{Action, Screen};
use crate::state::batch::{BatchOrigin, BatchRow, Step};
use crate::state::{Form, History, State};
use crate::update::flows::history;
use crate::update::next::Next;
use crate::update::verbs::cursor::steps;
use crate::update::verbs::{load, names, propose};

pub(crate) fn act(state: &mut State, action: Action, effects: &mut Effects) -> Option<Next> {
    let by = steps(state, action);
    let shown = state.overlay_mut::<History>()?;
    match action {
        Action::Open => return restore(state, effects),
        Action::Close => state.close::<History>(),
        _ => shown.move_by(by),
    }
    history::ask_for_more(state, effects);
    None
}

/// Opens the form with the old values of the selected change, or asks to restore a deleted person.
fn restore(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let shown = state.overlay::<History>()?;
    if let Some(was) = shown.deleted_record() {
        state.close::<History>();
        let row = BatchRow::new(was.id, None, Step::Restore(Box::new(was)));
        return propose::rows(state, "Restore", BatchOrigin::Direct, vec![row]);
    }
    let old: Vec<(Field, String)> = shown
        .old_values()
        .into_iter()
        .map(|change| (change.field, change.old.clone()))
        .collect();
    let (first, _) = old.first()?;
    let mut form = Form::edit(state.current()?.clone(), state.today());
    form.focus = *first;
    for (field, value) in &old {
        form.put(*field, value);
    }
    if form.changes().is_empty() {
        state.message("The record already has this value.");
        return None;
    }
    state.close::<History>();
    // The loaded record may be older than the history; the answer updates the form.
    load::read_current(state, effects);
    names::name_manager(state, &mut form, effects);
    let save = state.keymap.key(Screen::Form, Action::Save);
    state.message(format!(
        "Put the old value into the form. Press {save} to save it."
    ));
    Next::open(form)
}
