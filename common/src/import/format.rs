//! What kind of file it is, and its rows.

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use super::delimited::DelimitedRows;
use super::dialect::{self, Dialect};
use super::encoding::{Encoding, decoded, encoding_of};
use super::heading::{self, Heading};
use super::keyed::{self, KeyedRow};
use super::lines::LineFeeds;
use super::options::{Options, Source};
use super::report::ImportError;
use super::row::{RawRow, RowFault, Rows, is_blank};
use super::{datev, json, ldif, vcard};

/// How many bytes are read to find out what a file is.
const BEGINNING: u64 = 64 * 1024;

/// How a file is written, and its headings.
#[derive(Debug, Clone)]
pub(super) struct Format {
    encoding: Encoding,
    kind: Kind,
    records_are_lines: bool,
    pub heading: Heading,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Delimited(Dialect),
    JsonLines,
    JsonArray,
    Ldif,
    Vcard,
    Datev,
}

/// How a file is written, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The kind of file: `CSV`.
    pub kind: &'static str,
    /// What separates its cells, if something does.
    pub delimiter: Option<char>,
    /// Its encoding.
    pub encoding: String,
    /// The line of the heading, or the last one of several; `None` if the kind needs no heading.
    pub heading_line: Option<u64>,
}

impl Format {
    /// How the file is written.
    pub(super) fn layout(&self) -> Layout {
        let kind = match self.kind {
            Kind::Delimited(_) if self.records_are_lines => "spreadsheet",
            Kind::Delimited(_) => "CSV",
            Kind::JsonLines => "NDJSON",
            Kind::JsonArray => "JSON",
            Kind::Ldif => "LDIF",
            Kind::Vcard => "vCard",
            Kind::Datev => "DATEV",
        };
        let delimiter = match self.kind {
            Kind::Delimited(dialect) if !self.records_are_lines => {
                Some(char::from(dialect.delimiter))
            }
            _ => None,
        };
        let line = self.heading.last_line;
        Layout {
            kind,
            delimiter,
            encoding: self.encoding.to_string(),
            heading_line: (line > 0).then_some(line),
        }
    }

    /// Finds out how a file is written.
    pub(super) fn of(source: &mut dyn Source, options: &Options) -> Result<Self, ImportError> {
        let mut start = Vec::new();
        source.open()?.take(BEGINNING).read_to_end(&mut start)?;
        if let Some(what) = not_text(&start) {
            return Err(ImportError::NotText(what));
        }
        let encoding = encoding_of(&start, options.encoding);
        let mut text = Vec::new();
        // The beginning may end within a character, which is no error.
        LineFeeds::new(decoded(start.as_slice(), encoding)).read_to_end(&mut text)?;
        let text = String::from_utf8_lossy(&text);
        if text.trim().is_empty() {
            return Err(ImportError::Empty);
        }
        let kind = kind_of(&text);
        let mut format = Self {
            encoding,
            kind,
            records_are_lines: options.rows_are_lines,
            heading: Heading {
                names: Vec::new(),
                last_line: 0,
            },
        };
        format.heading = format.find_heading(source)?;
        Ok(format)
    }

    fn find_heading(&self, source: &mut dyn Source) -> Result<Heading, ImportError> {
        let Kind::Delimited(dialect) = self.kind else {
            let mut rows = self.keyed(source.open()?).peekable();
            // `keyed::names` passes over faulty rows, and would report a file in a wrong encoding
            // as one without columns.
            if let Some(KeyedRow {
                line,
                pairs: Err(RowFault::NotUtf8),
            }) = rows.peek()
            {
                return Err(ImportError::NotUtf8 { line: *line });
            }
            let names = keyed::names(rows).map_err(|_| ImportError::TooManyColumns)?;
            return Ok(Heading {
                names,
                last_line: 0,
            });
        };
        let rows: Vec<_> = self
            .delimited(source.open()?, dialect)
            .filter(|row| row.cells.as_ref().map_or(true, |cells| !is_blank(cells)))
            .take(heading::MAX_TITLE_ROWS)
            .collect();
        // If not even the first row can be read, the cause is the file as a whole and not a row.
        match rows.first() {
            Some(RawRow {
                cells: Err(RowFault::TooWide),
                ..
            }) => return Err(ImportError::TooManyColumns),
            Some(RawRow {
                line,
                cells: Err(RowFault::NotUtf8),
            }) => return Err(ImportError::NotUtf8 { line: *line }),
            Some(RawRow {
                line,
                cells: Err(fault),
            }) => return Err(ImportError::Malformed(format!("Line {line}: {fault}"))),
            _ => {}
        }
        heading::find(&rows).ok_or_else(|| ImportError::no_heading(&rows))
    }

