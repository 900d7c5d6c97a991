//! An employee's record, by its id.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use roster_common::employee::{Details, Employee, EmployeeId, Field, Status, Version};
use serde::{Deserialize, Serialize};

use super::numbers::Numbered;
use super::{BadRow, BadValue, StoredRow, read_format, write_format};
use crate::rules::record::Values;

/// The format of an [`Employee`]. Times are milliseconds since 1970. Texts are borrowed: an import
/// writes a million, and a start reads them.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct EmployeeFormat<T> {
    details: DetailsFormat<T>,
    version: u64,
    created: i64,
    updated: i64,
    updated_by: T,
}

/// The format of [`Details`].
#[derive(Default, Serialize, Deserialize)]
struct DetailsFormat<T> {
    firstname: T,
    lastname: T,
    email: Option<T>,
    phone: Option<T>,
    title: Option<T>,
    department: Option<T>,
    location: Option<T>,
    manager: Option<u64>,
    status: u8,
    /// `YYYY-MM-DD`.
    hired: Option<T>,
    notes: Option<T>,
    number: Option<T>,
}

/// The format of an employee until schema 3, without a personnel number.
#[derive(Serialize, Deserialize)]
struct EmployeeFormat3 {
    details: DetailsFormat3,
    version: u64,
    created: i64,
    updated: i64,
    updated_by: String,
}

/// The details in [`EmployeeFormat3`].
#[derive(Serialize, Deserialize)]
struct DetailsFormat3 {
    firstname: String,
    lastname: String,
    email: Option<String>,
    phone: Option<String>,
    title: Option<String>,
    department: Option<String>,
    location: Option<String>,
    manager: Option<u64>,
    status: u8,
    hired: Option<String>,
    notes: Option<String>,
}

/// Converts an employee's row of schema 3 to one of schema 4.
///
/// # Errors
/// [`BadRow`] if it is damaged.
pub(in crate::store) fn employee_row_of_schema_3(row: &[u8]) -> Result<Vec<u8>, BadRow> {
    let old: EmployeeFormat3 = read_format(Employee::TABLE, row)?;
    let details = DetailsFormat {
        firstname: old.details.firstname,
        lastname: old.details.lastname,
        email: old.details.email,
        phone: old.details.phone,
        title: old.details.title,
        department: old.details.department,
        location: old.details.location,
        manager: old.details.manager,
        status: old.details.status,
        hired: old.details.hired,
        notes: old.details.notes,
        number: None,
    };
    let new = EmployeeFormat {
        details,
        version: old.version,
        created: old.created,
        updated: old.updated,
        updated_by: old.updated_by,
    };
    write_format(Employee::TABLE, &new)
}

impl<'d> DetailsFormat<Cow<'d, str>> {
    fn of(details: &'d Details) -> Self {
        let mut format = Self::default();
        for field in Field::ALL {
            format.put(field, details);
        }
        format
    }

    fn put(&mut self, field: Field, details: &'d Details) {
        let text = details.text(field);
        match field {
            Field::Firstname => self.firstname = text,
            Field::Lastname => self.lastname = text,
            Field::Email => self.email = optional(text),
            Field::Phone => self.phone = optional(text),
            Field::Title => self.title = optional(text),
            Field::Department => self.department = optional(text),
            Field::Location => self.location = optional(text),
            Field::Manager => self.manager = details.manager().map(EmployeeId::get),
            // Validated before, so it is known.
            Field::Status => self.status = details.status().unwrap_or_default().number(),
            Field::Hired => self.hired = optional(text),
            Field::Number => self.number = optional(text),
            Field::Notes => self.notes = optional(text),
        }
    }
}

impl<'r> DetailsFormat<&'r str> {
    /// The value of a field as [`Details::text`] has it.
    fn text(&self, field: Field) -> Result<Cow<'r, str>, BadValue> {
        let text = match field {
            Field::Firstname => Some(self.firstname),
            Field::Lastname => Some(self.lastname),
            Field::Email => self.email,
            Field::Phone => self.phone,
            Field::Title => self.title,
            Field::Department => self.department,
            Field::Location => self.location,
            Field::Manager => return self.manager(),
            Field::Status => return Ok(Status::from_number(self.status)?.as_str().into()),
            Field::Hired => return self.hired(),
            Field::Number => self.number,
            Field::Notes => self.notes,
        };
        Ok(Cow::Borrowed(text.unwrap_or_default()))
    }

    fn manager(&self) -> Result<Cow<'r, str>, BadValue> {
        let Some(manager) = self.manager else {
            return Ok(Cow::Borrowed(""));
        };
        Ok(EmployeeId::try_from(manager)?.to_string().into())
    }

    fn hired(&self) -> Result<Cow<'r, str>, BadValue> {
        let day = self.hired.unwrap_or_default();
        if !day.is_empty() && day.parse::<Date>().is_err() {
            return Err(BadValue::Field(Field::Hired));
        }
        Ok(Cow::Borrowed(day))
    }
}

