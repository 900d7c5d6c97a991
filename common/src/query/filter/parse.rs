//! Turns the text of a filter into a [`Filter`].

use std::ops::Range;

use jiff::Timestamp;

use super::mistake::MAX_CONDITIONS;
use super::range;
use super::subject::Subject;
use super::words::{Piece, Words};
use super::{Filter, Mistake, Term, TermScope};
use crate::employee::{EmployeeId, Kind};
use crate::query::Column;

/// A filter, and what is wrong with it.
pub(in crate::query) struct Parsed<'q> {
    pub(in crate::query) filter: Filter,
    pub(in crate::query) mistakes: Vec<Mistake>,
    /// The managers who are named by something other than their id.
    managers: Vec<&'q str>,
}

/// Parses a filter. Ages are counted back from `now`.
pub(in crate::query) fn parse(q: &str, now: Timestamp) -> Parsed<'_> {
    let mut parser = Parser {
        now,
        mistakes: Vec::new(),
        managers: Vec::new(),
    };
    let filter = parser.all(Words::new(q)).unwrap_or(Filter::EVERYTHING);
    let mut mistakes = parser.mistakes;
    if filter.conditions() > MAX_CONDITIONS {
        mistakes.push(Mistake::TooManyConditions);
    }
    Parsed {
        filter,
        mistakes,
        managers: parser.managers,
    }
}

/// Where a filter names managers by something other than their id, as in `mgr:Brooks`, from left to
/// right. Whoever knows the people can put ids there.
pub fn named_managers(q: &str) -> Vec<Range<usize>> {
    let place = |name: &str| {
        let start = name.as_ptr().addr() - q.as_ptr().addr();
        start..start + name.len()
    };
    let parsed = parse(q, Timestamp::UNIX_EPOCH);
    parsed.managers.into_iter().map(place).collect()
}

struct Parser<'q> {
    now: Timestamp,
    mistakes: Vec<Mistake>,
    managers: Vec<&'q str>,
}

/// What the first of several alternatives says for the others too: `dept:=finance|legal`.
#[derive(Clone, Copy)]
struct Shared {
    subject: Subject,
    is_exact: bool,
}

impl<'q> Parser<'q> {
    /// Words that must all be met; `None` if there are none.
    fn all(&mut self, mut words: Words<'q>) -> Option<Filter> {
        let mut all = Vec::new();
        while words.advance() {
            all.extend(self.any(&mut words));
        }
        (!all.is_empty()).then(|| Filter::all(all))
    }

    /// A word with its alternatives; `None` if all of them are still being typed.
    fn any(&mut self, words: &mut Words<'q>) -> Option<Filter> {
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

    fn one(&mut self, piece: Piece<'q>, shared: &mut Option<Shared>) -> Option<Filter> {
        match piece {
            Piece::Word(word) => self.word(word, shared),
            Piece::Group { inside, .. } => self.all(inside),
        }
    }

    fn word(&mut self, word: &'q str, shared: &mut Option<Shared>) -> Option<Filter> {
        if let Some((subject, value)) = self.split(word) {
            let is_exact = value.starts_with('=');
            *shared = Some(Shared { subject, is_exact });
            self.note_manager(subject, value);
            return self.condition(subject, value);
        }
        match *shared {
            Some(Shared { subject, is_exact }) => {
                self.note_manager(subject, word);
                let has_operator = word.is_empty() || word.starts_with(['=', '<', '>']);
                let equals = if is_exact && !has_operator { "=" } else { "" };
                self.condition(subject, &format!("{equals}{word}"))
            }
            None => self.condition(Subject::Scope(TermScope::Everywhere), word),
        }
    }

    fn note_manager(&mut self, subject: Subject, value: &'q str) {
        let is_person = matches!(subject, Subject::Scope(TermScope::Field(field)) if field.kind() == Kind::Person);
        let name = value.strip_prefix('=').unwrap_or(value);
        let text = name.trim_matches(['"', ' ', '#']);
        if is_person && !text.is_empty() && text.parse::<EmployeeId>().is_err() {
            self.managers.push(name);
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
