//! Which records a filter lets through: a bit for each.

use std::cmp::Reverse;
use std::num::NonZero;
use std::ops;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use memchr::{memchr_iter, memmem::Finder};
use roster_common::employee::{Field, Kind};
use roster_common::query::{Column, Filter, Range, Term, TermScope, days};
use roster_common::text::has_control;

use super::chunk::{CHUNK, Chunk, Chunks, VersionedChunk};
use super::dictionary::{self, ByteSet, WordId, Words};
use super::entry::{END, Entry, ManagerId};
use super::grams::{self, Gram, Needed};
use super::index::Part;
use super::segment::{
    Bits, CHUNKS, RECORDS, Segment, WordRows, both, count, either, is_empty, without,
};

/// With more candidates in a chunk than this, its whole text is searched at once.
const MANY: u32 = 8;

/// Up to so many records of a segment are looked at without its rows of words.
const FEW: u32 = 128;

/// A dictionary with more words than this is large.
const LARGE: usize = 10_000;

/// A filter, made ready for one state of the directory.
pub(super) struct Search<'a> {
    root: Node<'a>,
    words: &'a Words,
}

/// The chunks of a segment, with what the index knows of them.
pub(super) struct View<'a> {
    /// It may be built at any time, so all parts of a filter use what the search began with.
    pub(super) segment: Option<&'a Segment>,
    /// The records that are not as the segment has them.
    pub(super) changed: &'a Bits,
    pub(super) chunks: &'a [&'a VersionedChunk],
    /// The slot of its first record.
    pub(super) first: usize,
}

