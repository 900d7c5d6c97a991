//! Suggestions for the focused field of a form.

use roster_common::api::FieldValue;
use roster_common::{Code, Employee, EmployeeId, Field, Kind};

use crate::effect::{Call, Effects};
use crate::remote::{ClientError, Page, Result};
use crate::state::suggestions::{self, Matches};
use crate::state::{Form, State};
use crate::update::verbs::{call, names};

/// Opens the list of suggestions for the focused field; it then follows the typing.
pub(crate) fn open(state: &mut State, effects: &mut Effects) {
    if let Some(form) = state
        .overlay_mut::<Form>()
        .filter(|form| form.can_suggest())
    {
        form.suggestions.open = true;
        ask_next(state, effects);
    }
}

/// Updates the suggestions after an edit of the focused field.
pub(crate) fn on_edit(state: &mut State, effects: &mut Effects) {
    if let Some(form) = state.overlay_mut::<Form>() {
        form.suggestions.on_edit();
    }
    open(state, effects);
}

/// Requests suggestions, if no request is in flight.
fn ask_next(state: &mut State, effects: &mut Effects) {
    let signed_in = state.identity.is_some();
    let Some(form) = state
        .overlay_mut::<Form>()
        .filter(|form| signed_in && form.suggestions.open && form.can_suggest())
    else {
        return;
    };
    if form.suggestions.asked.is_none() {
        let (field, text) = (form.focus, form.search_text().to_owned());
        ask(state, field, text, effects);
    }
}

fn ask(state: &mut State, field: Field, text: String, effects: &mut Effects) {
    if let Some(form) = state.overlay_mut::<Form>() {
        form.suggestions.asked = Some((field, text.clone()));
        call::send(state, question(field, text), effects);
    }
}

/// The call that requests suggestions for a text.
fn question(field: Field, text: String) -> Call {
    match field.kind() {
        Kind::Person => Call::People { text },
        Kind::Required
        | Kind::Text
        | Kind::Lines
        | Kind::Email
        | Kind::Phone
        | Kind::Status
        | Kind::Date => Call::Values {
            field,
            text,
            filter: String::new(),
        },
    }
}

/// Shows the values, or asks again if the text has changed.
pub(crate) fn on_values(
    state: &mut State,
    field: Field,
    text: &str,
    result: Result<Vec<FieldValue>>,
    effects: &mut Effects,
) {
    // On failure there are no suggestions; saving will report the error.
    let suggestions = result
        .ok()
        .map(|values| suggestions::of_values(values, text));
    take(state, field, text, suggestions, effects);
}

/// Shows the people, or asks again if the text has changed.
pub(crate) fn on_people(
    state: &mut State,
    text: &str,
    result: Result<Page>,
    effects: &mut Effects,
) {
    let suggestions = result
        .ok()
        .map(|page| suggestions::of_people(&page.rows, text));
    take(state, Field::Manager, text, suggestions, effects);
}

fn take(
    state: &mut State,
    field: Field,
    text: &str,
    suggestions: Option<Matches>,
    effects: &mut Effects,
) {
    let is_awaited = |form: &&mut Form| form.suggestions.awaits(field, text);
    let Some(form) = state.overlay_mut::<Form>().filter(is_awaited) else {
        return;
    };
    form.suggestions.asked = None;
    if suggestions.as_ref().is_some_and(|matches| matches.is_new) {
        _ = form.new_values.insert(field, text.to_owned());
    }
    match suggestions {
        // The old suggestions are for other text.
        None => form.suggestions.put(Matches::default()),
        // Whoever left the field fast is told, too, that its value is new.
        Some(_) if was_left_unknown(form, field, text) => {
            let text = form.text(field).to_owned();
            ask(state, field, text, effects);
        }
        Some(_) if form.focus != field || form.search_text() != text => ask_next(state, effects),
        Some(suggestions) => form.suggestions.put(suggestions),
    }
}

/// Whether the field was left before it was known if all of its text is a value.
fn was_left_unknown(form: &Form, field: Field, asked: &str) -> bool {
    let is_edited = field.has_values() && form.touched.contains(&field);
    is_edited && form.focus != field && form.text(field) != asked
}

/// A manager's record was loaded: shows the name. If it failed, the id stays.
pub(crate) fn on_fetched(
    state: &mut State,
    id: EmployeeId,
    result: Result<Employee>,
    effects: &mut Effects,
) {
    if let (Some(form), Ok(person)) = (state.overlay_mut::<Form>(), &result) {
        form.name_manager(person);
    }
    let asked = &mut state.table.named.asked;
    if asked.take_if(|asked| *asked == id).is_none() {
        return;
    }
    match result {
        Ok(person) => state.table.named.put(id, Some(person)),
        Err(ClientError::Refused(problem)) if problem.code == Code::EmployeeNotFound => {
            state.table.named.put(id, None);
        }
        // It is loaded again when it is next needed.
        Err(_) => return,
    }
    names::fetch_shown_manager(state, effects);
    names::fetch_filter_manager(state, effects);
}
