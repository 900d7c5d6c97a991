//! The fields of a record in one table. The table defines the contract of each field: its name in
//! JSON, CSV, filters and sort keys, the rules for its values, its type in [`Details`], and the
//! order of the fields everywhere.
//!
//! To add a field, add an entry to the table. Other code that depends on the field, such as the
//! width of its column, is a `match` without a wildcard, so the compiler lists the places to
//! extend.

use std::borrow::Cow;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::id::EmployeeId;
use super::kind::{Kind, Value};
use super::status::Status;
use crate::extensible::Extensible;
use crate::field_error::{FieldError, Rule};
use crate::text;

/// One entry of the table.
struct FieldSpec {
    name: &'static str,
    kind: Kind,
    /// The name on screens.
    label: &'static str,
    /// The short name in filters.
    filter: &'static str,
    /// The maximum length in characters.
    max_chars: usize,
    /// What a valid value looks like, in a few words.
    hint: &'static str,
    /// Whether lists can be sorted by it.
    sortable: bool,
    /// Whether many records share its values, so that suggesting the existing ones is useful.
    shared: bool,
}

/// The type of the values of a kind.
macro_rules! type_of {
    (Required) => { String };
    (Text) => { Option<String> };
    (Lines) => { Option<String> };
    (Email) => { Option<String> };
    (Phone) => { Option<String> };
    (Person) => { Option<EmployeeId> };
    (Status) => { Extensible<Status> };
    (Date) => { Option<Date> };
}

/// Declares [`Field`] and [`Details`] from entries like `Variant member "name": Kind { … }`.
macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident $member:ident $name:literal: $kind:ident { $($facts:tt)* })*) => {
        /// A field that users can edit.
        ///
        /// `field as usize` is its position in the table, which is never stored or sent.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "schema", schemars(transform = crate::schema::one_list))]
        pub enum Field {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Field {
            /// Every field, in the order of forms, CSV columns and JSON members.
            pub const ALL: [Self; [$(Self::$variant),*].len()] = [$(Self::$variant),*];

            const fn spec(self) -> &'static FieldSpec {
                match self {
                    $(Self::$variant => &FieldSpec { name: $name, kind: Kind::$kind, $($facts)* },)*
                }
            }
        }

        /// The part of a record that users can edit. Every value has been validated.
        ///
        /// Built from [`Changes`](crate::Changes), or from stored values, which were validated
        /// before.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Details {
            $(#[serde(rename = $name)] pub(super) $member: type_of!($kind),)*
        }

        impl Details {
            /// Rebuilds the details from stored values. They are not validated again, so records
            /// stay readable if a rule becomes stricter.
            ///
            /// `text` returns a field's text as [`Details::text`] does. It is called once per
            /// field, in the order of [`Field::ALL`].
            ///
            /// # Errors
            /// The field whose text cannot be converted to its type: an id, a [`Status`] or a date.
            pub fn from_stored(mut text: impl FnMut(Field) -> String) -> Result<Self, Field> {
                Ok(Self {
                    $($member: Value::read(text(Field::$variant)).ok_or(Field::$variant)?,)*
                })
            }

            /// The field's value as text, as forms, CSV and filters show it; empty if it has none.
            pub fn text(&self, field: Field) -> Cow<'_, str> {
                match field {
                    $(Field::$variant => self.$member.text(),)*
                }
            }
        }
    };
}

