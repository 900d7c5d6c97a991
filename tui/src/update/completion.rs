//! Names of fields and values that complete the filter while it is written.

use roster_common::Field;
use roster_common::api::FieldValue;

use super::{ask, offers, search};
use crate::event::Effect;
use crate::remote::{Page, Result};
use crate::state::State;
use crate::state::completion::{self, Part};
use crate::state::offers::{Offer, of_people, of_values};

/// Completes with what is chosen, or else with the first; lists what there is where nothing is listed yet.
pub(super) fn complete(state: &mut State) -> Vec<Effect> {
    let table = &mut state.table;
    let Some(part) = completion::part(&table.search) else {
        return Vec::new();
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
            return Vec::new();
        }
    }
    take(state, &part)
}

/// Completes with what is chosen in the list, or with the first who may be the manager that is looked for by name;
/// whether there is that.
pub(super) fn take_chosen(state: &mut State) -> Option<Vec<Effect>> {
    let offers = &state.table.offers;
    let part = completion::part(&state.table.search)?;
    let is_person = part.is_person();
    let takes =
        offers.chosen.is_some() || (is_person && offers.is_shown() && !offers.is_outdated());
    takes.then(|| take(state, &part))
}

fn take(state: &mut State, part: &Part) -> Vec<Effect> {
    let table = &mut state.table;
    let is_outdated = matches!(part, Part::Value { .. }) && table.offers.is_outdated();
    if !table.offers.is_shown() || is_outdated {
        return list(state);
    }
    let chosen = table
        .offers
        .items
        .get(table.offers.chosen.unwrap_or(0))
        .map(|offer| offer.text.clone());
    chosen
        .iter()
        .for_each(|chosen| part.complete(&mut table.search, chosen));
    table.offers.close();
    search::changed(state)
}

/// Has the list follow what is written: the values of a field by themselves, the names only where they are listed.
pub(super) fn list(state: &mut State) -> Vec<Effect> {
    let table = &mut state.table;
    match completion::part(&table.search) {
        Some(Part::Value { field, text, .. }) => {
            table.offers.open = true;
            return ask_for_values(state, field, text);
        }
        Some(Part::Name {
            name, value: None, ..
        }) if table.offers.open && !name.is_empty() => {
            table.offers.put(completion::fields(&name));
        }
        _ => table.offers.close(),
    }
    Vec::new()
}

/// Asks for the values of a field, if the last question has been answered.
fn ask_for_values(state: &mut State, field: Field, text: String) -> Vec<Effect> {
    if state.identity.is_none() || state.table.offers.asked.is_some() {
        return Vec::new();
    }
    state.table.offers.asked = Some((field, text.clone()));
    ask(state, offers::wish(field, text))
}

/// Shows the values, or asks again where something else is written by now.
pub(super) fn on_values(
    state: &mut State,
    field: Field,
    text: &str,
    result: Result<Vec<FieldValue>>,
) -> Vec<Effect> {
    // The language has no way to look for a quotation mark.
    let sayable = |values: Vec<FieldValue>| {
        values
            .into_iter()
            .filter(|value| !value.value.contains('"'))
            .collect()
    };
    show(
        state,
        field,
        text,
        result.ok().map(|values| of_values(sayable(values), text)),
    )
}

/// Shows the people, one of whom is the manager that is looked for, or asks again.
pub(super) fn on_people(state: &mut State, text: &str, result: Result<Page>) -> Vec<Effect> {
    show(
        state,
        Field::Manager,
        text,
        result.ok().map(|page| of_people(&page.rows, text)),
    )
}

fn show(state: &mut State, field: Field, text: &str, offers: Option<Vec<Offer>>) -> Vec<Effect> {
    let table = &mut state.table;
    table.offers.asked = None;
    let Some(offers) = offers.filter(|_| table.searching && table.offers.open) else {
        table.offers.put(Vec::new());
        return Vec::new();
    };
    match completion::part(&table.search) {
        Some(Part::Value {
            field: of,
            text: words,
            ..
        }) if of == field && words == text => {
            table.offers.put(offers);
            Vec::new()
        }
        _ => list(state),
    }
}
