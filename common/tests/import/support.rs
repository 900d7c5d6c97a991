//! Reading a test file, and comparing it with its table.

use std::collections::HashMap;
use std::path::PathBuf;

use jiff::civil::date;
use roster_common::Field;
use roster_common::import::{
    DateOrder, Encoding, Import, ImportError, ManagerRef, Meaning, Options, ParsedRow, Person,
};

/// What the tests say about a file.
#[derive(Default, Clone, Copy)]
pub(crate) struct Said {
    pub map: &'static [(&'static str, &'static str)],
    pub encoding: Option<&'static str>,
    pub dates: Option<DateOrder>,
    pub strict: bool,
}

pub(crate) fn options(said: Said) -> Options {
    let column =
        |(heading, meaning): &(&str, &str)| ((*heading).to_owned(), Meaning::from_name(meaning));
    Options {
        columns: said.map.iter().map(column).collect(),
        encoding: said.encoding.map(|name| Encoding::from_name(name).unwrap()),
        dates: said.dates,
        strict: said.strict,
        ..Options::new(date(2026, 11, 27))
    }
}

/// What became of the rows of a file.
pub(crate) fn outcomes(bytes: &[u8], said: Said) -> Result<Vec<ParsedRow>, ImportError> {
    let mut source = bytes;
    let import = Import::understand(&mut source, options(said))?;
    let outcomes = import.people(&mut source)?.collect();
    Ok(outcomes)
}

/// The people of a file that has no refused rows.
#[track_caller]
pub(crate) fn people(bytes: &[u8], said: Said) -> Vec<Person> {
    let outcomes = outcomes(bytes, said).unwrap_or_else(|error| panic!("{error}"));
    outcomes
        .into_iter()
        .filter_map(|outcome| match outcome {
            ParsedRow::Person(person) => Some(person),
            ParsedRow::Skipped { .. } => None,
            other => panic!("{other:?}"),
        })
        .collect()
}

/// The lines and reasons of the skipped rows.
pub(crate) fn skipped(bytes: &[u8], said: Said) -> Vec<(u64, String)> {
    let outcomes = outcomes(bytes, said).unwrap_or_else(|error| panic!("{error}"));
    outcomes
        .into_iter()
        .filter_map(|outcome| match outcome {
            ParsedRow::Skipped { line, reason } => Some((line, reason.to_string())),
            _ => None,
        })
        .collect()
}

/// The refused cells: line, column, what was read, message.
pub(crate) fn refused(bytes: &[u8], said: Said) -> Vec<(u64, String, String, String)> {
    let outcomes = outcomes(bytes, said).unwrap_or_else(|error| panic!("{error}"));
    let mut refused = Vec::new();
    for outcome in outcomes {
        if let ParsedRow::Refused { line, cells, .. } = outcome {
            refused.extend(
                cells
                    .into_iter()
                    .map(|cell| (line, cell.column, cell.read, cell.message)),
            );
        }
    }
    refused
}

/// The value of a field; empty if the file does not say.
pub(crate) fn text(person: &Person, field: Field) -> &str {
    person.changes.get(field).unwrap_or_default()
}

pub(crate) fn read_file(folder: &str, file: &str) -> Vec<u8> {
    let path = folder_of(folder).join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn folder_of(folder: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/import/files", folder]
        .iter()
        .collect()
}

/// Compares the people of a file with the lines of `expected.tsv`.
#[track_caller]
pub(crate) fn compare(folder: &str, file: &str, said: Said) {
    let people = people(&read_file(folder, file), said);
    let emails: HashMap<u64, &str> = people
        .iter()
        .map(|person| (person.line, text(person, Field::Email)))
        .collect();
    let found: Vec<_> = people.iter().map(|person| row(person, &emails)).collect();
    let table = String::from_utf8(read_file(folder, "expected.tsv")).unwrap();
    let mut lines = table.lines();
    let columns: Vec<_> = lines.next().unwrap().split('\t').skip(1).collect();
    let expected: Vec<Vec<&str>> = lines
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|cells| cells[0] == file)
        .map(|cells| cells[1..].to_vec())
        .collect();
    assert!(!expected.is_empty(), "{file} is not in the table");
    assert_eq!(found.len(), expected.len(), "{file}: {found:#?}");
    for (found, expected) in found.iter().zip(&expected) {
        for ((column, found), expected) in columns.iter().zip(found).zip(expected) {
            // Whoever has no status is active. A remark in brackets is for people who read the
            // table.
            let expected = expected.split(" (leave by").next().unwrap();
            let is_default = *column == "status" && found.is_empty() && expected == "active";
            assert!(
                found == expected || is_default,
                "{file}, {column}: found {found:?}, expected {expected:?} in {expected:?}"
            );
        }
    }
}

/// A person as a line of the table.
fn row(person: &Person, emails: &HashMap<u64, &str>) -> Vec<String> {
    let manager = match person.manager {
        Some(ManagerRef::Line(line)) => emails.get(&line).copied().unwrap_or_default().to_owned(),
        Some(ManagerRef::Id(id)) => format!("#{id}"),
        None => String::new(),
    };
    let fields = [
        Field::Number,
        Field::Firstname,
        Field::Lastname,
        Field::Email,
        Field::Phone,
        Field::Title,
        Field::Department,
        Field::Location,
        Field::Status,
        Field::Hired,
    ];
    let fields = fields.map(|field| text(person, field).to_owned());
    fields.into_iter().chain([manager]).collect()
}
