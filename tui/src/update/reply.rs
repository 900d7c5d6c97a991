//! The server's answers.

use roster_common::{Changes, Code, Employee, EmployeeId, Field, Problem, Role, Version};

use super::{
    account, ask_to_sign_in, batch, completion, confirm, failed, form, history, in_words, lost,
    marks, offers, offline, table, undo,
};
use crate::event::{Effect, Reply};
use crate::keys::{Action, Screen};
use crate::remote::{ClientError, Identity, Page, Result};
use crate::state::form::Purpose;
use crate::state::undo::Edit;
use crate::state::write::{Wish, reads_as};
use crate::state::{Confirm, Conflict, Form, SignIn, State, Write};

pub(super) fn on_reply(state: &mut State, reply: Reply) -> Vec<Effect> {
    let mut effects = match reply.error() {
        Some(ClientError::Unreachable { why, .. }) => offline::gone(state, why),
        None | Some(ClientError::Refused(_) | ClientError::Protocol(_)) => offline::back(state),
        // Nothing was sent.
        Some(_) => Vec::new(),
    };
    effects.extend(match reply {
        Reply::Resumed(result) => resumed(state, result),
        Reply::SignedIn(result) => signed_in(state, result),
        Reply::SignedOut(result) => signed_out(state, result),
        Reply::Loaded {
            generation,
            offset,
            result,
        } => loaded(state, generation, offset, result),
        Reply::Values {
            field,
            text,
            result,
        } if state.table.offers.awaits(field, &text) => {
            completion::on_values(state, field, &text, result)
        }
        Reply::Values {
            field,
            text,
            result,
        } => offers::on_values(state, field, &text, result),
        Reply::People { text, result } if state.table.offers.awaits(Field::Manager, &text) => {
            completion::on_people(state, &text, result)
        }
        Reply::People { text, result } => offers::on_people(state, &text, result),
        Reply::Fetched { id, result } => {
            let mut effects = table::on_fetched(state, id, &result);
            effects.extend(batch::on_fetched(state, id, &result));
            effects.extend(offers::on_fetched(state, id, result));
            effects
        }
        Reply::HistoryRead { id, before, result } => history::on_answer(state, id, before, result),
        Reply::Applied { batch, row, result } => batch::on_applied(state, batch, row, result),
        Reply::Collected { query, result } => {
            confirm::collected(state, &query, &result);
            batch::collected(state, &query, &result);
            marks::collected(state, &query, result)
        }
        Reply::Created(result) => created(state, result),
        Reply::Changed(result) => changed(state, result),
        Reply::Deleted { employee, result } => {
            deleted(state, Write::new(employee, Wish::Delete), result)
        }
        Reply::Account(answer) => account::answered(state, answer),
        Reply::Looked { write, result } => lost::looked(state, *write, result),
        Reply::Sought { creation, result } => lost::sought(state, *creation, result),
    });
    effects
}

fn resumed(state: &mut State, result: Result<Option<Identity>>) -> Vec<Effect> {
    match result {
        Ok(Some(identity)) => enter(state, identity),
        Ok(None) => {
            ask_to_sign_in(state, None);
            Vec::new()
        }
        Err(ClientError::Unreachable { .. }) => Vec::new(),
        Err(error) => {
            ask_to_sign_in(state, Some(in_words(&error)));
            Vec::new()
        }
    }
}

fn signed_in(state: &mut State, result: Result<Identity>) -> Vec<Effect> {
    let Some(form) = state.part_mut::<SignIn>() else {
        return Vec::new();
    };
    form.waiting = false;
    match result {
        Ok(identity) => {
            let server = form.server.text().trim().to_owned();
            let is_another = form
                .covers
                .as_ref()
                .is_some_and(|person| *person != identity.user.username);
            let mut effects = Vec::new();
            if is_another || server != state.server {
                state.forget(server);
                effects.push(Effect::LetGo);
            }
            state.close::<SignIn>();
            effects.extend(enter(state, identity));
            effects
        }
        Err(error) => {
            form.wrong = Some(in_words(&error));
            form.password.clear();
            Vec::new()
        }
    }
}

/// Goes to the table, as it was left.
fn enter(state: &mut State, identity: Identity) -> Vec<Effect> {
    let user = identity.user.username.clone();
    state.identity = Some(identity);
    if state
        .part::<Form>()
        .is_some_and(|form| form.is_changed() && !form.lost)
    {
        let save = state.keymap.key(Screen::Form, Action::Save);
        state.say(format!(
            "You are signed in again. {save} saves what you wrote."
        ));
    }
    if let Some(marking) = state.table.marking.as_mut() {
        marking.asked = false;
    }
    let mut effects = offline::catch_up(state, table::refresh);
    effects.push(Effect::RecallColumns { user });
    effects
}

