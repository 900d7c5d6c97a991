//! One record as readers need it: its JSON, the text in which it is searched for, and where its
//! values are.

use std::num::NonZero;

use memchr::memchr_iter;
use roster_common::employee::{EmployeeId, Field, Version};
use roster_common::query::{Column, days};
use roster_common::text::{fold_into, phone_digits};

use super::chunk::Chunk;
use super::dictionary::{self, Word, WordId, Words};
use crate::rules::record::{USUAL_JSON, Values};

/// Behind each field in a search text. No field has it, being a control character.
pub(super) const END: u8 = 0;

/// A manager's id, in the eight bytes of a number.
pub(super) type ManagerId = Option<NonZero<u64>>;

/// A record as readers need it, made ready for its chunk.
pub(super) struct Encoded {
    pub(super) parts: Parts,
    pub(super) texts: Texts,
}

/// The parts of a record of a fixed size.
pub(super) struct Parts {
    pub(super) head: Head,
    pub(super) manager: ManagerId,
    pub(super) words: [WordId; dictionary::COUNT],
}

/// The texts of a record, or of several, one behind the other.
#[derive(Default)]
pub(super) struct Texts {
    /// The records as they are answered.
    pub(super) json: Vec<u8>,
    /// All their fields, folded, each with [`END`] behind it; of a field with a number nothing but
    /// that.
    pub(super) text: String,
    /// The digits of their phone numbers, with [`END`] behind each.
    pub(super) phones: String,
}

/// The part of a record of a fixed size that texts are not searched in.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) id: EmployeeId,
    pub(super) version: Version,
    pub(super) created: i64,
    pub(super) updated: i64,
    /// Where the value of each field begins in the JSON.
    value_starts: [u16; Field::ALL.len()],
}

impl Encoded {
    /// Makes a record ready. `word_id` gives the id of a word, by the index of its dictionary.
    pub(super) fn new(values: &Values<'_>, word_id: impl FnMut(usize, &str) -> WordId) -> Self {
        let mut texts = Texts::default();
        texts.json.reserve(USUAL_JSON);
        Self {
            parts: texts.add(values, word_id),
            texts,
        }
    }
}

impl Texts {
    /// Writes the texts of a record behind those before. `word_id` gives the id of a word, by the
    /// index of its dictionary.
    pub(super) fn add(
        &mut self,
        values: &Values<'_>,
        mut word_id: impl FnMut(usize, &str) -> WordId,
    ) -> Parts {
        let mut ids = [0; dictionary::COUNT];
        for field in Field::ALL {
            let value = values.text(field);
            let dictionary = dictionary::dictionary_index(field)
                .and_then(|index| Some((index, ids.get_mut(index)?)));
            let is_word = dictionary.is_some_and(|(dictionary, own)| {
                *own = word_id(dictionary, value);
                *own > 0
            });
            if !is_word {
                fold_into(value, &mut self.text);
            }
            self.text.push(char::from(END));
        }
        let digits = phone_digits(values.text(Field::Phone)).unwrap_or_default();
        self.phones.push_str(&digits);
        self.phones.push(char::from(END));
        Parts {
            head: self.add_json(values),
            manager: values.text(Field::Manager).parse().ok(),
            words: ids,
        }
    }

    pub(super) fn clear(&mut self) {
        self.json.clear();
        self.text.clear();
        self.phones.clear();
    }

    fn add_json(&mut self, values: &Values<'_>) -> Head {
        let starts = values.write_json(&mut self.json);
        Head {
            id: values.id,
            version: values.version,
            created: values.created.as_millisecond(),
            updated: values.updated.as_millisecond(),
            // A record's JSON is far below 64 KiB.
            value_starts: starts.map(|start| u16::try_from(start).unwrap_or(u16::MAX)),
        }
    }
}

/// The length of what stands before a field's value in the JSON: `,"name":`.
fn member_len(field: Field) -> usize {
    field.name().len() + ",\"\":".len()
}

// A field's value ends where the next field begins. The last field has no next one, so records
// cannot be sorted by it.
const _: () = assert!(
    !Field::ALL[Field::ALL.len() - 1].is_sortable(),
    "the last row of the table of fields must be one that is not sortable"
);

/// A record in its chunk.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) chunk: &'a Chunk,
    pub(super) index: usize,
    pub(super) head: &'a Head,
    pub(super) words: &'a Words,
}

impl<'a> Entry<'a> {
    pub(super) fn id(&self) -> EmployeeId {
        self.head.id
    }

    /// The id of its manager.
    pub(super) fn manager(&self) -> ManagerId {
        self.chunk.managers().get(self.index).copied().flatten()
    }

    /// The id of its word in a dictionary.
    pub(super) fn word_id(&self, dictionary: usize) -> WordId {
        self.chunk
            .word_ids(dictionary)
            .get(self.index)
            .copied()
            .unwrap_or_default()
    }

    /// The digits of its phone number; empty if it has none.
    pub(super) fn phone(&self) -> &'a str {
        self.chunk.phone_of(self.index)
    }

    /// One field, folded.
    pub(super) fn folded(&self, field: Field) -> &'a str {
        let word = dictionary::dictionary_index(field)
            .and_then(|index| self.words.word(index, self.word_id(index)));
        word.map_or_else(|| self.own(field), Word::folded)
    }

    /// One field as the search text has it.
    fn own(&self, field: Field) -> &'a str {
        let text = self.chunk.text_of(self.index);
        let mut ends = memchr_iter(END, text.as_bytes());
        let index = field as usize;
        let start = if index == 0 {
            0
        } else {
            ends.nth(index - 1).map_or(0, |end| end + 1)
        };
        let end = ends.next().unwrap_or(start);
        text.get(start..end).unwrap_or_default()
    }

    /// Its number in a column that filters compare; see [`roster_common::query::ordinal`].
    pub(super) fn ordinal(&self, column: Column) -> Option<i64> {
        match column {
            Column::Id => Some(self.head.id.get().cast_signed()),
            Column::Created => Some(self.head.created),
            Column::Updated => Some(self.head.updated),
            Column::Field(field) => days(self.folded(field)),
        }
    }

    /// The JSON of a field; `None` for the last one.
    pub(super) fn json(&self, field: Field) -> Option<&'a [u8]> {
        let index = field as usize;
        let next = Field::ALL.get(index + 1)?;
        let start = usize::from(*self.head.value_starts.get(index)?);
        let end =
            usize::from(*self.head.value_starts.get(index + 1)?).checked_sub(member_len(*next))?;
        self.chunk.json(self.index)?.get(start..end)
    }
}
