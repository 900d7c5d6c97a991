//! The people of a file as NDJSON, in a temporary file: an import is sent only when it is complete.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};

use roster_common::import::{Import, ImportError, ParsedRow, Source};

use super::refused::RefusedFile;
use super::report::Report;

/// What is sent, and what is not.
pub(super) struct Conversion {
    pub ndjson: Ndjson,
    pub report: Report,
}

/// The NDJSON, from its beginning.
pub(super) struct Ndjson {
    pub file: File,
    /// Its size in bytes.
    pub size: u64,
}

/// Converts all rows. Each person is on the line that they have in the file, so that the lines of
/// the server's report are those of the file; empty lines stand for the rows between.
pub(super) fn convert(
    import: &Import,
    source: &mut dyn Source,
    mut refused: Option<&mut RefusedFile>,
) -> Result<Conversion, ImportError> {
    let mut report = Report::new(import);
    let mut lines = Lines {
        out: BufWriter::new(tempfile::tempfile()?),
        next: 1,
    };
    for outcome in import.people(source)? {
        match &outcome {
            ParsedRow::Person(person) => lines.write(
                person.line,
                &serde_json::to_vec(person).map_err(io::Error::other)?,
            )?,
            // The server never sees these rows, so nothing else would put them into the file.
            ParsedRow::Refused { .. } | ParsedRow::Waiting { .. } => {
                if let Some(file) = &mut refused {
                    file.add(&outcome)?;
                }
            }
            ParsedRow::Skipped { .. } => {}
        }
        report.note(outcome);
    }
    let mut file = lines
        .out
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    let size = file.stream_position()?;
    file.rewind()?;
    Ok(Conversion {
        ndjson: Ndjson { file, size },
        report,
    })
}

struct Lines {
    out: BufWriter<File>,
    /// The line that is written next.
    next: u64,
}

impl Lines {
    fn write(&mut self, line: u64, text: &[u8]) -> io::Result<()> {
        while self.next < line {
            self.out.write_all(b"\n")?;
            self.next += 1;
        }
        self.next += 1;
        self.out.write_all(text)?;
        self.out.write_all(b"\n")
    }
}
