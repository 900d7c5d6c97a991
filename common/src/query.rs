//! The query of `GET /employees`: filter, sort and page, to and from a query string.

mod filter;
mod sort;

use jiff::Timestamp;

use crate::employee::{EmployeeId, Field};
use crate::field_error::{FieldError, Rule};
use crate::parameters::Parameters;
use crate::text;

pub use filter::{
    Filter, LastWord, Mistake, Range, Term, TermScope, column_named, days, field_named, last_word,
    named_managers, ordinal, unclosed,
};
pub use sort::{Column, Sort, SortKey};

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The filter as it was typed; see [`mod@filter`] for its language.
    pub q: String,
    /// Fields that must equal a value, ignoring case and accents.
    pub equals: Vec<(Field, String)>,
    /// The sort order.
    pub sort: Sort,
    /// Whether each record of a page also has the name of its manager.
    pub names: bool,
    /// All rows or one page.
    pub window: Window,
}

/// All rows, or one page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Window {
    /// All rows.
    #[default]
    All,
    /// A page of at most `limit` records.
    Page {
        /// From 1 to [`Window::MAX_LIMIT`].
        limit: usize,
        /// Where it begins.
        start: Start,
    },
}

impl Window {
    /// The longest page.
    pub const MAX_LIMIT: usize = 1000;
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// After this many records.
    Offset(usize),
    /// The position in a `Link` of an earlier page; opaque to clients.
    Cursor(String),
    /// The page that contains this record.
    Around {
        /// The record's id.
        id: EmployeeId,
        /// The offset to use if the record is not in the list.
        fallback_offset: usize,
    },
}

impl Query {
    /// The conditions of [`Query::q`] and [`Query::equals`] together. Ages, as in `created:<7d`,
    /// are counted back from `now`.
    pub fn filter(&self, now: Timestamp) -> Filter {
        let equals = self.equals().map(Filter::Text);
        let parsed = filter::parse(&self.q, now).filter;
        let written = (parsed != Filter::EVERYTHING).then_some(parsed);
        Filter::all(written.into_iter().chain(equals).collect())
    }

    fn equals(&self) -> impl Iterator<Item = Term> {
        self.equals.iter().map(|(field, value)| Term {
            scope: TermScope::Field(*field),
            text: text::folded(&text::normalised(value)),
            whole: true,
        })
    }

    /// The first mistake in the conditions, if there is one.
    pub fn mistake(&self) -> Option<Mistake> {
        // What is wrong does not depend on the time.
        let written = filter::parse(&self.q, Timestamp::UNIX_EPOCH).mistakes;
        let equals = || self.equals().find_map(|term| term.mistake());
        written.into_iter().next().or_else(equals)
    }

    /// Reads a query string.
    ///
    /// # Errors
    /// Every parameter that is unknown, given twice, or out of range, and a filter for which
    /// [`Mistake::is_fatal`].
    pub fn parse(query: &str) -> Result<Self, Vec<FieldError>> {
        let mut parameters = Parameters::read(query);
        let limit = parameters.number("limit", 1..=Window::MAX_LIMIT);
        let offset = parameters.number("offset", 0..=usize::MAX);
        let cursor = parameters.text("cursor");
        let around = parameters.parsed("around", "Must be an employee id.");
        let query = Self {
            q: parameters.take("q", with_meaning).unwrap_or_default(),
            sort: parameters.take("sort", str::parse).unwrap_or_default(),
            equals: equals(&mut parameters),
            names: parameters.flag("names").unwrap_or_default(),
            window: Window::All,
        };
        // Checked even if a single parameter is invalid, so that all errors are reported at once.
        let window = window(limit, offset, cursor, around);
        match (parameters.finish(), window) {
            (Ok(()), Ok(window)) => Ok(Self { window, ..query }),
            (Err(errors), Ok(_)) => Err(errors),
            (finished, Err(error)) => {
                let mut errors = finished.err().unwrap_or_default();
                errors.push(error);
                Err(errors)
            }
        }
    }

    /// The query string that [`Query::parse`] reads back.
    pub fn to_query_string(&self) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        // Defaults are left out: `parse` reads a missing parameter as its default.
        if !self.q.is_empty() {
            pairs.append_pair("q", &self.q);
        }
        for (field, value) in &self.equals {
            pairs.append_pair(field.name(), value);
        }
        if !self.sort.keys().is_empty() {
            pairs.append_pair("sort", &self.sort.to_string());
        }
        if self.names {
            pairs.append_pair("names", "true");
        }
        if let Window::Page { limit, start } = &self.window {
            pairs.append_pair("limit", &limit.to_string());
            match start {
                Start::Offset(0) => {}
                Start::Offset(offset) => _ = pairs.append_pair("offset", &offset.to_string()),
                Start::Cursor(cursor) => _ = pairs.append_pair("cursor", cursor),
                Start::Around {
                    id,
                    fallback_offset,
                } => {
                    pairs
                        .append_pair("around", &id.to_string())
                        .append_pair("offset", &fallback_offset.to_string());
                }
            }
        }
        pairs.finish()
    }
}