fn signed_out(state: &mut State, result: Result<()>) -> Vec<Effect> {
    match result {
        Ok(()) => {
            let identity = state.identity.take();
            let path = state.draft.take().and_then(|draft| draft.path);
            let kept = path
                .map(|path| format!(" Your text is in {}.", path.display()))
                .unwrap_or_default();
            state.forget(state.server.clone());
            state.identity = identity;
            ask_to_sign_in(state, Some(format!("You are signed out.{kept}")));
            vec![Effect::LetGo]
        }
        Err(error) => {
            failed(state, &error);
            Vec::new()
        }
    }
}

fn loaded(state: &mut State, generation: u64, offset: usize, result: Result<Page>) -> Vec<Effect> {
    state.table.loads = state.table.loads.saturating_sub(1);
    let is_current = generation == state.table.generation;
    if is_current {
        state
            .table
            .asked
            .retain(|pages| pages.start * crate::state::table::PAGE != offset);
    }
    match result {
        Ok(page) if is_current => {
            let has_everybody = page.rows.len() == page.total;
            if let Some(gone) = state.table.take(page.offset, page.rows, page.total) {
                tell_of_departure(state, &gone);
            }
            if has_everybody {
                marks::drop_gone(state);
            }
            table::settle(state)
        }
        Ok(_) => table::settle(state),
        Err(ClientError::Unreachable { .. }) => {
            table::stay(state);
            Vec::new()
        }
        Err(error) => {
            failed(state, &error);
            if is_current {
                Vec::new()
            } else {
                table::settle(state)
            }
        }
    }
}

/// The person under the cursor is not in the list any more: a key would now be about somebody else.
fn tell_of_departure(state: &mut State, gone: &Employee) {
    if state.banner.is_none() {
        state.say(format!(
            "{} is not in this list any more.",
            gone.details.full_name()
        ));
    }
}

fn created(state: &mut State, result: Result<Employee>) -> Vec<Effect> {
    match result {
        Ok(employee) => {
            form::close(state);
            let way_back = record(state, vec![Edit::new(None, Some(employee.clone()))]);
            let name = employee.details.full_name();
            state.say(format!(
                "{name} is added, with the id {}.{way_back}",
                employee.id
            ));
            state.table.selected = Some(employee.id);
            table::refresh(state)
        }
        Err(error) => refused(state, error),
    }
}

fn changed(state: &mut State, result: Result<Employee>) -> Vec<Effect> {
    match result {
        Ok(employee) => {
            let way_back = record_change(state, &employee);
            form::finish(state);
            state.table.replace(&employee);
            state.say(format!(
                "{} is saved.{way_back}",
                employee.details.full_name()
            ));
            table::refresh(state)
        }
        Err(error) => refused(state, error),
    }
}

/// Keeps in mind what was done, if it can be taken back; and says how, if it can.
pub(super) fn record(state: &mut State, turns: Vec<Edit>) -> String {
    let makes = turns.iter().any(|turn| turn.before.is_none());
    // What its maker may not delete would stand in the way of all that was done before it.
    if turns.is_empty() || (makes && !state.may(Role::Admin)) {
        return String::new();
    }
    state.undo.record(turns);
    format!(
        " {} undoes it.",
        state.keymap.key(Screen::Table, Action::Undo)
    )
}

/// Keeps in mind what the form, or the result of a conflict, has made of a record.
fn record_change(state: &mut State, now: &Employee) -> String {
    let before = asked(state).map(|(before, _)| before);
    let ours = before.filter(|before| is_ours(state, before.version, now));
    let turns = ours
        .map(|before| Edit::new(Some(before), Some(now.clone())))
        .into_iter()
        .collect();
    match state
        .part::<Form>()
        .filter(|form| form.is_unseen())
        .and_then(|form| form.undoing.clone())
    {
        Some(deed) => undo::decided(state, &deed, turns),
        None => record(state, turns),
    }
}

/// Whether the person here has made it of the version before: where others have had a hand in it, it is not ours to
/// take back.
pub(super) fn is_ours(state: &State, before: Version, now: &Employee) -> bool {
    now.version == before.next() && state.is_me(&now.updated_by)
}

/// A form that the server does not take stays open, with every word in it.
fn refused(state: &mut State, error: ClientError) -> Vec<Effect> {
    if matches!(error, ClientError::Unreachable { sent: true, .. }) {
        lost::remember_form(state);
        return Vec::new();
    }
    form::unlock(state);
    match error {
        ClientError::Refused(problem) if problem.code == Code::Stale => stale(state, *problem),
        ClientError::Refused(problem) if problem.code == Code::ValidationFailed => {
            unfit(state, &problem)
        }
        ClientError::Refused(problem) if problem.code == Code::IdempotencyMismatch => {
            saved_before(state)
        }
        ClientError::Refused(problem) if problem.code == Code::EmployeeNotFound => {
            state.close::<Conflict>();
            deleted_meanwhile(state);
            table::refresh(state)
        }
        error @ ClientError::Unreachable { .. } => {
            state.warn(format!("Not saved. {}", in_words(&error)));
            Vec::new()
        }
        error => {
            failed(state, &error);
            Vec::new()
        }
    }
}