fields! {
    /// Given name.
    Firstname firstname "firstname": Required {
        label: "First name", filter: "first",
        max_chars: 100, hint: "required", sortable: true, shared: false,
    }
    /// Family name.
    Lastname lastname "lastname": Required {
        label: "Last name", filter: "last",
        max_chars: 100, hint: "required", sortable: true, shared: false,
    }
    /// An email address. The limit follows from RFC 5321, section 4.5.3.1.3: a path has at most 256
    /// octets, including its angle brackets.
    Email email "email": Email {
        label: "Email", filter: "email",
        max_chars: 254, hint: "for example name@example.com", sortable: true, shared: false,
    }
    /// A phone number.
    Phone phone "phone": Phone {
        label: "Phone", filter: "phone",
        max_chars: 32, hint: "for example +49 30 1234567", sortable: true, shared: false,
    }
    /// The job title.
    Title title "title": Text {
        label: "Title", filter: "title",
        max_chars: 100, hint: "", sortable: true, shared: true,
    }
    /// The department.
    Department department "department": Text {
        label: "Department", filter: "dept",
        max_chars: 100, hint: "", sortable: true, shared: true,
    }
    /// The place of work.
    Location location "location": Text {
        label: "Location", filter: "location",
        max_chars: 100, hint: "", sortable: true, shared: true,
    }
    /// The employee to whom this one reports.
    Manager manager "manager": Person {
        label: "Manager", filter: "mgr",
        max_chars: 16, hint: "the manager's id", sortable: true, shared: false,
    }
    /// The employment status.
    Status status "status": Status {
        label: "Status", filter: "status",
        max_chars: 10, hint: "active, leave or left", sortable: true, shared: true,
    }
    /// The first day of work.
    Hired hired "hired": Date {
        label: "Hired", filter: "hired",
        max_chars: 10, hint: "YYYY-MM-DD", sortable: true, shared: false,
    }
    /// The personnel number, as other systems know the person. At most one employee has it,
    /// whatever its case; see [`Details::number_key`].
    Number number "number": Text {
        label: "Number", filter: "number",
        max_chars: 64, hint: "the personnel number", sortable: true, shared: false,
    }
    /// Free text.
    Notes notes "notes": Lines {
        label: "Notes", filter: "notes",
        max_chars: 2000, hint: "up to 2000 characters", sortable: false, shared: false,
    }
}

impl Field {
    /// The name in JSON, CSV, filters and sort keys.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// Reads [`Field::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// The kind of its values.
    pub const fn kind(self) -> Kind {
        self.spec().kind
    }