/// Checks a filter that a client sent, as [`Parameters::take`] wants it.
///
/// # Errors
/// A mistake for which [`Mistake::is_fatal`], as its rule and message.
pub fn with_meaning(q: &str) -> Result<String, (Rule, String)> {
    let mistakes = filter::parse(q, Timestamp::UNIX_EPOCH).mistakes;
    match mistakes.into_iter().find(Mistake::is_fatal) {
        Some(fatal) => Err((Rule::Format, fatal.to_string())),
        None => Ok(q.to_owned()),
    }
}

/// The fields that must have a value, in the order of the query string.
fn equals(parameters: &mut Parameters) -> Vec<(Field, String)> {
    let fields: Vec<Field> = parameters.names().filter_map(Field::from_name).collect();
    let value = |field: Field| Some((field, parameters.text(field.name())?));
    fields.into_iter().filter_map(value).collect()
}

fn window(
    limit: Option<usize>,
    offset: Option<usize>,
    cursor: Option<String>,
    around: Option<EmployeeId>,
) -> Result<Window, FieldError> {
    let start = match (offset, cursor, around) {
        (None, Some(cursor), None) => Start::Cursor(cursor),
        // A cursor is a position, which the others could contradict.
        (_, Some(_), _) => {
            let message = "A cursor cannot be combined with offset or around.";
            return Err(FieldError::new("cursor", Rule::Duplicate, message));
        }
        (offset, None, Some(id)) => Start::Around {
            id,
            fallback_offset: offset.unwrap_or(0),
        },
        (offset, None, None) => Start::Offset(offset.unwrap_or(0)),
    };
    match (limit, start) {
        (Some(limit), start) => Ok(Window::Page { limit, start }),
        (None, Start::Offset(0)) => Ok(Window::All),
        (None, _) => Err(FieldError::new(
            "limit",
            Rule::Required,
            "Required with offset, cursor or around.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_query_string_becomes_a_query() {
        let query =
            Query::parse("q=New+York&department=Research+%26+Development&sort=lastname,-hired&limit=50&offset=100")
                .unwrap();
        assert_eq!(
            query.equals,
            [(Field::Department, "Research & Development".to_owned())]
        );
        assert_eq!(query.sort.to_string(), "lastname,-hired");
        assert_eq!(
            query.window,
            Window::Page {
                limit: 50,
                start: Start::Offset(100)
            }
        );
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let errors = |q: &str| {
            Query::parse(q)
                .unwrap_err()
                .into_iter()
                .map(|e| (e.field, e.code))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            errors("limit=0&colour=red"),
            [
                ("limit".into(), Rule::Format),
                ("colour".into(), Rule::Unknown)
            ]
        );
        assert_eq!(errors("limit=1001"), [("limit".into(), Rule::Format)]);
        assert_eq!(errors("offset=5"), [("limit".into(), Rule::Required)]);
        assert_eq!(
            errors("limit=5&offset=1&cursor=x"),
            [("cursor".into(), Rule::Duplicate)]
        );
        assert_eq!(
            errors("limit=5&around=1&cursor=x"),
            [("cursor".into(), Rule::Duplicate)]
        );
        assert_eq!(
            errors("limit=5&around=0"),
            [("around".into(), Rule::Format)]
        );
        assert_eq!(errors("around=7"), [("limit".into(), Rule::Required)]);
        assert_eq!(errors("sort=notes"), [("sort".into(), Rule::Unknown)]);
        assert_eq!(errors("sort=id,-id"), [("sort".into(), Rule::Duplicate)]);
        assert_eq!(errors("q=a&q=b"), [("q".into(), Rule::Duplicate)]);
    }

    fn any_start() -> impl Strategy<Value = Start> {
        prop_oneof![
            (0usize..99).prop_map(Start::Offset),
            "\\PC{1,9}".prop_map(Start::Cursor),
            (1u64..99, 0usize..99).prop_map(|(id, fallback_offset)| Start::Around {
                id: id.try_into().unwrap(),
                fallback_offset
            }),
        ]
    }

    proptest! {
        #[test]
        fn a_query_reads_back(q in ".{0,20}".prop_filter("it has a meaning", |q| with_meaning(q).is_ok()), value in ".{0,20}", limit in 1usize..1000, start in any_start(), descending: bool, names: bool) {
            let query = Query {
                q,
                equals: vec![(Field::Title, value)],
                sort: Sort::by(Column::Updated, descending),
                names,
                window: Window::Page { limit, start },
            };
            prop_assert_eq!(Query::parse(&query.to_query_string()), Ok(query));
        }

        #[test]
        fn no_query_string_panics(text in ".{0,80}") {
            if let Ok(query) = Query::parse(&text) {
                let _ = (query.filter(Timestamp::UNIX_EPOCH), query.mistake());
            }
        }
    }
}
