//! Completing the filter while it is written: names of fields, and values.

use roster_common::Field;
use roster_common::api::FieldValue;

use super::offers;
use crate::effect::Effects;
use crate::remote::{Page, Result};
use crate::state::State;
use crate::state::completion::{self, Part};
use crate::state::offers::{Offer, of_people, of_values};
use crate::update::verbs::call;

/// Completes with what is chosen, or else with the first; lists what there is where nothing is
/// listed yet. Returns `true` if the filter has changed.
pub(crate) fn complete(state: &mut State, effects: &mut Effects) -> bool {
    let table = &mut state.table;
    let Some(part) = completion::part(&table.search) else {
        return false;
    };
    if let (Part::Name { name, value, .. }, false) = (&part, table.offers.is_shown()) {
        table.offers.open = true;
        let fields = if value.is_some() {
            completion::fields_instead(name)
        } else {
            completion::fields(name)
        };
        table.offers.put(fields);
        // Where several begin so, it is for the person to say which.
        if table.offers.items.len() != 1 {
            return false;
        }
    }
    take(state, &part, effects)
}

/// Whether there is something to complete with: what is chosen in the list, or the first who may be
/// the manager that is looked for by name.
pub(crate) fn can_take(state: &State) -> bool {
    let offers = &state.table.offers;
    let Some(part) = completion::part(&state.table.search) else {
        return false;
    };
    offers.chosen.is_some() || (part.is_person() && offers.is_shown() && !offers.is_outdated())
}

/// Completes with what is chosen, or else with the first. Returns `true` if the filter has changed.
pub(crate) fn take_chosen(state: &mut State, effects: &mut Effects) -> bool {
    match completion::part(&state.table.search) {
        Some(part) => take(state, &part, effects),
        None => false,
    }
}

fn take(state: &mut State, part: &Part, effects: &mut Effects) -> bool {
    let table = &mut state.table;
    let is_outdated = matches!(part, Part::Value { .. }) && table.offers.is_outdated();
    if !table.offers.is_shown() || is_outdated {
        list(state, effects);
        return false;
    }
    let chosen = table.offers.chosen.unwrap_or(0);
    if let Some(offer) = table.offers.items.get(chosen) {
        part.complete(&mut table.search, &offer.text);
    }
    table.offers.close();
    true
}

/// Has the list follow what is written: the values of a field by themselves, the names only where
/// they are listed.
pub(crate) fn list(state: &mut State, effects: &mut Effects) {
    let table = &mut state.table;
    match completion::part(&table.search) {
        Some(Part::Value { field, text, .. }) => {
            table.offers.open = true;
            ask_for_values(state, field, text, effects);
        }
        Some(Part::Name {
            name, value: None, ..
        }) if table.offers.open && !name.is_empty() => {
            table.offers.put(completion::fields(&name));
        }
        _ => table.offers.close(),
    }
}

/// Asks for the values of a field, if the last question has been answered.
fn ask_for_values(state: &mut State, field: Field, text: String, effects: &mut Effects) {
    if state.identity.is_some() && state.table.offers.asked.is_none() {
        state.table.offers.asked = Some((field, text.clone()));
        call::send(state, offers::question(field, text), effects);
    }
}

/// Shows the values, or asks again where something else is written by now.
pub(crate) fn on_values(
    state: &mut State,
    field: Field,
    text: &str,
    result: Result<Vec<FieldValue>>,
    effects: &mut Effects,
) {
    // The language has no way to look for a quotation mark.
    let can_be_written = |value: &FieldValue| !value.value.contains('"');
    let offers = result.ok().map(|values| {
        let values = values.into_iter().filter(can_be_written).collect();
        of_values(values, text)
    });
    show(state, field, text, offers, effects);
}

/// Shows the people, one of whom is the manager that is looked for, or asks again.
pub(crate) fn on_people(
    state: &mut State,
    text: &str,
    result: Result<Page>,
    effects: &mut Effects,
) {
    let offers = result.ok().map(|page| of_people(&page.rows, text));
    show(state, Field::Manager, text, offers, effects);
}

fn show(
    state: &mut State,
    field: Field,
    text: &str,
    offers: Option<Vec<Offer>>,
    effects: &mut Effects,
) {
    let table = &mut state.table;
    table.offers.asked = None;
    let Some(offers) = offers.filter(|_| table.searching && table.offers.open) else {
        return table.offers.put(Vec::new());
    };
    match completion::part(&table.search) {
        Some(Part::Value {
            field: of,
            text: words,
            ..
        }) if of == field && words == text => table.offers.put(offers),
        _ => list(state, effects),
    }
}
