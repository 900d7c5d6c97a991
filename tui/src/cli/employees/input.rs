//! Input of the employee commands: fields, files, standard input.

use std::io::Read;
use std::path::Path;

use roster_common::changes::RecordInput;
use roster_common::{Field, FieldError};

use crate::cli::console::Console;
use crate::cli::failure::Failure;

/// One `field=value` of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FieldArg {
    Value(Field, String),
    /// `-`: the record is JSON on standard input.
    Stdin,
}

pub(super) fn field_or_stdin(text: &str) -> Result<FieldArg, String> {
    match text {
        "-" => Ok(FieldArg::Stdin),
        pair => field_and_value(pair).map(|(field, value)| FieldArg::Value(field, value)),
    }
}

pub(super) fn field_and_value(pair: &str) -> Result<(Field, String), String> {
    let names = || Field::ALL.map(Field::name).join(", ");
    let (name, value) = pair.split_once('=').ok_or("use field=value")?;
    let field = Field::from_name(name)
        .ok_or_else(|| format!("Unknown field \"{name}\". The fields are {}.", names()))?;
    Ok((field, value.to_owned()))
}

/// The changes given as `field=value`, or read from standard input.
pub(super) fn document(
    field_or_stdin: Vec<FieldArg>,
    console: &Console,
) -> Result<RecordInput, Failure> {
    if field_or_stdin == [FieldArg::Stdin] {
        let json = read(Path::new("-"), console)?;
        // PowerShell begins what it pipes with a byte order mark.
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&json);
        return Ok(RecordInput::from_json(json)?);
    }
    let mut document = RecordInput::default();
    for one in field_or_stdin {
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

/// Reads a whole file, or standard input if the path is `-`.
pub(super) fn read(path: &Path, console: &Console) -> Result<Vec<u8>, Failure> {
    let read = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        console.stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| Failure::Input {
        path: path.into(),
        error,
    })
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
    fn a_value_may_hold_an_equals_sign_and_may_be_empty() {
        assert_eq!(
            field_or_stdin("notes=a=b"),
            Ok(FieldArg::Value(Field::Notes, "a=b".into()))
        );
        assert_eq!(
            field_or_stdin("email="),
            Ok(FieldArg::Value(Field::Email, String::new()))
        );
        assert_eq!(field_or_stdin("-"), Ok(FieldArg::Stdin));
        assert!(field_or_stdin("shoe=44").unwrap_err().contains("firstname"));
        assert!(field_or_stdin("Ada").is_err());
    }
}
