//! An employee's record: its fields, the rules of each, and the types that only a passed rule can build.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::problem::{FieldError, Rule};
use crate::text;

/// An employee's number: positive, given by the server, never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct EmployeeId(u64);

impl EmployeeId {
    /// The largest id: JSON numbers are exact up to 2^53 - 1 in every client (RFC 8259, section 6).
    pub const MAX: u64 = (1 << 53) - 1;

    /// The number itself.
    pub fn get(self) -> u64 {
        self.0
    }
}

/// A number that is not an employee's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an employee's id is a whole number from 1")]
pub struct NotAnId;

impl TryFrom<u64> for EmployeeId {
    type Error = NotAnId;

    fn try_from(number: u64) -> Result<Self, NotAnId> {
        (1..=Self::MAX)
            .contains(&number)
            .then_some(Self(number))
            .ok_or(NotAnId)
    }
}

impl From<EmployeeId> for u64 {
    fn from(id: EmployeeId) -> u64 {
        id.0
    }
}

impl FromStr for EmployeeId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        // `u64::from_str` takes a leading plus sign; a path segment and a CSV cell do not.
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAnId);
        }
        text.parse::<u64>().map_err(|_| NotAnId)?.try_into()
    }
}

impl fmt::Display for EmployeeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The count of changes that a record has seen, from 1. Its strong entity tag is this number in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(u64);

impl Version {
    /// The version of a new record.
    pub const FIRST: Self = Self(1);

    /// A version read back from where it was kept.
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number itself.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The version after one more change.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The entity tag (RFC 9110, section 8.8.3): `"7"`.
    pub fn etag(self) -> String {
        format!("\"{}\"", self.0)
    }

    /// Reads one strong entity tag as [`Version::etag`] writes it.
    pub fn from_etag(tag: &str) -> Option<Self> {
        let digits = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse().ok().map(Self)).flatten()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether somebody works here now.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// At work.
    #[default]
    Active,
    /// Employed, and away for a while.
    Leave,
    /// No longer employed.
    Left,
}

impl Status {
    /// Every status, in the order in which forms offer them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Leave, Self::Left];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Leave => "leave",
            Self::Left => "left",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A field that people write. Forms, filters, sort keys, CSV columns and JSON bodies all read this one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// Given name; required.
    Firstname,
    /// Family name; required.
    Lastname,
    /// One address.
    Email,
    /// One number, as dialled.
    Phone,
    /// What the person does.
    Title,
    /// Where in the organisation.
    Department,
    /// Where on the map.
    Location,
    /// The id of the employee to whom this one reports.
    Manager,
    /// `active`, `leave` or `left`.
    Status,
    /// The first day of work.
    Hired,
    /// Anything else.
    Notes,
}

impl Field {
    /// Every field, in the order of forms, CSV columns and JSON members.
    pub const ALL: [Self; 11] = [
        Self::Firstname,
        Self::Lastname,
        Self::Email,
        Self::Phone,
        Self::Title,
        Self::Department,
        Self::Location,
        Self::Manager,
        Self::Status,
        Self::Hired,
        Self::Notes,
    ];

    /// The fields whose values many records share, so that a list of them helps to write one.
    pub const SHARED: [Self; 4] = [Self::Title, Self::Department, Self::Location, Self::Status];

