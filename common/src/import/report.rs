//! What an import says about a file: errors, refused cells, skipped rows and warnings.

use std::io;

use csv::StringRecord;
use serde::Serialize;

use super::row::RawRow;
use super::vocabulary::nearest;
use crate::employee::Field;
use crate::field_error::Rule;
use crate::text;

/// The maximum number of characters of a cell that a message repeats.
const MOST_CELL_CHARS: usize = 60;

/// Why nothing of a file can be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be read.
    #[error("Cannot read the file: {0}")]
    Io(#[from] io::Error),
    /// It has no text.
    #[error("The file is empty.")]
    Empty,
    /// It is not a text file.
    #[error("The file is {0}.")]
    NotText(&'static str),
    /// A line is not in the encoding of the file.
    #[error(
        "Line {line} is not UTF-8. If the file comes from Windows, pass --encoding windows-1252."
    )]
    NotUtf8 {
        /// The line, counted from 1.
        line: u64,
    },
    /// The first row cannot be read.
    #[error("Cannot read the heading. {0}")]
    Malformed(String),
    /// It has too many columns.
    #[error("The file has more than 1,000 columns.")]
    TooManyColumns,
    /// No row has headings that are known.
    #[error("No row names the columns of a staff list{}. Known are {}, and many more.", first_cells(.first), known_columns())]
    NoHeading {
        /// The cells of the first row.
        first: Vec<String>,
    },
    /// `--map` names a heading that the file does not have.
    #[error("The file has no column \"{heading}\". It has {}.", excerpts(.columns))]
    NoSuchColumn {
        /// The heading.
        heading: String,
        /// All headings.
        columns: Vec<String>,
    },
    /// No column has names of people.
    #[error("No column has the names of people. Map one: --map 'HEADING=name'; or update people without names, with --match. The columns are {}.", excerpts(.columns))]
    NoNames {
        /// All headings.
        columns: Vec<String>,
    },
    /// Two columns were mapped to one field.
    #[error("Two columns are mapped to {0}.")]
    MappedTwice(String),
    /// Some columns are unknown, and that is an error.
    #[error("Unknown columns: {}. Map or skip them with --map, or omit --strict.", suggestions(.0))]
    UnknownColumns(Vec<String>),
}

impl ImportError {
    /// No row of these is a heading.
    pub(super) fn no_heading(rows: &[RawRow]) -> Self {
        let first = rows.iter().find_map(|row| row.cells.as_ref().ok());
        let cells = |cells: &StringRecord| cells.iter().map(str::to_owned).collect();
        Self::NoHeading {
            first: first.map(cells).unwrap_or_default(),
        }
    }
}

fn known_columns() -> String {
    Field::ALL.map(Field::name).join(", ")
}

/// The first cells that were read in place of headings.
fn first_cells(cells: &[String]) -> String {
    match cells {
        [] => String::new(),
        cells => format!("; the first has {}", excerpts(cells)),
    }
}

/// A few texts in quotation marks.
fn excerpts(texts: &[String]) -> String {
    const MOST_EXCERPTS: usize = 8;
    let quoted = texts
        .iter()
        .filter(|text| !text.is_empty())
        .take(MOST_EXCERPTS);
    let mut list = quoted
        .map(|text| format!("\"{}\"", excerpt(text)))
        .collect::<Vec<_>>()
        .join(", ");
    if texts.len() > MOST_EXCERPTS {
        list.push_str(", …");
    }
    list
}

/// Each heading with the known ones that it resembles.
fn suggestions(headings: &[String]) -> String {
    let suggestion = |heading: &String| match nearest(heading).as_slice() {
        [] => format!("\"{}\"", excerpt(heading)),
        near => format!("\"{}\" (similar to {})", excerpt(heading), near.join(", ")),
    };
    headings
        .iter()
        .take(8)
        .map(suggestion)
        .collect::<Vec<_>>()
        .join(", ")
}

/// A text shortened for a message, in one line.
pub(super) fn excerpt(text: &str) -> String {
    text::excerpt(text, MOST_CELL_CHARS).replace(['\n', '\r', '\t'], " ")
}

/// A cell that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedCell {
    /// The name of the field; empty if it concerns the whole row.
    pub field: &'static str,
    /// The rule that it breaks.
    pub code: Rule,
    /// The heading of its column; empty if it concerns the whole row.
    pub column: String,
    /// What was read, shortened.
    pub read: String,
    /// What is wrong and what to do.
    pub message: String,
    /// A value that would be accepted, if the field has a format.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub example: &'static str,
}

impl RefusedCell {
    /// A fault of a whole row.
    pub(super) fn row(message: impl Into<String>) -> Self {
        Self {
            field: "",
            code: Rule::Format,
            column: String::new(),
            read: String::new(),
            message: message.into(),
            example: "",
        }
    }
}

/// A value of the field that is accepted; empty if any text is.
pub fn example(field: Field) -> &'static str {
    match field {
        Field::Firstname => "Ada",
        Field::Lastname => "Lovelace",
        Field::Email => "ada@example.com",
        Field::Phone => "+44 20 5550100 ext. 12",
        Field::Manager => "ada@example.com",
        Field::Status => "active",
        Field::Hired => "2026-11-23",
        Field::Number => "E1001",
        Field::Title | Field::Department | Field::Location | Field::Notes => "",
    }
}

/// Why a row is no employee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// A bot, a guest, a room or a group.
    NotAPerson,
    /// The account of a service or a device.
    ServiceAccount,
    /// Neither a name nor an address nor a number, as in a line of totals.
    NoName,
    /// An example or an instruction of a template.
    Example,
    /// Another row of a person that was read before, on this line.
    SamePerson(u64),
}

impl std::fmt::Display for SkipReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAPerson => f.write_str("not a person but a guest, bot, room or group"),
            Self::ServiceAccount => f.write_str("not a person but a service account"),
            Self::NoName => f.write_str("no name, email address or number"),
            Self::Example => f.write_str("an example row"),
            Self::SamePerson(line) => write!(f, "the same person as on line {line}"),
        }
    }
}

/// Something in a row that is imported but may be wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// A name has a question mark where a letter was.
    LostLetters {
        /// The heading of the column.
        column: String,
        /// The name.
        read: String,
    },
    /// The cell had HTML entities, which were decoded.
    Entities {
        /// The heading of the column.
        column: String,
        /// What was read.
        read: String,
    },
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::LostLetters { column, read } => {
                write!(
                    f,
                    "{column}: letters of \"{read}\" were lost when the file was written"
                )
            }
            Self::Entities { column, read } => {
                write!(f, "{column}: decoded the HTML in \"{read}\"")
            }
        }
    }
}
