//! The reports and the last changes of the open record's person.
//!
//! They are loaded when the record is opened, and beside the table when the cursor rests: moving the
//! cursor sends nothing.

use std::time::Duration;

use roster_common::event::RecordEvent;
use roster_common::{Employee, EmployeeId};

use super::call;
use super::message::failed;
use crate::effect::{Call, Effects, LocalTask};
use crate::event::Timer;
use crate::remote::{Related, Result};
use crate::state::State;
use crate::state::related::RelatedToRecord;
use crate::update::next::Next;

/// How long the cursor has to rest.
const REST: Duration = Duration::from_millis(400);

/// Loads them at once, for a record that was just opened.
pub(crate) fn open(state: &mut State, effects: &mut Effects) {
    if let Some(id) = shown(state) {
        state.related = RelatedToRecord::to(id);
        load(state, effects);
    }
}

/// Forgets those of another person, and loads those of this one when the cursor rests.
pub(crate) fn follow(state: &mut State, effects: &mut Effects) {
    if let Some(id) = shown(state).filter(|id| !state.related.is_about(*id)) {
        state.related = RelatedToRecord::to(id);
        reload(effects);
    }
}

/// Reloads them if a change by somebody concerns them. `before` is the record as it was loaded.
pub(crate) fn on_change(
    state: &State,
    change: &RecordEvent,
    before: Option<&Employee>,
    effects: &mut Effects,
) {
    let Some(id) = shown(state) else { return };
    let now = change.record.as_deref();
    let mut managers = [before, now]
        .into_iter()
        .flatten()
        .map(|record| record.details.manager());
    if change.id == id || managers.any(|manager| manager == Some(id)) {
        reload(effects);
    }
}

/// Reloads them after a change of many records.
pub(crate) fn on_many_changes(state: &State, effects: &mut Effects) {
    if shown(state).is_some() {
        reload(effects);
    }
}

fn reload(effects: &mut Effects) {
    effects.push(LocalTask::Wait(Timer::Related, REST));
}

/// The person whose record is open.
fn shown(state: &State) -> Option<EmployeeId> {
    _ = state.table.detail?;
    Some(state.current()?.id)
}

/// The cursor has rested: loads them, if the record is still open.
pub(crate) fn load(state: &mut State, effects: &mut Effects) {
    state.related.rest();
    let can_ask = state.identity.is_some() && state.offline.is_none();
    if let Some(id) = shown(state).filter(|_| can_ask) {
        call::send(state, Call::Related { id }, effects);
    }
}

/// Shows them. Without an answer the record goes without.
pub(crate) fn on_loaded(
    state: &mut State,
    id: EmployeeId,
    result: Result<Related>,
) -> Option<Next> {
    match result {
        Ok(related) => {
            state.related.put(id, related);
            None
        }
        Err(error) if error.needs_sign_in() => failed(state, &error),
        Err(_) => None,
    }
}
