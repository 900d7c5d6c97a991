//! The refused rows as CSV: as they are in the file, and why each was refused. The column of
//! reasons is ignored when the file is imported again.

use std::fs::File;
use std::path::{Path, PathBuf};

use csv::{StringRecord, Writer};
use roster_common::import::{Import, ImportError, ParsedRow, RefusedCell, Source};

use crate::cli::failure::Failure;
use crate::import::Report;

/// The heading of the reasons.
const REASONS: &str = "Import errors";

/// The CSV file.
pub(super) struct RefusedFile {
    writer: Writer<File>,
    /// The columns that are copied, by their positions in the imported file.
    columns: Vec<usize>,
}

impl RefusedFile {
    /// Creates the file and writes the headings.
    pub(super) fn create(path: &Path, import: &Import) -> Result<Self, Failure> {
        let unwritable = |error| Failure::Created {
            path: PathBuf::from(path),
            error,
        };
        let file = File::create(path).map_err(unwritable)?;
        let mut writer = Writer::from_writer(file);
        // A file that was refused before has the column already.
        let headings = import.headings().iter().map(String::as_str).enumerate();
        let (columns, headings): (Vec<_>, Vec<_>) =
            headings.filter(|(_, heading)| *heading != REASONS).unzip();
        writer
            .write_record(headings.into_iter().chain([REASONS]))
            .map_err(|error| unwritable(error.into()))?;
        Ok(Self { writer, columns })
    }

    /// Adds a row that cannot be sent. One that could not be read is left out.
    pub(super) fn add(&mut self, outcome: &ParsedRow) -> Result<(), ImportError> {
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

    /// Adds the rows that the server refused, which are read again for that.
    pub(super) fn add_lines(
        &mut self,
        import: &Import,
        source: &mut dyn Source,
        report: &Report,
    ) -> Result<(), ImportError> {
        let lines = report.refused_by_server();
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
            .map_err(std::io::Error::from)?;
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
