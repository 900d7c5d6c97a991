//! The filter language: which records a list contains.
//!
//! A filter is words with spaces between them, all of which a record must meet:
//!
//! - `ada` is searched for in every field, `dept:eng` in one, whose name may be shortened.
//!   `"exact words"` keeps its spaces.
//! - `dept:=Finance` must be the whole value, and `email:""` finds records without one.
//! - `#7` and `id:7` find the person with that id, and `mgr:7` the people who report to them.
//! - `id:`, `hired:`, `created:` and `updated:` can be compared: `id:>1000`, `hired:2020..2022`,
//!   `created:<7d`; see [`Range`].
//! - `dept:finance|legal` finds either; the second value belongs to the same field unless it names
//!   another. `(a b|c) d` groups; parentheses in or around a single word are part of it.
//! - `!` excludes what the word after it finds, with all its alternatives.
//!
//! Case and accents are ignored, and so is how a phone number is written. A prefix that is no
//! field, as in `10:30`, is part of the word. Whatever is still being typed is ignored.
//!
//! - [`words`] splits the text, [`mod@parse`] turns it into a [`Filter`]
//! - [`subject`] what a condition is about
//! - [`term`] conditions on text, [`range`] on numbers and dates, [`moment`] how those are written
//! - [`mistake`] what is wrong with a filter

mod mistake;
mod moment;
mod parse;
mod range;
mod subject;
mod term;
mod words;

use crate::employee::Employee;

pub use mistake::Mistake;
pub use parse::named_managers;
pub(super) use parse::parse;
pub use range::{Range, days, ordinal};
pub use subject::{column_named, field_named};
pub use term::{Term, TermScope};
pub use words::{LastWord, last_word, unclosed};

/// Which records a list contains.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Those that all of these contain; every record if there are none.
    All(Vec<Filter>),
    /// Those that at least one of these contains; no record if there are none.
    Any(Vec<Filter>),
    /// Those that this one does not contain.
    Not(Box<Filter>),
    /// Those with a text.
    Text(Term),
    /// Those with a number or date between two others.
    Range(Range),
}

impl Filter {
    /// The filter that every record meets.
    pub const EVERYTHING: Self = Self::All(Vec::new());

    /// Returns `true` if a record meets the filter.
    pub fn matches(&self, record: &Employee) -> bool {
        match self {
            Self::All(all) => all.iter().all(|filter| filter.matches(record)),
            Self::Any(any) => any.iter().any(|filter| filter.matches(record)),
            Self::Not(filter) => !filter.matches(record),
            Self::Text(term) => term.matches(record),
            Self::Range(range) => range.matches(record),
        }
    }

    /// All conditions on text.
    pub fn terms(&self) -> Vec<&Term> {
        match self {
            Self::All(filters) | Self::Any(filters) => {
                filters.iter().flat_map(Self::terms).collect()
            }
            Self::Not(filter) => filter.terms(),
            Self::Text(term) => vec![term],
            Self::Range(_) => Vec::new(),
        }
    }

    /// The texts that a record may be found by: all but the excluded ones.
    pub fn wanted_terms(&self) -> Vec<&Term> {
        match self {
            Self::All(filters) | Self::Any(filters) => {
                filters.iter().flat_map(Self::wanted_terms).collect()
            }
            Self::Text(term) => vec![term],
            Self::Not(_) | Self::Range(_) => Vec::new(),
        }
    }

    /// The number of conditions.
    fn conditions(&self) -> usize {
        match self {
            Self::All(filters) | Self::Any(filters) => filters.iter().map(Self::conditions).sum(),
            Self::Not(filter) => filter.conditions(),
            Self::Text(_) | Self::Range(_) => 1,
        }
    }

    /// All of these together. One alone stays as it is.
    pub(super) fn all(mut filters: Vec<Self>) -> Self {
        match filters.len() {
            1 => filters.remove(0),
            _ => Self::All(filters),
        }
    }

    /// Any of these. One alone stays as it is.
    fn any(mut filters: Vec<Self>) -> Self {
        match filters.len() {
            1 => filters.remove(0),
            _ => Self::Any(filters),
        }
    }
}

#[cfg(test)]
mod tests;
