//! What a person gives to the commands about employees: fields, files, standard input.

use std::io::Read;
use std::path::Path;

use roster_common::changes::Document;
use roster_common::{Field, FieldError};

use crate::cli::console::Console;
use crate::cli::failure::Failure;

/// One `field=value` of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    Value(Field, String),
    /// `-`: the record is JSON on standard input.
    Stdin,
}

pub(super) fn given(text: &str) -> Result<Given, String> {
    match text {
        "-" => Ok(Given::Stdin),
        pair => field_and_value(pair).map(|(field, value)| Given::Value(field, value)),
    }
}

pub(super) fn field_and_value(pair: &str) -> Result<(Field, String), String> {
    let names = || Field::ALL.map(Field::name).join(", ");
    let (name, value) = pair.split_once('=').ok_or("write field=value")?;
    let field = Field::from_name(name)
        .ok_or_else(|| format!("there is no field “{name}”; there are {}", names()))?;
    Ok((field, value.to_owned()))
}

/// What the command line asks to set, or standard input.
pub(super) fn document(given: Vec<Given>, console: &Console) -> Result<Document, Failure> {
    if given == [Given::Stdin] {
        return Ok(Document::from_json(&read(Path::new("-"), console)?)?);
    }
    let mut document = Document::default();
    for one in given {
        match one {
            Given::Value(field, _) if document.changes.get(field).is_some() => {
                return Err(Failure::Usage(format!("Give {field} once.")));
            }
            Given::Value(field, value) => document.changes.set(field, value),
            Given::Stdin => return Err(Failure::Usage("Give fields or “-”, not both.".into())),
        }
    }
    Ok(document)
}

/// A whole file, or standard input where the path is `-`.
pub(super) fn read(path: &Path, console: &Console) -> Result<Vec<u8>, Failure> {
    let read = match path.as_os_str() == "-" {
        false => std::fs::read(path),
        true => {
            let mut bytes = Vec::new();
            console.stdin().read_to_end(&mut bytes).map(|_| bytes)
        }
    };
    read.map_err(|error| Failure::Input {
        path: path.into(),
        error,
    })
}

/// All that is wrong with a row or a body, in one line.
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
    fn a_value_may_hold_an_equals_sign_and_may_be_empty() {
        assert_eq!(
            given("notes=a=b"),
            Ok(Given::Value(Field::Notes, "a=b".into()))
        );
        assert_eq!(
            given("email="),
            Ok(Given::Value(Field::Email, String::new()))
        );
        assert_eq!(given("-"), Ok(Given::Stdin));
        assert!(given("shoe=44").unwrap_err().contains("firstname"));
        assert!(given("Ada").is_err());
    }
}
