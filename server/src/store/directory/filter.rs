//! Which records a filter lets through: a bit for each.

use std::cmp::Reverse;
use std::num::NonZero;

use memchr::{memchr_iter, memmem::Finder};
use roster_common::employee::{Field, Kind};
use roster_common::query::{Column, Filter, Range, Term, TermScope, days};
use roster_common::text::has_control;

use super::chunk::{CHUNK, Chunk};
use super::dictionary::{self, Number, Words};
use super::entry::{END, Entry, ManagerId};

/// A filter, made ready for one state of the words.
pub(super) struct Search<'a> {
    root: Node<'a>,
    words: &'a Words,
}

/// A part of a filter.
enum Node<'a> {
    All(Vec<Node<'a>>),
    Any(Vec<Node<'a>>),
    Not(Box<Node<'a>>),
    Text(Box<Test<'a>>),
    Range(&'a Range, Option<PassingWords>),
}

/// A condition on text.
struct Test<'a> {
    term: &'a Term,
    finder: Finder<'a>,
    /// The digits that meet it in a phone number.
    digits: Option<Finder<'static>>,
    /// The words that pass, for each dictionary in which any does.
    words: Vec<PassingWords>,
    /// Whether it can be met by a record's own text.
    reads_text: bool,
}

/// Which words of a dictionary meet a condition, by their numbers.
struct PassingWords {
    place: usize,
    passing: Vec<bool>,
}

impl<'a> Search<'a> {
    pub(super) fn new(filter: &'a Filter, words: &'a Words) -> Self {
        Self {
            root: Node::new(filter, words),
            words,
        }
    }

    /// The records of a chunk that the filter lets through, a bit each.
    pub(super) fn find(&self, chunk: &Chunk) -> u64 {
        self.root.find(chunk, chunk.alive(), self.words)
    }
}

impl<'a> Node<'a> {
    fn new(filter: &'a Filter, words: &Words) -> Self {
        let nodes = |filters: &'a [Filter]| {
            let mut nodes: Vec<_> = filters.iter().map(|one| Self::new(one, words)).collect();
            nodes.sort_by_key(Self::cost);
            nodes
        };
        match filter {
            Filter::All(all) => Self::All(nodes(all)),
            Filter::Any(any) => Self::Any(nodes(any)),
            Filter::Not(one) => Self::Not(Box::new(Self::new(one, words))),
            Filter::Text(term) => Self::Text(Box::new(Test::new(term, words))),
            Filter::Range(range) => Self::Range(range, PassingWords::in_range(range, words)),
        }
    }

    /// What is cheap, or leaves few records, comes first, so that the rest has less to look at.
    fn cost(&self) -> (u8, Reverse<usize>) {
        match self {
            Self::Range(..) => (0, Reverse(0)),
            Self::Text(test) => (u8::from(test.reads_text), Reverse(test.term.text.len())),
            Self::Any(_) | Self::All(_) => (2, Reverse(0)),
            Self::Not(_) => (3, Reverse(0)),
        }
    }

    /// Those of some records that meet the condition.
    fn find(&self, chunk: &Chunk, wanted: u64, words: &Words) -> u64 {
        match self {
            _ if wanted == 0 => 0,
            Self::All(all) => all
                .iter()
                .fold(wanted, |left, node| node.find(chunk, left, words)),
            Self::Any(any) => any.iter().fold(0, |found, node| {
                found | node.find(chunk, wanted & !found, words)
            }),
            Self::Not(node) => wanted & !node.find(chunk, wanted, words),
            Self::Text(test) => wanted & test.find(chunk, wanted, words),
            Self::Range(range, passing) => {
                let found = passing.as_ref().map_or(0, |passing| passing.find(chunk));
                let is_in = |index: usize| {
                    let entry = chunk.entry(index, words);
                    let value = entry.and_then(|entry| entry.ordinal(range.column));
                    value.is_some_and(|value| range.values.contains(&value))
                };
                found & wanted | found_among(wanted & !found, is_in)
            }
        }
    }
}

impl PassingWords {
    /// Those that meet a condition on text.
    fn of_term(term: &Term, words: &Words, place: usize) -> Self {
        let finder = Finder::new(&term.text);
        Self::new(words, place, |folded| match term.whole {
            true => folded == term.text,
            false => finder.find(folded.as_bytes()).is_some(),
        })
    }

    /// Those in a range, if the column has words.
    fn in_range(range: &Range, words: &Words) -> Option<Self> {
        let Column::Field(field) = range.column else {
            return None;
        };
        let place = dictionary::dictionary_index(field)?;
        let is_in = |folded: &str| days(folded).is_some_and(|day| range.values.contains(&day));
        Some(Self::new(words, place, is_in))
    }

    fn new(words: &Words, place: usize, passes: impl Fn(&str) -> bool) -> Self {
        let passing = words.iter(place).map(|word| passes(&word.folded));
        Self {
            place,
            passing: std::iter::once(false).chain(passing).collect(),
        }
    }

    /// The records of a chunk that have one of the words.
    fn find(&self, chunk: &Chunk) -> u64 {
        let passes = |number: &Number| {
            let passing = self.passing.get(usize::from(*number));
            passing.copied().unwrap_or_default()
        };
        let numbers = chunk.numbers(self.place).iter().enumerate();
        numbers.fold(0, |found, (index, number)| {
            found | u64::from(passes(number)) << index
        })
    }
}

/// Those of some records of which something is true.
fn found_among(records: u64, is_so: impl Fn(usize) -> bool) -> u64 {
    (0..CHUNK)
        .filter(|index| records >> index & 1 == 1)
        .fold(0, |found, index| found | u64::from(is_so(index)) << index)
}

impl<'a> Test<'a> {
    fn new(term: &'a Term, words: &Words) -> Self {
        let passing = Field::ALL
            .into_iter()
            .filter(|field| term.scope.has(*field))
            .filter_map(dictionary::dictionary_index)
            .map(|place| PassingWords::of_term(term, words, place));
        let place = if let TermScope::Field(field) = term.scope {
            dictionary::dictionary_index(field)
        } else {
            None
        };
        let is_of_words = place.is_some_and(|place| !words.is_full(place));
        Self {
            term,
            finder: Finder::new(&term.text),
            digits: term
                .phone_digits()
                .map(|digits| Finder::new(&digits).into_owned()),
            words: passing
                .filter(|words| words.passing.contains(&true))
                .collect(),
            // No field has control characters, but the ends of fields in a search text are one.
            reads_text: !has_control(&term.text) && (!is_of_words || term.text.is_empty()),
        }
    }

    /// The records that meet the term: at least all those among `wanted`.
    fn find(&self, chunk: &Chunk, wanted: u64, words: &Words) -> u64 {
        let found = self
            .words
            .iter()
            .fold(0, |found, words| found | words.find(chunk));
        match found & wanted {
            all if all == wanted => found,
            _ if !self.reads_text => found,
            _ if self.term.whole => found | self.find_whole(chunk, wanted & !found, words),
            _ => found | self.find_in_text(chunk) | self.find_in_phones(chunk),
        }
    }

    /// The records that have the term in their own text.
    fn find_in_text(&self, chunk: &Chunk) -> u64 {
        let text = chunk.text().as_bytes();
        let (mut found, mut index, mut from) = (0, 0, 0);
        while let Some(at) = text.get(from..).and_then(|rest| self.finder.find(rest)) {
            let at = from + at;
            while chunk.text_end(index) <= at {
                index += 1;
            }
            let start = chunk.text_start(index);
            let is_there = |field| {
                text.get(start..at)
                    .is_some_and(|before| ends(before) == field as usize)
            };
            if match self.term.scope {
                TermScope::Everywhere => true,
                TermScope::Field(field) => is_there(field),
                TermScope::Id => false,
            } {
                // A deleted record has no text to be found in.
                found |= 1 << index;
                from = chunk.text_end(index);
            } else {
                from = at + 1;
            }
        }
        found
    }

    /// The records that have the digits of the term in their phone numbers.
    fn find_in_phones(&self, chunk: &Chunk) -> u64 {
        let Some(digits) = &self.digits else {
            return 0;
        };
        let phones = chunk.phones().as_bytes();
        let (mut found, mut index, mut from) = (0, 0, 0);
        for at in digits.find_iter(phones) {
            index += phones.get(from..at).map_or(0, ends);
            from = at;
            found |= 1 << index;
        }
        found
    }

    /// Whether the term is the whole phone number of a record, however it is written.
    fn is_phone(&self, entry: &Entry<'_>) -> bool {
        let digits = self.digits.as_ref().map(Finder::needle);
        digits.is_some_and(|digits| entry.phone().as_bytes() == digits)
    }

    /// The records whose manager is the one that the term names; those without one if it is empty.
    fn find_manager(&self, managers: &[ManagerId]) -> u64 {
        let named = manager_id(self.term);
        let is_it = |manager: ManagerId| match manager {
            Some(_) => manager == named,
            None => self.term.text.is_empty(),
        };
        let bits = managers.iter().enumerate();
        bits.fold(0, |found, (index, manager)| {
            found | u64::from(is_it(*manager)) << index
        })
    }

    /// Those of some records of which a field, or the id, is the term and nothing else.
    fn find_whole(&self, chunk: &Chunk, wanted: u64, words: &Words) -> u64 {
        let (scope, id) = (self.term.scope, self.term.id());
        if let TermScope::Field(field) = scope
            && field.kind() == Kind::Person
        {
            return wanted & self.find_manager(chunk.managers());
        }
        let fields: Vec<Field> = Field::ALL
            .into_iter()
            .filter(|field| scope.has(*field))
            .collect();
        let is_it = |index: usize| match (scope, chunk.entry(index, words)) {
            (_, None) => false,
            (TermScope::Id, Some(entry)) => id == Some(entry.id()),
            (_, Some(entry)) => {
                let mut fields = fields.iter();
                fields.any(|field| entry.folded(*field) == self.term.text) || self.is_phone(&entry)
            }
        };
        found_among(wanted, is_it)
    }
}

/// The id that a term writes as lists do, without leading zeros.
fn manager_id(term: &Term) -> ManagerId {
    term.text
        .parse()
        .ok()
        .filter(|id: &NonZero<u64>| id.to_string() == term.text)
}

/// How many fields end in a text.
fn ends(text: &[u8]) -> usize {
    memchr_iter(END, text).count()
}
