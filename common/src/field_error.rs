//! Errors in single fields, columns and parameters.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text;

/// The rule that a field breaks.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::open_words))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A value is required.
    Required,
    /// It is too long or too large.
    TooLong,
    /// It is too short or too small.
    TooShort,
    /// It contains control characters.
    Control,
    /// Its format is wrong.
    Format,
    /// The field, column or parameter does not exist.
    Unknown,
    /// It was given twice.
    Duplicate,
    /// It has the wrong JSON type.
    Type,
    /// Only the server sets this value.
    ReadOnly,
    /// It refers to something that does not exist.
    NotFound,
    /// It would create a cycle.
    Circle,
    /// It is in use, or was used before.
    Taken,
    /// It is a common password.
    Common,
    /// It does not match the account's.
    Wrong,
    /// A rule that this version does not know.
    #[serde(other)]
    Other,
}

/// The maximum number of errors that are collected from one body, query or row.
pub const MOST_ERRORS: usize = 50;

/// The maximum number of characters of a field's name that a response repeats.
const MOST_FIELD_CHARS: usize = 64;

/// An error in one field.
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
    /// Creates an error. `field` may be anything that the client sent; a long name is shortened.
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
        // What is wrong with a whole row is about no field.
        if self.field.is_empty() {
            return f.write_str(&self.message);
        }
        write!(f, "{}: {}", self.field, self.message)
    }
}
