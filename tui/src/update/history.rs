//! What became of one record over time, and how a value of before comes back.

use roster_common::history::HistoryEntry;
use roster_common::{EmployeeId, Field, Version};

use super::{ask, batch, failed, offers, steps, table};
use crate::event::Effect;
use crate::keys::{Action, Screen};
use crate::remote::Result;
use crate::state::batch::{Origin, Row, Step};
use crate::state::{Form, History, State};

/// Opens the history of the record of the cursor.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    let Some(employee) = state.current() else {
        return Vec::new();
    };
    let (id, name) = (employee.id, employee.details.full_name());
    open_of(state, id, name)
}

/// Opens the history of a record, which may be gone.
pub(super) fn open_of(state: &mut State, id: EmployeeId, name: String) -> Vec<Effect> {
    state.open(History::new(id, name));
    ask_for_more(state)
}

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let by = steps(state, action);
    let Some(history) = state.part_mut::<History>() else {
        return Vec::new();
    };
    match action {
        Action::Open => return restore(state),
        Action::Close => state.close::<History>(),
        _ => history.move_by(by),
    }
    ask_for_more(state)
}

fn ask_for_more(state: &mut State) -> Vec<Effect> {
    let Some(history) = state.part_mut::<History>() else {
        return Vec::new();
    };
    let Some(before) = history.wants() else {
        return Vec::new();
    };
    history.asking = true;
    let id = history.id;
    ask(state, Effect::History { id, before })
}

/// An answer to a question that an earlier opening has asked is for nobody.
pub(super) fn on_answer(
    state: &mut State,
    id: EmployeeId,
    before: Option<Version>,
    result: Result<Vec<HistoryEntry>>,
) -> Vec<Effect> {
    let is_asked =
        |history: &&mut History| history.id == id && history.asking && history.oldest() == before;
    let Some(history) = state.part_mut::<History>().filter(is_asked) else {
        return Vec::new();
    };
    match result {
        Ok(entries) => {
            history.take(entries);
            return ask_for_more(state);
        }
        Err(error) => {
            state.close::<History>();
            failed(state, &error);
        }
    }
    Vec::new()
}

/// Opens the form with the values of before the change of the cursor, to be looked at and saved; or asks whether to bring
/// back who was deleted there.
fn restore(state: &mut State) -> Vec<Effect> {
    let Some(history) = state.part::<History>() else {
        return Vec::new();
    };
    if let Some(was) = history.lost() {
        state.close::<History>();
        let row = Row::new(was.id, None, Step::Restore(Box::new(was)));
        return batch::open(state, "Bring back", Origin::Wish, vec![row]);
    }
    let old: Vec<(Field, String)> = history
        .old_values()
        .into_iter()
        .map(|change| (change.field, change.old.clone()))
        .collect();
    let (Some(employee), Some((first, _))) = (state.current().cloned(), old.first()) else {
        return Vec::new();
    };
    let mut form = Form::edit(employee, state.today());
    form.focus = *first;
    old.iter()
        .for_each(|(field, value)| form.put(*field, value));
    state.close::<History>();
    state.open(form);
    let save = state.keymap.key(Screen::Form, Action::Save);
    state.say(format!("The old value is in the form. {save} saves it."));
    let mut effects = table::read_current(state);
    effects.extend(offers::name_manager(state));
    effects
}
