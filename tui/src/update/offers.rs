//! Values that are offered while a field is written.

use roster_common::api::FieldValue;
use roster_common::{Code, Employee, EmployeeId, Field, Kind};

use super::ask;
use crate::event::Effect;
use crate::remote::{ClientError, Page, Result};
use crate::state::offers::{self, Offer};
use crate::state::{Form, State};

/// Offers values for the field that is being written, from now on while somebody writes in it.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    let Some(form) = state.part_mut::<Form>().filter(|form| form.can_offer()) else {
        return Vec::new();
    };
    form.offers.open = true;
    ask_next(state)
}

/// Asks what goes with the words in the field, if the last question has been answered.
fn ask_next(state: &mut State) -> Vec<Effect> {
    let signed_in = state.identity.is_some();
    let Some(form) = state
        .part_mut::<Form>()
        .filter(|form| signed_in && form.offers.open && form.can_offer())
    else {
        return Vec::new();
    };
    if form.offers.asked.is_some() {
        return Vec::new();
    }
    let (field, text) = (form.focus, form.sought().to_owned());
    form.offers.asked = Some((field, text.clone()));
    ask(state, wish(field, text))
}

/// Asks for what goes with a text in a field.
pub(super) fn wish(field: Field, text: String) -> Effect {
    match field.kind() {
        Kind::Person => Effect::People { text },
        Kind::Required | Kind::Text | Kind::Email | Kind::Phone | Kind::Status | Kind::Date => {
            Effect::Values { field, text }
        }
    }
}

/// Shows the values that the server knows, or asks again where something else is written by now.
pub(super) fn on_values(
    state: &mut State,
    field: Field,
    text: &str,
    result: Result<Vec<FieldValue>>,
) -> Vec<Effect> {
    // What cannot be had is not offered: saving will tell why.
    take(
        state,
        field,
        text,
        result.ok().map(|values| offers::of_values(values, text)),
    )
}

/// Shows the people whom the server knows, or asks again where something else is written by now.
pub(super) fn on_people(state: &mut State, text: &str, result: Result<Page>) -> Vec<Effect> {
    take(
        state,
        Field::Manager,
        text,
        result.ok().map(|page| offers::of_people(&page.rows, text)),
    )
}

fn take(state: &mut State, field: Field, text: &str, offers: Option<Vec<Offer>>) -> Vec<Effect> {
    let is_awaited = |form: &&mut Form| form.offers.awaits(field, text);
    let Some(form) = state.part_mut::<Form>().filter(is_awaited) else {
        return Vec::new();
    };
    form.offers.asked = None;
    match offers {
        // What was offered before goes with other words.
        None => {
            form.offers.put(Vec::new());
            Vec::new()
        }
        Some(_) if form.focus != field || form.sought() != text => ask_next(state),
        Some(offers) => {
            form.offers.put(offers);
            Vec::new()
        }
    }
}

/// Shows the name of the manager of a form: what is in memory, or what the server says.
pub(super) fn name_manager(state: &mut State) -> Vec<Effect> {
    let id = state
        .part::<Form>()
        .and_then(|form| offers::id_in(form.text(Field::Manager)));
    let Some(id) = id else { return Vec::new() };
    if let Some(person) = state.known(id).cloned()
        && let Some(form) = state.part_mut::<Form>()
    {
        form.name_manager(&person);
    }
    look_up(state, id)
}

/// Has the manager's name for the record that is open, one at a time, so that fast moves send no more than the server
/// takes.
pub(super) fn name_shown(state: &mut State) -> Vec<Effect> {
    let can_ask =
        state.identity.is_some() && state.offline.is_none() && state.table.named.asked.is_none();
    let is_shown = can_ask && state.table.detail.is_some();
    let id = state
        .current()
        .filter(|_| is_shown)
        .and_then(|employee| employee.details.manager());
    id.map(|id| look_up(state, id)).unwrap_or_default()
}

/// Asks who has this id, unless that is known.
fn look_up(state: &mut State, id: EmployeeId) -> Vec<Effect> {
    if state.known(id).is_some() || state.table.named.is_settled(id) {
        return Vec::new();
    }
    state.table.named.asked = Some(id);
    ask(state, Effect::Fetch { id })
}

/// One whose id was there without a name: where it cannot be had, the id stays.
pub(super) fn on_fetched(
    state: &mut State,
    id: EmployeeId,
    result: Result<Employee>,
) -> Vec<Effect> {
    if let (Some(form), Ok(person)) = (state.part_mut::<Form>(), &result) {
        form.name_manager(person);
    }
    if state
        .table
        .named
        .asked
        .take_if(|asked| *asked == id)
        .is_none()
    {
        return Vec::new();
    }
    match result {
        Ok(person) => state.table.named.put(id, Some(person)),
        Err(ClientError::Refused(problem)) if problem.code == Code::EmployeeNotFound => {
            state.table.named.put(id, None);
        }
        // It is asked again when there is another reason to.
        Err(_) => return Vec::new(),
    }
    name_shown(state)
}
