//! Suggestions while a field is edited.

use roster_common::api::FieldValue;
use roster_common::employee::is_east_asian;
use roster_common::text::folded;
use roster_common::{Employee, EmployeeId, Field};

use super::column::TableColumn;
use crate::format::grouped;

/// The maximum number of suggestions.
const SHOWN: usize = 20;

/// The text before the id in a chosen person's line.
const ID: &str = " · #";

/// The list of suggestions under the focused field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggestions {
    /// Whether the list is open.
    pub open: bool,
    /// The suggestions.
    pub items: Vec<Suggestion>,
    /// The selected one; `None` while the typed text is.
    pub chosen: Option<usize>,
    /// Whether the user selected it. A likely one is selected by itself.
    pub is_picked: bool,
    /// The request in flight. There is one at a time, so fast typing does not flood the server.
    pub asked: Option<(Field, String)>,
}

/// One suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The text it puts into the field.
    pub text: String,
    /// A description.
    pub note: String,
}

/// What is suggested for a typed text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matches {
    /// The suggestions.
    pub items: Vec<Suggestion>,
    /// The one that the text can only mean.
    pub likely: Option<usize>,
    /// Whether no one has the text as a value.
    pub is_new: bool,
}

impl From<Vec<Suggestion>> for Matches {
    fn from(items: Vec<Suggestion>) -> Self {
        Self {
            items,
            ..Self::default()
        }
    }
}

impl Suggestions {
    /// Whether there are suggestions to choose from.
    pub fn is_shown(&self) -> bool {
        self.open && !self.items.is_empty()
    }

    /// Whether this request is in flight.
    pub fn awaits(&self, field: Field, text: &str) -> bool {
        self.asked
            .as_ref()
            .is_some_and(|(of, words)| *of == field && words == text)
    }

    /// Whether the list is outdated: it is for other text and nothing in it is selected.
    pub fn is_outdated(&self) -> bool {
        self.chosen.is_none() && self.asked.is_some()
    }

    /// Replaces the suggestions, and selects the likely one.
    pub fn put(&mut self, matches: Matches) {
        self.items = matches.items;
        self.chosen = matches.likely;
        self.is_picked = false;
    }

    /// The text was edited: what was selected is about another text.
    pub fn on_edit(&mut self) {
        self.chosen = None;
        self.is_picked = false;
    }

    /// Closes the list; a late answer is ignored.
    pub fn close(&mut self) {
        self.open = false;
        self.put(Matches::default());
    }

    /// Selects the next or previous one; before the first is the typed text.
    pub fn choose(&mut self, by: isize) {
        let places = self.items.len() + 1;
        let here = self.chosen.map_or(0, |at| at + 1);
        self.chosen = ((here + places).saturating_add_signed(by) % places).checked_sub(1);
        self.is_picked = self.chosen.is_some();
    }
}

/// Suggests the values of a field with their counts, except the one already typed. A text that is
/// no value yet and begins the only suggestion probably means it.
pub fn of_values(values: Vec<FieldValue>, written: &str) -> Matches {
    // A longer list may be cut off, so that a missing value proves nothing.
    let is_complete = values.len() < SHOWN;
    let is_known = values.iter().any(|value| value.value == written);
    let suggestions = values.into_iter().filter(|value| value.value != written);
    let items: Vec<_> = suggestions
        .map(|FieldValue { value, count, .. }| Suggestion {
            text: value,
            note: grouped(count.try_into().unwrap_or(usize::MAX)),
        })
        .take(SHOWN)
        .collect();
    let is_begun = |only: &Suggestion| folded(&only.text).starts_with(&folded(written));
    let likely = match items.as_slice() {
        [only] if !is_known && !written.is_empty() && is_begun(only) => Some(0),
        _ => None,
    };
    Matches {
        items,
        likely,
        is_new: is_complete && !is_known && !written.is_empty(),
    }
}

/// Suggests managers, with how many people report to each. Only a manager will do, so the first one
/// is likely.
pub fn of_managers(values: &[FieldValue], written: &str) -> Matches {
    let items: Vec<_> = values.iter().filter_map(manager).collect();
    let likely = (!written.trim().is_empty() && !items.is_empty()).then_some(0);
    Matches {
        items,
        likely,
        is_new: false,
    }
}

