//! Which records a filter lets through.

use memchr::memmem::Finder;
use roster_common::employee::Field;
use roster_common::query::Term;
use roster_common::text::has_control;

use super::chunk::Chunk;
use super::entry::{END, Entry};

/// The terms of a query, made ready.
pub(crate) struct Filter {
    /// A text that every record must have somewhere: it passes over most records without a look at each.
    lead: Option<Finder<'static>>,
    /// What is to be asked of each record that is left.
    tests: Vec<Test>,
}

/// A term.
struct Test {
    looks: Look,
    negated: bool,
}

/// Where a term looks for what.
enum Look {
    /// In all fields.
    Anywhere(Finder<'static>),
    /// In one field.
    In(Field, Finder<'static>),
    /// One field must be this.
    Whole(Field, String),
    /// One of all fields must be this.
    AnyWhole(String),
    /// Nowhere: no field has control characters, but the ends of fields in a search text are one.
    Nowhere,
}

impl Filter {
    pub(crate) fn new(terms: &[Term]) -> Self {
        let leads = terms.iter().filter(|term| !term.negated && !term.text.is_empty() && !has_control(&term.text));
        let lead = leads.max_by_key(|term| term.text.len());
        let says_all = |term: &Term| term.field.is_none() && !term.whole && Some(term) == lead;
        let tests = terms.iter().filter(|term| !says_all(term));
        Self {
            lead: lead.map(|term| finder(&term.text)),
            tests: tests.map(|term| Test { looks: Look::new(term), negated: term.negated }).collect(),
        }
    }

    /// The records of a chunk that it lets through, a bit each.
    pub(super) fn find(&self, chunk: &Chunk) -> u64 {
        match &self.lead {
            Some(lead) => self.find_led(chunk, lead),
            None => (0..chunk.len()).map(|index| self.takes(chunk, index) << index).fold(0, |all, bit| all | bit),
        }
    }

    fn find_led(&self, chunk: &Chunk, lead: &Finder<'_>) -> u64 {
        let (mut found, mut index, mut from) = (0, 0, 0);
        while let Some(at) = chunk.text().as_bytes().get(from..).and_then(|text| lead.find(text)) {
            while chunk.text_end(index) <= from + at {
                index += 1;
            }
            // A deleted record has no text to be found in.
            let takes = if self.tests.is_empty() { 1 } else { self.takes(chunk, index) };
            found |= takes << index;
            from = chunk.text_end(index);
        }
        found
    }

    /// One, if there is a record at `index` and it passes all tests, else zero.
    fn takes(&self, chunk: &Chunk, index: usize) -> u64 {
        let takes = |entry: &Entry<'_>| self.tests.iter().all(|test| test.looks.finds(entry) != test.negated);
        u64::from(chunk.entry(index).is_some_and(|entry| takes(&entry)))
    }
}

impl Look {
    fn new(term: &Term) -> Self {
        match (term.field, term.whole) {
            _ if has_control(&term.text) => Self::Nowhere,
            (Some(field), true) => Self::Whole(field, term.text.clone()),
            (Some(field), false) => Self::In(field, finder(&term.text)),
            (None, true) => Self::AnyWhole(term.text.clone()),
            (None, false) => Self::Anywhere(finder(&term.text)),
        }
    }

    fn finds(&self, entry: &Entry<'_>) -> bool {
        match self {
            Self::Anywhere(finder) => finder.find(entry.text.as_bytes()).is_some(),
            Self::In(field, finder) => finder.find(entry.folded(*field).as_bytes()).is_some(),
            Self::Whole(field, text) => entry.folded(*field) == text,
            Self::AnyWhole(text) => entry.text.split_terminator(char::from(END)).any(|field| field == text),
            Self::Nowhere => false,
        }
    }
}

fn finder(text: &str) -> Finder<'static> {
    Finder::new(text.as_bytes()).into_owned()
}
