//! New values for a record, from a JSON body, a CSV row, a form or a command line. Every record is
//! built through them.

use std::borrow::Cow;
use std::mem;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use crate::employee::{Details, EmployeeId, Field, Kind, Version};
use crate::field_error::{FieldError, Rule};
use crate::members::{InputError, Members};

/// New values for some fields. An empty text clears the field.
///
/// They are validated only when they become a record's [`Details`], so a form can hold unfinished
/// input.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes(
    /// Each field once, in the order of [`Field::ALL`].
    Vec<(Field, String)>,
);

impl Changes {
    /// Sets one field.
    pub fn set(&mut self, field: Field, value: impl Into<String>) {
        match self.position(field) {
            Ok(index) => self.0[index].1 = value.into(),
            Err(index) => self.0.insert(index, (field, value.into())),
        }
    }

    /// The new value of a field, if it is to be set.
    pub fn get(&self, field: Field) -> Option<&str> {
        let index = self.position(field).ok()?;
        self.0.get(index).map(|(_, value)| value.as_str())
    }

    /// The index of a field that is to be set, or the one that it would get.
    fn position(&self, field: Field) -> Result<usize, usize> {
        self.0.binary_search_by_key(&field, |(field, _)| *field)
    }

    /// Returns `true` if no field is to be set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields and their values, in the order of [`Field::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Field, &str)> {
        self.0.iter().map(|(field, value)| (*field, value.as_str()))
    }

    /// Takes the new value of a field, if it is to be set, and leaves an empty text.
    pub fn take(&mut self, field: Field) -> Option<String> {
        let index = self.position(field).ok()?;
        self.0.get_mut(index).map(|(_, value)| mem::take(value))
    }

    /// Builds the details of a new record from these values alone.
    ///
    /// # Errors
    /// One error for each invalid field.
    pub fn to_details(&self) -> Result<Details, Vec<FieldError>> {
        Details::check(|field| Cow::Borrowed(self.get(field).unwrap_or_default()))
    }

    /// Merges these values into existing details (RFC 7396).
    ///
    /// # Errors
    /// One error for each invalid field.
    pub fn apply_to(&self, base: &Details) -> Result<Details, Vec<FieldError>> {
        Details::check(|field| {
            self.get(field)
                .map_or_else(|| base.text(field), Cow::Borrowed)
        })
    }

    /// The changes that turn one state of a record into another.
    pub fn between(before: &Details, after: &Details) -> Self {
        let differs = |field: &Field| before.text(*field) != after.text(*field);
        Self(
            Field::ALL
                .into_iter()
                .filter(differs)
                .map(|field| (field, after.text(field).into_owned()))
                .collect(),
        )
    }
}

impl IntoIterator for Changes {
    type Item = (Field, String);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    /// The fields and their values, in the order of [`Field::ALL`].
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<&Details> for Changes {
    fn from(details: &Details) -> Self {
        Self(
            Field::ALL
                .into_iter()
                .map(|field| (field, details.text(field).into_owned()))
                .collect(),
        )
    }
}

impl Serialize for Changes {
    /// Writes a merge patch: a cleared field is `null`, and a valid manager id is a number.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, value) in self.iter() {
            match (field.kind(), value.trim()) {
                (_, "") => map.serialize_entry(field.name(), &None::<()>)?,
                (Kind::Person, number) => match number.parse::<EmployeeId>() {
                    Ok(id) => map.serialize_entry(field.name(), &id)?,
                    // Sent as it was typed, so that the server answers with an error for this
                    // field.
                    Err(_) => map.serialize_entry(field.name(), number)?,
                },
                (
                    Kind::Required
                    | Kind::Text
                    | Kind::Lines
                    | Kind::Email
                    | Kind::Phone
                    | Kind::Status
                    | Kind::Date,
                    _,
                ) => map.serialize_entry(field.name(), value)?,
            }
        }
        map.end()
    }
}

/// The input that writes a record: its fields, and optionally the id and the version.
///
/// `created`, `updated` and `updatedBy` are accepted but ignored, so a client may send back a
/// record as it received it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordInput {
    /// The record to write, if the path does not name it.
    pub id: Option<EmployeeId>,
    /// The version that the client read.
    pub version: Option<Version>,
    /// The fields.
    pub changes: Changes,
}

impl RecordInput {
    /// Reads one JSON object.
    ///
    /// # Errors
    /// [`InputError`], which names every invalid member.
    pub fn from_json(body: &[u8]) -> Result<Self, InputError> {
        Self::from_members(Members::read(body)?)
    }

    /// Reads the members of an object that are left.
    pub(crate) fn from_members(mut members: Members<'_>) -> Result<Self, InputError> {
        let mut document = Self {
            id: members.number("id"),
            version: members.number("version").map(Version::new),
            changes: Changes::default(),
        };
        for ignored in ["created", "updated", "updatedBy"] {
            members.take(ignored, |_| Ok(()));
        }
        for field in Field::ALL {
            if let Some(text) = members.take(field.name(), |value| text_of(field, value)) {
                document.changes.set(field, text);
            }
        }
        members.finish().map_err(InputError::Members)?;
        Ok(document)
    }
}

