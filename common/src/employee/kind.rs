//! The kinds of field values: how each is validated, and its Rust type.

use std::borrow::Cow;

use jiff::civil::Date;

use super::id::EmployeeId;
use super::status::Status;
use crate::extensible::Extensible;
use crate::text;

/// The kind of a field's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text that every record must have.
    Required,
    /// Text of one line.
    Text,
    /// Text that may have several lines, which end in line feeds.
    Lines,
    /// An email address.
    Email,
    /// A telephone number.
    Phone,
    /// Another employee, by id. A number in JSON.
    Person,
    /// A [`Status`]; [`Status::default`] if the value is empty.
    Status,
    /// A day, as `YYYY-MM-DD`.
    Date,
}

impl Kind {
    /// Normalizes a value for storage. The lines of [`Kind::Lines`] may come with the line ends of
    /// any system.
    pub(super) fn normalised(self, typed: &str) -> Cow<'_, str> {
        match self {
            Self::Lines => then(text::with_line_feeds(typed), text::normalised),
            Self::Phone => then(text::normalised(typed), text::normalised_phone),
            _ => text::normalised(typed),
        }
    }

    /// What to do about characters that break a line or control a terminal, as a sentence; `None`
    /// if there are none, or only the line feeds of [`Kind::Lines`].
    pub(super) fn control_warning(self, value: &str) -> Option<&'static str> {
        match self {
            Self::Lines if value.split('\n').any(text::has_control) => {
                Some("Remove control characters.")
            }
            Self::Lines => None,
            _ if text::has_control(value) => Some("Remove line breaks and control characters."),
            _ => None,
        }
    }

    /// What to do about an invalid value, as a sentence; `None` if the value is valid.
    pub(super) fn warning(self, value: &str) -> Option<&'static str> {
        let (is_right, advice) = match self {
            Self::Required | Self::Text | Self::Lines => return None,
            Self::Email => (is_email(value), "Enter an address like name@example.com."),
            Self::Phone => (
                text::is_phone(value),
                "Use only digits, spaces and + - ( ) . /, with at least three digits.",
            ),
            Self::Person => (
                value.parse::<EmployeeId>().is_ok(),
                "Enter the manager's id, a whole number.",
            ),
            Self::Status => (
                Status::from_name(value).is_some(),
                "Enter active, leave or left.",
            ),
            Self::Date => (
                is_date(value),
                "Enter a valid date like 2026-11-23, from 1900 to 2199.",
            ),
        };
        (!is_right).then_some(advice)
    }
}

/// Changes a text that was perhaps changed already.
fn then(text: Cow<'_, str>, change: impl Fn(&str) -> Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => change(text),
        Cow::Owned(text) => Cow::Owned(change(&text).into_owned()),
    }
}

/// Returns `true` for the form of a deliverable address (RFC 5321): a local part, one `@`, and a
/// domain.
fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else {
        return false;
    };
    let label = |l: &str| !l.is_empty() && !l.starts_with('-') && !l.ends_with('-');
    !local.is_empty()
        && !local.contains('@')
        && !value.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';'))
        && domain.split('.').all(label)
}

/// Returns `true` for `YYYY-MM-DD` only, although the date parser accepts other forms, too.
fn is_date(value: &str) -> bool {
    let has_shape = value.len() == 10
        && value.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    let date = value.parse::<Date>().ok().filter(|_| has_shape);
    date.is_some_and(|date| (1900..2200).contains(&date.year()))
}

/// A Rust type of field values, which converts to and from text. No value is an empty text.
pub(super) trait Value: Sized {
    /// Converts a text that was validated before; `None` if that is impossible.
    fn read(text: String) -> Option<Self>;

    /// The text, as forms, CSV and filters show it.
    fn text(&self) -> Cow<'_, str>;
}

/// [`Kind::Required`]
impl Value for String {
    fn read(text: String) -> Option<Self> {
        Some(text)
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

/// [`Kind::Text`], [`Kind::Lines`], [`Kind::Email`], [`Kind::Phone`]
impl Value for Option<String> {
    fn read(text: String) -> Option<Self> {
        Some(Some(text).filter(|text| !text.is_empty()))
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_deref().unwrap_or_default())
    }
}

/// [`Kind::Person`]
impl Value for Option<EmployeeId> {
    fn read(text: String) -> Option<Self> {
        if text.is_empty() {
            Some(None)
        } else {
            text.parse().ok().map(Some)
        }
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(self.map(|id| id.to_string()).unwrap_or_default())
    }
}

/// [`Kind::Status`]
impl Value for Extensible<Status> {
    fn read(text: String) -> Option<Self> {
        if text.is_empty() {
            Some(Status::default().into())
        } else {
            Status::from_name(&text).map(Self::Known)
        }
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::Known(status) => status.as_str(),
            Self::Unknown(word) => word,
        })
    }
}

/// [`Kind::Date`]
impl Value for Option<Date> {
    fn read(text: String) -> Option<Self> {
        if text.is_empty() {
            Some(None)
        } else {
            text.parse().ok().map(Some)
        }
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(self.map(|date| date.to_string()).unwrap_or_default())
    }
}