/// A part of a filter.
enum Node<'a> {
    All(Vec<Node<'a>>),
    Any(Vec<Node<'a>>),
    Not(Box<Node<'a>>),
    Text(Box<TextTest<'a>>),
    /// A range of ids, which slots are in the order of.
    Slots(ops::Range<usize>),
    /// A range of a column whose values are words.
    Words(&'a Range, WordTest),
    /// A range of another column.
    Times(&'a Range),
}

impl<'a> Search<'a> {
    pub(super) fn new(filter: &'a Filter, chunks: &'a Chunks) -> Self {
        Self {
            root: Node::new(filter, chunks),
            words: &chunks.words,
        }
    }

    /// Those of some records that the filter lets through. `wanted` may have bits where there is no
    /// record.
    pub(super) fn find(&self, view: &View<'_>, wanted: Bits) -> Bits {
        let mut found = self.root.find(view, wanted, self.words);
        for (bits, chunk) in found.iter_mut().zip(view.chunks) {
            // A chunk without matches is not touched: it is elsewhere in memory.
            if *bits != 0 {
                *bits &= chunk.chunk.alive();
            }
        }
        found
    }
}

impl<'a> Node<'a> {
    fn new(filter: &'a Filter, chunks: &Chunks) -> Self {
        let nodes = |filters: &'a [Filter]| {
            let mut nodes: Vec<_> = filters.iter().map(|one| Self::new(one, chunks)).collect();
            nodes.sort_by_key(Self::cost);
            nodes
        };
        match filter {
            Filter::All(all) => Self::All(nodes(all)),
            Filter::Any(any) => Self::Any(nodes(any)),
            Filter::Not(one) => Self::Not(Box::new(Self::new(one, chunks))),
            Filter::Text(term) if term.scope == TermScope::Id => {
                let slot = term.id().and_then(|id| chunks.slot(id));
                Self::Slots(slot.map_or(0..0, |slot| slot as usize..slot as usize + 1))
            }
            Filter::Text(term) => Self::Text(Box::new(TextTest::new(term, &chunks.words))),
            Filter::Range(range) => match range.column {
                Column::Id => Self::Slots(chunks.slots_of_ids(&range.values)),
                Column::Field(field) => match dictionary::dictionary_index(field) {
                    Some(dictionary) => {
                        Self::Words(range, WordTest::new(dictionary, "", &chunks.words))
                    }
                    None => Self::Times(range),
                },
                Column::Created | Column::Updated => Self::Times(range),
            },
        }
    }

    /// What is cheap, or leaves few records, comes first, so that the rest has less to look at.
    fn cost(&self) -> (u8, Reverse<usize>) {
        match self {
            Self::Slots(_) => (0, Reverse(0)),
            Self::Text(test) => (1, Reverse(test.term.text.len())),
            Self::Words(..) => (2, Reverse(0)),
            Self::Any(_) | Self::All(_) => (3, Reverse(0)),
            Self::Not(_) => (4, Reverse(0)),
            Self::Times(_) => (5, Reverse(0)),
        }
    }

    /// Those of some records that may meet the condition, as far as the index knows.
    fn candidates(&self, view: &View<'_>, wanted: Bits) -> Bits {
        match self {
            Self::All(all) => all
                .iter()
                .fold(wanted, |left, node| node.candidates(view, left)),
            Self::Text(test) => test.candidates(view, wanted),
            _ => wanted,
        }
    }

    /// Those of some candidates that meet the condition. The index is not asked again.
    fn confirm(&self, view: &View<'_>, candidates: Bits, words: &Words) -> Bits {
        if is_empty(&candidates) {
            return candidates;
        }
        match self {
            Self::All(all) => all
                .iter()
                .fold(candidates, |left, node| node.confirm(view, left, words)),
            Self::Text(test) => test.confirm(view, candidates, words),
            _ => self.find(view, candidates, words),
        }
    }

    /// Those of some records that meet the condition.
    fn find(&self, view: &View<'_>, wanted: Bits, words: &Words) -> Bits {
        if is_empty(&wanted) {
            return wanted;
        }
        match self {
            Self::All(_) | Self::Text(_) => {
                self.confirm(view, self.candidates(view, wanted), words)
            }
            Self::Any(any) => any.iter().fold([0; CHUNKS], |found, node| {
                let more = node.find(view, without(wanted, &found), words);
                either(found, &more)
            }),
            Self::Not(node) => without(wanted, &node.find(view, wanted, words)),
            Self::Slots(slots) => {
                let is_in = |chunk: usize, index: usize| {
                    slots.contains(&(view.first + chunk * CHUNK + index))
                };
                each_chunk(wanted, |chunk, wanted| {
                    found_among(wanted, |index| is_in(chunk, index))
                })
            }
            Self::Words(range, test) => {
                let is_in = |day: &str| days(day).is_some_and(|day| range.values.contains(&day));
                view.each_chunk(wanted, |chunk, wanted| {
                    test.find(chunk, wanted, words, is_in)
                })
            }
            Self::Times(range) => view.each_chunk(wanted, |chunk, wanted| {
                found_among(wanted, |index| {
                    let entry = chunk.entry(index, words);
                    let value = entry.and_then(|entry| entry.ordinal(range.column));
                    value.is_some_and(|value| range.values.contains(&value))
                })
            }),
        }
    }
}

impl<'a> View<'a> {
    pub(super) fn new(number: usize, chunks: &'a [&'a VersionedChunk], part: &'a Part) -> Self {
        Self {
            segment: part.segment(),
            changed: part.changed(),
            chunks,
            first: number * RECORDS,
        }
    }

    /// What the index knows of some records: their segment, those that it tells of, and the others.
    fn indexed(&self, wanted: Bits) -> (Option<&Segment>, Bits, Bits) {
        match self.segment {
            Some(segment) => (
                Some(segment),
                without(wanted, self.changed),
                both(wanted, self.changed),
            ),
            None => (None, [0; CHUNKS], wanted),
        }
    }

    /// Looks into the chunks that have some of the wanted records.
    fn each_chunk(&self, wanted: Bits, find: impl Fn(&Chunk, u64) -> u64) -> Bits {
        each_chunk(wanted, |number, wanted| {
            let chunk = self.chunks.get(number);
            chunk.map_or(0, |chunk| find(&chunk.chunk, wanted))
        })
    }
}

fn each_chunk(mut wanted: Bits, find: impl Fn(usize, u64) -> u64) -> Bits {
    for (number, bits) in wanted.iter_mut().enumerate() {
        if *bits != 0 {
            *bits = find(number, *bits);
        }
    }
    wanted
}

/// Those of some records of a chunk of which something is true.
fn found_among(records: u64, is_so: impl Fn(usize) -> bool) -> u64 {
    let (mut left, mut found) = (records, 0);
    while left != 0 {
        let index = left.trailing_zeros() as usize;
        found |= u64::from(is_so(index)) << index;
        left &= left - 1;
    }
    found
}

/// Which words of a dictionary meet a condition. A word is examined when the first record or row with
/// it is, and never again: there may be more words than records to look at.
struct WordTest {
    dictionary: usize,
    /// The bytes that a word must have.
    bytes: ByteSet,
    known: Box<[AtomicU8]>,
    /// Whether any word meets it, once that was asked.
    any: OnceLock<bool>,
}

/// What is known of a word.
const UNKNOWN: u8 = 0;
const MEETS: u8 = 1;
const FAILS: u8 = 2;

impl WordTest {
    /// `text` is what a word must have to meet the condition; empty if that is not known.
    fn new(dictionary: usize, text: &str, words: &Words) -> Self {
        let count = words.len(dictionary) + 1;
        Self {
            dictionary,
            bytes: ByteSet::of(text),
            known: (0..count).map(|_| AtomicU8::new(UNKNOWN)).collect(),
            any: OnceLock::new(),
        }
    }

    /// The records in some rows whose word meets the condition.
    fn find_in_rows(&self, rows: &WordRows, words: &Words, meets: impl Fn(&str) -> bool) -> Bits {
        let mut ids = 1..self.known.len();
        let passes = |id| self.passes(id, words, &meets);
        match self.any.get_or_init(|| ids.any(|id| passes(id as WordId))) {
            true => rows.find(passes),
            false => [0; CHUNKS],
        }
    }

    /// Those of some records whose word meets the condition.
    fn find(&self, chunk: &Chunk, wanted: u64, words: &Words, meets: impl Fn(&str) -> bool) -> u64 {
        let ids = chunk.word_ids(self.dictionary);
        found_among(wanted, |index| {
            let id = ids.get(index).copied().unwrap_or_default();
            id > 0 && self.passes(id, words, &meets)
        })
    }

    fn passes(&self, id: WordId, words: &Words, meets: impl Fn(&str) -> bool) -> bool {
        let Some(known) = self.known.get(id as usize) else {
            return false;
        };
        // Two threads may examine the same word, and find the same.
        match known.load(Ordering::Relaxed) {
            UNKNOWN => {
                let may_pass = words.bytes(self.dictionary, id).have(self.bytes);
                let word = || words.word(self.dictionary, id);
                let passes = may_pass && word().is_some_and(|word| meets(word.folded()));
                known.store(if passes { MEETS } else { FAILS }, Ordering::Relaxed);
                passes
            }
            state => state == MEETS,
        }
    }
}

/// A condition on text.
struct TextTest<'a> {
    term: &'a Term,
    finder: Finder<'a>,
    /// What a record must have to contain the text.
    needed: Needed,
    /// The digits that meet it in a phone number, and what a record must have to contain them.
    digits: Option<(Finder<'static>, Needed)>,
    /// The dictionaries in which it is searched for, the smallest first.
    words: Vec<WordTest>,
    /// Whether it is searched for in fields without a dictionary.
    reads_own_text: bool,
}

impl<'a> TextTest<'a> {
    fn new(term: &'a Term, words: &Words) -> Self {
        let fields = || {
            Field::ALL
                .into_iter()
                .filter(|field| term.scope.has(*field) && may_have(*field, &term.text))
        };
        let mut dictionaries: Vec<usize> =
            fields().filter_map(dictionary::dictionary_index).collect();
        dictionaries.sort_by_key(|dictionary| words.len(*dictionary));
        Self {
            term,
            finder: Finder::new(&term.text),
            needed: Needed::by_text(&term.text, term.whole),
            digits: term.phone_digits().map(|digits| {
                let needed = Needed::by_phone(&digits, term.whole);
                (Finder::new(&digits).into_owned(), needed)
            }),
            words: dictionaries
                .into_iter()
                .map(|dictionary| WordTest::new(dictionary, &term.text, words))
                .collect(),
            reads_own_text: fields().any(|field| dictionary::dictionary_index(field).is_none()),
        }
    }

    /// The field whose value must be missing, if that is the condition.
    fn missing_field(&self) -> Option<Field> {
        match self.term.scope {
            TermScope::Field(field) if self.term.text.is_empty() => Some(field),
            _ => None,
        }
    }

    /// Whether the index alone tells which records meet it.
    fn is_in_index(&self) -> bool {
        let is_anywhere = self.term.scope == TermScope::Everywhere && !self.term.whole;
        is_anywhere && grams::is_exact(&self.term.text) || self.missing_field().is_some()
    }

    /// Those of some records that may meet the term, as far as the index knows.
    fn candidates(&self, view: &View<'_>, wanted: Bits) -> Bits {
        // No field has control characters.
        if has_control(&self.term.text) {
            return [0; CHUNKS];
        }
        let (segment, known, unknown) = view.indexed(wanted);
        let found = segment.map_or(known, |segment| self.look_up(segment, known));
        either(found, &unknown)
    }

    /// Those of some records that have what the term needs.
    fn look_up(&self, segment: &Segment, records: Bits) -> Bits {
        if let Some(field) = self.missing_field() {
            let value = Gram::value_of(field);
            return without(records, &segment.find(&Needed::gram(value), records));
        }
        let found = segment.find(&self.needed, records);
        match &self.digits {
            Some((_, needed)) => {
                let more = segment.find(needed, without(records, &found));
                either(found, &more)
            }
            None => found,
        }
    }

    /// Those of some candidates that meet the term.
    fn confirm(&self, view: &View<'_>, candidates: Bits, words: &Words) -> Bits {
        let (segment, known, unknown) = view.indexed(candidates);
        let known = match segment {
            Some(segment) if !self.is_in_index() => self.look_into(view, segment, known, words),
            _ => known,
        };
        either(known, &self.look_at(view, &self.words, unknown, words))
    }

    /// Those of some records of a segment that meet the term. If they are many, most are not touched.
    fn look_into(&self, view: &View<'_>, segment: &Segment, records: Bits, words: &Words) -> Bits {
        // To examine the words of the dictionaries takes longer than to look at a few records.
        if count(&records) <= FEW {
            return self.look_at(view, &self.words, records, words);
        }
        let (found, tests) = self.in_rows(segment, words);
        let left = without(records, &found);
        either(
            both(records, &found),
            &self.look_at(view, tests, left, words),
        )
    }

    /// The records that have a word that meets the term, in the dictionaries of which a segment has
    /// rows; and the tests of the other dictionaries, which are larger.
    fn in_rows(&self, segment: &Segment, words: &Words) -> (Bits, &[WordTest]) {
        let mut found = [0; CHUNKS];
        for (index, test) in self.words.iter().enumerate() {
            let Some(rows) = segment.words(test.dictionary) else {
                return (found, &self.words[index..]);
            };
            let more = test.find_in_rows(rows, words, |folded| self.is_met_by(folded));
            found = either(found, &more);
        }
        (found, &[])
    }

    /// Those of some records that meet the term by a word of some dictionaries or by their own text.
    fn look_at(&self, view: &View<'_>, tests: &[WordTest], records: Bits, words: &Words) -> Bits {
        let may_meet = self.reads_own_text || !tests.is_empty();
        if is_empty(&records) || !may_meet {
            return [0; CHUNKS];
        }
        if self.term.whole {
            return view.each_chunk(records, |chunk, left| self.find_whole(chunk, left, words));
        }
        // A word of a large dictionary is rarely met twice, and a name mostly stands in an address
        // too: to look at the text of the records first is quicker.
        let small = tests.partition_point(|test| test.known.len() <= LARGE);
        let (small, large) = tests.split_at(small);
        // One kind of look at all chunks and not all kinds at each, so that the processor waits for
        // the memory of many chunks at once.
        let found = self.find_words(small, view, records, words);
        let left = without(records, &found);
        let own = view.each_chunk(left, |chunk, left| self.find_own(chunk, left, words));
        let found = either(found, &own);
        let left = without(records, &found);
        either(found, &self.find_words(large, view, left, words))
    }

    /// Those of some records that have a word of some dictionaries that contains the term.
    fn find_words(
        &self,
        tests: &[WordTest],
        view: &View<'_>,
        records: Bits,
        words: &Words,
    ) -> Bits {
        tests.iter().fold([0; CHUNKS], |found, test| {
            let left = without(records, &found);
            let more = view.each_chunk(left, |chunk, left| {
                test.find(chunk, left, words, |folded| self.is_met_by(folded))
            });
            either(found, &more)
        })
    }

    /// Whether a field with this folded value meets it.
    fn is_met_by(&self, folded: &str) -> bool {
        match self.term.whole {
            true => folded == self.term.text,
            false => self.finder.find(folded.as_bytes()).is_some(),
        }
    }

    /// Those of some records that contain the term in their own text.
    fn find_own(&self, chunk: &Chunk, wanted: u64, words: &Words) -> u64 {
        if wanted == 0 || !self.reads_own_text {
            return 0;
        }
        let found = if wanted.count_ones() > MANY {
            self.find_in_text(chunk)
        } else {
            found_among(wanted, |index| self.is_in_text_of(chunk, index, words))
        };
        wanted & (found | self.find_in_phones(chunk))
    }

    /// Whether a record has the term in its own text.
    fn is_in_text_of(&self, chunk: &Chunk, index: usize, words: &Words) -> bool {
        let text = match self.term.scope {
            TermScope::Field(field) => chunk
                .entry(index, words)
                .map_or("", |entry| entry.folded(field)),
            TermScope::Everywhere | TermScope::Id => chunk.text_of(index),
        };
        self.finder.find(text.as_bytes()).is_some()
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
        let Some((digits, _)) = &self.digits else {
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

    /// Those of some records of which a field is the term and nothing else.
    fn find_whole(&self, chunk: &Chunk, candidates: u64, words: &Words) -> u64 {
        let scope = self.term.scope;
        if let TermScope::Field(field) = scope
            && field.kind() == Kind::Person
        {
            return self.find_manager(chunk.managers(), candidates);
        }
        let is_it = |entry: Entry<'_>| {
            let mut fields = Field::ALL.into_iter().filter(|field| scope.has(*field));
            fields.any(|field| entry.folded(field) == self.term.text) || self.is_phone(&entry)
        };
        found_among(candidates, |index| {
            chunk.entry(index, words).is_some_and(is_it)
        })
    }

    /// Those of some records whose manager is the one that the term names; those without one if it
    /// is empty.
    fn find_manager(&self, managers: &[ManagerId], candidates: u64) -> u64 {
        let named = manager_id(self.term);
        found_among(candidates, |index| {
            match managers.get(index).copied().flatten() {
                Some(manager) => Some(manager) == named,
                None => self.term.text.is_empty(),
            }
        })
    }

    /// Whether the term is the whole phone number of a record, however it is written.
    fn is_phone(&self, entry: &Entry<'_>) -> bool {
        let digits = self.digits.as_ref().map(|(digits, _)| digits.needle());
        digits.is_some_and(|digits| entry.phone().as_bytes() == digits)
    }
}

/// Whether a value of a field can contain a text: a date has nothing but digits and hyphens.
fn may_have(field: Field, text: &str) -> bool {
    let is_of_dates = |byte: u8| byte.is_ascii_digit() || byte == b'-';
    field.kind() != Kind::Date || text.bytes().all(is_of_dates)
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
