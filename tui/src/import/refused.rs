//! The refused rows as CSV: as they are in the file, and why each was refused. The column of
//! reasons is ignored when the file is imported again.

use std::collections::HashMap;
use std::fs::File;
use std::io;

use csv::{StringRecord, Writer};
use roster_common::import::{Import, ImportError, ParsedRow, RefusedCell, Source};

/// The heading of the reasons.
const REASONS: &str = "Import errors";

/// The CSV file.
pub struct RefusedFile {
    writer: Writer<File>,
    /// The columns that are copied, by their positions in the imported file.
    columns: Vec<usize>,
    count: u64,
}

impl RefusedFile {
    /// Begins a file with the headings.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn begin(file: File, import: &Import) -> io::Result<Self> {
        let mut writer = Writer::from_writer(file);
        // A file that was refused before has the column already.
        let headings = import.headings().iter().map(String::as_str).enumerate();
        let (columns, headings): (Vec<_>, Vec<_>) =
            headings.filter(|(_, heading)| *heading != REASONS).unzip();
        writer
            .write_record(headings.into_iter().chain([REASONS]))
            .map_err(io::Error::from)?;
        Ok(Self {
            writer,
            columns,
            count: 0,
        })
    }

    /// How many rows it has.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds a row that cannot be sent. One that could not be read is left out.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add(&mut self, outcome: &ParsedRow) -> Result<(), ImportError> {
        match outcome {
            ParsedRow::Refused { cells, row, .. } if !row.is_empty() => {
                let reasons: Vec<_> = cells.iter().map(reason).collect();
                self.write(row, &reasons.join(" "))
            }
            ParsedRow::Waiting { manager, row, .. } => {
                self.write(row, &format!("The manager on line {manager} was refused."))
            }
            _ => Ok(()),
        }
    }

    /// Adds the rows that the server refused, by their lines, with its reasons. They are read again
    /// for that.
    ///
    /// # Errors
    /// If one of the files cannot be read or written.
    pub fn add_lines(
        &mut self,
        import: &Import,
        source: &mut dyn Source,
        lines: &HashMap<u64, String>,
    ) -> Result<(), ImportError> {
        if !lines.is_empty() {
            for (line, row) in import.rows(source)? {
                if let Some(reasons) = lines.get(&line) {
                    self.write(&row, reasons)?;
                }
            }
        }
        self.writer.flush()?;
        Ok(())
    }

    fn write(&mut self, row: &StringRecord, reasons: &str) -> Result<(), ImportError> {
        let cells = self
            .columns
            .iter()
            .map(|column| row.get(*column).unwrap_or_default());
        self.writer
            .write_record(cells.chain([reasons]))
            .map_err(io::Error::from)?;
        self.count += 1;
        Ok(())
    }
}

/// What is wrong with a cell, or with the whole row.
fn reason(cell: &RefusedCell) -> String {
    if cell.column.is_empty() {
        cell.message.clone()
    } else {
        format!("{}: {}", cell.column, cell.message)
    }
}
