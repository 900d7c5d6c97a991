//! What is wrong with the value of one field.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text;

/// The rule that a field breaks.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::open_words))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// It must have a value.
    Required,
    /// It is over its limit.
    TooLong,
    /// It is under its limit.
    TooShort,
    /// It has control characters.
    Control,
    /// It has not the form of such a value.
    Format,
    /// There is no such field, column or parameter.
    Unknown,
    /// It is given twice.
    Duplicate,
    /// It has the wrong JSON type.
    Type,
    /// The server gives this value; a client cannot.
    ReadOnly,
    /// It refers to something that does not exist.
    NotFound,
    /// It refers to a record that leads back to this one.
    Circle,
    /// It is in use, or has been.
    Taken,
    /// It is one of the passwords that are tried first.
    Common,
    /// It is not the one that the account has.
    Wrong,
    /// A rule that this version does not know.
    #[serde(other)]
    Other,
}

/// The most faults that a refusal lists, and the most that are kept of one body, query or row.
pub const MOST_ERRORS: usize = 50;

/// The most characters of a field's name that a refusal repeats.
const MOST_FIELD_CHARS: usize = 64;

/// One thing that is wrong with one field.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field as the client named it.
    pub field: String,
    /// The rule that it breaks.
    pub code: Rule,
    /// What to do, as a sentence for a person. It never repeats the value.
    pub message: String,
}

impl FieldError {
    /// One broken rule. `field` may be whatever the client sent: only the beginning of a long one is
    /// kept.
    pub fn new(field: impl AsRef<str>, code: Rule, message: impl Into<String>) -> Self {
        Self {
            field: text::excerpt(field.as_ref(), MOST_FIELD_CHARS).into_owned(),
            code,
            message: message.into(),
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}