impl<'r> EmployeeFormat<&'r str> {
    fn values(&self, id: EmployeeId) -> Result<Values<'r>, BadValue> {
        let mut texts = [const { Cow::Borrowed("") }; _];
        for (text, field) in texts.iter_mut().zip(Field::ALL) {
            *text = self.details.text(field)?;
        }
        Ok(Values {
            id,
            texts,
            version: Version::new(self.version),
            created: Timestamp::from_millisecond(self.created)?,
            updated: Timestamp::from_millisecond(self.updated)?,
            updated_by: self.updated_by,
        })
    }
}

/// Reads the row of an employee without copying its texts.
///
/// # Errors
/// [`BadRow`], as [`StoredRow::from_row`]
pub(in crate::store) fn values_of_row(id: EmployeeId, row: &[u8]) -> Result<Values<'_>, BadRow> {
    let format: EmployeeFormat<&str> = read_format(Employee::TABLE, row)?;
    format
        .values(id)
        .map_err(|error| BadRow::new(Employee::TABLE, error))
}

fn optional(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    (!text.is_empty()).then_some(text)
}

impl StoredRow for Employee {
    type Format<'r> = EmployeeFormat<&'r str>;
    type Key = EmployeeId;
    const TABLE: &'static str = "employees";

    fn format(&self) -> impl Serialize {
        let Self {
            id: _,
            details,
            version,
            created,
            updated,
            updated_by,
        } = self;
        EmployeeFormat {
            details: DetailsFormat::of(details),
            version: version.get(),
            created: created.as_millisecond(),
            updated: updated.as_millisecond(),
            updated_by: Cow::from(updated_by),
        }
    }

    fn from_format(id: EmployeeId, format: EmployeeFormat<&str>) -> Result<Self, BadValue> {
        let values = format.values(id)?;
        let text = |field| values.text(field).to_owned();
        Ok(Self {
            id,
            details: Details::from_stored(text).map_err(BadValue::Field)?,
            version: values.version,
            created: values.created,
            updated: values.updated,
            updated_by: values.updated_by.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use roster_common::Changes;

    use super::super::tests::{pin, refuses_damage};
    use super::*;

    fn employee(fields: &[(Field, &str)]) -> Employee {
        let mut changes = Changes::default();
        for (field, value) in fields {
            changes.set(*field, *value);
        }
        Employee {
            id: EmployeeId::try_from(7).unwrap(),
            details: changes.to_details().unwrap(),
            version: Version::new(2),
            created: Timestamp::from_millisecond(1).unwrap(),
            updated: Timestamp::from_millisecond(2).unwrap(),
            updated_by: "ada".into(),
        }
    }

    /// A value for every field.
    const FULL: [(Field, &str); 12] = [
        (Field::Firstname, "A"),
        (Field::Lastname, "B"),
        (Field::Email, "c@d"),
        (Field::Phone, "123"),
        (Field::Title, "E"),
        (Field::Department, "F"),
        (Field::Location, "G"),
        (Field::Manager, "300"),
        (Field::Status, "left"),
        (Field::Hired, "2026-11-24"),
        (Field::Notes, "H"),
        (Field::Number, "I"),
    ];

    #[test]
    fn the_bytes_of_an_employee_are_fixed() {
        let employee_of = |fields| (employee(fields), EmployeeId::try_from(7).unwrap());
        let (few, id) = employee_of(&[
            (Field::Firstname, "A"),
            (Field::Lastname, "B"),
            (Field::Manager, "300"),
            (Field::Status, "left"),
            (Field::Hired, "2026-11-24"),
        ]);
        pin(
            &few,
            id,
            "0101410142000000000001ac0202010a323032362d31312d3234000002020403616461",
        );
        let (full, id) = employee_of(&FULL);
        pin(
            &full,
            id,
            "0101410142010363406401033132330101450101460101470\
             1ac0202010a323032362d31312d323401014801014902020403616461",
        );
    }

    #[test]
    fn a_row_of_schema_3_becomes_one_without_a_number() {
        let old = "0101410142000000000001ac0202010a323032362d31312d32340002020403616461";
        let bytes = |at| u8::from_str_radix(&old[at..at + 2], 16).unwrap();
        let old: Vec<u8> = (0..old.len()).step_by(2).map(bytes).collect();
        let new = employee_row_of_schema_3(&old).unwrap();
        let found = Employee::from_row(EmployeeId::try_from(7).unwrap(), &new).unwrap();
        assert_eq!(
            (found.details.number(), found.updated_by.as_str()),
            (None, "ada")
        );
        assert!(employee_row_of_schema_3(&old[..20]).is_err());
    }

    #[test]
    fn a_damaged_employee_or_a_value_of_another_form_is_an_error() {
        let full = employee(&FULL);
        refuses_damage(&full, || full.id);
        let damaged = |byte: usize, value| {
            let mut row = full.to_row().unwrap();
            row[byte] = value;
            values_of_row(full.id, &row).err().unwrap().to_string()
        };
        let mut row = full.to_row().unwrap();
        // The manager's id has two bytes, and the status follows it.
        let manager = row.windows(2).position(|part| part == [0xac, 2]).unwrap();
        assert!(damaged(manager + 2, 99).contains("99 is not a valid Status"));
        assert!(damaged(manager, 0).contains("invalid row in employees"));
        let hired = row.windows(4).position(|part| part == b"2026").unwrap();
        row[hired] = b'x';
        let error = Employee::from_row(full.id, &row).unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid row in employees: the value of hired is malformed"
        );
    }
}
