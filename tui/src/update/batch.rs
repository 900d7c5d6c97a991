//! Changes of many records: gathering them, asking whether to go on, doing it, telling what came of each.

use roster_common::{Changes, Code, Employee, EmployeeId, Query};

use super::{ask, draft, failed, history, in_words, lost, reply, steps, table, undo};
use crate::event::{Effect, Request};
use crate::keys::{Action, Key, Screen};
use crate::remote::{ClientError, Page, Result};
use crate::state::batch::{Batch, MANY, Origin, Outcome, Row, Stage, Step};
use crate::state::offers::Offers;
use crate::state::write::{Wish, WriteOutcome, reads_as};
use crate::state::{Form, State, Write};
use crate::words::fields;

/// Begins a batch: reads what is not here, then shows all of it and asks.
pub(super) fn open(state: &mut State, title: &str, origin: Origin, rows: Vec<Row>) -> Vec<Effect> {
    let number = state.next_batch();
    state.open(Batch::new(number, title, origin, rows));
    go_on(state)
}

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let by = steps(state, action);
    let Some(batch) = state.part_mut::<Batch>() else {
        return Vec::new();
    };
    match action {
        Action::Right => batch.yes = !batch.yes,
        Action::Close => return close(state),
        Action::Open => return choose(state),
        Action::History => return history_of_row(state),
        Action::Undo | Action::Redo => {
            close(state);
            return super::act(state, action);
        }
        _ => batch.move_by(by),
    }
    Vec::new()
}

/// Opens the history of the record of the cursor, be it gone or not.
fn history_of_row(state: &mut State) -> Vec<Effect> {
    let row = state
        .part::<Batch>()
        .and_then(|batch| batch.rows.get(batch.focus));
    match row.map(|row| (row.id, row.name())) {
        Some((id, name)) => history::open_of(state, id, name),
        None => Vec::new(),
    }
}

/// The number of people, where that is asked for.
pub(super) fn write(state: &mut State, key: Key) {
    let asks_number = |batch: &&mut Batch| batch.stage == Stage::Preview && batch.asks_number();
    if let Some(batch) = state.part_mut::<Batch>().filter(asks_number)
        && matches!(key, Key::Char('0'..='9') | Key::Backspace)
    {
        super::edit::edit(&mut batch.typed, key);
    }
}

fn close(state: &mut State) -> Vec<Effect> {
    match state
        .part_mut::<Batch>()
        .map(|batch| (batch.stage, &mut batch.stopped))
    {
        Some((Stage::Running, stopped)) => {
            *stopped = true;
            state.say("No more is sent. What is sent already is waited for.");
            return Vec::new();
        }
        Some((Stage::Preview | Stage::Gathering, _)) => match kept_text(state) {
            Some(kept) => state.say(format!("Nothing is changed. {kept}")),
            None => state.say("Nothing is changed."),
        },
        Some((Stage::Done, _)) | None => {}
    }
    let Some(batch) = state.take::<Batch>() else {
        return Vec::new();
    };
    if batch.stage == Stage::Done && batch.left() > 0 {
        undo::remember(state, &batch);
    }
    if let Some(form) = batch.form {
        state.open(*form);
    }
    Vec::new()
}

/// What is told of a text from an editor that is kept.
fn kept_text(state: &State) -> Option<String> {
    let key = state.keymap.key(Screen::Table, Action::Compose);
    state.draft.as_ref().map(|draft| draft.kept(&key))
}

/// Does what is chosen; after the end, tries again what was not answered.
fn choose(state: &mut State) -> Vec<Effect> {
    let leave = state.keymap.key(Screen::Batch, Action::Close).into_owned();
    let Some(batch) = state.part_mut::<Batch>() else {
        return Vec::new();
    };
    match batch.stage {
        Stage::Gathering | Stage::Running => Vec::new(),
        Stage::Done if batch.is_unsure() => lost::ask_now(state),
        Stage::Done if batch.left() > 0 => {
            batch.try_again();
            go_on(state)
        }
        Stage::Preview if batch.asks_number() && batch.typed.text() != batch.left().to_string() => {
            let told = match batch.typed.text() {
                "" => format!("Type {} to delete them, or {leave}.", batch.left()),
                _ => format!(
                    "It is {} people. Type that number, or {leave}.",
                    batch.left()
                ),
            };
            state.warn(told);
            Vec::new()
        }
        Stage::Preview if batch.left() > 0 && (batch.yes || batch.asks_number()) => {
            batch.stage = Stage::Running;
            batch.form = None;
            go_on(state)
        }
        Stage::Preview | Stage::Done => close(state),
    }
}

