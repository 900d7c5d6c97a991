//! Completes field names and values in the filter.

use roster_common::Field;
use roster_common::api::FieldValue;

use super::filter;
use crate::effect::{Call, Effects};
use crate::keys::Key;
use crate::remote::{ClientError, Page, Result};
use crate::state::State;
use crate::state::completion::{self, CompletionTarget};
use crate::state::suggestions::{Matches, Suggestions, of_managers, of_people, of_values};
use crate::update::verbs::{call, edit};

/// What the completion key did.
pub(crate) enum Completed {
    /// The filter changed.
    Accepted,
    /// A list was opened, or is about to be.
    Listed,
    /// There is nothing to accept or to list.
    Nothing,
}

/// Accepts the selected suggestion, or the only one. Of several, selects the first; without any,
/// opens the list.
pub(crate) fn complete(state: &mut State, effects: &mut Effects) -> Completed {
    if accept_selected(state) {
        return Completed::Accepted;
    }
    let suggestions = &state.table.suggestions;
    match completion::target(&state.table.search) {
        // The list is for an older text, so nothing in it is meant.
        Some(CompletionTarget::Value { .. }) if suggestions.is_outdated() => Completed::Listed,
        Some(_) if suggestions.is_shown() => accept_only(state),
        Some(_) if suggestions.open => Completed::Nothing,
        Some(CompletionTarget::Name { name, value, .. }) => {
            list_names(state, &name, value.is_some());
            match state.table.suggestions.items.len() {
                1 => accept_only(state),
                _ => Completed::Listed,
            }
        }
        Some(CompletionTarget::Value { .. } | CompletionTarget::Comparison { .. }) => {
            list(state, effects);
            Completed::Listed
        }
        None => Completed::Nothing,
    }
}

/// Of several suggestions, only the user knows which one is meant.
fn accept_only(state: &mut State) -> Completed {
    let suggestions = &mut state.table.suggestions;
    suggestions.chosen = Some(0);
    let is_only = suggestions.items.len() == 1;
    if is_only && accept_selected(state) {
        Completed::Accepted
    } else {
        Completed::Listed
    }
}

/// Completes with the selected suggestion. Returns `false` if there is none.
pub(crate) fn accept_selected(state: &mut State) -> bool {
    let table = &mut state.table;
    let Suggestions { items, chosen, .. } = &table.suggestions;
    let selected = chosen.and_then(|at| items.get(at));
    let (Some(part), Some(suggestion)) = (completion::target(&table.search), selected) else {
        return false;
    };
    part.complete(&mut table.search, &suggestion.text);
    table.suggestions.close();
    true
}

/// Typing after a selected suggestion keeps it, as shells do. The space that ends its word stays
/// unless the typed character ends the word itself, or goes on with it.
pub(crate) fn type_on(state: &mut State, typed: char) {
    let ends_word = matches!(typed, ' ' | '|' | ')');
    if state.table.suggestions.is_picked
        && accept_selected(state)
        && ends_word
        && state.table.search.before_cursor().ends_with(' ')
    {
        _ = edit::edit(&mut state.table.search, Key::Backspace);
    }
}

/// Lists the names of fields.
fn list_names(state: &mut State, typed: &str, is_unknown: bool) {
    let fields = if is_unknown {
        completion::fields_instead(typed)
    } else {
        completion::fields(typed)
    };
    let suggestions = &mut state.table.suggestions;
    suggestions.open = true;
    suggestions.put(Matches::from(fields));
}

/// Updates the list after an edit: values appear by themselves, field names only if the list is
/// open.
pub(crate) fn list(state: &mut State, effects: &mut Effects) {
    let today = state.today();
    let table = &mut state.table;
    table.suggestions.on_edit();
    match completion::target(&table.search) {
        Some(CompletionTarget::Value { field, text, .. }) => {
            table.suggestions.open = true;
            ask_for_values(state, field, text, effects);
        }
        Some(CompletionTarget::Comparison { column, text, .. }) => {
            // These come from the program and not from the server, so the list is there at once.
            let ways = completion::comparisons(column, &text, today);
            table.suggestions.open = true;
            table.suggestions.put(Matches::from(ways));
        }
        Some(CompletionTarget::Name {
            name, value: None, ..
        }) if table.suggestions.open && !name.is_empty() => list_names(state, &name, false),
        _ => table.suggestions.close(),
    }
}

/// Counts the listed values again, since others have changed people. A list in use stays.
pub(crate) fn refresh(state: &mut State, effects: &mut Effects) {
    let suggestions = &state.table.suggestions;
    if state.table.searching && suggestions.is_shown() && suggestions.chosen.is_none() {
        list(state, effects);
    }
}

/// Requests values, if no request is in flight.
fn ask_for_values(state: &mut State, field: Field, text: String, effects: &mut Effects) {
    if state.identity.is_some() && state.table.suggestions.asked.is_none() {
        state.table.suggestions.asked = Some((field, text.clone()));
        let filter = completion::rest(&state.table.search);
        let values = Call::Values {
            field,
            text,
            filter,
        };
        call::send(state, values, effects);
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
    if field == Field::Manager {
        return on_managers(state, text, result, effects);
    }
    // The filter cannot express quotes.
    let can_be_written = |value: &FieldValue| !value.value.contains('"');
    let suggestions = result.ok().map(|values| {
        let values = values.into_iter().filter(can_be_written).collect();
        of_values(values, text)
    });
    show(state, field, text, suggestions, effects);
}

/// Shows the managers. If none has that name, everyone of that name is looked for.
fn on_managers(
    state: &mut State,
    text: &str,
    result: Result<Vec<FieldValue>>,
    effects: &mut Effects,
) {
    let is_found = match &result {
        Ok(managers) => !managers.is_empty() || text.trim().is_empty(),
        // A server of an earlier version does not list managers.
        Err(ClientError::Refused(_)) => false,
        Err(_) => true,
    };
    if is_found {
        let managers = result.ok().map(|values| of_managers(&values, text));
        show(state, Field::Manager, text, managers, effects);
    } else {
        let text = text.to_owned();
        call::send(state, Call::People { text }, effects);
    }
}

/// Shows the matching people, or asks again if the text has changed.
pub(crate) fn on_people(
    state: &mut State,
    text: &str,
    result: Result<Page>,
    effects: &mut Effects,
) {
    let is_nobody = result.as_ref().is_ok_and(|page| page.rows.is_empty());
    let suggestions = result.ok().map(|page| of_people(&page.rows, text));
    show(state, Field::Manager, text, suggestions, effects);
    if is_nobody && completion::typed_manager(&state.table.search).as_deref() == Some(text) {
        filter::find_nobody(state, effects);
    }
}

fn show(
    state: &mut State,
    field: Field,
    text: &str,
    suggestions: Option<Matches>,
    effects: &mut Effects,
) {
    let table = &mut state.table;
    table.suggestions.asked = None;
    let Some(suggestions) = suggestions.filter(|_| table.searching && table.suggestions.open)
    else {
        return table.suggestions.put(Matches::default());
    };
    match completion::target(&table.search) {
        Some(CompletionTarget::Value {
            field: of,
            text: words,
            ..
        }) if of == field && words == text => {
            // Enter keeps what is typed, whether the list came before it or not.
            table.suggestions.put(Matches {
                likely: None,
                ..suggestions
            });
        }
        _ => list(state, effects),
    }
}