/// A suggestion like `Maya Castro · #7`, `12 reports`.
fn manager(value: &FieldValue) -> Option<Suggestion> {
    let name = value.label.as_ref()?;
    let note = match value.count {
        1 => "1 report".to_owned(),
        count => format!(
            "{} reports",
            grouped(count.try_into().unwrap_or(usize::MAX))
        ),
    };
    Some(Suggestion {
        text: format!("{name}{ID}{}", value.value),
        note,
    })
}

/// Suggests people: first those with a name that begins like each word of the text, then those
/// whose name contains it. Only a person will do, so the first one is likely.
pub fn of_people(people: &[Employee], written: &str) -> Matches {
    let words: Vec<_> = written
        .split(|c: char| !c.is_alphanumeric())
        .map(folded)
        .collect();
    let rank = |person: &&Employee| {
        let name = folded(&person.details.full_name());
        let begins = |word: &String| name.split(' ').any(|part| part.starts_with(word.as_str()));
        let is_begun = words.iter().all(begins);
        let is_named = words.iter().all(|word| name.contains(word.as_str()));
        (!is_begun, !is_named)
    };
    let mut people: Vec<_> = people.iter().collect();
    people.sort_by_key(rank);
    let suggestions = people.into_iter().take(SHOWN);
    let items: Vec<_> = suggestions
        .map(|person| Suggestion {
            text: line_of(person),
            note: String::new(),
        })
        .collect();
    // An empty text means no one, and an id is already a choice.
    let is_wanted = !written.trim().is_empty() && id_in(written).is_none();
    let likely = (is_wanted && !items.is_empty()).then_some(0);
    Matches {
        items,
        likely,
        is_new: false,
    }
}

/// The most words of a name that are searched for.
const WORDS: usize = 8;

/// The most characters of a family name without a space before the given name.
const LONGEST_FAMILY_NAME: usize = 4;

/// The filter that finds the people whom a text may mean: those with its id, or with each of its
/// words in their first or last name.
pub fn people_filter(written: &str) -> String {
    if let Some(id) = id_in(written) {
        return format!("id:{id}");
    }
    let words = written.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty()).take(WORDS);
    words.map(word_of_a_name).collect::<Vec<_>>().join(" ")
}

/// The filter of a word, which may be a whole name if no space need stand in it, as in 王敏.
fn word_of_a_name(word: &str) -> String {
    let mut names = vec![
        format!("firstname:\"{word}\""),
        format!("lastname:\"{word}\""),
    ];
    if is_east_asian(word) {
        let cuts = word.char_indices().skip(1).take(LONGEST_FAMILY_NAME);
        names.extend(cuts.map(|(cut, _)| {
            let (family, given) = word.split_at(cut);
            format!("(lastname:\"{family}\" firstname:\"{given}\")")
        }));
    }
    format!("({})", names.join("|"))
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

/// Returns `true` if the line is a chosen person, not typed text.
pub fn shows_person(line: &str) -> bool {
    line.contains(ID) && id_in(line).is_some()
}

/// The id in a manager's line: a plain number, or the one after the last `#`.
pub fn id_in(line: &str) -> Option<EmployeeId> {
    let number = line.rsplit_once('#').map_or(line, |(_, number)| number);
    number.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found_by_their_names_and_by_their_id() {
        for (written, filter) in [
            ("#7", "id:7"),
            ("Castro, Maya · Buyer · #12", "id:12"),
            ("day", r#"(firstname:"day"|lastname:"day")"#),
            (
                "O'Day",
                r#"(firstname:"O"|lastname:"O") (firstname:"Day"|lastname:"Day")"#,
            ),
            (
                "王敏",
                r#"(firstname:"王敏"|lastname:"王敏"|(lastname:"王" firstname:"敏"))"#,
            ),
            (" · ", ""),
        ] {
            assert_eq!(people_filter(written), filter, "{written}");
        }
    }
}