/// Asks for what comes next, as much at a time as there is room for.
fn go_on(state: &mut State) -> Vec<Effect> {
    let Some(batch) = state.part_mut::<Batch>() else {
        return Vec::new();
    };
    let effects = match batch.stage {
        Stage::Gathering => batch
            .next_unread()
            .into_iter()
            .map(|id| Effect::Fetch { id })
            .collect(),
        Stage::Running => batch
            .next_steps()
            .into_iter()
            .filter_map(|at| effect(batch, at))
            .collect::<Vec<_>>(),
        Stage::Preview | Stage::Done => Vec::new(),
    };
    let effects = effects
        .into_iter()
        .flat_map(|effect| ask(state, effect))
        .collect();
    after(state, effects)
}

/// What follows where no answer is to come any more.
fn after(state: &mut State, mut effects: Vec<Effect>) -> Vec<Effect> {
    let Some(batch) = state.part_mut::<Batch>() else {
        return effects;
    };
    if batch.end_gathering() {
        effects.extend(gathered(state));
    } else if batch.stage == Stage::Running && !batch.is_asking() {
        // What was said of its running is not so any more.
        state.banner = None;
        effects.extend(finish(state));
    }
    effects
}

/// All is here. A step back or forth for a few is done, and the rest is shown first.
fn gathered(state: &mut State) -> Vec<Effect> {
    let Some(batch) = state.part_mut::<Batch>() else {
        return Vec::new();
    };
    match batch.origin {
        Origin::Undo(_) | Origin::Redo(_) if batch.rows.len() < MANY && !batch.deletes_again() => {
            batch.stage = Stage::Running;
            go_on(state)
        }
        Origin::ToText => draft::compose(state),
        _ => ask_for_reports(state),
    }
}

/// Asks how many people report to those who are to be deleted.
fn ask_for_reports(state: &mut State) -> Vec<Effect> {
    let managers: Vec<_> = match state.part::<Batch>() {
        Some(batch) if state.identity.is_some() => batch.managers().collect(),
        _ => Vec::new(),
    };
    managers
        .into_iter()
        .flat_map(|id| {
            ask(
                state,
                Effect::Collect {
                    query: table::reports_to(id),
                },
            )
        })
        .collect()
}

/// How many people report to one of those who are to be deleted.
pub(super) fn collected(state: &mut State, query: &Query, result: &Result<Page>) {
    if let (Some(batch), Ok(page)) = (state.part_mut::<Batch>(), result) {
        let manager = batch.managers().find(|id| *query == table::reports_to(*id));
        batch.reports.extend(manager.map(|id| (id, page.total)));
    }
}

fn effect(batch: &Batch, at: usize) -> Option<Effect> {
    let row = batch.rows.get(at)?;
    let request = match (&row.step, &row.before) {
        (Step::Change(changes), Some(before)) => Request::Change {
            id: before.id,
            version: before.version,
            changes: changes.clone(),
        },
        (Step::Delete, Some(before)) => Request::Delete {
            id: before.id,
            version: before.version,
        },
        (Step::Restore(was), _) => Request::Restore {
            id: was.id,
            changes: Changes::from(&was.details),
        },
        (Step::Change(_) | Step::Delete, None) => return None,
    };
    Some(Effect::Apply {
        batch: batch.number,
        row: at,
        request,
    })
}

/// A record that was asked for has come.
pub(super) fn on_fetched(
    state: &mut State,
    id: EmployeeId,
    result: &Result<Employee>,
) -> Vec<Effect> {
    let is_waiting = |row: &&mut Row| row.id == id && row.outcome == Outcome::Asked;
    let Some(batch) = state
        .part_mut::<Batch>()
        .filter(|batch| batch.stage == Stage::Gathering)
    else {
        return Vec::new();
    };
    let Some(row) = batch.rows.iter_mut().find(is_waiting) else {
        return Vec::new();
    };
    row.outcome = match result {
        Ok(employee) => {
            row.before = Some(Box::new(employee.clone()));
            Outcome::Waiting
        }
        Err(ClientError::Refused(problem)) if problem.code == Code::EmployeeNotFound => {
            Outcome::Gone
        }
        // It is read once the server is back, or somebody has signed in.
        Err(error) if error.needs_sign_in() || matches!(error, ClientError::Unreachable { .. }) => {
            row.outcome = Outcome::Waiting;
            if error.needs_sign_in() {
                failed(state, error);
            }
            return Vec::new();
        }
        Err(error) => Outcome::Refused(in_words(error)),
    };
    go_on(state)
}