    /// The name on screens.
    pub fn label(self) -> &'static str {
        self.spec().label
    }

    /// The short name in filters.
    pub fn short_name(self) -> &'static str {
        self.spec().filter
    }

    /// Returns `true` if every record must have a value.
    pub fn is_required(self) -> bool {
        self.kind() == Kind::Required
    }

    /// The maximum length in characters.
    pub fn max_chars(self) -> usize {
        self.spec().max_chars
    }

    /// What a valid value looks like, in a few words.
    pub fn hint(self) -> &'static str {
        self.spec().hint
    }

    /// Returns `true` if lists can be sorted by it.
    pub const fn is_sortable(self) -> bool {
        self.spec().sortable
    }

    /// Returns `true` if many records share its values, so that suggesting the existing ones is
    /// useful.
    pub fn is_shared(self) -> bool {
        self.spec().shared
    }

    /// Whether its values can be listed with how many employees have each: a shared field, or the
    /// manager.
    pub fn has_values(self) -> bool {
        self.is_shared() || self.kind() == Kind::Person
    }

    /// The fields for which [`Field::has_values`] is `true`.
    pub fn with_values() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|field| field.has_values())
    }

    /// Normalises and validates a value. Returns `None` for an empty one.
    ///
    /// # Errors
    /// The first rule that the text breaks, with a message that says what to do.
    pub fn check(self, typed: &str) -> Result<Option<Cow<'_, str>>, FieldError> {
        let value = self.kind().normalised(typed);
        if value.is_empty() {
            return if self.is_required() {
                self.refuse(Rule::Required, format!("{} is required.", self.label()))
            } else {
                Ok(None)
            };
        }
        self.check_characters(&value)?;
        match self.kind().warning(&value) {
            Some(message) => self.refuse(Rule::Format, message),
            None => Ok(Some(value)),
        }
    }

    /// The same for a text that is not needed any more. Returns an empty text for an empty value.
    ///
    /// # Errors
    /// As [`Field::check`]
    pub fn checked(self, typed: String) -> Result<String, FieldError> {
        let value = match self.check(&typed)? {
            // Most values are stored as they were typed.
            Some(Cow::Borrowed(value)) if value.len() == typed.len() => None,
            value => Some(value.map(Cow::into_owned).unwrap_or_default()),
        };
        Ok(value.unwrap_or(typed))
    }

    /// An error in a value of this field.
    fn refuse<T>(self, rule: Rule, message: impl Into<String>) -> Result<T, FieldError> {
        Err(FieldError::new(self.name(), rule, message))
    }

    /// Returns an error if a value has characters that it may not have, or too many.
    fn check_characters(self, value: &str) -> Result<(), FieldError> {
        if value.len() <= self.max_chars() && text::is_printable_ascii(value) {
            return Ok(());
        }
        // Characters that cannot be seen come first: a message about the length or the format would
        // be puzzling, since the text looks right.
        if let Some(message) = self.kind().control_warning(value) {
            return self.refuse(Rule::Control, message);
        }
        if text::has_bidi_control(value) {
            return self.refuse(
                Rule::Control,
                "Remove the characters that change the direction of text.",
            );
        }
        if !text::has_visible(value) {
            return self.refuse(
                Rule::Control,
                format!("{} needs a visible character.", self.label()),
            );
        }
        let length = value.chars().count();
        if length > self.max_chars() {
            let over = length - self.max_chars();
            let message = format!("At most {} characters; {over} too many.", self.max_chars());
            return self.refuse(Rule::TooLong, message);
        }
        Ok(())
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(field: Field, typed: &str) -> Result<Option<String>, Rule> {
        let checked = field.check(typed).map_err(|e| e.code)?;
        Ok(checked.map(Cow::into_owned))
    }

    #[test]
    fn names_are_required_trimmed_and_composed() {
        assert_eq!(
            verdict(Field::Firstname, "  Ariadna "),
            Ok(Some("Ariadna".into()))
        );
        assert_eq!(
            verdict(Field::Lastname, "Be\u{301}t"),
            Ok(Some("Bét".into()))
        );
        assert_eq!(verdict(Field::Lastname, " \t "), Err(Rule::Required));
    }

    #[test]
    fn control_characters_are_refused_and_joiners_are_kept() {
        for typed in [
            "a\u{1b}[31m",
            "one\ttwo",
            "one\u{7f}",
            "one\u{9b}",
            "one\0two",
        ] {
            for field in [Field::Title, Field::Lastname, Field::Notes] {
                assert_eq!(verdict(field, typed), Err(Rule::Control), "{typed:?}");
            }
        }
        assert_eq!(
            verdict(Field::Lastname, "می\u{200c}خواهم"),
            Ok(Some("می\u{200c}خواهم".into()))
        );
    }

    #[test]
    fn only_notes_have_lines_and_they_end_in_line_feeds() {
        for typed in [
            "one\ntwo",
            "one\r\ntwo",
            "one\rtwo",
            "one\u{2028}two",
            "\n one\ntwo\n",
        ] {
            assert_eq!(
                verdict(Field::Notes, typed),
                Ok(Some("one\ntwo".into())),
                "{typed:?}"
            );
        }
        assert_eq!(
            verdict(Field::Notes, "one\n\ntwo"),
            Ok(Some("one\n\ntwo".into()))
        );
        for field in Field::ALL.into_iter().filter(|f| *f != Field::Notes) {
            for typed in ["one\ntwo", "one\rtwo", "one\u{2028}two", "one\u{2029}two"] {
                assert!(verdict(field, typed).is_err(), "{field} {typed:?}");
            }
        }
    }

    #[test]
    fn what_shows_nothing_or_reverses_text_is_refused_in_every_text() {
        for field in [Field::Firstname, Field::Title, Field::Notes] {
            for typed in [
                "\u{200b}",
                "\u{3164}",
                "\u{2800}",
                "\u{301}",
                "\u{200e}\u{feff}",
            ] {
                assert_eq!(verdict(field, typed), Err(Rule::Control), "{typed:?}");
            }
            assert_eq!(verdict(field, "Ada\u{202e}ecalevoL"), Err(Rule::Control));
            assert_eq!(verdict(field, "\u{2067}Ada"), Err(Rule::Control));
        }
        assert!(verdict(Field::Lastname, "\u{200f}\u{5e2}\u{5de}").is_ok());
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(verdict(Field::Lastname, &"漢".repeat(100)).is_ok());
        assert_eq!(
            verdict(Field::Lastname, &"漢".repeat(101)),
            Err(Rule::TooLong)
        );
    }

    #[test]
    fn each_field_has_its_form() {
        for (field, good, bad) in [
            (Field::Email, "a.b@example.com", "a b@example.com"),
            (Field::Email, "ü@example.org", "a@b@example.com"),
            (Field::Email, "a@localhost", "a@"),
            (Field::Email, "a@b-c.de", "a@b..de"),
            (Field::Phone, "+1-555-0122-8293", "+1 (five)"),
            (Field::Phone, "(030) 12/34.5", "12"),
            (Field::Manager, "17", "0"),
            (Field::Manager, "9007199254740991", "9007199254740992"),
            (Field::Manager, "1", "+1"),
            (Field::Status, "leave", "Leave!"),
            (Field::Hired, "2024-02-29", "2023-02-29"),
            (Field::Hired, "1900-01-01", "20240229"),
            (Field::Hired, "2199-12-31", "2200-01-01"),
        ] {
            assert!(field.check(good).is_ok(), "{field} takes {good}");
            assert_eq!(
                verdict(field, bad),
                Err(Rule::Format),
                "{field} refuses {bad}"
            );
        }
    }
}
