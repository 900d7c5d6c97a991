//! The people of a file as NDJSON, in a temporary file: an import is sent only when it is complete.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};

use roster_common::import::{Import, ImportError, ParsedRow, Source};
use tokio::task::yield_now;

use super::report::Report;

/// After how many rows the progress is reported.
const PIECE: u64 = 1_000;

/// What is sent, and what is not.
pub struct Conversion {
    /// The people.
    pub ndjson: Ndjson,
    /// What became of the rows so far.
    pub report: Report,
}

/// The NDJSON, from its beginning.
pub struct Ndjson {
    /// The file, which has no name.
    pub file: File,
    /// Its size in bytes.
    pub size: u64,
}

/// Converts all rows. Each person is on the line that they have in the file, so that the lines of
/// the server's report are those of the file; empty lines stand for the rows between.
///
/// `refused` is called with each row that is not sent because of a mistake. `read` is called with
/// the number of rows now and then, and gives way to other tasks, so that the caller can stop.
///
/// # Errors
/// If the file cannot be read or the NDJSON cannot be written.
pub async fn convert(
    import: &Import,
    source: &mut dyn Source,
    mut refused: impl FnMut(&ParsedRow) -> Result<(), ImportError>,
    mut read: impl FnMut(u64),
) -> Result<Conversion, ImportError> {
    let mut report = Report::new(import);
    let mut lines = Lines {
        out: BufWriter::new(tempfile::tempfile()?),
        next: 1,
    };
    for (Converted { outcome, json }, count) in import.people_as(source, converted)?.zip(1_u64..) {
        match &outcome {
            ParsedRow::Person(person) => lines.write(person.line, &json?)?,
            // The server never sees these rows, so nothing else would report them.
            ParsedRow::Refused { .. } | ParsedRow::Waiting { .. } => refused(&outcome)?,
            ParsedRow::Skipped { .. } => {}
        }
        report.note(outcome);
        if count.is_multiple_of(PIECE) {
            read(count);
            yield_now().await;
        }
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

/// What a row was read as, and the JSON of a person.
struct Converted {
    outcome: ParsedRow,
    json: io::Result<Vec<u8>>,
}

fn converted(outcome: ParsedRow) -> Converted {
    let json = match &outcome {
        ParsedRow::Person(person) => serde_json::to_vec(person).map_err(io::Error::other),
        _ => Ok(Vec::new()),
    };
    Converted { outcome, json }
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
