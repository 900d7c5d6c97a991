//! Handles loaded rows and records.

use roster_common::{Code, Employee, EmployeeId, Query};

use super::{marking, navigation, offline, unanswered};
use crate::effect::Effects;
use crate::remote::{ClientError, Page, Result};
use crate::state::form::{CaughtUp, Purpose};
use crate::state::manager_names::ManagerNames;
use crate::state::table::{LostPerson, PAGE};
use crate::state::{Conflict, Form, State};
use crate::update::next::Next;
use crate::update::verbs::message::{self, failed};
use crate::update::verbs::{cursor, form, load, names};

/// Reloads everything, at once even while waiting for a retry.
pub(crate) fn reload(state: &mut State, effects: &mut Effects) {
    if state.offline.is_some() {
        return offline::retry(state, effects);
    }
    state.table.named = ManagerNames::default();
    unanswered::resolve(state, effects);
    load::refresh(state, effects);
}

/// Handles loaded rows; those of an older query are dropped.
pub(crate) fn on_loaded(
    state: &mut State,
    query_number: u64,
    offset: usize,
    result: Result<Page>,
    effects: &mut Effects,
) -> Option<Next> {
    let table = &mut state.table;
    table.loads = table.loads.saturating_sub(1);
    let is_current = query_number == table.query_number;
    if is_current {
        table.asked.retain(|pages| pages.start * PAGE != offset);
    }
    let mut next = None;
    match result {
        Ok(page) if is_current => take(state, page, effects),
        Ok(_) => {}
        // No new request from here: the rows are reloaded after the reconnect.
        Err(ClientError::Unreachable { .. }) => {
            cursor::move_to_loaded_row(state);
            return None;
        }
        Err(error) => {
            // If an older query fails, the current one is loaded all the same: it has waited for
            // it.
            next = failed(state, &error);
            if is_current {
                return next;
            }
        }
    }
    load::bring_into_view(state, effects);
    next
}

/// Handles the number of people without the filter.
pub(crate) fn on_collected(state: &mut State, query: &Query, result: &Result<Page>) {
    if let (true, Ok(page)) = (*query == load::everybody(), result) {
        state.table.everybody = Some(page.total);
    }
}

fn take(state: &mut State, page: Page, effects: &mut Effects) {
    let has_everybody = page.rows.len() == page.total;
    let lost = state.table.take(page);
    match (lost, state.table.sought.take()) {
        (Some(_), Some(manager)) => navigation::turn_back(state, manager, effects),
        (Some(person), None) => report_lost(state, &person),
        (None, _) => {}
    }
    if has_everybody {
        marking::unmark_deleted(state);
    }
}

/// Reports that the selected person is not in the list, since a key would now act on someone else.
fn report_lost(state: &mut State, person: &LostPerson) {
    if state.banner.is_some() {
        return;
    }
    match person {
        LostPerson::Left(person) => {
            let news = state.live.news(person.id);
            state.message(message::left_list(person, news));
        }
        LostPerson::NotFound => state.message("This person is no longer in the list."),
    }
}

/// Handles a loaded record.
pub(crate) fn on_fetched(
    state: &mut State,
    id: EmployeeId,
    result: &Result<Employee>,
    effects: &mut Effects,
) -> Option<Next> {
    match result {
        Ok(now) => read(state, now, effects),
        Err(ClientError::Refused(problem)) if problem.code == Code::EmployeeNotFound => {
            on_not_found(state, id, effects);
        }
        Err(error) if error.needs_sign_in() => return failed(state, error),
        Err(_) => {}
    }
    None
}

/// Updates a record in the table and in its form, as far as that is not edited. An outdated answer
/// is ignored.
fn read(state: &mut State, now: &Employee, effects: &mut Effects) {
    if state
        .cached(now.id)
        .is_some_and(|known| known.version > now.version)
    {
        return;
    }
    state.table.replace(now);
    let is_compared = state.overlay::<Conflict>().is_some();
    if is_compared || !update_form(state, now, effects) {
        names::fetch_shown_manager(state, effects);
    }
}

/// Updates the open form with someone else's change, or offers to merge it. Returns `true` if a
/// field changed.
pub(crate) fn update_form(state: &mut State, now: &Employee, effects: &mut Effects) -> bool {
    let Some(form) = state.overlay_mut::<Form>() else {
        return false;
    };
    let was_deleted = matches!(form.purpose, Purpose::Restore(_));
    match form.catch_up(now) {
        CaughtUp::Ignored => return false,
        CaughtUp::Conflict => {
            // The status line says so until the form is saved, so nothing may cover it.
            state.banner = None;
            return false;
        }
        CaughtUp::Updated => {}
    }
    let mut form = form.clone();
    let at = state.zone.to_datetime(now.updated).strftime("%H:%M");
    let verb = if was_deleted { "restored" } else { "changed" };
    state.message(format!(
        "{} {verb} {} at {at}. The form shows it.",
        state.who(&now.updated_by),
        now.details.full_name()
    ));
    names::name_manager(state, &mut form, effects);
    if let Some(open) = state.overlay_mut::<Form>() {
        *open = form;
    }
    true
}

/// The open person was deleted: a form keeps its text, otherwise the list is reloaded.
fn on_not_found(state: &mut State, id: EmployeeId, effects: &mut Effects) {
    if form::is_of(state, id) {
        return form::on_record_deleted(state);
    }
    let is_open =
        state.overlays.is_empty() && state.current().is_some_and(|employee| employee.id == id);
    if is_open {
        load::refresh(state, effects);
    }
}
