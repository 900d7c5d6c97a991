//! Suggestions while a field is edited.

use roster_common::api::FieldValue;
use roster_common::text::folded;
use roster_common::{Employee, EmployeeId, Field};

use super::column::TableColumn;
use crate::format::grouped;

/// How many can be chosen from.
const SHOWN: usize = 20;

/// What lies before an id in the line of a chosen person.
const ID: &str = " · #";

/// The list of suggestions under the focused field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggestions {
    /// Whether the person wants one.
    pub open: bool,
    /// What is offered.
    pub items: Vec<Suggestion>,
    /// The one that is chosen; nothing while the person's own words are.
    pub chosen: Option<usize>,
    /// What the server has been asked: one question at a time, so that fast typing sends no more than it takes.
    pub asked: Option<(Field, String)>,
}

/// One suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What the field will say.
    pub text: String,
    /// What helps to choose.
    pub note: String,
}

impl Suggestions {
    /// Whether there is something to choose.
    pub fn is_shown(&self) -> bool {
        self.open && !self.items.is_empty()
    }

    /// Whether the server has been asked this.
    pub fn awaits(&self, field: Field, text: &str) -> bool {
        self.asked
            .as_ref()
            .is_some_and(|(of, words)| *of == field && words == text)
    }

    /// Whether it goes with other words than those that are written, and nothing of it has been chosen: nobody means the
    /// first of it.
    pub fn is_outdated(&self) -> bool {
        self.chosen.is_none() && self.asked.is_some()
    }

    /// Offers other things.
    pub fn put(&mut self, items: Vec<Suggestion>) {
        self.items = items;
        self.chosen = None;
    }

    /// Takes the list away; an answer that is still to come finds nothing to fill.
    pub fn close(&mut self) {
        self.open = false;
        self.put(Vec::new());
    }

    /// Chooses the next or the one before; before the first are the person's own words.
    pub fn choose(&mut self, by: isize) {
        let places = self.items.len() + 1;
        let here = self.chosen.map_or(0, |at| at + 1);
        self.chosen = ((here + places).saturating_add_signed(by) % places).checked_sub(1);
    }
}

/// The values of a field, with how many have each; not the one that is written already.
pub fn of_values(values: Vec<FieldValue>, written: &str) -> Vec<Suggestion> {
    let suggestions = values.into_iter().filter(|value| value.value != written);
    suggestions
        .map(|FieldValue { value, count }| Suggestion {
            text: value,
            note: grouped(count.try_into().unwrap_or(usize::MAX)),
        })
        .take(SHOWN)
        .collect()
}

/// The people, those first who have what is written in their name.
pub fn of_people(people: &[Employee], written: &str) -> Vec<Suggestion> {
    let words: Vec<_> = written
        .split(|c: char| !c.is_alphanumeric())
        .map(folded)
        .collect();
    let is_named = |person: &&Employee| {
        let name = folded(&person.details.full_name());
        words.iter().all(|word| name.contains(word.as_str()))
    };
    let (named, others): (Vec<_>, Vec<_>) = people.iter().partition(is_named);
    let suggestions = named.into_iter().chain(others).take(SHOWN);
    suggestions
        .map(|person| Suggestion {
            text: line_of(person),
            note: String::new(),
        })
        .collect()
}

/// How a form shows a manager: `Castro, Maya · Plant Operator · #7`.
pub fn line_of(person: &Employee) -> String {
    let title = person.details.text(Field::Title);
    let dot = if title.is_empty() { "" } else { " · " };
    format!(
        "{}{dot}{title}{ID}{}",
        TableColumn::Name.of(person),
        person.id
    )
}

/// Whether a line shows a person, and not what somebody writes.
pub fn shows_person(line: &str) -> bool {
    line.contains(ID) && id_in(line).is_some()
}

/// The id that a manager's line means: a number alone, or the one behind the last `#`.
pub fn id_in(line: &str) -> Option<EmployeeId> {
    let number = line.rsplit_once('#').map_or(line, |(_, number)| number);
    number.trim().parse().ok()
}