    /// The rows below the heading that have any text.
    pub(super) fn rows<'a>(&self, source: &'a mut dyn Source) -> io::Result<Rows<'a>> {
        let last_line = self.heading.last_line;
        let error = Rc::new(RefCell::new(None));
        let text = Watched {
            source: source.open()?,
            error: Rc::clone(&error),
        };
        let rows: Rows<'a> = match self.kind {
            Kind::Delimited(dialect) => Box::new(self.delimited(text, dialect)),
            _ => keyed::cells(self.keyed(text), &self.heading.names),
        };
        let has_text = |row: &RawRow| row.cells.as_ref().map_or(true, |cells| !is_blank(cells));
        let rows = rows.filter(move |row| row.line > last_line && has_text(row));
        // Evaluated after the last row. Without it, a source that breaks off would look like a
        // complete but shorter file.
        let fault = std::iter::once_with(move || error.take()).flatten();
        let fault = fault.map(|error| RawRow {
            line: u64::MAX,
            cells: Err(RowFault::Io(error)),
        });
        Ok(Box::new(rows.chain(fault)))
    }

    fn delimited<'a>(&self, source: impl Read + 'a, dialect: Dialect) -> DelimitedRows<'a> {
        let text = LineFeeds::new(decoded(source, self.encoding));
        DelimitedRows::new(text, dialect, self.records_are_lines)
    }

    fn keyed<'a>(&self, source: impl Read + 'a) -> Box<dyn Iterator<Item = KeyedRow> + 'a> {
        let text = LineFeeds::new(decoded(source, self.encoding));
        match self.kind {
            Kind::JsonLines | Kind::Delimited(_) => Box::new(json::lines(text)),
            Kind::JsonArray => Box::new(json::elements(text)),
            Kind::Ldif => Box::new(ldif::rows(text)),
            Kind::Vcard => Box::new(vcard::rows(text)),
            Kind::Datev => Box::new(datev::rows(text)),
        }
    }
}

/// A source that remembers why reading failed. A failure would otherwise look like the end.
struct Watched<R> {
    source: R,
    error: Rc<RefCell<Option<String>>>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.source.read(out);
        if let Err(error) = &size
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.error.replace(Some(error.to_string()));
        }
        size
    }
}

fn kind_of(text: &str) -> Kind {
    let whole = text;
    let text = text.trim_start();
    let first = text.lines().next().unwrap_or_default().trim();
    let after_bracket = text.strip_prefix('[').map(str::trim_start);
    let is_ldif = text
        .lines()
        .find(|line| !line.starts_with('#') && !line.trim().is_empty())
        .is_some_and(|line| line.starts_with("dn:") || line.starts_with("version: 1"));
    match () {
        () if first == datev::START => Kind::Datev,
        () if text.starts_with('{') => Kind::JsonLines,
        () if after_bracket.is_some_and(|rest| rest.starts_with(['{', ']'])) => Kind::JsonArray,
        () if first.eq_ignore_ascii_case("BEGIN:VCARD") => Kind::Vcard,
        () if is_ldif => Kind::Ldif,
        // Any text can be CSV, so it is what remains if no other format is recognised.
        () => Kind::Delimited(dialect::of(whole)),
    }
}

/// What a file is that is no text, by its first bytes.
fn not_text(start: &[u8]) -> Option<&'static str> {
    const SIGNATURES: [(&[u8], &str); 6] = [
        (
            b"PK\x03\x04",
            "a spreadsheet or a zip archive; save it as .xlsx or as CSV",
        ),
        (
            b"\xd0\xcf\x11\xe0",
            "an old spreadsheet (.xls); save it as .xlsx or as CSV",
        ),
        (b"%PDF", "a PDF; export the data as CSV"),
        (b"\x1f\x8b", "compressed twice"),
        (b"SQLite format 3", "a database; export the data as CSV"),
        (b"\x89PNG", "a picture"),
    ];
    let found = SIGNATURES
        .iter()
        .find(|(signature, _)| start.starts_with(signature));
    found.map(|(_, what)| *what)
}