/// The text of a JSON value: empty for `null`, digits for a manager, which is a number.
fn text_of(field: Field, value: Value) -> Result<String, (Rule, String)> {
    match (field.kind(), value) {
        (_, Value::Null) => Ok(String::new()),
        (Kind::Person, Value::Number(number)) => Ok(number.to_string()),
        (Kind::Person, _) => Err((Rule::Type, "Must be a whole number or null.".to_owned())),
        (_, Value::String(text)) => Ok(text),
        _ => Err((Rule::Type, "Must be text or null.".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(body: &str) -> Vec<(String, Rule)> {
        match RecordInput::from_json(body.as_bytes()) {
            Err(InputError::Members(errors)) => {
                errors.into_iter().map(|e| (e.field, e.code)).collect()
            }
            other => panic!("{body} gave {other:?}"),
        }
    }

    #[test]
    fn a_body_becomes_a_record() {
        let body = r#"{"firstname":"Ariadna","lastname":" Bétancourt ","manager":1,"email":null}"#;
        let details = RecordInput::from_json(body.as_bytes())
            .unwrap()
            .changes
            .to_details()
            .unwrap();
        assert_eq!(details.full_name(), "Ariadna Bétancourt");
        assert_eq!(details.text(Field::Manager), "1");
        assert_eq!(details.text(Field::Status), "active");
    }

    #[test]
    fn every_invalid_member_is_named() {
        assert_eq!(
            refused(
                r#"{"firstname":1,"shoe":"44","lastname":"a","lastname":"b","manager":"1","id":0}"#
            ),
            [
                ("firstname".into(), Rule::Type),
                ("shoe".into(), Rule::Unknown),
                ("lastname".into(), Rule::Duplicate),
                ("manager".into(), Rule::Type),
                ("id".into(), Rule::Type),
            ]
        );
    }

    #[test]
    fn anything_but_one_object_is_refused_without_an_echo() {
        for body in [
            "",
            "{",
            "[]",
            "\"secret\"",
            "{} {}",
            "{\"firstname\":\"secret",
            "\u{feff}{}",
            "{\"a\":secret}",
        ] {
            match RecordInput::from_json(body.as_bytes()) {
                Err(error @ InputError::Syntax { .. }) => {
                    assert!(!error.to_string().contains("secret"), "{error}");
                }
                other => panic!("{body} gave {other:?}"),
            }
        }
        assert!(RecordInput::from_json(b"{\"firstname\":\"\xff\"}").is_err());
    }

    #[test]
    fn a_record_can_be_sent_back_as_it_was_read() {
        let body = r#"{"id":3,"version":4,"firstname":"A","lastname":"B","created":"x","updated":"y","updatedBy":"z"}"#;
        let document = RecordInput::from_json(body.as_bytes()).unwrap();
        assert_eq!(
            (
                document.id.map(EmployeeId::get),
                document.version.map(Version::get)
            ),
            (Some(3), Some(4))
        );
    }

    #[test]
    fn a_merge_keeps_what_it_does_not_name_and_clears_what_is_null() {
        let base = RecordInput::from_json(
            br#"{"firstname":"A","lastname":"B","title":"C","phone":"123"}"#,
        )
        .unwrap()
        .changes
        .to_details()
        .unwrap();
        let patch = RecordInput::from_json(br#"{"lastname":"D","phone":null}"#)
            .unwrap()
            .changes;
        let merged = patch.apply_to(&base).unwrap();
        assert_eq!(
            ["A", "D", "C", ""].map(String::from),
            [
                Field::Firstname,
                Field::Lastname,
                Field::Title,
                Field::Phone
            ]
            .map(|f| merged.text(f).into_owned())
        );
        assert_eq!(
            RecordInput::from_json(br#"{"lastname":null}"#)
                .unwrap()
                .changes
                .apply_to(&base)
                .unwrap_err()[0]
                .code,
            Rule::Required
        );
    }

    proptest! {
        #[test]
        fn what_was_accepted_is_accepted_again_unchanged(first in "\\PC{1,20}", last in "\\PC{1,20}", notes in "\\PC{0,40}", manager in 0u64..99) {
            let mut changes = Changes::default();
            changes.set(Field::Firstname, first);
            changes.set(Field::Lastname, last);
            changes.set(Field::Notes, notes);
            changes.set(Field::Manager, manager.to_string());
            if let Ok(details) = changes.to_details() {
                let body = serde_json::to_vec(&Changes::from(&details)).unwrap();
                let again = RecordInput::from_json(&body).unwrap().changes.to_details().unwrap();
                prop_assert_eq!(Changes::between(&details, &again), Changes::default());
                prop_assert_eq!(details, again);
            }
        }

        #[test]
        fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = RecordInput::from_json(&body);
        }
    }
}
