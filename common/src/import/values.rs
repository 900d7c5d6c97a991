//! The values of one row, read as people write them and checked by the rules of their fields.

use std::borrow::Cow;

use csv::StringRecord;
use jiff::civil::Date;

use super::cell::{SCIENTIFIC, has_lost_letters, is_nothing, is_scientific, without_entities};
use super::date::{self, DateOrder, DateReading};
use super::mapping::Mapping;
use super::name;
use super::places::{Places, value};
use super::report::{RefusedCell, Warning, example, excerpt};
use super::status::{self, StatusReading};
use crate::changes::Changes;
use crate::employee::{EmployeeId, Field, Status};
use crate::field_error::Rule;
use crate::text;

/// What must be known to read the cells of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'p> {
    pub mapping: &'p Mapping,
    pub places: &'p Places,
    /// Whether day or month comes first in dates.
    pub dates: Option<DateOrder>,
    pub today: Date,
    /// Whether rows update people, who keep their names if there are none.
    pub updates: bool,
}

/// The values of a row, with what may be wrong in them.
pub(super) type Accepted = (Changes, Vec<Warning>);

/// Reads the cells of a row, except its manager. Refuses all cells that break a rule.
pub(super) fn read(reading: Reading<'_>, row: &StringRecord) -> Result<Accepted, Vec<RefusedCell>> {
    let mut values = Values {
        reading,
        row,
        changes: Changes::default(),
        refused: Vec::new(),
        warnings: Vec::new(),
    };
    values.read();
    if values.refused.is_empty() {
        Ok((values.changes, values.warnings))
    } else {
        Err(values.refused)
    }
}

/// The fields whose text is taken as it is.
const TEXTS: [Field; 4] = [
    Field::Phone,
    Field::Title,
    Field::Department,
    Field::Location,
];

/// The values of one row while they are read.
struct Values<'r> {
    reading: Reading<'r>,
    row: &'r StringRecord,
    changes: Changes,
    refused: Vec<RefusedCell>,
    warnings: Vec<Warning>,
}

impl<'r> Values<'r> {
    fn read(&mut self) {
        let places = self.reading.places;
        self.id(places);
        let status = self.names(places);
        if let Some(index) = places.field(Field::Email) {
            let text = self.text(index);
            self.set_unless_nothing(Field::Email, index, address(&text));
        }
        for field in TEXTS {
            if let Some(index) = places.field(field) {
                let text = self.text(index);
                self.set_unless_nothing(field, index, &text);
            }
        }
        if let Some(index) = places.field(Field::Notes) {
            let text = self.text(index);
            self.notes(index, &text);
        }
        if let Some(index) = places.field(Field::Number)
            && let Some(number) = places.number_of(self.row)
        {
            self.set(Field::Number, index, &number);
        }
        self.hired(places);
        // Last, since a status written after the name counts only if no column has one.
        self.status(places, status);
    }

    /// Notes with control characters are kept without them.
    fn notes(&mut self, index: usize, text: &str) {
        let is_refused = text::has_control(text)
            && matches!(Field::Notes.check(text), Err(error) if error.code == Rule::Control);
        let plain = is_refused.then(|| text.replace(char::is_control, " "));
        self.set_unless_nothing(Field::Notes, index, plain.as_deref().unwrap_or(text));
    }

    fn set_unless_nothing(&mut self, field: Field, index: usize, text: &str) {
        if !is_nothing(text) {
            self.set(field, index, text);
        }
    }

