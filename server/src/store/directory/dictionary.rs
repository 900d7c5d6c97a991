//! Dictionaries of the values that repeat often: a record holds a word's id instead of
//! its text. A search then checks a few hundred words instead of a million records, and sorting by
//! such a field is a counting sort.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use imbl::{HashMap, Vector};
use roster_common::employee::Field;
use roster_common::text::folded;

/// How many fields have a dictionary.
pub(super) const COUNT: usize = {
    let (mut count, mut index) = (0, 0);
    while index < Field::ALL.len() {
        if dictionary_index(Field::ALL[index]).is_some() {
            count += 1;
        }
        index += 1;
    }
    count
};

/// The index of the field's dictionary; `None` if most of its values differ. Indices run from 0 to
/// [`COUNT`] - 1 without gaps.
pub(super) const fn dictionary_index(field: Field) -> Option<usize> {
    match field {
        Field::Firstname => Some(0),
        Field::Lastname => Some(1),
        Field::Title => Some(2),
        Field::Department => Some(3),
        Field::Location => Some(4),
        Field::Status => Some(5),
        Field::Hired => Some(6),
        Field::Email | Field::Phone | Field::Manager | Field::Number | Field::Notes => None,
    }
}

/// A word's id in its dictionary, from 1. Zero is no word: the record has no value.
pub(super) type WordId = u32;

/// One value.
pub(super) struct Word {
    /// The original spelling.
    pub(super) raw: Box<str>,
    pub(super) folded: Box<str>,
}

/// The words of every field with a dictionary. Clones share them. Words are never removed, even
/// when unused: they are rebuilt at start-up.
#[derive(Clone, Default)]
pub(super) struct Words([Dictionary; COUNT]);

#[derive(Clone, Default)]
struct Dictionary {
    words: Vector<Arc<Word>>,
    ids: HashMap<Spelling, WordId>,
}

/// A word, to be looked up by its original spelling.
#[derive(Clone)]
struct Spelling(Arc<Word>);

impl Borrow<str> for Spelling {
    fn borrow(&self) -> &str {
        &self.0.raw
    }
}

impl PartialEq for Spelling {
    fn eq(&self, other: &Self) -> bool {
        self.0.raw == other.0.raw
    }
}

impl Eq for Spelling {}

impl Hash for Spelling {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.raw.hash(state);
    }
}

impl Words {
    /// Returns the id of a value, and assigns one if it is new. Returns 0 for an empty text.
    pub(super) fn word_id(&mut self, dictionary: usize, raw: &str) -> WordId {
        if let Some(id) = self.known_id(dictionary, raw) {
            return id;
        }
        let dictionary = self.0.get_mut(dictionary);
        dictionary.map_or(0, |dictionary| dictionary.add(raw))
    }

    /// Returns the id of a value; `None` if it is new. Returns 0 for an empty text.
    pub(super) fn known_id(&self, dictionary: usize, raw: &str) -> Option<WordId> {
        match self.0.get(dictionary) {
            Some(dictionary) if !raw.is_empty() => dictionary.ids.get(raw).copied(),
            _ => Some(0),
        }
    }

    /// A word.
    pub(super) fn word(&self, dictionary: usize, id: WordId) -> Option<&Word> {
        let index = (id as usize).checked_sub(1)?;
        self.0.get(dictionary)?.words.get(index).map(Arc::as_ref)
    }

    /// The words of a field, from id 1 on.
    pub(super) fn iter(&self, dictionary: usize) -> impl Iterator<Item = &Word> {
        self.0
            .get(dictionary)
            .into_iter()
            .flat_map(|dictionary| &dictionary.words)
            .map(Arc::as_ref)
    }

    /// How many words a field has.
    pub(super) fn len(&self, dictionary: usize) -> usize {
        let dictionary = self.0.get(dictionary);
        dictionary.map_or(0, |dictionary| dictionary.words.len())
    }
}

impl Dictionary {
    fn add(&mut self, raw: &str) -> WordId {
        // Far fewer than four thousand million words fit into memory.
        let Ok(id) = WordId::try_from(self.words.len() + 1) else {
            return 0;
        };
        let word = Arc::new(Word {
            raw: raw.into(),
            folded: folded(raw).into(),
        });
        self.words.push_back(Arc::clone(&word));
        self.ids.insert(Spelling(word), id);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_gets_one_number() {
        let mut words = Words::default();
        assert_eq!(words.word_id(0, "Ada"), 1);
        assert_eq!(words.word_id(0, "ada"), 2);
        assert_eq!(words.word_id(0, "Ada"), 1);
        assert_eq!((words.word_id(1, "Ada"), words.word_id(0, "")), (1, 0));
        assert_eq!(&*words.word(0, 1).unwrap().folded, "ada");
        assert!(words.word(0, 0).is_none());
        assert_eq!((words.len(0), words.len(2)), (2, 0));
    }
}
