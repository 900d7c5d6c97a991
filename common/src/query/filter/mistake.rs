//! What is wrong with a filter.

use thiserror::Error;

use super::subject;
use crate::dates::DateError;
use crate::employee::{Field, Status};
use crate::text::{excerpt, folded};

/// How many conditions a filter may have: each can cost a look at every record.
pub(super) const MAX_CONDITIONS: usize = 100;

/// A mistake in a filter. The message names the word and what may have been meant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Mistake {
    /// The name before a colon is no field. The word is searched for as text.
    #[error("Unknown field \"{}\". {}", shortened(.0), field_advice(.0))]
    UnknownField(String),
    /// No status contains the word, so no record can meet the condition.
    #[error("Unknown status \"{}\". {}", shortened(.0), status_advice(.0))]
    UnknownStatus(String),
    /// A person is searched for by something other than an id.
    #[error("{name}: needs an id, like {name}:7.", name = .0.short_name())]
    NoManagerId(Field),
    /// The text after `id:` is no id.
    #[error("An id is a whole number, like id:7.")]
    NoId,
    /// An id is compared with this word.
    #[error("\"{}\" is not an id. Compare with a whole number, like id:>1000.", shortened(.0))]
    NoNumber(String),
    /// A date is compared with this word.
    #[error(
        "\"{}\" is not a date. Use 2024, 2024-05, 2024-05-31 or today, or an age like 7d, 3m or 1y.",
        shortened(.0)
    )]
    NoDate(String),
    /// The text after a date's name may be several dates.
    #[error(transparent)]
    UnclearDate(DateError),
    /// An age stands alone, so that it is not clear whether less or more is meant.
    #[error("Write <{0} for the last {0}, or >{0} for longer ago.")]
    OnlyAge(String),
    /// There are more conditions than a list may be asked for.
    #[error("A filter has at most {MAX_CONDITIONS} conditions.")]
    TooManyConditions,
}

impl Mistake {
    /// Returns `true` if the filter has no meaning. With other mistakes it may find little, but
    /// what it finds is what it says.
    pub fn is_fatal(&self) -> bool {
        match self {
            Self::NoNumber(_)
            | Self::NoDate(_)
            | Self::UnclearDate(_)
            | Self::OnlyAge(_)
            | Self::TooManyConditions => true,
            Self::UnknownField(_) | Self::UnknownStatus(_) | Self::NoManagerId(_) | Self::NoId => {
                false
            }
        }
    }
}

fn shortened(word: &str) -> std::borrow::Cow<'_, str> {
    excerpt(word, 40)
}

fn field_advice(name: &str) -> String {
    let all = || {
        Field::ALL
            .map(Field::name)
            .into_iter()
            .chain(subject::names())
    };
    match nearest(name, all()) {
        Some(meant) => {
            // Long names are accepted, but the lists of fields show the short ones.
            let field = Field::from_name(meant).map_or(meant, Field::short_name);
            format!("Did you mean {field}?")
        }
        None => {
            let names: Vec<_> = subject::names().collect();
            format!("The fields are {}.", names.join(", "))
        }
    }
}

fn status_advice(word: &str) -> String {
    let [words @ .., last] = Status::ALL.map(Status::as_str);
    match nearest(word, Status::ALL.map(Status::as_str).into_iter()) {
        Some(meant) => format!("Did you mean {meant}?"),
        None => format!("Use {} or {last}.", words.join(", ")),
    }
}

/// The known word that differs least, if it differs in few letters.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = folded(word);
    let allowed = word.chars().count().div_ceil(4);
    let distances = known.map(|known| (strsim::damerau_levenshtein(&word, known), known));
    let (_, nearest) = distances
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)?;
    Some(nearest)
}
