//! Turns the text of a filter into a [`Filter`].

use jiff::Timestamp;

use super::mistake::MAX_CONDITIONS;
use super::range;
use super::subject::Subject;
use super::words::{Piece, Words};
use super::{Filter, Mistake, Term, TermScope};
use crate::employee::EmployeeId;
use crate::query::Column;

/// A filter, and what is wrong with it.
pub(in crate::query) struct Parsed {
    pub(in crate::query) filter: Filter,
    pub(in crate::query) mistakes: Vec<Mistake>,
}

/// Parses a filter. Ages are counted back from `now`.
pub(in crate::query) fn parse(q: &str, now: Timestamp) -> Parsed {
    let mut parser = Parser {
        now,
        mistakes: Vec::new(),
    };
    let filter = parser.all(Words::new(q)).unwrap_or(Filter::EVERYTHING);
    let mut mistakes = parser.mistakes;
    if filter.conditions() > MAX_CONDITIONS {
        mistakes.push(Mistake::TooManyConditions);
    }
    Parsed { filter, mistakes }
}

struct Parser {
    now: Timestamp,
    mistakes: Vec<Mistake>,
}

/// What the first of several alternatives says for the others too: `dept:=finance|legal`.
#[derive(Clone, Copy)]
struct Shared {
    subject: Subject,
    is_exact: bool,
}

impl Parser {
    /// Words that must all be met; `None` if there are none.
    fn all(&mut self, mut words: Words<'_>) -> Option<Filter> {
        let mut all = Vec::new();
        while words.advance() {
            all.extend(self.any(&mut words));
        }
        (!all.is_empty()).then(|| Filter::all(all))
    }

    /// A word with its alternatives; `None` if all of them are still being typed.
    fn any(&mut self, words: &mut Words<'_>) -> Option<Filter> {
        let is_negated = words.negation();
        let (mut any, mut shared) = (Vec::new(), None);
        any.extend(self.one(words.piece(), &mut shared));
        while words.alternative() {
            let is_negated = words.negation();
            let one = self.one(words.piece(), &mut shared);
            any.extend(one.map(|one| negated(one, is_negated)));
        }
        (!any.is_empty()).then(|| negated(Filter::any(any), is_negated))
    }

    fn one(&mut self, piece: Piece<'_>, shared: &mut Option<Shared>) -> Option<Filter> {
        match piece {
            Piece::Word(word) => self.word(word, shared),
            Piece::Group { inside, .. } => self.all(inside),
        }
    }

    fn word(&mut self, word: &str, shared: &mut Option<Shared>) -> Option<Filter> {
        if let Some((subject, value)) = self.split(word) {
            let is_exact = value.starts_with('=');
            *shared = Some(Shared { subject, is_exact });
            return self.condition(subject, value);
        }
        match *shared {
            Some(Shared { subject, is_exact }) => {
                let has_operator = word.is_empty() || word.starts_with(['=', '<', '>']);
                let equals = if is_exact && !has_operator { "=" } else { "" };
                self.condition(subject, &format!("{equals}{word}"))
            }
            None => self.condition(Subject::Scope(TermScope::Everywhere), word),
        }
    }

    /// Splits a word into what it is about and the value; `None` if it does not say the former.
    fn split<'a>(&mut self, word: &'a str) -> Option<(Subject, &'a str)> {
        let is_id = |id: &&str| id.parse::<EmployeeId>().is_ok();
        if let Some(id) = word.strip_prefix('#').filter(is_id) {
            return Some((Subject::Scope(TermScope::Id), id));
        }
        let (name, value) = word.split_once(':').filter(|_| !word.starts_with('"'))?;
        let subject = Subject::named(name);
        let looks_like_one = !name.is_empty() && name.chars().all(char::is_alphabetic);
        if subject.is_none() && looks_like_one {
            self.mistakes.push(Mistake::UnknownField(name.to_owned()));
        }
        Some((subject?, value))
    }

    fn condition(&mut self, subject: Subject, value: &str) -> Option<Filter> {
        if let Some(column) = subject.column()
            && range::is_comparison(value, column)
        {
            return self.comparison(column, value);
        }
        let Subject::Scope(scope) = subject else {
            return None;
        };
        let term = Term::read(scope, value)?;
        self.mistakes.extend(term.mistake());
        Some(Filter::Text(term))
    }

    fn comparison(&mut self, column: Column, value: &str) -> Option<Filter> {
        match range::read(value, column, self.now) {
            Ok(range) => range.map(Filter::Range),
            Err(mistake) => {
                self.mistakes.push(mistake);
                Some(Filter::Any(Vec::new()))
            }
        }
    }
}

fn negated(filter: Filter, is_negated: bool) -> Filter {
    if is_negated {
        Filter::Not(Box::new(filter))
    } else {
        filter
    }
}