/// Goes on reading what a lost link, or a session that has ended, has kept from being read.
pub(super) fn read_on(state: &mut State) -> Vec<Effect> {
    let is_reading = |batch: &&Batch| batch.stage == Stage::Gathering && !batch.is_asking();
    if state.part::<Batch>().filter(is_reading).is_some() {
        go_on(state)
    } else {
        Vec::new()
    }
}

/// The server has answered for one row.
pub(super) fn on_applied(
    state: &mut State,
    number: u64,
    at: usize,
    result: Result<Option<Employee>>,
) -> Vec<Effect> {
    if let Ok(Some(employee)) = &result {
        state.table.replace(employee);
    }
    let Some(batch) = state
        .part_mut::<Batch>()
        .filter(|batch| batch.number == number)
    else {
        return Vec::new();
    };
    let Some(row) = batch.rows.get(at).cloned() else {
        return Vec::new();
    };
    let (outcome, reason) = outcome(state, &row, result);
    let Some(batch) = state.part_mut::<Batch>() else {
        return Vec::new();
    };
    if let Some(row) = batch.rows.get_mut(at) {
        row.outcome = outcome.clone();
        if let Outcome::Conflict(current) = &outcome {
            row.rebase(current);
        }
    }
    if outcome == Outcome::Unanswered {
        let lost = lost_write(&row, batch.origin.is_new());
        state.unknown.writes.extend(lost);
    }
    if let Outcome::Conflict(current) = outcome {
        state.table.replace(&current);
    }
    match reason {
        // The others wait until the person says so.
        Some(error) => stop(state, &error),
        None => go_on(state),
    }
}

/// What is to be found out of a row that was not answered. Who is to be brought back is asked for again instead: twice
/// is once.
fn lost_write(row: &Row, is_new: bool) -> Option<Write> {
    let wish = match &row.step {
        Step::Change(changes) => Wish::Change(changes.clone()),
        Step::Delete => Wish::Delete,
        Step::Restore(_) => return None,
    };
    let write = Write::new(row.before.clone()?, wish);
    // What takes a deed back, or does it again, is no deed of its own.
    Some(Write {
        before: write.before.filter(|_| is_new),
        ..write
    })
}

/// The record has been read after its row was not answered: what became of that, if the row is still shown.
pub(super) fn found_out(
    state: &mut State,
    write: &Write,
    outcome: WriteOutcome,
    now: Option<&Employee>,
) -> Option<Vec<Effect>> {
    let batch = state.part_mut::<Batch>()?;
    let row = batch.rows.iter_mut().find(|row| row.awaits(write))?;
    let now = now.cloned().map(Box::new);
    row.outcome = match (outcome, now) {
        (WriteOutcome::NotDone, _) => Outcome::Waiting,
        (WriteOutcome::Met, _) => Outcome::Unchanged,
        (WriteOutcome::Gone, _) => Outcome::Gone,
        (WriteOutcome::Overtaken, Some(now)) => Outcome::Conflict(now),
        (WriteOutcome::Done | WriteOutcome::Overtaken, now) => Outcome::Done(now),
    };
    Some(if batch.stage == Stage::Done {
        finish(state)
    } else {
        go_on(state)
    })
}

/// What came of a row; and why the others need not be tried now, if that is so.
fn outcome(
    state: &State,
    row: &Row,
    result: Result<Option<Employee>>,
) -> (Outcome, Option<ClientError>) {
    let mut problem = match result {
        Ok(employee) => return (Outcome::Done(employee.map(Box::new)), None),
        Err(ClientError::Refused(problem)) => problem,
        Err(error @ (ClientError::Unreachable { sent: true, .. } | ClientError::Protocol(_))) => {
            return (Outcome::Unanswered, Some(error));
        }
        // It was not sent.
        Err(error) => return (Outcome::Waiting, Some(error)),
    };
    match problem.code {
        Code::Stale => match problem.current.take() {
            Some(current) => (met(state, row, current), None),
            None => (
                Outcome::Refused(in_words(&ClientError::Refused(problem))),
                None,
            ),
        },
        Code::EmployeeNotFound => (Outcome::Gone, None),
        Code::ValidationFailed => (Outcome::unfit(&problem.errors), None),
        _ => {
            let error = ClientError::Refused(problem);
            match error.needs_sign_in() || error.is_passing() {
                true => (Outcome::Waiting, Some(error)),
                false => (Outcome::Refused(in_words(&error)), None),
            }
        }
    }
}

