//! The one reader of JSON objects: each member is taken by its name, and everything wrong is
//! reported at once.
//!
//! A map would silently keep one of two members of the same name; here the second is an error.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::field_error::{FieldError, Rule};
use crate::named::Named;

/// A body that is not a JSON object of known members, each once and of its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Not JSON, or not one object with nothing behind it. The text says where, and repeats no
    /// value.
    #[error("At line {line}, column {column}: {what}.")]
    Syntax {
        /// The line, counted from 1.
        line: usize,
        /// The place in it, counted from 1.
        column: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// JSON, with members that cannot be taken.
    #[error("some fields are invalid")]
    Members(Vec<FieldError>),
}

impl From<serde_json::Error> for InputError {
    /// Keeps where the JSON breaks and drops what it says there: a message must not echo a body.
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
/// A value of the wrong type is reported by [`Members::finish`], and so are names that stand there
/// twice and names that nobody has taken.
#[derive(Debug, Clone)]
pub struct Members(Named<Value>);

impl Members {
    /// Reads a body that is one JSON object.
    ///
    /// # Errors
    /// [`InputError::Syntax`]
    pub fn read(body: &[u8]) -> Result<Self, InputError> {
        let Pairs(pairs) = serde_json::from_slice(body)?;
        Ok(Self(Named::new(pairs)))
    }

    /// The names that have not been taken, in the order of the body.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.names()
    }

    /// Takes a member as `read` understands it.
    pub fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Value) -> Result<T, (Rule, String)>,
    ) -> Option<T> {
        self.0.take(name, read)
    }

    /// Takes a text as it is.
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

    /// Takes a number that a `u64` holds and that becomes a `T`.
    pub fn number<T: TryFrom<u64>>(&mut self, name: &str) -> Option<T> {
        self.take(name, |value| {
            let number = value.as_u64().and_then(|number| number.try_into().ok());
            number.ok_or_else(|| (Rule::Type, "Must be a whole number.".to_owned()))
        })
    }

    /// Succeeds if every member was taken and could be read.
    ///
    /// # Errors
    /// The faults in the order of the body, at most [`MOST_ERRORS`](crate::problem::MOST_ERRORS).
    pub fn finish(self) -> Result<(), Vec<FieldError>> {
        self.0.finish("Unknown field.")
    }
}

/// The members of an object in their order, repeated ones included.
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

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
