//! An employee's record: how a new one begins, and its JSON.

use std::borrow::Cow;
use std::sync::LazyLock;

use bytes::Bytes;
use jiff::Timestamp;
use roster_common::employee::{Details, Employee, EmployeeId, Field, Kind, Version};
use roster_common::time;
use serde::Serialize;

use super::attribution::Attribution;
use super::history::HistoryEnds;

/// One record with its JSON already encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The employee's id.
    pub id: EmployeeId,
    /// The version of the record.
    pub version: Version,
    /// The record as [`Employee`] serialises it.
    pub json: Bytes,
}

impl Record {
    /// Encodes a record.
    pub fn of(employee: &Employee) -> Self {
        let mut json = Vec::with_capacity(USUAL_JSON);
        Values::of(employee).write_json(&mut json);
        Self {
            id: employee.id,
            version: employee.version,
            json: json.into(),
        }
    }
}

/// Most records' JSON is no longer than this, in bytes.
pub const USUAL_JSON: usize = 512;

/// Where the value of each field begins in a record's JSON, in the order of [`Field::ALL`].
pub type ValueStarts = [usize; Field::ALL.len()];

/// The values of an employee, borrowed from an [`Employee`] or from a stored row: a start reads a
/// million rows, and does not copy their texts first.
pub struct Values<'a> {
    /// The employee's id.
    pub id: EmployeeId,
    /// The value of each field as [`Details::text`] has it, in the order of [`Field::ALL`].
    pub texts: [Cow<'a, str>; Field::ALL.len()],
    /// The version of the record.
    pub version: Version,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last written.
    pub updated: Timestamp,
    /// Who changed it last.
    pub updated_by: &'a str,
}

impl<'a> Values<'a> {
    /// Those of an employee.
    pub fn of(employee: &'a Employee) -> Self {
        Self {
            id: employee.id,
            texts: Field::ALL.map(|field| employee.details.text(field)),
            version: employee.version,
            created: employee.created,
            updated: employee.updated,
            updated_by: &employee.updated_by,
        }
    }

    /// The value of a field as [`Details::text`] has it.
    pub fn text(&self, field: Field) -> &str {
        self.texts.get(field as usize).map_or("", Cow::as_ref)
    }

    /// Appends the record to `json` as [`Employee`] serialises it.
    pub fn write_json(&self, json: &mut Vec<u8>) -> ValueStarts {
        /// What stands before the value of each field.
        static MEMBERS: LazyLock<[String; Field::ALL.len()]> =
            LazyLock::new(|| Field::ALL.map(|field| format!(",\"{}\":", field.name())));
        let begin = json.len();
        json.extend_from_slice(b"{\"id\":");
        push(json, &self.id);
        let mut starts = [0; _];
        for ((field, member), start) in Field::ALL.into_iter().zip(&*MEMBERS).zip(&mut starts) {
            json.extend_from_slice(member.as_bytes());
            *start = json.len() - begin;
            self.push_value(json, field);
        }
        json.extend_from_slice(b",\"version\":");
        push(json, &self.version);
        let created = time::written(self.created);
        json.extend_from_slice(b",\"created\":");
        push(json, &created);
        json.extend_from_slice(b",\"updated\":");
        if self.updated == self.created {
            push(json, &created);
        } else {
            push(json, &time::written(self.updated));
        }
        json.extend_from_slice(b",\"updatedBy\":");
        push(json, self.updated_by);
        json.push(b'}');
        starts
    }

    fn push_value(&self, json: &mut Vec<u8>, field: Field) {
        let text = self.text(field);
        match field.kind() {
            Kind::Required => push(json, text),
            _ if text.is_empty() => push(json, &()),
            // An id is a number in JSON.
            Kind::Person => json.extend_from_slice(text.as_bytes()),
            _ => push(json, text),
        }
    }
}

/// Appends a number, a text, or null. Writing to memory cannot fail.
fn push(json: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    _ = serde_json::to_writer(json, value);
}

/// The first version of a record.
pub fn first_version(id: EmployeeId, details: Details, attribution: &Attribution) -> Employee {
    let at = to_the_millisecond(attribution.at);
    Employee {
        id,
        details,
        version: Version::FIRST,
        created: at,
        updated: at,
        updated_by: attribution.by.to_string(),
    }
}

/// The next version of a record, with other details. Its number is at least `floor`.
pub fn next_version(
    before: &Employee,
    details: Details,
    floor: Version,
    attribution: &Attribution,
) -> Employee {
    Employee {
        details,
        version: before.version.next().max(floor),
        updated: to_the_millisecond(attribution.at),
        updated_by: attribution.by.to_string(),
        ..before.clone()
    }
}

/// The version of a deleted employee who is restored: higher than any before, and at least `floor`.
/// `ends` are those of the history.
pub fn restored_version(
    id: EmployeeId,
    ends: &HistoryEnds,
    details: Details,
    floor: Version,
    attribution: &Attribution,
) -> Employee {
    Employee {
        version: ends.last.version.next().max(floor),
        created: ends.first.at,
        ..first_version(id, details, attribution)
    }
}

/// Stores keep milliseconds: what is answered now is what will be read later.
pub fn to_the_millisecond(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use roster_common::Changes;

    use super::*;

    proptest! {
        #[test]
        fn a_record_is_written_as_an_employee_is_serialised(
            names in ("[\\PC]{1,9}", "[\",:\\\\{}\\[\\]\\pL]{1,9}"),
            notes in "(\\PC|\n|\\\\|\"){0,20}",
            texts in prop::collection::vec("(null|,|\"|\\\\|a\\.b|)", 4),
            with_forms in any::<bool>(),
            times in (0i64..5_000, 0i64..2),
        ) {
            let mut changes = Changes::default();
            changes.set(Field::Firstname, names.0);
            changes.set(Field::Lastname, names.1);
            changes.set(Field::Notes, notes);
            let fields = [Field::Title, Field::Department, Field::Location, Field::Number];
            for (field, text) in fields.into_iter().zip(texts) {
                changes.set(field, text);
            }
            if with_forms {
                changes.set(Field::Email, "ada@example.com");
                changes.set(Field::Phone, "+1 (555) 0122");
                changes.set(Field::Manager, "17");
                changes.set(Field::Status, "leave");
                changes.set(Field::Hired, "2026-11-24");
            }
            prop_assume!(changes.to_details().is_ok());
            let created = Timestamp::from_millisecond(times.0).unwrap();
            let employee = Employee {
                id: EmployeeId::try_from(9).unwrap(),
                details: changes.to_details().unwrap(),
                version: Version::FIRST,
                created,
                updated: Timestamp::from_millisecond(times.0 + times.1).unwrap(),
                updated_by: "ada \"the first\"".into(),
            };
            let mut json = Vec::new();
            let starts = Values::of(&employee).write_json(&mut json);
            prop_assert_eq!(&json, &serde_json::to_vec(&employee).unwrap());
            for (field, start) in Field::ALL.into_iter().zip(starts) {
                let member = format!(",\"{field}\":");
                prop_assert!(json[..start].ends_with(member.as_bytes()));
            }
        }
    }
}
