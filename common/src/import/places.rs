//! Which cell of a row has which meaning.

use std::hash::{DefaultHasher, Hash, Hasher};

use csv::StringRecord;

use super::cell::{cleaned, is_nothing};
use super::mapping::Mapping;
use super::vocabulary::Meaning;
use crate::changes::Changes;
use crate::employee::{EmployeeId, Field};
use crate::text;

/// The columns of a row, by their meaning.
#[derive(Debug, Clone)]
pub(super) struct Places {
    fields: [Option<usize>; Field::ALL.len()],
    pub id: Option<usize>,
    pub full_name: Option<usize>,
    pub particle: Option<usize>,
    pub second_lastname: Option<usize>,
    pub blocked: Option<usize>,
    pub leaving: Option<usize>,
    pub keys: Vec<usize>,
    pub kinds: Vec<usize>,
    pub width: usize,
}

impl Places {
    pub(super) fn of(mapping: &Mapping) -> Self {
        let all = |meaning| {
            let columns = mapping.columns.iter().enumerate();
            columns
                .filter(|(_, column)| column.meaning == Some(meaning))
                .map(|(index, _)| index)
                .collect()
        };
        let one = |meaning| mapping.index_of(meaning);
        Self {
            fields: Field::ALL.map(|field| one(Meaning::Field(field))),
            id: one(Meaning::Id),
            full_name: one(Meaning::FullName),
            particle: one(Meaning::Particle),
            second_lastname: one(Meaning::SecondLastname),
            blocked: one(Meaning::Blocked),
            leaving: one(Meaning::Leaving),
            keys: all(Meaning::Key),
            kinds: all(Meaning::AccountKind),
            width: mapping.columns.len(),
        }
    }

    pub(super) fn field(&self, field: Field) -> Option<usize> {
        self.fields.get(field as usize).copied().flatten()
    }

    /// Returns `true` if the file has ids of Roster.
    pub(super) fn has_ids(&self) -> bool {
        self.id.is_some()
    }

    /// Returns `true` if the file has other numbers or logins of people.
    pub(super) fn has_numbers(&self) -> bool {
        self.field(Field::Number).is_some() || !self.keys.is_empty()
    }

    /// The id that a row asks for.
    pub(super) fn id_of(&self, row: &StringRecord) -> Option<EmployeeId> {
        value(row, self.id).parse().ok()
    }

    /// The personnel number of a row.
    pub(super) fn number_of(&self, row: &StringRecord) -> Option<String> {
        let number = whole(value(row, self.field(Field::Number)));
        Some(number.to_owned()).filter(|number| !number.is_empty() && !is_nothing(number))
    }

    /// The columns of dates.
    pub(super) fn dates(&self) -> impl Iterator<Item = usize> {
        self.field(Field::Hired).into_iter().chain(self.leaving)
    }

    /// The names under which a manager may be known, each with how certain it is: 0 is best.
    pub(super) fn names_of(&self, changes: &Changes, row: &StringRecord) -> Vec<(u8, String)> {
        let mut names = Vec::new();
        names.extend(self.id_of(row).map(|id| (0, id.to_string())));
        names.extend(self.number_of(row).map(|number| (1, number)));
        names.extend(changes.get(Field::Email).map(|email| (2, email.to_owned())));
        let keys = self.keys.iter().map(|index| value(row, Some(*index)));
        names.extend(keys.map(|key| (3, key.to_owned())));
        let (first, last) = (changes.get(Field::Firstname), changes.get(Field::Lastname));
        if let (Some(first), Some(last)) = (first, last) {
            names.push((4, format!("{first} {last}")));
            names.push((5, format!("{last} {first}")));
        }
        names
    }

    /// A number that rows of the same person have in common; `None` if the row has neither a number
    /// nor an address.
    pub(super) fn fingerprint(&self, row: &StringRecord) -> Option<u64> {
        let identity = [self.field(Field::Number), self.field(Field::Email)];
        if identity.iter().all(|index| value(row, *index).is_empty()) {
            return None;
        }
        let names = [
            self.full_name,
            self.field(Field::Firstname),
            self.field(Field::Lastname),
            self.id,
        ];
        let mut hasher = DefaultHasher::new();
        for index in identity.into_iter().chain(names) {
            text::folded(value(row, index)).hash(&mut hasher);
        }
        Some(hasher.finish())
    }
}

/// The text of a cell; empty if the row is short.
pub(super) fn value(row: &StringRecord, index: Option<usize>) -> &str {
    cleaned(index.and_then(|index| row.get(index)).unwrap_or_default())
}

/// A whole number that a spreadsheet wrote as `1001.0`.
fn whole(text: &str) -> &str {
    let number = text
        .strip_suffix(".0")
        .filter(|number| number.bytes().all(|b| b.is_ascii_digit()));
    number.unwrap_or(text)
}
