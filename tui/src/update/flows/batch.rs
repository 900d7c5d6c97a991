//! Bulk changes: load the records, preview, run, report.

mod answer;

use roster_common::{Changes, Code, Employee, EmployeeId, Query};

use super::{draft, undo};
use crate::effect::{Call, Effects, RowRequest};
use crate::format::fields;
use crate::keys::{Action, Screen};
use crate::remote::{ClientError, Page, Result};
use crate::state::batch::{Batch, BatchOrigin, BatchRow, MANY, Outcome, Stage, Step};
use crate::state::pending_write::WriteOutcome;
use crate::state::suggestions::Suggestions;
use crate::state::{Form, PendingWrite, State};
use crate::update::next::Next;
use crate::update::verbs::message::{error_text, failed};
use crate::update::verbs::{call, load, propose};

pub(crate) use answer::on_applied;

/// Opens the preview of the form for many. It applies to the people for whom the form was opened,
/// whatever is marked now. Closing it returns to the form.
pub(crate) fn preview(state: &mut State, ids: &[EmployeeId], changes: &Changes) -> Option<Next> {
    // A list of suggestions would be outdated when the form comes back.
    let form = state.take::<Form>().map(|form| {
        Box::new(Form {
            suggestions: Suggestions::default(),
            ..form
        })
    });
    let row = |id: &EmployeeId| {
        BatchRow::new(
            *id,
            state.cached(*id).cloned(),
            Step::Change(changes.clone()),
        )
    };
    let rows = ids.iter().map(row).collect();
    let title = format!("Set {}", fields(changes));
    let number = state.next_batch();
    Next::open(Batch {
        form,
        ..Batch::new(number, title, BatchOrigin::Direct, rows)
    })
}

/// Opens the preview for deleting the marked people.
pub(crate) fn delete_marked(state: &mut State) -> Option<Next> {
    propose::for_targets(state, "Delete", BatchOrigin::Direct, &Step::Delete)
}

/// Starts the batch, or retries what was not done.
pub(crate) fn run(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let batch = state.overlay_mut::<Batch>()?;
    if batch.stage == Stage::Done {
        batch.try_again();
    } else {
        batch.stage = Stage::Running;
        batch.form = None;
    }
    advance(state, effects)
}

/// Stops a running batch, or closes it and reopens the form it came from.
pub(crate) fn close(state: &mut State) -> Option<Next> {
    let batch = state.overlay_mut::<Batch>()?;
    match batch.stage {
        // What was sent cannot be stopped, and its results must not be lost.
        Stage::Running => {
            batch.stopped = true;
            state.message("Stopping. Waiting for the changes already sent.");
            return None;
        }
        Stage::Preview | Stage::Gathering => {
            let key = state.keymap.key(Screen::Table, Action::OpenEditor);
            let message = match state.draft.as_ref().map(|draft| draft.reopen_hint(&key)) {
                Some(kept) => format!("Canceled. {kept}"),
                None => "Canceled.".to_owned(),
            };
            state.message(message);
        }
        Stage::Done => {}
    }
    let batch = state.take::<Batch>()?;
    // Closing gives up the rest, so that what was done can be undone. Without a rest, `finish` has
    // pushed the entry.
    if batch.stage == Stage::Done && batch.to_send() > 0 {
        undo::push_batch(state, &batch);
    }
    Next::open(*batch.form?)
}

/// Sends the next requests, up to the concurrency limit.
pub(crate) fn advance(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let batch = state.overlay_mut::<Batch>()?;
    let calls: Vec<_> = match batch.stage {
        Stage::Gathering => {
            let unread = batch.next_unread().into_iter();
            unread.map(|id| Call::Fetch { id }).collect()
        }
        Stage::Running => {
            let steps = batch.next_steps().into_iter();
            steps.filter_map(|at| call_for_row(batch, at)).collect()
        }
        Stage::Preview | Stage::Done => Vec::new(),
    };
    for call in calls {
        call::send(state, call, effects);
    }
    // There may be nothing to wait for, if every record is cached.
    after(state, effects)
}

/// Moves on once no request is in flight.
fn after(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let batch = state.overlay_mut::<Batch>()?;
    if batch.end_gathering() {
        return gathered(state, effects);
    }
    if batch.stage == Stage::Running && !batch.is_asking() {
        // A message about running is outdated now.
        state.banner = None;
        return finish(state, effects);
    }
    None
}

/// All records are loaded. An undo or redo of a few starts at once; everything else shows a
/// preview.
fn gathered(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let batch = state.overlay_mut::<Batch>()?;
    match batch.origin {
        BatchOrigin::Undo(_) | BatchOrigin::Redo(_)
            if batch.rows.len() < MANY && !batch.redoes_deletion() =>
        {
            batch.stage = Stage::Running;
            return advance(state, effects);
        }
        BatchOrigin::LoadForEditor => draft::compose(state, effects),
        _ => ask_for_reports(state, effects),
    }
    None
}

/// Asks how many people report to those being deleted.
fn ask_for_reports(state: &mut State, effects: &mut Effects) {
    let managers: Vec<_> = match state.overlay::<Batch>() {
        Some(batch) if state.identity.is_some() => batch.managers().collect(),
        _ => Vec::new(),
    };
    for id in managers {
        let query = load::reports_to(id);
        call::send(state, Call::Collect { query }, effects);
    }
}

/// Handles the number of reports of a person being deleted.
pub(crate) fn on_collected(state: &mut State, query: &Query, result: &Result<Page>) {
    if let (Some(batch), Ok(page)) = (state.overlay_mut::<Batch>(), result) {
        let manager = batch.managers().find(|id| *query == load::reports_to(*id));
        batch.reports.extend(manager.map(|id| (id, page.total)));
    }
}

