//! Input of the employee commands: fields, files, standard input.

use std::io::Read;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use roster_common::changes::RecordInput;
use roster_common::query::field_named;
use roster_common::{Changes, Field, typed};

use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::client::Client;
use crate::import::managers::employees_named;

/// One `field=value` of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FieldArg {
    Value(Field, String),
    /// `-`: the record is JSON on standard input.
    Stdin,
}

pub(super) fn field_argument(text: &str) -> Result<FieldArg, String> {
    match text {
        "-" => Ok(FieldArg::Stdin),
        pair => field_and_value(pair).map(|(field, value)| FieldArg::Value(field, value)),
    }
}

pub(super) fn field_and_value(pair: &str) -> Result<(Field, String), String> {
    read_pair(pair, today())
}

fn read_pair(pair: &str, today: Date) -> Result<(Field, String), String> {
    let names = || Field::ALL.map(Field::name).join(", ");
    let (name, value) = pair.split_once('=').ok_or("use field=value")?;
    let field = field_named(name)
        .ok_or_else(|| format!("Unknown field \"{name}\". The fields are {}.", names()))?;
    let value = typed::value(field, value, today).map_err(|error| error.to_string())?;
    Ok((field, value))
}

/// The value of a word.
pub(super) fn one_of<T: Copy>(word: &str, words: &[(&str, T)]) -> Result<T, String> {
    let known = words.iter().find(|(known, _)| *known == word);
    known.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        match words.as_slice() {
            [words @ .., last] if !words.is_empty() => {
                format!("use {} or {last}", words.join(", "))
            }
            words => format!("use {}", words.concat()),
        }
    })
}

/// Today in the time zone of the computer.
pub(super) fn today() -> Date {
    TimeZone::system().to_datetime(Timestamp::now()).date()
}

/// Replaces the name, email address or personnel number of a manager by the id, if exactly one
/// person has it.
pub(super) async fn find_manager(changes: &mut Changes, client: &Client) -> Result<(), Failure> {
    if let Some(name) = changes.get(Field::Manager).map(str::to_owned) {
        // A value that is refused, like any other.
        let id = manager_id(&name, Failure::Manager, client).await?;
        changes.set(Field::Manager, id);
    }
    Ok(())
}

/// The id of the only person whom a text names. Digits are an id, and so is no text. `refuse` makes
/// the failure if the text names nobody, or several people.
pub(super) async fn manager_id(
    name: &str,
    refuse: fn(String) -> Failure,
    client: &Client,
) -> Result<String, Failure> {
    let number = name.trim_start_matches('#');
    // An id, or nothing, which removes the manager. The server checks that the id exists.
    if number.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(number.to_owned());
    }
    let people = employees_named(name, client).await?;
    match people.as_slice() {
        [only] => Ok(only.id.to_string()),
        [] => Err(refuse(format!(
            "Nobody has the name, address or number \"{name}\"."
        ))),
        several => {
            let names = several
                .iter()
                .map(|one| format!("#{} {}", one.id, one.details.full_name()));
            let names: Vec<_> = names.take(5).collect();
            Err(refuse(format!(
                "Several people have the name \"{name}\": {}. Give the id.",
                names.join(", ")
            )))
        }
    }
}

/// The changes given as `field=value`, or read from standard input.
pub(super) fn document(fields: Vec<FieldArg>, console: &Console) -> Result<RecordInput, Failure> {
    if fields == [FieldArg::Stdin] {
        let json = read_stdin(console)?;
        // PowerShell begins what it pipes with a byte order mark.
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&json);
        return Ok(RecordInput::from_json(json)?);
    }
    let mut document = RecordInput::default();
    for one in fields {
        match one {
            FieldArg::Value(field, _) if document.changes.get(field).is_some() => {
                return Err(Failure::Usage(format!("{field} is given twice.")));
            }
            FieldArg::Value(field, value) => document.changes.set(field, value),
            FieldArg::Stdin => {
                return Err(Failure::Usage("Use either fields or “-”, not both.".into()));
            }
        }
    }
    Ok(document)
}

