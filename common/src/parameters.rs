//! The reader of query strings: parameters are taken by name, and all errors are reported at once.

use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::field_error::{FieldError, Rule};
use crate::named::Named;

/// The parameters of a query string (`application/x-www-form-urlencoded`) that have not been taken
/// yet.
///
/// [`Parameters::finish`] reports invalid values, repeated names, and names that were not taken.
#[derive(Debug, Clone)]
pub struct Parameters(Named<String, String>);

impl Parameters {
    /// Splits a query string, without its question mark.
    pub fn read(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
        Self(Named::new(pairs))
    }

    /// The names that have not been taken, in the order of the query.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.names()
    }

    /// Takes a parameter and converts it with `read`.
    pub fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, (Rule, String)>,
    ) -> Option<T> {
        self.0.take(name, |value| read(&value))
    }

    /// Takes a parameter as text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.0.take(name, Ok)
    }

    /// Takes a parameter and parses it; `message` is the error, which says what to send.
    pub fn parsed<T: FromStr>(&mut self, name: &str, message: &str) -> Option<T> {
        self.take(name, |value| {
            value
                .parse()
                .map_err(|_| (Rule::Format, message.to_owned()))
        })
    }

    /// Takes a whole number in a range. Only digits are allowed, no sign.
    pub fn number(&mut self, name: &str, range: RangeInclusive<usize>) -> Option<usize> {
        self.take(name, |value| {
            let is_plain = value.bytes().all(|b| b.is_ascii_digit());
            let number = value
                .parse()
                .ok()
                .filter(|number| is_plain && range.contains(number));
            number.ok_or_else(|| (Rule::Format, whole_number(&range)))
        })
    }

    /// Takes one of a few words and returns the value that it stands for.
    pub fn choice<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        self.take(name, |value| {
            match words.iter().find(|(word, _)| *word == value) {
                Some((_, meaning)) => Ok(*meaning),
                None => Err((Rule::Format, one_of(words.iter().map(|(word, _)| *word)))),
            }
        })
    }

    /// Takes `true` or `false`.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.choice(name, &[("true", true), ("false", false)])
    }

    /// Succeeds if every parameter was taken and valid.
    ///
    /// # Errors
    /// The errors in the order of the query, at most [`MOST_ERRORS`](crate::problem::MOST_ERRORS).
    pub fn finish(self) -> Result<(), Vec<FieldError>> {
        self.0.finish("Unknown parameter.")
    }
}

fn whole_number(range: &RangeInclusive<usize>) -> String {
    match (range.start(), range.end()) {
        (least, &usize::MAX) => format!("Must be a whole number of at least {least}."),
        (least, most) => format!("Must be a whole number from {least} to {most}."),
    }
}

fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.as_slice() {
        [rest @ .., last] if !rest.is_empty() => {
            format!("Must be {} or {last}.", rest.join(", "))
        }
        words => format!("Must be {}.", words.concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn faults(parameters: Parameters) -> Vec<(String, Rule)> {
        let errors = parameters.finish().unwrap_err();
        errors.into_iter().map(|e| (e.field, e.code)).collect()
    }

    #[test]
    fn each_parameter_is_taken_by_its_name() {
        let mut parameters =
            Parameters::read("limit=20&q=ada+l%C3%B6wen&mode=partial&dry_run=true");
        assert_eq!(parameters.number("limit", 1..=500), Some(20));
        assert_eq!(parameters.text("q").as_deref(), Some("ada löwen"));
        assert_eq!(
            parameters.choice("mode", &[("atomic", 1), ("partial", 2)]),
            Some(2)
        );
        assert_eq!(parameters.flag("dry_run"), Some(true));
        assert_eq!(parameters.text("sort"), None);
        assert_eq!(parameters.finish(), Ok(()));
    }

    #[test]
    fn everything_wrong_is_named_in_the_order_of_the_query() {
        let mut parameters =
            Parameters::read("shoe=44&mode=both&limit=+7&limit=8&before=-1&q=a&q=b");
        assert_eq!(
            parameters.choice("mode", &[("atomic", 1), ("partial", 2)]),
            None
        );
        assert_eq!(parameters.number("limit", 1..=500), None);
        assert_eq!(parameters.number("before", 0..=usize::MAX), None);
        assert_eq!(parameters.text("q").as_deref(), Some("a"));
        assert_eq!(
            faults(parameters),
            [
                ("shoe".into(), Rule::Unknown),
                ("mode".into(), Rule::Format),
                ("limit".into(), Rule::Format),
                ("limit".into(), Rule::Duplicate),
                ("before".into(), Rule::Format),
                ("q".into(), Rule::Duplicate),
            ]
        );
    }

    #[test]
    fn a_message_says_which_values_are_allowed() {
        let message = |query: &str, read: &dyn Fn(&mut Parameters)| {
            let mut parameters = Parameters::read(query);
            read(&mut parameters);
            parameters.finish().unwrap_err().remove(0).message
        };
        let limit = |p: &mut Parameters| _ = p.number("limit", 1..=500);
        assert_eq!(
            message("limit=0", &limit),
            "Must be a whole number from 1 to 500."
        );
        let before = |p: &mut Parameters| _ = p.number("before", 0..=usize::MAX);
        assert_eq!(
            message("before=x", &before),
            "Must be a whole number of at least 0."
        );
        let flag = |p: &mut Parameters| _ = p.flag("dry_run");
        assert_eq!(message("dry_run=1", &flag), "Must be true or false.");
    }

    proptest! {
        #[test]
        fn the_list_of_errors_is_bounded(query in "[a-z=&%+]{0,4000}") {
            let mut parameters = Parameters::read(&query);
            parameters.number("a", 1..=5);
            if let Err(errors) = parameters.finish() {
                prop_assert!((1..=crate::problem::MOST_ERRORS).contains(&errors.len()));
            }
        }
    }
}
