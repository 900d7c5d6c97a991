//! Which records a filter lets through.

use memchr::memmem::Finder;
use roster_common::query::Term;
use roster_common::text::has_control;

use super::chunk::{Chunk, END, Entry};

/// The terms of a query, made ready.
pub(crate) struct Filter {
    terms: Vec<(Term, Finder<'static>)>,
    /// A text that every record must have somewhere, the longest of those: most records are passed over by it.
    lead: Option<Finder<'static>>,
}

impl Filter {
    pub(crate) fn new(terms: &[Term]) -> Self {
        let finder = |term: &Term| Finder::new(term.text.as_bytes()).into_owned();
        let leads = terms.iter().filter(|term| !term.negated && !term.text.is_empty());
        Self {
            lead: leads.max_by_key(|term| term.text.len()).map(finder),
            terms: terms.iter().map(|term| (term.clone(), finder(term))).collect(),
        }
    }

    /// The records of a chunk that it lets through, a bit each.
    pub(super) fn find(&self, chunk: &Chunk) -> u64 {
        match &self.lead {
            Some(lead) => self.find_led(chunk, lead),
            None => {
                (0..chunk.len()).filter(|index| self.takes(chunk, *index)).fold(0, |found, index| found | 1 << index)
            }
        }
    }

    fn find_led(&self, chunk: &Chunk, lead: &Finder<'_>) -> u64 {
        let (mut found, mut from) = (0, 0);
        while let Some(at) = chunk.text().as_bytes().get(from..).and_then(|text| lead.find(text)) {
            let index = chunk.entry_at(from + at);
            found |= u64::from(self.takes(chunk, index)) << index;
            from = chunk.text_end(index);
        }
        found
    }

    fn takes(&self, chunk: &Chunk, index: usize) -> bool {
        let matches = |entry: &Entry<'_>, (term, finder): &(Term, _)| matches(entry, term, finder) != term.negated;
        chunk.entry(index).is_some_and(|entry| self.terms.iter().all(|term| matches(&entry, term)))
    }
}

fn matches(entry: &Entry<'_>, term: &Term, finder: &Finder<'_>) -> bool {
    match term.field {
        None if term.whole => entry.text().split_terminator(char::from(END)).any(|field| field == term.text),
        // It could find the ends of fields, which are nobody's text.
        None if has_control(&term.text) => false,
        None => finder.find(entry.text().as_bytes()).is_some(),
        Some(field) if term.whole => entry.folded(field) == term.text,
        Some(field) => finder.find(entry.folded(field).as_bytes()).is_some(),
    }
}