    /// The field's name in JSON, CSV, filters and sort keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Firstname => "firstname",
            Self::Lastname => "lastname",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Title => "title",
            Self::Department => "department",
            Self::Location => "location",
            Self::Manager => "manager",
            Self::Status => "status",
            Self::Hired => "hired",
            Self::Notes => "notes",
        }
    }

    /// The field's name for a person.
    pub fn label(self) -> &'static str {
        match self {
            Self::Firstname => "First name",
            Self::Lastname => "Last name",
            Self::Email => "Email",
            Self::Phone => "Phone",
            Self::Title => "Title",
            Self::Department => "Department",
            Self::Location => "Location",
            Self::Manager => "Manager",
            Self::Status => "Status",
            Self::Hired => "Hired",
            Self::Notes => "Notes",
        }
    }

    /// Reads [`Field::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Whether a record cannot be without it.
    pub fn is_required(self) -> bool {
        matches!(self, Self::Firstname | Self::Lastname)
    }

    /// The longest value, in characters.
    pub fn max_chars(self) -> usize {
        match self {
            Self::Firstname | Self::Lastname | Self::Title | Self::Department | Self::Location => {
                100
            }
            // RFC 5321, section 4.5.3.1.3: a path of 256 octets with its brackets.
            Self::Email => 254,
            Self::Phone => 32,
            Self::Manager => 16,
            Self::Status | Self::Hired => 10,
            Self::Notes => 2000,
        }
    }

    /// What a valid value looks like, in a few words.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Firstname | Self::Lastname => "required",
            Self::Email => "name@example.com",
            Self::Phone => "+49 30 1234567",
            Self::Title | Self::Department | Self::Location => "",
            Self::Manager => "the manager's id",
            Self::Status => "active, leave or left",
            Self::Hired => "YYYY-MM-DD",
            Self::Notes => "up to 2000 characters",
        }
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
                "Take out line breaks and control characters.".into(),
            );
        }
        let length = value.chars().count();
        if length > self.max_chars() {
            let over = length - self.max_chars();
            let message = format!(
                "At most {} characters; this is {over} too many.",
                self.max_chars()
            );
            return refuse(Rule::TooLong, message);
        }
        match self.broken_format(&value) {
            Some(message) => refuse(Rule::Format, message.into()),
            None => Ok(Some(value)),
        }
    }

    /// What to do about a normalised value that has not the field's form.
    fn broken_format(self, value: &str) -> Option<&'static str> {
        match self {
            Self::Email => (!is_email(value)).then_some("Write an address like name@example.com."),
            Self::Phone => (!is_phone(value))
                .then_some("Use digits, spaces and + - ( ) . / only, with at least three digits."),
            Self::Manager => value
                .parse::<EmployeeId>()
                .err()
                .map(|_| "Write the manager's id, a whole number."),
            Self::Status => (!Status::ALL.iter().any(|s| s.as_str() == value))
                .then_some("Write active, leave or left."),
            Self::Hired => parse_date(value)
                .is_none()
                .then_some("Write a date that exists, like 2026-11-23, from 1900 to 2199."),
            Self::Firstname
            | Self::Lastname
            | Self::Title
            | Self::Department
            | Self::Location
            | Self::Notes => None,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
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

/// Reads `YYYY-MM-DD`, and nothing else that a date parser might take.
fn parse_date(value: &str) -> Option<Date> {
    let shaped = value.len() == 10
        && value.bytes().enumerate().all(|(i, b)| {
            if i == 4 || i == 7 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    let date = shaped.then(|| value.parse::<Date>().ok()).flatten()?;
    (1900..2200).contains(&date.year()).then_some(date)
}

/// The part of a record that people write. Every value in it has passed its field's rules.
///
/// Built by [`crate::Changes`], or read back from where a built one was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    firstname: String,
    lastname: String,
    email: Option<String>,
    phone: Option<String>,
    title: Option<String>,
    department: Option<String>,
    location: Option<String>,
    manager: Option<EmployeeId>,
    status: Status,
    hired: Option<Date>,
    notes: Option<String>,
}

impl Details {
    /// Checks a value for each field, and builds the record's part, or says all that is wrong.
    pub(crate) fn check<'a>(
        value: impl Fn(Field) -> Cow<'a, str>,
    ) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut take = |field: Field| {
            field.check(&value(field)).unwrap_or_else(|error| {
                errors.push(error);
                None
            })
        };
        let details = Self {
            firstname: take(Field::Firstname).unwrap_or_default(),
            lastname: take(Field::Lastname).unwrap_or_default(),
            email: take(Field::Email),
            phone: take(Field::Phone),
            title: take(Field::Title),
            department: take(Field::Department),
            location: take(Field::Location),
            manager: take(Field::Manager).and_then(|v| v.parse().ok()),
            status: take(Field::Status)
                .map(|v| status_named(&v))
                .unwrap_or_default(),
            hired: take(Field::Hired).and_then(|v| parse_date(&v)),
            notes: take(Field::Notes),
        };
        if errors.is_empty() {
            Ok(details)
        } else {
            Err(errors)
        }
    }

    /// The field's value as text, as forms, CSV and filters show it; empty where there is none.
    pub fn text(&self, field: Field) -> Cow<'_, str> {
        let plain = |value: &'_ Option<String>| Cow::Owned(value.clone().unwrap_or_default());
        match field {
            Field::Firstname => Cow::Borrowed(&self.firstname),
            Field::Lastname => Cow::Borrowed(&self.lastname),
            Field::Email => borrowed(&self.email),
            Field::Phone => borrowed(&self.phone),
            Field::Title => borrowed(&self.title),
            Field::Department => borrowed(&self.department),
            Field::Location => borrowed(&self.location),
            Field::Manager => plain(&self.manager.map(|id| id.to_string())),
            Field::Status => Cow::Borrowed(self.status.as_str()),
            Field::Hired => plain(&self.hired.map(|date| date.to_string())),
            Field::Notes => borrowed(&self.notes),
        }
    }

    /// Given name.
    pub fn firstname(&self) -> &str {
        &self.firstname
    }

    /// Family name.
    pub fn lastname(&self) -> &str {
        &self.lastname
    }

    /// To whom the person reports.
    pub fn manager(&self) -> Option<EmployeeId> {
        self.manager
    }

    /// Whether the person works here now.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The first day of work.
    pub fn hired(&self) -> Option<Date> {
        self.hired
    }

    /// Both names, given name first.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.firstname, self.lastname)
    }
}

fn borrowed(value: &Option<String>) -> Cow<'_, str> {
    Cow::Borrowed(value.as_deref().unwrap_or_default())
}

fn status_named(word: &str) -> Status {
    Status::ALL
        .into_iter()
        .find(|s| s.as_str() == word)
        .unwrap_or_default()
}

/// A whole record, as the server answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Employee {
    /// Its number.
    pub id: EmployeeId,
    /// What people write.
    #[serde(flatten)]
    pub details: Details,
    /// How often it has been written.
    pub version: Version,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last written.
    pub updated: Timestamp,
    /// Who wrote it last: a username.
    #[serde(rename = "updatedBy")]
    pub updated_by: String,
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

    #[test]
    fn an_entity_tag_reads_back_and_nothing_else_does() {
        assert_eq!(
            Version::from_etag(&Version::new(7).etag()),
            Some(Version::new(7))
        );
        for other in [
            "7",
            "W/\"7\"",
            "\"\"",
            "\"+7\"",
            "\"x\"",
            "*",
            "\"99999999999999999999\"",
        ] {
            assert_eq!(Version::from_etag(other), None, "{other}");
        }
    }
}
