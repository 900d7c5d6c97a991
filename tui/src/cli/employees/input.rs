//! Input of the employee commands: fields, files, standard input.

use std::io::Read;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use roster_common::changes::RecordInput;
use roster_common::import::status_named;
use roster_common::query::field_named;
use roster_common::{Changes, Field, FieldError, Kind};

use super::managers::employees_named;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::client::Client;
use crate::dates;

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
    let names = || Field::ALL.map(Field::name).join(", ");
    let (name, value) = pair.split_once('=').ok_or("use field=value")?;
    let field = field_named(name)
        .ok_or_else(|| format!("Unknown field \"{name}\". The fields are {}.", names()))?;
    Ok((field, stored_form(field, value)?))
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

/// A value as people write it, in the form in which it is stored.
fn stored_form(field: Field, value: &str) -> Result<String, String> {
    match field.kind() {
        Kind::Date if !value.is_empty() => {
            let date = dates::read(value, today()).map_err(|error| error.to_string())?;
            Ok(date.to_string())
        }
        Kind::Status => Ok(status_named(value).map_or_else(|| value.to_owned(), |s| s.to_string())),
        _ => Ok(value.to_owned()),
    }
}

/// Replaces the name, email address or personnel number of a manager by the id, if exactly one
/// person has it.
pub(super) async fn find_manager(changes: &mut Changes, client: &Client) -> Result<(), Failure> {
    let Some(name) = changes.get(Field::Manager).map(str::to_owned) else {
        return Ok(());
    };
    let number = name.trim_start_matches('#');
    // An id, or nothing, which removes the manager. The server checks that the id exists.
    if number.bytes().all(|b| b.is_ascii_digit()) {
        changes.set(Field::Manager, number);
        return Ok(());
    }
    let people = employees_named(&name, client).await?;
    match people.as_slice() {
        [only] => changes.set(Field::Manager, only.id.to_string()),
        [] => {
            return Err(Failure::Usage(format!(
                "Nobody has the name, address or number \"{name}\"."
            )));
        }
        several => {
            let names = several
                .iter()
                .map(|one| format!("#{} {}", one.id, one.details.full_name()));
            let names: Vec<_> = names.take(5).collect();
            let message = format!(
                "Several people have the name \"{name}\": {}. Give the id.",
                names.join(", ")
            );
            return Err(Failure::Usage(message));
        }
    }
    Ok(())
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

/// All field errors of a row or a body, in one line.
pub(super) fn joined(errors: &[FieldError]) -> String {
    let texts = errors.iter().map(|error| match error.field.as_str() {
        "" => error.message.clone(),
        _ => error.to_string(),
    });
    texts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

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
