//! The names of managers whose records may not be loaded.

use roster_common::{EmployeeId, Field};

use super::call;
use crate::effect::{Call, Effects};
use crate::state::completion::manager_in;
use crate::state::suggestions::id_in;
use crate::state::{Conflict, Form, History, State};

/// Shows the manager's name in a form: from memory, or loads it.
pub(crate) fn name_manager(state: &mut State, form: &mut Form, effects: &mut Effects) {
    let Some(id) = id_in(form.text(Field::Manager)) else {
        return;
    };
    if let Some(person) = state.cached(id) {
        form.name_manager(person);
    }
    fetch_manager(state, id, effects);
}

/// Loads the name of the open record's manager. One request at a time, so that fast moves do not
/// flood the server.
pub(crate) fn fetch_shown_manager(state: &mut State, effects: &mut Effects) {
    let can_ask =
        state.identity.is_some() && state.offline.is_none() && state.table.named.asked.is_none();
    if !can_ask || state.table.detail.is_none() {
        return;
    }
    let manager = state.current().and_then(|person| person.details.manager());
    if let Some(id) = manager.filter(|id| state.table.manager_name(*id).is_none()) {
        fetch_manager(state, id, effects);
    }
}

/// Loads the name of the manager whose reports the filter finds.
pub(crate) fn fetch_filter_manager(state: &mut State, effects: &mut Effects) {
    let can_ask =
        state.identity.is_some() && state.offline.is_none() && state.table.named.asked.is_none();
    let filter = state.table.conditions(state.now);
    let Some(id) = filter.terms().into_iter().find_map(manager_in) else {
        return;
    };
    if let Some(person) = state.cached(id).cloned() {
        // The row that shows the manager may not match the filter.
        state.table.named.put(id, Some(person));
    } else if can_ask {
        fetch_manager(state, id, effects);
    }
}

/// Loads the names that an open dialog needs, one after the other: those of the managers in a
/// conflict or a history, and of the one in a form that was restored.
pub(crate) fn fetch_for_dialogs(state: &mut State, effects: &mut Effects) {
    let can_ask =
        state.identity.is_some() && state.offline.is_none() && state.table.named.asked.is_none();
    if !can_ask || state.overlays.is_empty() {
        return;
    }
    let is_unknown =
        |id: &EmployeeId| state.cached(*id).is_none() && !state.table.named.is_settled(*id);
    if let Some(id) = managers_in_dialogs(state).into_iter().find(is_unknown) {
        fetch_manager(state, id, effects);
    }
}

fn managers_in_dialogs(state: &State) -> Vec<EmployeeId> {
    let mut texts = Vec::new();
    if let Some(conflict) = state.overlay::<Conflict>() {
        let rows = conflict.rows.iter();
        let managers = rows.filter(|row| row.field == Field::Manager);
        texts.extend(managers.flat_map(|row| [&row.base, &row.mine, &row.theirs]));
    }
    if let Some(history) = state.overlay::<History>() {
        let changes = history.entries.iter().flat_map(|entry| &entry.changes);
        let managers = changes.filter(|change| change.field == Field::Manager);
        texts.extend(managers.flat_map(|change| [&change.old, &change.new]));
    }
    texts.into_iter().filter_map(|id| id.parse().ok()).collect()
}

/// Loads the person with this id, unless they are cached.
fn fetch_manager(state: &mut State, id: EmployeeId, effects: &mut Effects) {
    if state.cached(id).is_none() && !state.table.named.is_settled(id) {
        state.table.named.asked = Some(id);
        call::send(state, Call::Fetch { id }, effects);
    }
}
