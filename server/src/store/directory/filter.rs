//! Which records a filter lets through: a bit for each.

use std::cmp::Reverse;
use std::num::NonZero;

use memchr::{memchr_iter, memmem::Finder};
use roster_common::employee::{Field, Kind};
use roster_common::query::{Term, TermScope};
use roster_common::text::has_control;

use super::chunk::Chunk;
use super::dictionary::{self, Number, Words};
use super::entry::{END, Entry, ManagerId};

/// The terms of a query, made ready for one state of the words.
pub(super) struct Filter<'a> {
    terms: Vec<Test<'a>>,
    words: &'a Words,
}

/// A term.
struct Test<'a> {
    term: &'a Term,
    finder: Finder<'a>,
    /// The digits that meet it in a phone number.
    digits: Option<Finder<'static>>,
    /// Which words pass, for the place of each dictionary in which any does: by their numbers.
    words: Vec<(usize, Vec<bool>)>,
    /// Whether it can be met by a record's own text.
    reads_text: bool,
}

impl<'a> Filter<'a> {
    pub(super) fn new(terms: &'a [Term], words: &'a Words) -> Self {
        let mut terms: Vec<&Term> = terms.iter().collect();
        // What leaves the fewest records comes first, most likely, so that little is left to look
        // at for the rest.
        terms.sort_by_key(|term| (term.negated, Reverse(term.text.len())));
        Self {
            terms: terms
                .into_iter()
                .map(|term| Test::new(term, words))
                .collect(),
            words,
        }
    }

    /// The records of a chunk that it lets through, a bit each.
    pub(super) fn find(&self, chunk: &Chunk) -> u64 {
        self.terms
            .iter()
            .fold(chunk.alive(), |left, test| match left {
                0 => 0,
                _ if test.term.negated => left & !test.find(chunk, left, self.words),
                _ => left & test.find(chunk, left, self.words),
            })
    }
}

impl<'a> Test<'a> {
    fn new(term: &'a Term, words: &Words) -> Self {
        let passing = Field::ALL
            .into_iter()
            .filter(|field| term.scope.has(*field))
            .filter_map(dictionary::dictionary_index)
            .map(|place| (place, passing(term, words, place)));
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
                .filter(|(_, passing)| passing.contains(&true))
                .collect(),
            // No field has control characters, but the ends of fields in a search text are one.
            reads_text: !has_control(&term.text) && (!is_of_words || term.text.is_empty()),
        }
    }

    /// The records that meet the term, be it negated or not: at least all those among `wanted`.
    fn find(&self, chunk: &Chunk, wanted: u64, words: &Words) -> u64 {
        let mut found = 0;
        for (place, passing) in &self.words {
            let passes = |number: &Number| {
                passing
                    .get(usize::from(*number))
                    .copied()
                    .unwrap_or_default()
            };
            let bits = chunk.numbers(*place).iter().enumerate();
            found = bits.fold(found, |found, (index, number)| {
                found | u64::from(passes(number)) << index
            });
        }
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
        let asked = (0..chunk.len()).filter(|index| wanted >> index & 1 == 1);
        asked.fold(0, |found, index| found | u64::from(is_it(index)) << index)
    }
}

/// The id that a term writes as lists do, without leading zeros.
fn manager_id(term: &Term) -> ManagerId {
    term.text
        .parse()
        .ok()
        .filter(|id: &NonZero<u64>| id.to_string() == term.text)
}

/// For each number of a field, whether its word meets a term.
fn passing(term: &Term, words: &Words, place: usize) -> Vec<bool> {
    let finder = Finder::new(&term.text);
    let passes = |folded: &str| match term.whole {
        true => folded == term.text,
        false => finder.find(folded.as_bytes()).is_some(),
    };
    std::iter::once(false)
        .chain(words.iter(place).map(|word| passes(&word.folded)))
        .collect()
}

/// How many fields end in a text.
fn ends(text: &[u8]) -> usize {
    memchr_iter(END, text).count()
}