fn read_stdin(console: &Console) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = console.stdin().read_to_end(&mut bytes);
    read.map_err(|error| Failure::Input {
        path: "-".into(),
        error,
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use roster_common::{Employee, Query, Version};

    use super::*;
    use crate::import::joined;
    use crate::state::form::Form;

    /// A Monday.
    const TODAY: Date = date(2026, 11, 23);

    /// What a record has after a value was typed on the command line, or the error.
    fn set(field: Field, typed: &str) -> Result<String, String> {
        let (_, value) = read_pair(&format!("{field}={typed}"), TODAY)?;
        stored(field, &value)
    }

    /// What a record has after a value was typed in a form, or the error below it.
    fn form(field: Field, typed: &str) -> Result<String, String> {
        let mut form = Form::create("key".into(), TODAY);
        form.put(field, typed);
        match form.error(field) {
            Some(error) => Err(error),
            None => stored(field, &form.value(field)),
        }
    }

    fn stored(field: Field, value: &str) -> Result<String, String> {
        let mut changes = named(field, value);
        changes.set(field, value);
        let details = changes.to_details().map_err(|errors| joined(&errors))?;
        Ok(details.text(field).into_owned())
    }

    fn named(field: Field, value: &str) -> Changes {
        let mut changes = Changes::default();
        for (other, name) in [(Field::Firstname, "Ada"), (Field::Lastname, "Lovelace")] {
            changes.set(other, name);
        }
        changes.set(field, value);
        changes
    }

    /// Whether a filter finds a record with a value.
    fn finds(q: &str, field: Field, value: &str) -> bool {
        let day = TimeZone::UTC.to_timestamp(TODAY.at(12, 0, 0, 0)).unwrap();
        let query = Query {
            q: q.into(),
            ..Query::default()
        };
        assert_eq!(query.mistake(), None, "{q}");
        query.filter(day).matches(&Employee {
            id: 1.try_into().unwrap(),
            details: named(field, value).to_details().unwrap(),
            version: Version::FIRST,
            created: day,
            updated: day,
            updated_by: "ada".into(),
        })
    }

    /// A field, what people type, what a record has then, and another value.
    const VALUES: [(Field, &str, &str, &str); 38] = [
        (Field::Firstname, " Zoë Ann ", "Zoë Ann", "Isla"),
        (Field::Lastname, "O’Brien", "O’Brien", "Brook"),
        (
            Field::Email,
            "Ada@example.com",
            "Ada@example.com",
            "bo@example.com",
        ),
        (Field::Title, "Chief Engineer ", "Chief Engineer", "Chief"),
        (Field::Department, "Sales", "Sales", "Finance"),
        (Field::Department, "R&D: a=b", "R&D: a=b", "R&D"),
        (Field::Location, "Hà Nội", "Hà Nội", "Huế"),
        (Field::Number, "E00001", "E00001", "E00002"),
        (Field::Notes, "Prefers tea", "Prefers tea", "Prefers"),
        (
            Field::Phone,
            "+49 30 5550122",
            "+49 30 5550122",
            "+49 30 5550123",
        ),
        (
            Field::Phone,
            "tel:+49-30-5550122",
            "+49-30-5550122",
            "+49 30 5550123",
        ),
        (
            Field::Phone,
            "030 555 x12",
            "030 555 ext. 12",
            "030 555 ext. 13",
        ),
        (
            Field::Phone,
            "+49–30–5550122",
            "+49-30-5550122",
            "+49 30 5550123",
        ),
        (Field::Manager, "7", "7", "17"),
        (Field::Manager, "#7", "7", "17"),
        (Field::Status, "on leave", "leave", "active"),
        (Field::Status, "On Leave", "leave", "left"),
        (Field::Status, "terminated", "left", "leave"),
        (Field::Status, "aktiv", "active", "leave"),
        (Field::Status, "leave", "leave", "left"),
        (Field::Hired, "yesterday", "2026-11-22", "2026-11-23"),
        (Field::Hired, "Today", "2026-11-23", "2026-11-22"),
        (Field::Hired, "tomorrow", "2026-11-24", "2026-11-23"),
        (Field::Hired, "-3d", "2026-11-20", "2026-11-21"),
        (Field::Hired, "+2w", "2026-12-07", "2026-12-08"),
        (Field::Hired, "last monday", "2026-11-16", "2026-11-23"),
        (Field::Hired, "next fri", "2026-11-27", "2026-11-26"),
        (Field::Hired, "2020-01-02", "2020-01-02", "2020-02-01"),
        (Field::Hired, "2020/1/2", "2020-01-02", "2020-02-01"),
        (Field::Hired, "2020-1-2", "2020-01-02", "2020-02-01"),
        (Field::Hired, "2.1.2020", "2020-01-02", "2020-02-01"),
        (Field::Hired, "2.1.", "2026-01-02", "2020-01-02"),
        (Field::Hired, "23/11/2020", "2020-11-23", "2020-11-22"),
        (Field::Hired, "23-11-2020", "2020-11-23", "2020-11-22"),
        (Field::Hired, "2 Jan 2020", "2020-01-02", "2020-02-01"),
        (
            Field::Hired,
            "January 2nd, 2020",
            "2020-01-02",
            "2020-02-01",
        ),
        (Field::Hired, "23 Nov", "2026-11-23", "2025-11-23"),
        (Field::Hired, " 2020-01-02 ", "2020-01-02", "2020-02-01"),
    ];

    #[test]
    fn a_value_is_the_same_in_the_form_on_the_command_line_and_in_a_filter() {
        for (field, typed, value, other) in VALUES {
            assert_eq!(set(field, typed).as_deref(), Ok(value), "{field}={typed}");
            assert_eq!(form(field, typed).as_deref(), Ok(value), "{field}: {typed}");
            for operator in ["", "="] {
                let q = format!("{}:{operator}\"{typed}\"", field.short_name());
                assert!(finds(&q, field, value), "{q} finds {value}");
                assert!(!finds(&q, field, other), "{q} does not find {other}");
            }
        }
        let fields = Field::ALL.map(|field| VALUES.iter().any(|value| value.0 == field));
        assert!(
            fields.iter().all(|is_tried| *is_tried),
            "each field has an example"
        );
    }

    #[test]
    fn what_is_no_value_is_refused_in_the_form_on_the_command_line_and_in_a_filter() {
        for (field, typed, in_filter) in [
            (Field::Hired, "soon", "\"soon\" is not a date."),
            (Field::Hired, "2020-02-30", "\"2020-02-30\" is not a date."),
            (Field::Hired, "3/4/2020", "3 Apr 2020 or 4 Mar 2020?"),
            (Field::Hired, "03-04-2020", "3 Apr 2020 or 4 Mar 2020?"),
            (
                Field::Hired,
                "monday",
                "Type last or next before the weekday.",
            ),
            (Field::Hired, "23.11.20", "Type the year with four digits."),
            (Field::Status, "asleep", "Unknown status \"asleep\"."),
        ] {
            let refused = set(field, typed).unwrap_err();
            assert!(form(field, typed).is_err(), "{field}: {typed}");
            let query = Query {
                q: format!("{field}:=\"{typed}\""),
                ..Query::default()
            };
            let mistake = query.mistake().unwrap().to_string();
            assert!(mistake.starts_with(in_filter), "{mistake}");
            let is_unclear = !mistake.contains('"');
            assert!(!is_unclear || refused == mistake, "{refused}");
        }
    }

    #[test]
    fn values_and_fields_are_taken_as_people_write_them() {
        let value = |pair: &str| field_and_value(pair);
        assert_eq!(value("dept=Sales"), Ok((Field::Department, "Sales".into())));
        assert_eq!(
            value("status=on leave"),
            Ok((Field::Status, "leave".into()))
        );
        assert_eq!(
            value("hired=2 Jan 2020"),
            Ok((Field::Hired, "2020-01-02".into()))
        );
        assert_eq!(value("hired="), Ok((Field::Hired, String::new())));
        let two_ways = value("hired=03/04/2020").unwrap_err();
        assert!(two_ways.contains("3 Apr 2020 or 4 Mar 2020?"), "{two_ways}");
    }

    #[test]
    fn a_value_may_hold_an_equals_sign_and_may_be_empty() {
        assert_eq!(
            field_argument("notes=a=b"),
            Ok(FieldArg::Value(Field::Notes, "a=b".into()))
        );
        assert_eq!(
            field_argument("email="),
            Ok(FieldArg::Value(Field::Email, String::new()))
        );
        assert_eq!(field_argument("-"), Ok(FieldArg::Stdin));
        assert!(field_argument("shoe=44").unwrap_err().contains("firstname"));
        assert!(field_argument("Ada").is_err());
    }
}