/// What came of a row whose record is another one meanwhile.
fn met(state: &State, row: &Row, current: Box<Employee>) -> Outcome {
    match (&row.step, &row.before) {
        (Step::Change(changes), _) if !reads_as(&current, changes) => Outcome::Conflict(current),
        // An earlier try was done, and its answer lost.
        (Step::Change(_), Some(before)) if reply::is_ours(state, before.version, &current) => {
            Outcome::Done(Some(current))
        }
        (Step::Change(_), _) => Outcome::Unchanged,
        // It had been deleted, which counts as a version.
        (Step::Restore(was), _) if reply::is_ours(state, was.version.next(), &current) => {
            Outcome::Done(Some(current))
        }
        _ => Outcome::Conflict(current),
    }
}

/// Sends no more rows until the person says so.
fn stop(state: &mut State, error: &ClientError) -> Vec<Effect> {
    failed(state, error);
    match state.part_mut::<Batch>() {
        Some(batch) => {
            batch.stopped = true;
            if batch.is_asking() {
                Vec::new()
            } else {
                finish(state)
            }
        }
        None => Vec::new(),
    }
}

/// Tells what came of it; what failed stays marked. What can be undone is kept in mind once nothing is left to do.
fn finish(state: &mut State) -> Vec<Effect> {
    let Some(batch) = state.part_mut::<Batch>() else {
        return Vec::new();
    };
    batch.stage = Stage::Done;
    let batch = batch.clone();
    if batch.left() == 0 {
        undo::remember(state, &batch);
    }
    unmark(state, &batch);
    // As after an addition, the cursor is on who has come.
    if batch.is_brief()
        && let [
            Row {
                step: Step::Restore(_),
                outcome: Outcome::Done(Some(back)),
                ..
            },
        ] = batch.rows.as_slice()
    {
        state.table.selected = Some(back.id);
    }
    let mut effects = table::refresh(state);
    if batch.origin == Origin::Text {
        effects.extend(draft::finish(state, &batch));
    }
    if batch.is_brief() && batch.left() == 0 {
        state.close::<Batch>();
        undo::tell_of_one(state, &batch);
    }
    effects
}

/// Takes the marks from those who need no second try.
fn unmark(state: &mut State, batch: &Batch) {
    if batch.origin.is_new() {
        let over = batch
            .rows
            .iter()
            .filter(|row| row.is_over())
            .map(|row| row.id);
        over.for_each(|id| _ = state.table.marks.remove(id));
    }
}

/// Asks what is to be set for those who are marked, or for the person of the cursor.
pub(super) fn set(state: &mut State) {
    let ids = targets(state).into_iter().map(|(id, _)| id).collect();
    state.open(Form::many(ids, state.today()));
}

/// Shows what the form for many comes to, record by record; who leaves that is back in the form. It is about those for
/// whom it was opened, whoever is marked or in the row of the cursor by now.
pub(super) fn preview(state: &mut State, ids: &[EmployeeId], changes: &Changes) -> Vec<Effect> {
    let form = state.take::<Form>().map(|form| {
        Box::new(Form {
            offers: Offers::default(),
            ..form
        })
    });
    let row = |id: &EmployeeId| {
        Row::new(
            *id,
            state.known(*id).cloned(),
            Step::Change(changes.clone()),
        )
    };
    let rows = ids.iter().map(row).collect();
    let effects = open(
        state,
        &format!("Set {}", fields(changes)),
        Origin::Wish,
        rows,
    );
    if let Some(batch) = state.part_mut::<Batch>() {
        batch.form = form;
    }
    effects
}

/// Reads those who are marked, or the person of the cursor, to be written in an editor.
pub(super) fn open_as_text(state: &mut State) -> Vec<Effect> {
    open_of_targets(
        state,
        "Reading",
        Origin::ToText,
        &Step::Change(Changes::default()),
    )
}

/// Asks whether to delete those who are marked.
pub(super) fn delete_marked(state: &mut State) -> Vec<Effect> {
    open_of_targets(state, "Delete", Origin::Wish, &Step::Delete)
}

/// The same step for all of them.
fn open_of_targets(state: &mut State, title: &str, origin: Origin, step: &Step) -> Vec<Effect> {
    let row = |(id, known)| Row::new(id, known, step.clone());
    let rows = targets(state).into_iter().map(row).collect();
    open(state, title, origin, rows)
}

/// Those who are marked, or the person of the cursor; with the record as it was last seen.
fn targets(state: &State) -> Vec<(EmployeeId, Option<Employee>)> {
    match state.table.marks.is_empty() {
        true => state
            .current()
            .map(|person| (person.id, Some(person.clone())))
            .into_iter()
            .collect(),
        false => state
            .table
            .marks
            .iter()
            .map(|(id, known)| (id, known.cloned()))
            .collect(),
    }
}
