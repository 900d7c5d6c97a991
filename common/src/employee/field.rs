//! The fields of a record in one table. All that the contract says of a field follows from its row: the name in JSON,
//! CSV, filters and sort keys, the rules of its values, the type in [`Details`], and the order of the fields everywhere.
//!
//! A new field is a new row. What other places say of fields, such as the width of a column, is a `match` without a
//! wildcard, so the compiler lists them.

use std::borrow::Cow;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::id::EmployeeId;
use super::kind::{Kind, Value};
use super::status::Status;
use crate::field_error::{FieldError, Rule};
use crate::text;

/// What the contract says of a field, beside its name and its kind.
struct Row {
    name: &'static str,
    kind: Kind,
    /// The name for a person.
    label: &'static str,
    /// The name in a filter, for those who type it every day.
    filter: &'static str,
    /// Other names of its CSV column, in files of other systems: letters and digits in lower case.
    csv: &'static [&'static str],
    /// The longest value, in characters.
    max_chars: usize,
    /// What a valid value looks like, in a few words.
    hint: &'static str,
    /// Whether records can be put in order by it.
    sortable: bool,
    /// Whether many records share its values, so that a list of them helps to write one.
    shared: bool,
}

/// The type of the values of a kind.
macro_rules! type_of {
    (Required) => { String };
    (Text) => { Option<String> };
    (Email) => { Option<String> };
    (Phone) => { Option<String> };
    (Person) => { Option<EmployeeId> };
    (Status) => { Status };
    (Date) => { Option<Date> };
}

/// Makes [`Field`] and [`Details`] of the rows: `Variant member "name": Kind { facts }`.
macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident $member:ident $name:literal: $kind:ident { $($facts:tt)* })*) => {
        /// A field that people write.
        ///
        /// Its numbers, as in `field as usize`, follow the order of the table. The file and the wire never have them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "schema", schemars(transform = crate::schema::one_list))]
        pub enum Field {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Field {
            /// Every field, in the order of forms, CSV columns and JSON members.
            pub const ALL: [Self; [$(Self::$variant),*].len()] = [$(Self::$variant),*];

            const fn row(self) -> &'static Row {
                match self {
                    $(Self::$variant => &Row { name: $name, kind: Kind::$kind, $($facts)* },)*
                }
            }
        }

        /// The part of a record that people write. Every value in it has passed its field's rules.
        ///
        /// Built by [`Changes`](crate::Changes), or from stored values that a built one had.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Details {
            $(#[serde(rename = $name)] pub(super) $member: type_of!($kind),)*
        }

        impl Details {
            /// Rebuilds the record's part from stored values that have passed the rules. They are not checked again,
            /// so a rule that becomes stricter leaves them as they are.
            ///
            /// `text` returns a field's text as [`Details::text`] does, and is called once per field, in the order of
            /// [`Field::ALL`].
            ///
            /// # Errors
            /// The field whose text is no id, no [`Status`] or no date, although it must be.
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
        label: "First name", filter: "first", csv: &["givenname"],
        max_chars: 100, hint: "required", sortable: true, shared: false,
    }
    /// Family name.
    Lastname lastname "lastname": Required {
        label: "Last name", filter: "last", csv: &["surname", "familyname"],
        max_chars: 100, hint: "required", sortable: true, shared: false,
    }
    /// One address. Its limit is that of RFC 5321, section 4.5.3.1.3: a path of 256 octets with its brackets.
    Email email "email": Email {
        label: "Email", filter: "email", csv: &[],
        max_chars: 254, hint: "name@example.com", sortable: true, shared: false,
    }
    /// A phone number.
    Phone phone "phone": Phone {
        label: "Phone", filter: "phone", csv: &[],
        max_chars: 32, hint: "+49 30 1234567", sortable: true, shared: false,
    }
    /// The job title.
    Title title "title": Text {
        label: "Title", filter: "title", csv: &[],
        max_chars: 100, hint: "", sortable: true, shared: true,
    }
    /// The department.
    Department department "department": Text {
        label: "Department", filter: "dept", csv: &[],
        max_chars: 100, hint: "", sortable: true, shared: true,
    }
    /// The place of work.
    Location location "location": Text {
        label: "Location", filter: "location", csv: &[],
        max_chars: 100, hint: "", sortable: true, shared: true,
    }
    /// The employee to whom this one reports.
    Manager manager "manager": Person {
        label: "Manager", filter: "mgr", csv: &["managerid"],
        max_chars: 16, hint: "the manager's id", sortable: true, shared: false,
    }
    /// The employment status.
    Status status "status": Status {
        label: "Status", filter: "status", csv: &[],
        max_chars: 10, hint: "active, leave or left", sortable: true, shared: true,
    }
    /// The first day of work.
    Hired hired "hired": Date {
        label: "Hired", filter: "hired", csv: &["hiredon", "hiredate"],
        max_chars: 10, hint: "YYYY-MM-DD", sortable: true, shared: false,
    }
    /// Free text.
    Notes notes "notes": Text {
        label: "Notes", filter: "notes", csv: &[],
        max_chars: 2000, hint: "up to 2000 characters", sortable: false, shared: false,
    }
}