/// The call that makes the change of a row.
fn call_for_row(batch: &Batch, at: usize) -> Option<Call> {
    let row = batch.rows.get(at)?;
    let request = match (&row.step, &row.before) {
        (Step::Change(changes), Some(before)) => RowRequest::Change {
            id: before.id,
            version: before.version,
            changes: changes.clone(),
        },
        (Step::Delete, Some(before)) => RowRequest::Delete {
            id: before.id,
            version: before.version,
        },
        // A deleted record has no version to name. The server refuses if it is there again.
        (Step::Restore(was), _) => RowRequest::Restore {
            id: was.id,
            changes: Changes::from(&was.details),
        },
        (Step::Change(_) | Step::Delete, None) => return None,
    };
    Some(Call::Apply {
        batch: batch.number,
        row: at,
        request,
    })
}

/// Handles a loaded record.
pub(crate) fn on_fetched(
    state: &mut State,
    id: EmployeeId,
    result: &Result<Employee>,
    effects: &mut Effects,
) -> Option<Next> {
    let is_waiting = |row: &&mut BatchRow| row.id == id && row.outcome == Outcome::Asked;
    let batch = state
        .overlay_mut::<Batch>()
        .filter(|batch| batch.stage == Stage::Gathering)?;
    let row = batch.rows.iter_mut().find(is_waiting)?;
    row.outcome = match result {
        Ok(employee) => {
            row.before = Some(Box::new(employee.clone()));
            Outcome::Waiting
        }
        Err(ClientError::Refused(problem)) if problem.code == Code::EmployeeNotFound => {
            Outcome::Gone
        }
        // It is loaded after the next sign-in or reconnect.
        Err(error) if error.needs_sign_in() => {
            row.outcome = Outcome::Waiting;
            return failed(state, error);
        }
        Err(ClientError::Unreachable { .. }) => {
            row.outcome = Outcome::Waiting;
            return None;
        }
        Err(error) => Outcome::Refused(error_text(error)),
    };
    advance(state, effects)
}

/// Resumes loading after a reconnect or a new sign-in.
pub(crate) fn read_on(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let batch = state.overlay::<Batch>()?;
    if batch.stage == Stage::Gathering && !batch.is_asking() {
        return advance(state, effects);
    }
    None
}

/// Returns `true` if a row of the batch waits to learn what became of `write`.
pub(crate) fn awaits(state: &State, write: &PendingWrite) -> bool {
    state
        .overlay::<Batch>()
        .is_some_and(|batch| batch.rows.iter().any(|row| row.awaits(write)))
}

/// Applies the outcome of an unanswered row, now that its record is loaded.
pub(crate) fn on_write_checked(
    state: &mut State,
    write: &PendingWrite,
    outcome: WriteOutcome,
    now: Option<&Employee>,
    effects: &mut Effects,
) -> Option<Next> {
    let batch = state.overlay_mut::<Batch>()?;
    let row = batch.rows.iter_mut().find(|row| row.awaits(write))?;
    let now = now.cloned().map(Box::new);
    row.outcome = match (outcome, now) {
        (WriteOutcome::NotYet, _) => Outcome::Waiting,
        (WriteOutcome::AlreadySet, _) => Outcome::Unchanged,
        (WriteOutcome::Gone, _) => Outcome::Gone,
        (WriteOutcome::ChangedByOthers, Some(now)) => Outcome::Conflict(now),
        (WriteOutcome::Done | WriteOutcome::ChangedByOthers, now) => Outcome::Done(now),
    };
    if batch.stage == Stage::Done {
        finish(state, effects)
    } else {
        advance(state, effects)
    }
}

/// Stops sending rows until the user retries.
fn stop(state: &mut State, error: &ClientError, effects: &mut Effects) -> Option<Next> {
    let sign_in = failed(state, error);
    let Some(batch) = state.overlay_mut::<Batch>() else {
        return sign_in;
    };
    batch.stopped = true;
    if batch.is_asking() {
        return sign_in;
    }
    Next::both(sign_in, finish(state, effects))
}

/// Reports the results and keeps failed people marked. Pushes an undo entry once nothing is left to
/// do.
fn finish(state: &mut State, effects: &mut Effects) -> Option<Next> {
    let batch = state.overlay_mut::<Batch>()?;
    batch.stage = Stage::Done;
    let batch = batch.clone();
    // A retry may add edits, and one entry has to undo them all.
    if batch.to_send() == 0 {
        undo::push_batch(state, &batch);
    }
    unmark(state, &batch);
    select_restored(state, &batch);
    load::refresh(state, effects);
    if batch.origin == BatchOrigin::Editor {
        draft::finish(state, &batch, effects);
    }
    if batch.is_single_step() && batch.to_send() == 0 {
        state.close::<Batch>();
        return undo::report_single(state, &batch);
    }
    None
}

/// Moves the cursor to the restored person, as after an addition.
fn select_restored(state: &mut State, batch: &Batch) {
    if batch.is_single_step()
        && let [
            BatchRow {
                step: Step::Restore(_),
                outcome: Outcome::Done(Some(back)),
                ..
            },
        ] = batch.rows.as_slice()
    {
        state.table.selected = Some(back.id);
    }
}

/// Unmarks the people that need no retry.
fn unmark(state: &mut State, batch: &Batch) {
    if batch.origin.is_new() {
        for row in batch.rows.iter().filter(|row| row.is_over()) {
            _ = state.table.marks.remove(row.id);
        }
    }
}
