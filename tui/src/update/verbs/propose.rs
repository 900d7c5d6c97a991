//! Opens batches; their flows decide whether there is a preview.

use roster_common::{Employee, EmployeeId};

use crate::state::State;
use crate::state::batch::{Batch, BatchOrigin, BatchRow, Step};
use crate::update::next::Next;

/// Opens a batch of these rows.
pub(crate) fn rows(
    state: &mut State,
    title: &str,
    origin: BatchOrigin,
    rows: Vec<BatchRow>,
) -> Option<Next> {
    let number = state.next_batch();
    Next::open(Batch::new(number, title, origin, rows))
}

/// Opens the preview of the same step for all marked people, or for the current one.
pub(crate) fn for_targets(
    state: &mut State,
    title: &str,
    origin: BatchOrigin,
    step: &Step,
) -> Option<Next> {
    let all = targets(state)
        .into_iter()
        .map(|(id, known)| BatchRow::new(id, known, step.clone()))
        .collect();
    rows(state, title, origin, all)
}

/// The marked people, or the current one, with their cached records.
pub(crate) fn targets(state: &State) -> Vec<(EmployeeId, Option<Employee>)> {
    let marks = &state.table.marks;
    if !marks.is_empty() {
        return marks
            .iter()
            .map(|(id, known)| (id, known.cloned()))
            .collect();
    }
    let person = state.current().cloned();
    person
        .map(|person| (person.id, Some(person)))
        .into_iter()
        .collect()
}
