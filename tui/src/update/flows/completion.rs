//! Completes field names and values in the filter.

use roster_common::api::FieldValue;
use roster_common::{Field, Query};

use super::suggestions;
use crate::effect::{Call, Effects};
use crate::remote::{Page, Result};
use crate::state::State;
use crate::state::completion::{self, CompletionTarget};
use crate::state::suggestions::{Matches, Suggestions, of_people, of_values};
use crate::update::verbs::{call, load};

/// Accepts the selected suggestion; without one, opens the list or selects its first entry. Returns
/// `true` if the filter changed.
pub(crate) fn complete(state: &mut State, effects: &mut Effects) -> bool {
    if accept_selected(state) {
        return true;
    }
    let table = &mut state.table;
    match completion::target(&table.search) {
        Some(CompletionTarget::Value { .. }) if table.suggestions.is_outdated() => {}
        Some(_) if table.suggestions.is_shown() => table.suggestions.choose(1),
        Some(CompletionTarget::Name { name, value, .. }) => {
            list_names(state, &name, value.is_some());
            return accept_selected(state);
        }
        Some(CompletionTarget::Value { .. }) => list(state, effects),
        None => {}
    }
    false
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

/// Lists the names of fields, and selects the only one.
fn list_names(state: &mut State, typed: &str, is_unknown: bool) {
    let fields = if is_unknown {
        completion::fields_instead(typed)
    } else {
        completion::fields(typed)
    };
    let suggestions = &mut state.table.suggestions;
    suggestions.open = true;
    suggestions.put(Matches {
        likely: (fields.len() == 1).then_some(0),
        ..Matches::from(fields)
    });
}

/// Updates the list after an edit: values appear by themselves, field names only if the list is
/// open.
pub(crate) fn list(state: &mut State, effects: &mut Effects) {
    let table = &mut state.table;
    table.suggestions.on_edit();
    match completion::target(&table.search) {
        Some(CompletionTarget::Value { field, text, .. }) => {
            table.suggestions.open = true;
            ask_for_values(state, field, text, effects);
        }
        Some(CompletionTarget::Name {
            name, value: None, ..
        }) if table.suggestions.open && !name.is_empty() => list_names(state, &name, false),
        _ => table.suggestions.close(),
    }
}

/// Requests values, if no request is in flight.
fn ask_for_values(state: &mut State, field: Field, text: String, effects: &mut Effects) {
    if state.identity.is_some() && state.table.suggestions.asked.is_none() {
        state.table.suggestions.asked = Some((field, text.clone()));
        let filter = completion::rest(&state.table.search);
        call::send(state, suggestions::question(field, text, filter), effects);
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
    if state.table.suggestions.asked.is_none() {
        for id in state.table.suggestions.expect_reports() {
            let query = load::reports_to(id);
            call::send(state, Call::Collect { query }, effects);
        }
    }
}

/// Handles the number of people who report to a suggested manager.
pub(crate) fn on_collected(state: &mut State, query: &Query, result: &Result<Page>) {
    let suggestions = &mut state.table.suggestions;
    let mut people = suggestions.reports.keys().copied();
    let manager = people.find(|id| *query == load::reports_to(*id));
    if let (Some(id), Ok(page)) = (manager, result) {
        suggestions.count_reports(id, page.total);
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
        }) if of == field && words == text => table.suggestions.put(suggestions),
        _ => list(state, effects),
    }
}
