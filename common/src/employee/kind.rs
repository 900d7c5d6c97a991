//! The kinds of values that fields have: the form of each, and its Rust type.

use std::borrow::Cow;

use jiff::civil::Date;

use super::id::EmployeeId;
use super::status::Status;

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text that a record cannot be without.
    Required,
    /// Text.
    Text,
    /// An email address.
    Email,
    /// A telephone number.
    Phone,
    /// Another employee, by id. A number in JSON.
    Person,
    /// A [`Status`]; [`Status::default`] if nothing is given.
    Status,
    /// A day, as `YYYY-MM-DD`.
    Date,
}

impl Kind {
    /// What to do about a value that does not have the form of its kind; nothing if it has.
    pub(super) fn warning(self, value: &str) -> Option<&'static str> {
        let (is_right, advice) = match self {
            Self::Required | Self::Text => return None,
            Self::Email => (is_email(value), "Enter an address like name@example.com."),
            Self::Phone => (
                is_phone(value),
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

/// The shape of an address that can be delivered (RFC 5321): one `@`, something before it, a domain after it.
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

fn is_phone(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    digits >= 3
        && value
            .chars()
            .all(|c| c.is_ascii_digit() || " +-()./".contains(c))
}

/// Whether it is `YYYY-MM-DD`, and nothing else that a date parser might take.
fn is_date(value: &str) -> bool {
    let has_shape = value.len() == 10
        && value.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    let date = value.parse::<Date>().ok().filter(|_| has_shape);
    date.is_some_and(|date| (1900..2200).contains(&date.year()))
}

/// The Rust type in which a record holds a value: to and from its text, which is empty if there is no value.
pub(super) trait Value: Sized {
    /// The value of a text that has passed the field's rules; nothing if it cannot be one.
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

/// [`Kind::Text`], [`Kind::Email`], [`Kind::Phone`]
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
impl Value for Status {
    fn read(text: String) -> Option<Self> {
        if text.is_empty() {
            Some(Self::default())
        } else {
            Self::from_name(&text)
        }
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
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