    /// The text of a cell without HTML.
    fn text(&mut self, index: usize) -> Cow<'r, str> {
        let text = value(self.row, Some(index));
        match without_entities(text) {
            Some(decoded) => {
                let column = self.reading.mapping.heading(index).to_owned();
                self.warnings.push(Warning::Entities {
                    column,
                    read: excerpt(text),
                });
                Cow::Owned(decoded)
            }
            None => Cow::Borrowed(text),
        }
    }

    /// Validates a value and keeps it, or refuses its cell.
    fn set(&mut self, field: Field, index: usize, text: &str) {
        if matches!(field, Field::Number | Field::Phone) && is_scientific(text) {
            self.refuse(
                index,
                field.name(),
                Rule::Format,
                SCIENTIFIC,
                example(field),
            );
            return;
        }
        match field.check(text) {
            Ok(Some(value)) => self.changes.set(field, value),
            Ok(None) => {}
            Err(error) => {
                let mut message = error.message;
                // Without its end, a quoted cell goes on to the next quotation mark of the file.
                if error.code == Rule::Control && text.contains('\n') {
                    message.push_str(" Look for a missing quote.");
                }
                self.refuse(index, field.name(), error.code, message, example(field));
            }
        }
    }

    fn refuse(
        &mut self,
        index: usize,
        field: &'static str,
        code: Rule,
        message: impl Into<String>,
        example: &'static str,
    ) {
        self.refused.push(RefusedCell {
            field,
            code,
            column: self.reading.mapping.heading(index).to_owned(),
            read: excerpt(value(self.row, Some(index))),
            message: message.into(),
            example,
        });
    }

    fn id(&mut self, places: &Places) {
        let text = value(self.row, places.id);
        if let Some(index) = places
            .id
            .filter(|_| !text.is_empty() && text.parse::<EmployeeId>().is_err())
        {
            self.refuse(
                index,
                "id",
                Rule::Format,
                "Must be a positive whole number.",
                "17",
            );
        }
    }

    /// Reads the names. Returns a status that is written after a name, as in `Ada Lovelace (left)`.
    fn names(&mut self, places: &Places) -> Option<StatusReading> {
        match (
            places.field(Field::Firstname),
            places.field(Field::Lastname),
        ) {
            (Some(first), Some(last)) => {
                let given = self.text(first);
                let family = self.text(last);
                let (given, status) = name::without_status(&given);
                let (family, other) = name::without_status(&family);
                let particle = value(self.row, places.particle);
                let second = value(self.row, places.second_lastname);
                // Dutch files have a column for the particle, Spanish ones for the second family
                // name.
                let family: Vec<_> = [particle, family, second]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect();
                self.name(Field::Firstname, first, given);
                self.name(Field::Lastname, last, &family.join(" "));
                status.or(other)
            }
            (first, last) => match places.full_name {
                Some(full_name) => self.full_name(full_name),
                // Only a file that updates people may lack one of the names, or both.
                None => {
                    self.single_names([(Field::Firstname, first), (Field::Lastname, last)]);
                    None
                }
            },
        }
    }

    fn single_names(&mut self, columns: [(Field, Option<usize>); 2]) {
        for (field, index) in columns {
            if let Some(index) = index {
                let text = self.text(index);
                self.name(field, index, &text);
            }
        }
    }

    fn full_name(&mut self, index: usize) -> Option<StatusReading> {
        let text = self.text(index);
        let (full, status) = name::without_status(&text);
        match name::split(full) {
            Some((first, last)) => {
                self.name(Field::Firstname, index, &first);
                self.name(Field::Lastname, index, &last);
            }
            None if full.is_empty() && self.reading.updates => {}
            // A single word may be either name, and a wrong guess would not be noticed.
            None => self.refuse(
                index,
                Field::Lastname.name(),
                Rule::Required,
                "Write the first and the last name.",
                "Ada Lovelace",
            ),
        }
        status
    }

    fn name(&mut self, field: Field, index: usize, name: &str) {
        if has_lost_letters(name) {
            let column = self.reading.mapping.heading(index).to_owned();
            self.warnings.push(Warning::LostLetters {
                column,
                read: excerpt(name),
            });
        }
        if !(name.is_empty() && self.reading.updates) {
            self.set(field, index, name);
        }
    }

    fn hired(&mut self, places: &Places) {
        if let Some(index) = places.field(Field::Hired)
            && let Some(date) = self.date(Field::Hired, index)
        {
            self.set(Field::Hired, index, &date.to_string());
        }
    }

    /// The date of a cell. Refuses the cell if it has another text.
    fn date(&mut self, field: Field, index: usize) -> Option<Date> {
        let text = value(self.row, Some(index));
        if is_nothing(text) {
            return None;
        }
        let reading = date::read(text, self.reading.today);
        match reading.in_order(self.reading.dates) {
            Ok(date) => return date,
            // Not even the file's other dates show the order, and a wrong guess would look right.
            Err(DateReading::Two {
                day_first,
                month_first,
            }) => {
                let [one, other] =
                    [day_first, month_first].map(|date| date.strftime("%-d %b %Y").to_string());
                let message = format!(
                    "{one} or {other}? Say which comes first, the day or the month (--dates)."
                );
                self.refuse(
                    index,
                    field.name(),
                    Rule::Format,
                    message,
                    example(Field::Hired),
                );
            }
            Err(_) => self.refuse(
                index,
                field.name(),
                Rule::Format,
                "Enter a date.",
                example(Field::Hired),
            ),
        }
        None
    }

    /// The status by its own column, by a blocked account, by a leaving date, or behind the name.
    fn status(&mut self, places: &Places, behind_name: Option<StatusReading>) {
        let mut status = behind_name;
        if let Some(index) = places.field(Field::Status) {
            let read = status::read(value(self.row, Some(index)), self.reading.mapping.status_of);
            status = self.known_status(index, read).or(status);
        } else if let Some(index) = places.blocked {
            let read = status::read_blocked(value(self.row, Some(index)));
            status = self.known_status(index, read).or(status);
        } else if let Some(index) = places.leaving
            && self
                .date(Field::Status, index)
                // Somebody who leaves at a later date still works here.
                .is_some_and(|date| date <= self.reading.today)
        {
            status = Some(StatusReading::Status(Status::Left));
        }
        if let Some(StatusReading::Status(status)) = status {
            self.changes.set(Field::Status, status.as_str());
        }
    }

    fn known_status(&mut self, index: usize, read: Option<StatusReading>) -> Option<StatusReading> {
        let text = value(self.row, Some(index));
        if read.is_none() && !text.is_empty() && !is_nothing(text) {
            self.refuse(
                index,
                Field::Status.name(),
                Rule::Format,
                "Enter active, leave or left.",
                example(Field::Status),
            );
        }
        read
    }
}

/// An address without `mailto:` or the name beside it.
fn address(text: &str) -> &str {
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let inside = text
        .strip_suffix('>')
        .and_then(|text| text.rsplit_once('<'));
    inside.map_or(text, |(_, address)| address).trim()
}
