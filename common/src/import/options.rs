//! What the user says about a file, and where its bytes come from.

use std::io::{self, Read};

use jiff::civil::Date;

use super::date::DateOrder;
use super::encoding::Encoding;
use super::vocabulary::Meaning;

/// A file that can be read several times.
pub trait Source {
    /// Starts to read from the beginning.
    ///
    /// # Errors
    /// If the file cannot be read.
    fn open(&mut self) -> io::Result<Box<dyn Read + '_>>;
}

impl Source for &[u8] {
    fn open(&mut self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(*self))
    }
}

/// What the user says about a file.
#[derive(Debug, Clone)]
pub struct Options {
    /// Headings with what they mean, or `None` to skip the column. They win over what is known.
    pub columns: Vec<(String, Option<Meaning>)>,
    /// The encoding, if the file has no byte order mark.
    pub encoding: Option<Encoding>,
    /// Whether day or month comes first in dates that do not tell.
    pub dates: Option<DateOrder>,
    /// Whether unknown columns are an error.
    pub strict: bool,
    /// Whether rows update people who are there already: those keep a name that the file lacks.
    pub updates: bool,
    /// Whether an empty cell clears a value: people then have all fields of the file.
    pub clears_empty: bool,
    /// Whether each record is one line whatever its cells contain, as in a converted spreadsheet.
    pub rows_are_lines: bool,
    /// Today.
    pub today: Date,
}

impl Options {
    /// Nothing is said about the file.
    pub fn new(today: Date) -> Self {
        Self {
            columns: Vec::new(),
            encoding: None,
            dates: None,
            strict: false,
            updates: false,
            clears_empty: false,
            rows_are_lines: false,
            today,
        }
    }
}
