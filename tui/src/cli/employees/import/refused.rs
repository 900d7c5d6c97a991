//! The refused rows as CSV: as they are in the file, and why each was refused. The column of
//! reasons is ignored when the file is imported again.

use std::fs::File;
use std::path::{Path, PathBuf};

use csv::{StringRecord, Writer};
use roster_common::import::{Import, ImportError, Outcome, Source};

use super::report::Report;
use crate::cli::failure::Failure;

/// The heading of the reasons.
const REASONS: &str = "Import errors";

/// The CSV file.
pub(super) struct RefusedFile {
    writer: Writer<File>,
    width: usize,
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
        let headings = import.headings().iter().map(String::as_str);
        let headings: Vec<_> = headings.filter(|heading| *heading != REASONS).collect();
        writer
            .write_record(headings.iter().copied().chain([REASONS]))
            .map_err(|error| unwritable(error.into()))?;
        Ok(Self {
            writer,
            width: headings.len(),
        })
    }

    /// Adds a row that cannot be sent. One that could not be read is left out.
    pub(super) fn add(&mut self, outcome: &Outcome) -> Result<(), ImportError> {
        match outcome {
            Outcome::Refused { cells, row, .. } if !row.is_empty() => {
                let reasons: Vec<_> = cells
                    .iter()
                    .map(|cell| format!("{}: {}", cell.column, cell.message))
                    .collect();
                self.write(row, &reasons.join(" "))
            }
            Outcome::Waiting { manager, row, .. } => {
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
        let missing = self.width.saturating_sub(row.len());
        let cells = row
            .iter()
            .take(self.width)
            .chain(std::iter::repeat_n("", missing));
        self.writer
            .write_record(cells.chain([reasons]))
            .map_err(std::io::Error::from)?;
        Ok(())
    }
}
