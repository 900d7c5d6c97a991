//! Dictionaries of the values that repeat often: a record holds a word's id instead of
//! its text. A search then checks a few hundred words instead of a million records, and sorting by
//! such a field is a counting sort.

use std::array;
use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};
use imbl::Vector;
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
#[derive(Clone)]
pub(super) struct Word {
    /// Folded, and behind that in its original spelling.
    texts: Arc<str>,
    folded_len: usize,
}

impl Word {
    fn new(raw: &str) -> Self {
        let folded = folded(raw);
        Self {
            folded_len: folded.len(),
            texts: (folded + raw).into(),
        }
    }

    pub(super) fn folded(&self) -> &str {
        self.texts.get(..self.folded_len).unwrap_or_default()
    }

    /// The original spelling.
    pub(super) fn raw(&self) -> &str {
        self.texts.get(self.folded_len..).unwrap_or_default()
    }
}

/// Which bytes a folded text has: most words lack one of a text that is searched for, and need no
/// look then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ByteSet(u32);

impl ByteSet {
    /// Those of a text. Some share a bit, but no two small letters of ASCII do.
    pub(super) fn of(text: &str) -> Self {
        Self(text.bytes().fold(0, |set, byte| set | 1 << (byte % 32)))
    }

    /// Whether all the others are among these.
    pub(super) fn have(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

/// The words of every field with a dictionary. Clones share them. Words are never removed, even
/// when unused: they are rebuilt at start-up.
#[derive(Clone, Default)]
pub(super) struct Words([Dictionary; COUNT]);

#[derive(Clone)]
struct Dictionary {
    words: Vector<Word>,
    /// The bytes of each word.
    bytes: Vector<ByteSet>,
    /// The ids by the hashes of the original spellings. A new word copies one of the tables if another
    /// version of the directory has it, too.
    ids: Arc<[Arc<HashTable<WordId>>; TABLES]>,
    hasher: DefaultHashBuilder,
}

const TABLES: usize = 64;

impl Default for Dictionary {
    fn default() -> Self {
        Self {
            words: Vector::new(),
            bytes: Vector::new(),
            ids: Arc::new(array::from_fn(|_| Arc::default())),
            hasher: DefaultHashBuilder::default(),
        }
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
            Some(dictionary) if !raw.is_empty() => dictionary.id(raw),
            _ => Some(0),
        }
    }

    /// A word.
    pub(super) fn word(&self, dictionary: usize, id: WordId) -> Option<&Word> {
        word(&self.0.get(dictionary)?.words, id)
    }

    /// The bytes of a word.
    pub(super) fn bytes(&self, dictionary: usize, id: WordId) -> ByteSet {
        let dictionary = self.0.get(dictionary).zip((id as usize).checked_sub(1));
        let bytes = dictionary.and_then(|(dictionary, index)| dictionary.bytes.get(index));
        bytes.copied().unwrap_or_default()
    }

    /// The words of a field, from id 1 on.
    pub(super) fn iter(&self, dictionary: usize) -> impl Iterator<Item = &Word> {
        self.0
            .get(dictionary)
            .into_iter()
            .flat_map(|dictionary| &dictionary.words)
    }

    /// How many words a field has.
    pub(super) fn len(&self, dictionary: usize) -> usize {
        let dictionary = self.0.get(dictionary);
        dictionary.map_or(0, |dictionary| dictionary.words.len())
    }
}

impl Dictionary {
    fn id(&self, raw: &str) -> Option<WordId> {
        let hash = self.hasher.hash_one(raw);
        let is_it = |id: &WordId| spelling(&self.words, *id) == raw;
        self.ids[table_of(hash)].find(hash, is_it).copied()
    }

    fn add(&mut self, raw: &str) -> WordId {
        // Far fewer than four thousand million words fit into memory.
        let Ok(id) = WordId::try_from(self.words.len() + 1) else {
            return 0;
        };
        let word = Word::new(raw);
        self.bytes.push_back(ByteSet::of(word.folded()));
        self.words.push_back(word);
        let hash_of = |raw: &str| self.hasher.hash_one(raw);
        let hash = hash_of(raw);
        let table = &mut Arc::make_mut(&mut self.ids)[table_of(hash)];
        let hash_again = |id: &WordId| hash_of(spelling(&self.words, *id));
        Arc::make_mut(table).insert_unique(hash, id, hash_again);
        id
    }
}

fn word(words: &Vector<Word>, id: WordId) -> Option<&Word> {
    words.get((id as usize).checked_sub(1)?)
}

/// The original spelling of a word.
fn spelling(words: &Vector<Word>, id: WordId) -> &str {
    word(words, id).map_or("", Word::raw)
}

/// Which table has a hash. Each uses the highest and the lowest bits itself.
fn table_of(hash: u64) -> usize {
    (hash >> 32) as usize % TABLES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_bytes_of_its_parts() {
        let ford = ByteSet::of("ford");
        assert!(ByteSet::of("bedford").have(ford) && ByteSet::of("dorf").have(ford));
        assert!(!ByteSet::of("for").have(ford) && !ByteSet::of("").have(ford));
        assert!(ford.have(ByteSet::of("")));
    }

    #[test]
    fn a_value_gets_one_number() {
        let mut words = Words::default();
        assert_eq!(words.word_id(0, "Ada"), 1);
        assert_eq!(words.word_id(0, "ada"), 2);
        assert_eq!(words.word_id(0, "Ada"), 1);
        assert_eq!((words.word_id(1, "Ada"), words.word_id(0, "")), (1, 0));
        let ada = words.word(0, 1).unwrap();
        assert_eq!((ada.folded(), ada.raw()), ("ada", "Ada"));
        assert!(words.word(0, 0).is_none());
        assert_eq!((words.len(0), words.len(2)), (2, 0));
    }
}
