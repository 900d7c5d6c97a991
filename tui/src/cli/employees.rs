//! `roster employees …`

use std::io::Read;
use std::path::Path;

use roster_common::changes::Document;
use roster_common::{Field, FieldError};

use super::console::Console;
use super::failure::{Exit, Failure};
use crate::client::Client;

mod add;
mod import;
mod list;
mod remove;
mod restore;
mod set;
mod show;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List employees: all, or those that a filter lets through
    List(list::Args),
    /// Show one employee
    Show(show::Args),
    /// Add an employee
    Add(add::Args),
    /// Change fields of an employee
    Set(set::Args),
    /// Take employees away
    Remove(remove::Args),
    /// Bring an employee back who was taken away, as it was
    Restore(restore::Args),
    /// Import employees from CSV or NDJSON
    Import(import::Args),
}

pub(super) async fn run(
    command: Command,
    client: &Client,
    console: &mut Console,
) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(args, client, console).await,
        Command::Show(args) => show::run(args, client, console).await,
        Command::Add(args) => add::run(args, client, console).await,
        Command::Set(args) => set::run(args, client, console).await,
        Command::Remove(args) => remove::run(args, client, console).await,
        Command::Restore(args) => restore::run(args, client, console).await,
        Command::Import(args) => import::run(args, client, console).await,
    }
}

/// One `field=value` of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    Value(Field, String),
    /// `-`: the record is JSON on standard input.
    Stdin,
}

fn given(text: &str) -> Result<Given, String> {
    match text {
        "-" => Ok(Given::Stdin),
        pair => field_and_value(pair).map(|(field, value)| Given::Value(field, value)),
    }
}

fn field_and_value(pair: &str) -> Result<(Field, String), String> {
    let names = || Field::ALL.map(Field::name).join(", ");
    let (name, value) = pair.split_once('=').ok_or("write field=value")?;
    let field = Field::from_name(name)
        .ok_or_else(|| format!("there is no field “{name}”; there are {}", names()))?;
    Ok((field, value.to_owned()))
}

/// What the command line asks to set, or standard input.
fn document(given: Vec<Given>, console: &Console) -> Result<Document, Failure> {
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
fn read(path: &Path, console: &Console) -> Result<Vec<u8>, Failure> {
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
fn joined(errors: &[FieldError]) -> String {
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
