//! The history of one record, loaded page by page.

use roster_common::history::HistoryEntry;
use roster_common::{EmployeeId, Version};

use crate::effect::{Call, Effects};
use crate::remote::Result;
use crate::state::{History, State};
use crate::update::next::Next;
use crate::update::verbs::call;
use crate::update::verbs::message::failed;

/// Opens the history of a record, which may be deleted.
pub(crate) fn open(
    state: &mut State,
    id: EmployeeId,
    name: String,
    effects: &mut Effects,
) -> Option<Next> {
    let mut history = History::new(id, name);
    if let Some(page) = next_page(&mut history) {
        call::send(state, page, effects);
    }
    Next::open(history)
}

/// Loads the next page, if the cursor is near the end.
pub(crate) fn ask_for_more(state: &mut State, effects: &mut Effects) {
    if let Some(page) = state.overlay_mut::<History>().and_then(next_page) {
        call::send(state, page, effects);
    }
}

/// The call for the next page, if one is wanted now.
fn next_page(history: &mut History) -> Option<Call> {
    let before = history.next_page_before()?;
    history.asking = true;
    Some(Call::History {
        id: history.id,
        before,
    })
}

/// Adds loaded entries. Answers for a history that was closed since are ignored.
pub(crate) fn on_read(
    state: &mut State,
    id: EmployeeId,
    before: Option<Version>,
    result: Result<Vec<HistoryEntry>>,
    effects: &mut Effects,
) -> Option<Next> {
    let is_asked =
        |history: &&mut History| history.id == id && history.asking && history.oldest() == before;
    let history = state.overlay_mut::<History>().filter(is_asked)?;
    match result {
        Ok(entries) => {
            history.take(entries);
            ask_for_more(state, effects);
            None
        }
        Err(error) => {
            state.close::<History>();
            failed(state, &error)
        }
    }
}
