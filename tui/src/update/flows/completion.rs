//! Completes field names and values in the filter.

use roster_common::Field;
use roster_common::api::FieldValue;

use super::suggestions;
use crate::effect::Effects;
use crate::remote::{Page, Result};
use crate::state::State;
use crate::state::completion::{self, CompletionTarget};
use crate::state::suggestions::{Suggestion, of_people, of_values};
use crate::update::verbs::call;

/// Completes with the selected suggestion, otherwise with the first, or opens the list. Returns
/// `true` if the filter changed.
pub(crate) fn complete(state: &mut State, effects: &mut Effects) -> bool {
    let table = &mut state.table;
    let Some(part) = completion::target(&table.search) else {
        return false;
    };
    if let (CompletionTarget::Name { name, value, .. }, false) =
        (&part, table.suggestions.is_shown())
    {
        table.suggestions.open = true;
        let fields = if value.is_some() {
            completion::fields_instead(name)
        } else {
            completion::fields(name)
        };
        table.suggestions.put(fields);
        // With several matches, the user has to choose.
        if table.suggestions.items.len() != 1 {
            return false;
        }
    }
    take(state, &part, effects)
}

/// Returns `true` if there is a completion: the selected suggestion, or the first matching manager.
pub(crate) fn can_take(state: &State) -> bool {
    let suggestions = &state.table.suggestions;
    let Some(part) = completion::target(&state.table.search) else {
        return false;
    };
    suggestions.chosen.is_some()
        || (part.is_person() && suggestions.is_shown() && !suggestions.is_outdated())
}

/// Completes with the selected suggestion, otherwise with the first. Returns `true` if the filter
/// changed.
pub(crate) fn accept_selected(state: &mut State, effects: &mut Effects) -> bool {
    match completion::target(&state.table.search) {
        Some(part) => take(state, &part, effects),
        None => false,
    }
}

fn take(state: &mut State, part: &CompletionTarget, effects: &mut Effects) -> bool {
    let table = &mut state.table;
    let is_outdated =
        matches!(part, CompletionTarget::Value { .. }) && table.suggestions.is_outdated();
    if !table.suggestions.is_shown() || is_outdated {
        list(state, effects);
        return false;
    }
    let chosen = table.suggestions.chosen.unwrap_or(0);
    if let Some(suggestion) = table.suggestions.items.get(chosen) {
        part.complete(&mut table.search, &suggestion.text);
    }
    table.suggestions.close();
    true
}

/// Updates the list after an edit: values appear by themselves, field names only if the list is
/// open.
pub(crate) fn list(state: &mut State, effects: &mut Effects) {
    let table = &mut state.table;
    match completion::target(&table.search) {
        Some(CompletionTarget::Value { field, text, .. }) => {
            table.suggestions.open = true;
            ask_for_values(state, field, text, effects);
        }
        Some(CompletionTarget::Name {
            name, value: None, ..
        }) if table.suggestions.open && !name.is_empty() => {
            table.suggestions.put(completion::fields(&name));
        }
        _ => table.suggestions.close(),
    }
}

/// Requests values, if no request is in flight.
fn ask_for_values(state: &mut State, field: Field, text: String, effects: &mut Effects) {
    if state.identity.is_some() && state.table.suggestions.asked.is_none() {
        state.table.suggestions.asked = Some((field, text.clone()));
        call::send(state, suggestions::question(field, text), effects);
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
    // The filter cannot express quotes.
    let can_be_written = |value: &FieldValue| !value.value.contains('"');
    let suggestions = result.ok().map(|values| {
        let values = values.into_iter().filter(can_be_written).collect();
        of_values(values, text)
    });
    show(state, field, text, suggestions, effects);
}

/// Shows the matching managers, or asks again if the text has changed.
pub(crate) fn on_people(
    state: &mut State,
    text: &str,
    result: Result<Page>,
    effects: &mut Effects,
) {
    let suggestions = result.ok().map(|page| of_people(&page.rows, text));
    show(state, Field::Manager, text, suggestions, effects);
}

fn show(
    state: &mut State,
    field: Field,
    text: &str,
    suggestions: Option<Vec<Suggestion>>,
    effects: &mut Effects,
) {
    let table = &mut state.table;
    table.suggestions.asked = None;
    let Some(suggestions) = suggestions.filter(|_| table.searching && table.suggestions.open)
    else {
        return table.suggestions.put(Vec::new());
    };
    match completion::target(&table.search) {
        Some(CompletionTarget::Value {
            field: of,
            text: words,
            ..
        }) if of == field && words == text => table.suggestions.put(suggestions),
        _ => list(state, effects),
    }
}
