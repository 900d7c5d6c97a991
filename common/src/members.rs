//! The reader of JSON objects: members are taken by name, and all errors are reported at once.
//!
//! A map would silently keep one of two members with the same name; here the second is an error.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::field_error::{FieldError, Rule};
use crate::named::Named;

/// Why a body is not a JSON object with known, well-typed, unrepeated members.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// The body is not JSON, or not exactly one object. The message gives the position but repeats
    /// no value.
    #[error("At line {line}, column {column}: {what}.")]
    Syntax {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// The kind of syntax error.
        what: &'static str,
    },
    /// The body is an object, but some of its members are invalid.
    #[error("some fields are invalid")]
    Members(Vec<FieldError>),
}

impl From<serde_json::Error> for InputError {
    /// Keeps only the position of the error: a message must not repeat parts of the body.
    fn from(error: serde_json::Error) -> Self {
        let what = match error.classify() {
            serde_json::error::Category::Eof => "the JSON is incomplete",
            serde_json::error::Category::Data => "this is not the expected JSON object",
            _ => "this is not JSON",
        };
        Self::Syntax {
            line: error.line(),
            column: error.column(),
            what,
        }
    }
}

/// The members of a JSON object that have not been taken yet.
///
/// [`Members::finish`] reports values of the wrong type, repeated names, and names that were not
/// taken. The names are read in the body, without a copy.
#[derive(Debug, Clone)]
pub struct Members<'b>(Named<Cow<'b, str>, Value>);

impl<'b> Members<'b> {
    /// Reads a body that is one JSON object.
    ///
    /// # Errors
    /// [`InputError::Syntax`]
    pub fn read(body: &'b [u8]) -> Result<Self, InputError> {
        let Pairs(pairs) = serde_json::from_slice(body)?;
        Ok(Self(Named::new(pairs)))
    }

    /// The same without the body.
    pub fn into_owned(self) -> Members<'static> {
        Members(self.0.with_names(|name| Cow::Owned(name.into_owned())))
    }

    /// The names that have not been taken, in the order of the body.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.names()
    }

    /// Takes a member and converts it with `read`.
    pub fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Value) -> Result<T, (Rule, String)>,
    ) -> Option<T> {
        self.0.take(name, read)
    }

    /// Takes a string.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.take(name, |value| match value {
            Value::String(text) => Ok(text),
            _ => Err((Rule::Type, "Must be text.".to_owned())),
        })
    }

    /// Takes `true` or `false`.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.take(name, |value| match value {
            Value::Bool(flag) => Ok(flag),
            _ => Err((Rule::Type, "Must be true or false.".to_owned())),
        })
    }

    /// Takes a whole number that fits in `T`.
    pub fn number<T: TryFrom<u64>>(&mut self, name: &str) -> Option<T> {
        self.take(name, |value| {
            let number = value.as_u64().and_then(|number| number.try_into().ok());
            number.ok_or_else(|| (Rule::Type, "Must be a whole number.".to_owned()))
        })
    }

    /// Succeeds if every member was taken and valid.
    ///
    /// # Errors
    /// The errors in the order of the body, at most [`MOST_ERRORS`](crate::problem::MOST_ERRORS).
    pub fn finish(self) -> Result<(), Vec<FieldError>> {
        self.0.finish("Unknown field.")
    }
}

/// All members of an object in their order, including repeated ones.
struct Pairs<'b>(Vec<(Cow<'b, str>, Value)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                // A list, since a map would drop a repeated name before it can be reported.
                let mut pairs = Vec::new();
                while let Some((Name(name), value)) = map.next_entry()? {
                    pairs.push((name, value));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

/// The name of a member, borrowed unless it has escapes.
#[derive(Deserialize)]
struct Name<'b>(#[serde(borrow)] Cow<'b, str>);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_member_is_taken_by_its_name() {
        let body = br#"{"name":"Ada","active":true,"age":36}"#;
        let mut members = Members::read(body).unwrap();
        assert_eq!(members.text("name").as_deref(), Some("Ada"));
        assert_eq!(members.flag("active"), Some(true));
        assert_eq!(members.number::<u64>("age"), Some(36));
        assert_eq!(members.text("title"), None);
        assert_eq!(members.finish(), Ok(()));
    }

    #[test]
    fn a_name_may_have_escapes() {
        let mut members = Members::read(br#"{"n\u0061me":"Ada"}"#)
            .unwrap()
            .into_owned();
        assert_eq!(members.text("name").as_deref(), Some("Ada"));
        assert_eq!(members.finish(), Ok(()));
    }

    #[test]
    fn everything_wrong_is_named_in_the_order_of_the_body() {
        let body = br#"{"age":-1,"shoe":44,"name":1,"active":"yes","age":2,"age":3}"#;
        let mut members = Members::read(body).unwrap();
        members.text("name");
        members.flag("active");
        members.number::<u64>("age");
        let errors = members.finish().unwrap_err();
        let named: Vec<_> = errors.iter().map(|e| (e.field.as_str(), e.code)).collect();
        assert_eq!(
            named,
            [
                ("age", Rule::Type),
                ("shoe", Rule::Unknown),
                ("name", Rule::Type),
                ("active", Rule::Type),
                ("age", Rule::Duplicate),
            ]
        );
    }

    #[test]
    fn anything_but_one_object_is_refused_without_an_echo() {
        for body in [
            &b""[..],
            b"{",
            b"[]",
            b"\"secret\"",
            b"{\"a\":\"secret\"} {}",
            b"{\"a\":secret}",
            b"{\"a\":\"secret\xff\"}",
        ] {
            let error = Members::read(body).unwrap_err();
            assert!(matches!(error, InputError::Syntax { .. }));
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(mut members) = Members::read(&body) {
                members.text("a");
                let _ = members.finish();
            }
        }
    }
}