/// Whom the form is about is gone: what was written stays to be read.
pub(super) fn deleted_meanwhile(state: &mut State) {
    if state.part::<Form>().is_some_and(Form::is_unseen) {
        form::finish(state);
        return state.warn("Somebody has deleted this person meanwhile: nothing is undone.");
    }
    let leave = state.keymap.key(Screen::Form, Action::Close);
    state.warn(format!(
        "Somebody has deleted this person meanwhile. {leave} leaves the form."
    ));
}

/// The answer to an earlier try was lost, and what it carried is on the server: from now on, saving adds one more.
fn saved_before(state: &mut State) -> Vec<Effect> {
    let another = state.next_idempotency_key();
    if let Some(Purpose::Create { key }) = state.part_mut::<Form>().map(|form| &mut form.purpose) {
        *key = another;
    }
    let leave = state.keymap.key(Screen::Form, Action::Close);
    state.warn(format!(
        "An earlier try was saved, as it was then. {leave} leaves the form; saving adds one more person."
    ));
    table::refresh(state)
}

fn stale(state: &mut State, problem: Problem) -> Vec<Effect> {
    let Some(theirs) = problem.current else {
        state.warn("Somebody has changed this person meanwhile. Nothing is saved.");
        return table::refresh(state);
    };
    state.table.replace(&theirs);
    let Some((_, changes)) = asked(state) else {
        return Vec::new();
    };
    if reads_as(&theirs, &changes) {
        // Somebody wrote the same, or this was sent twice on its way.
        return changed(state, Ok(*theirs));
    }
    set_side_by_side(state, *theirs);
    Vec::new()
}

/// Sets the two versions side by side. After a second conflict, the choices begin anew from the newest version.
pub(super) fn set_side_by_side(state: &mut State, theirs: Employee) {
    if let Some((base, mine)) = mine(state) {
        state.open(Conflict::new(&base, &mine, theirs));
    }
}

/// What is asked of the server, and over which version: the result of a conflict, or else what the form wants.
pub(super) fn asked(state: &State) -> Option<(Employee, Changes)> {
    let result = state
        .part::<Conflict>()
        .map(|conflict| ((*conflict.theirs).clone(), conflict.changes()));
    result.or_else(|| mine(state))
}

/// What the person here read and what they want of it.
fn mine(state: &State) -> Option<(Employee, Changes)> {
    let form = state.part::<Form>()?;
    match &form.purpose {
        Purpose::Edit(base) => Some(((**base).clone(), form.changes())),
        Purpose::Create { .. } | Purpose::Many(_) => None,
    }
}

fn unfit(state: &mut State, problem: &Problem) -> Vec<Effect> {
    state.close::<Conflict>();
    let other = state
        .part_mut::<Form>()
        .map(|form| form.refuse(&problem.errors))
        .unwrap_or_default();
    match other.first() {
        Some(error) => state.warn(error.to_string()),
        None => state.warn("The server asks for another value. See below the fields."),
    }
    Vec::new()
}

fn deleted(state: &mut State, write: Write, result: Result<()>) -> Vec<Effect> {
    let name = &write.name;
    match result {
        Ok(()) => {
            let turn = |before: &Employee| Edit::new(Some(before.clone()), None);
            let way_back = record(
                state,
                write.before.as_deref().map(turn).into_iter().collect(),
            );
            state.say(format!("{name} is deleted.{way_back}"));
        }
        Err(ClientError::Refused(problem)) => match (problem.code, problem.current.clone()) {
            (Code::Stale, Some(current)) => {
                state.table.replace(&current);
                let by = current.updated_by.clone();
                if matches!(state.screen(), Screen::Table | Screen::Detail) {
                    return table::ask_to_delete(state, *current, Some(by));
                }
                // A question must not come up under somebody's hands, who could answer it unread.
                state.warn(format!(
                    "{by} has changed {name} meanwhile. Nothing is deleted."
                ));
                return Vec::new();
            }
            (Code::EmployeeNotFound, _) => state.warn(format!("{name} had been deleted already.")),
            _ => return not_deleted(state, &write, &ClientError::Refused(problem)),
        },
        Err(ClientError::Unreachable { sent: true, .. }) => {
            lost::remember(state, write);
            return Vec::new();
        }
        Err(error) => return not_deleted(state, &write, &error),
    }
    forget_cursor(state, write.id);
    table::refresh(state)
}

/// Tells why, and asks again once the person has signed in, if that is what is missing.
fn not_deleted(state: &mut State, write: &Write, error: &ClientError) -> Vec<Effect> {
    failed(state, error);
    match state.known(write.id).cloned() {
        Some(employee) if error.needs_sign_in() && state.part::<Confirm>().is_none() => {
            table::ask_to_delete(state, employee, None)
        }
        _ => Vec::new(),
    }
}

/// The record of the cursor is gone: the next one takes its place.
pub(super) fn forget_cursor(state: &mut State, id: EmployeeId) {
    state.table.marks.remove(id);
    if state.table.selected == Some(id) {
        state.table.selected = None;
        state.table.detail = None;
    }
}