impl Field {
    /// The name in JSON, CSV, filters and sort keys.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Reads [`Field::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// What its values are.
    pub const fn kind(self) -> Kind {
        self.row().kind
    }

    /// The name for a person.
    pub fn label(self) -> &'static str {
        self.row().label
    }

    /// The name in a filter, for those who type it every day.
    pub fn short_name(self) -> &'static str {
        self.row().filter
    }

    /// Reads the name of a CSV column: [`Field::name`], or one that other systems use. Letters and digits in lower case.
    pub(crate) fn from_csv_name(name: &str) -> Option<Self> {
        let has_name = |field: &Self| field.name() == name || field.row().csv.contains(&name);
        Self::ALL.into_iter().find(has_name)
    }

    /// Whether every record must have a value.
    pub fn is_required(self) -> bool {
        self.kind() == Kind::Required
    }

    /// The longest value, in characters.
    pub fn max_chars(self) -> usize {
        self.row().max_chars
    }

    /// What a valid value looks like, in a few words.
    pub fn hint(self) -> &'static str {
        self.row().hint
    }

    /// Whether records can be put in order by it.
    pub const fn is_sortable(self) -> bool {
        self.row().sortable
    }

    /// Whether many records share its values, so that a list of them helps to write one.
    pub fn is_shared(self) -> bool {
        self.row().shared
    }

    /// The fields of which [`Field::is_shared`] is true.
    pub fn shared() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|field| field.is_shared())
    }

    /// Applies the field's rules to what was typed; an empty text is no value.
    ///
    /// # Errors
    /// The first rule that the text breaks, with a message that says what to do.
    pub fn check(self, typed: &str) -> Result<Option<String>, FieldError> {
        let value = text::normalised(typed);
        let refuse = |rule, message: String| Err(FieldError::new(self.name(), rule, message));
        if value.is_empty() {
            return match self.is_required() {
                true => refuse(Rule::Required, format!("{} is required.", self.label())),
                false => Ok(None),
            };
        }
        if text::has_control(&value) {
            return refuse(
                Rule::Control,
                "Remove line breaks and control characters.".into(),
            );
        }
        if text::has_bidi_control(&value) {
            return refuse(
                Rule::Control,
                "Remove the characters that change the direction of text.".into(),
            );
        }
        if !text::has_visible(&value) {
            return refuse(
                Rule::Control,
                format!("{} needs a visible character.", self.label()),
            );
        }
        let length = value.chars().count();
        if length > self.max_chars() {
            let over = length - self.max_chars();
            let message = format!("At most {} characters; {over} too many.", self.max_chars());
            return refuse(Rule::TooLong, message);
        }
        match self.kind().warning(&value) {
            Some(message) => refuse(Rule::Format, message.into()),
            None => Ok(Some(value)),
        }
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
        field.check(typed).map_err(|e| e.code)
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
        assert_eq!(verdict(Field::Title, "a\u{1b}[31m"), Err(Rule::Control));
        assert_eq!(verdict(Field::Notes, "one\ntwo"), Err(Rule::Control));
        assert_eq!(
            verdict(Field::Lastname, "می\u{200c}خواهم"),
            Ok(Some("می\u{200c}خواهم".into()))
        );
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
