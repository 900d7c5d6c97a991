//! CSV (RFC 4180), NDJSON and JSON bodies with many records. Each row is read on its own, so an
//! invalid row does not hide the errors in others.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder, Terminator, WriterBuilder};

use crate::changes::RecordInput;
use crate::employee::{Employee, Field};
use crate::field_error::{FieldError, MOST_ERRORS, Rule};
use crate::import::{self, Meaning, UNCLOSED};
use crate::members::{InputError, Members};
use crate::parallel;

mod json;

pub(crate) use json::{JsonText, NoText, json_elements, json_lines, read_line};

/// The maximum length of a row in bytes. Without a limit, a quotation mark that is never closed
/// would make the rest of the body one row.
pub const MAX_ROW_BYTES: usize = 64 * 1024;

/// One row of an import, with the line on which it begins, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputRow {
    /// The line on which the row begins; if a quotation mark is never closed, the line of that.
    pub line: u64,
    /// The record to write, or the errors in the row.
    pub document: Result<RecordInput, Vec<FieldError>>,
    /// The line of the same body on which the manager is, who may have no id yet. In JSON
    /// `managerLine`; CSV knows only ids.
    pub manager_line: Option<u64>,
}

/// The header of a CSV body is invalid, so no row can be read.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// Some columns are unknown, repeated or missing.
    #[error("the header does not name employee columns")]
    Columns(Vec<FieldError>),
    /// It could not be read.
    #[error("cannot read the header: {0}")]
    Unreadable(String),
}

/// The meaning of a CSV column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HeaderColumn {
    Id,
    Field(Field),
    /// Set by the server; ignored, so that an export can be imported.
    Ignored,
}

/// Recognises the columns of [`write_header`] and the headings of other systems.
fn header_column(column: &str) -> Option<HeaderColumn> {
    const SET_BY_SERVER: [&str; 4] = ["version", "created", "updated", "updatedBy"];
    if SET_BY_SERVER.contains(&column.trim()) {
        return Some(HeaderColumn::Ignored);
    }
    match import::meaning_of(column)?.0 {
        Meaning::Id => Some(HeaderColumn::Id),
        Meaning::Field(field) => Some(HeaderColumn::Field(field)),
        _ => None,
    }
}

/// Reads CSV. The first line names the columns, in any order. A byte order mark, either line
/// ending, and semicolons or tabs as delimiters are accepted.
///
/// # Errors
/// [`HeaderError`] if the first line is invalid. Later errors belong to their rows.
pub fn read_csv<R: Read>(source: R) -> Result<impl Iterator<Item = InputRow>, HeaderError> {
    let mut source = BufReader::new(source);
    let unreadable = |error: &dyn std::fmt::Display| HeaderError::Unreadable(error.to_string());
    let start = source.fill_buf().map_err(|e| unreadable(&e))?;
    let delimiter = delimiter_of(start);
    // Append a line feed, so that every row ends in one: `first_line` counts back from the end.
    let limit = Rc::new(RowLimit::default());
    let source = LimitedReader::new(source.chain(&b"\n"[..]), Rc::clone(&limit));
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .terminator(Terminator::Any(b'\n'))
        .from_reader(source);
    let header = reader.byte_headers().map_err(|e| unreadable(&e))?.clone();
    // An empty text ends in its first row, too.
    if limit.is_unclosed() && !header.is_empty() {
        let line = opening_line(&header, reader.position().line());
        let what = format!("a quotation mark on line {line} is never closed");
        return Err(HeaderError::Unreadable(what));
    }
    let columns = header_columns(&header)?;
    let mut record = ByteRecord::new();
    let rows = std::iter::from_fn(move || {
        limit.begin_row();
        let before = reader.position().line();
        let read = reader.read_byte_record(&mut record);
        let after = reader.position().line();
        let (line, document) = match read {
            Ok(false) => return None,
            // Before the shape, since its row usually lacks cells as well.
            _ if limit.is_unclosed() => (opening_line(&record, after), unreadable_row(UNCLOSED)),
            _ if is_blank(&record) => return Some(None),
            read => {
                let document = match read {
                    Ok(_) => document(&record, &columns),
                    Err(error) => Err(vec![shape_error(&error, columns.len())]),
                };
                (first_line(&record, before, after), document)
            }
        };
        Some(Some(InputRow {
            line,
            document,
            manager_line: None,
        }))
    });
    Ok(rows.flatten())
}

/// How much of a row may still be read, and whether the text has ended.
#[derive(Debug)]
pub(crate) struct RowLimit {
    left: Cell<usize>,
    has_ended: Cell<bool>,
}

impl Default for RowLimit {
    fn default() -> Self {
        Self {
            left: Cell::new(MAX_ROW_BYTES),
            has_ended: Cell::new(false),
        }
    }
}

impl RowLimit {
    /// Allows another row.
    pub(crate) fn begin_row(&self) {
        self.left.set(MAX_ROW_BYTES);
    }

    /// Returns `true` if the row that was read last has a quotation mark that is never closed.
    /// Every other row ends with its line feed, before the reader looks for more text.
    pub(crate) fn is_unclosed(&self) -> bool {
        self.has_ended.get()
    }
}

/// A source that fails if a row is too long. Bytes already in the reader's buffer do not count.
pub(crate) struct LimitedReader<R> {
    source: R,
    limit: Rc<RowLimit>,
}

impl<R> LimitedReader<R> {
    /// The caller begins each row in `limit`.
    pub(crate) fn new(source: R, limit: Rc<RowLimit>) -> Self {
        Self { source, limit }
    }
}

impl<R: Read> Read for LimitedReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.limit.left.get();
        if left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let most = out.len().min(left);
        let size = self.source.read(out.get_mut(..most).unwrap_or_default())?;
        self.limit.left.set(left - size.min(left));
        self.limit.has_ended.set(size == 0);
        Ok(size)
    }
}

/// The CSV reader returns a line with only a carriage return as one empty cell.
fn is_blank(record: &ByteRecord) -> bool {
    record.len() == 1 && record.as_slice().trim_ascii().is_empty()
}

/// The line on which a row begins: its last line minus the line feeds inside it. The reader's own
/// position would be that of the empty lines before the row.
pub(crate) fn first_line(record: &ByteRecord, before: u64, after: u64) -> u64 {
    let inside = line_feeds(record.as_slice());
    after.saturating_sub(1 + inside).max(before)
}

/// The line of the quotation mark that is never closed. It begins the last cell, which goes on to
/// the end of the text.
pub(crate) fn opening_line(record: &ByteRecord, after: u64) -> u64 {
    let inside = record.iter().next_back().map_or(0, line_feeds);
    after.saturating_sub(inside)
}

fn line_feeds(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// The most frequent of comma, semicolon and tab in the first line.
fn delimiter_of(start: &[u8]) -> u8 {
    let line = start.split(|b| *b == b'\n').next().unwrap_or_default();
    let count = |delimiter: &u8| line.iter().filter(|b| *b == delimiter).count();
    // `max_by_key` returns the last of equals, so the comma wins a tie.
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(count)
        .unwrap_or(b',')
}

fn header_columns(header: &ByteRecord) -> Result<Vec<HeaderColumn>, HeaderError> {
    let mut errors = Vec::new();
    let mut columns = Vec::new();
    for name in header {
        let name = String::from_utf8_lossy(name);
        match header_column(&name) {
            // Ignored columns may be repeated, since nothing is read from them.
            Some(column) if column != HeaderColumn::Ignored && columns.contains(&column) => {
                errors.push(FieldError::new(
                    name,
                    Rule::Duplicate,
                    "Two columns map to the same field.",
                ));
            }
            Some(column) => columns.push(column),
            None => errors.push(FieldError::new(name, Rule::Unknown, "Unknown column.")),
        }
    }
    for field in Field::ALL.into_iter().filter(|f| f.is_required()) {
        if !columns.contains(&HeaderColumn::Field(field)) {
            errors.push(FieldError::new(
                field.name(),
                Rule::Required,
                "This column is missing from the header.",
            ));
        }
    }
    if errors.is_empty() {
        Ok(columns)
    } else {
        errors.truncate(MOST_ERRORS);
        Err(HeaderError::Columns(errors))
    }
}

fn shape_error(error: &csv::Error, expected: usize) -> FieldError {
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths { len, .. } => {
            format!(
                "The row has {len} cells but the header has {expected}; look for a missing quote \
                    or comma."
            )
        }
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            "The row is longer than 64 KiB; nothing after it was read. Look for a missing quote."
                .to_owned()
        }
        _ => "Cannot read this row.".to_owned(),
    };
    FieldError::new("", Rule::Format, message)
}

fn document(record: &ByteRecord, columns: &[HeaderColumn]) -> Result<RecordInput, Vec<FieldError>> {
    let mut document = RecordInput::default();
    let mut errors = Vec::new();
    for (cell, column) in record.iter().zip(columns) {
        let cell = std::str::from_utf8(cell.trim_ascii());
        match (column, cell) {
            // In an edited export, a row without an id is a new employee.
            (HeaderColumn::Ignored, _) | (HeaderColumn::Id, Ok("")) => {}
            (HeaderColumn::Id, Ok(text)) => match text.parse() {
                Ok(id) => document.id = Some(id),
                Err(_) => errors.push(FieldError::new(
                    "id",
                    Rule::Format,
                    "Must be a positive whole number.",
                )),
            },
            (HeaderColumn::Id, Err(_)) => errors.push(not_utf8("id")),
            (HeaderColumn::Field(Field::Number), Ok(text)) if import::is_scientific(text) => {
                let number = Field::Number.name();
                errors.push(FieldError::new(number, Rule::Format, import::SCIENTIFIC));
            }
            (HeaderColumn::Field(field), Ok(text)) => document.changes.set(*field, text),
            (HeaderColumn::Field(field), Err(_)) => errors.push(not_utf8(field.name())),
        }
    }
    if errors.is_empty() {
        Ok(document)
    } else {
        Err(errors)
    }
}

fn not_utf8(field: &str) -> FieldError {
    FieldError::new(field, Rule::Format, "Not UTF-8; save the file as UTF-8.")
}

/// Reads NDJSON: one JSON object per line. Empty lines are skipped. The rows of a long body are read
/// and changed on several processors.
pub fn read_ndjson<R: Read, T: Send + 'static>(
    source: R,
    change: impl Fn(InputRow) -> T + Send + Sync + 'static,
) -> impl Iterator<Item = T> {
    parallel::map(json_lines(source), move |text| change(input_row(text)))
}

/// Reads a JSON array of objects. The line of a row is its place in the array.
pub fn read_json<R: Read>(source: R) -> impl Iterator<Item = InputRow> {
    json_elements(source).map(input_row)
}

fn input_row(JsonText { line, text }: JsonText) -> InputRow {
    let (document, manager_line) = match text {
        Ok(text) => object(&text),
        Err(none) => (unreadable_row(&none.to_string()), None),
    };
    InputRow {
        line,
        document,
        manager_line,
    }
}

/// The record of a JSON object, and the line of its manager.
fn object(text: &[u8]) -> (Result<RecordInput, Vec<FieldError>>, Option<u64>) {
    let read = || {
        let mut members = Members::read(text)?;
        let manager_line = members.number("managerLine");
        let document = RecordInput::from_members(members)?;
        if manager_line.is_some() && document.changes.get(Field::Manager).is_some() {
            let message = "Give manager or managerLine, not both.";
            let error = FieldError::new("managerLine", Rule::Duplicate, message);
            return Err(InputError::Members(vec![error]));
        }
        Ok((document, manager_line))
    };
    match read() {
        Ok((document, manager_line)) => (Ok(document), manager_line),
        Err(InputError::Members(errors)) => (Err(errors), None),
        // The row already has its line number.
        Err(InputError::Syntax { column, what, .. }) => (
            unreadable_row(&format!("At column {column}: {what}.")),
            None,
        ),
    }
}

fn unreadable_row(message: &str) -> Result<RecordInput, Vec<FieldError>> {
    Err(vec![FieldError::new("", Rule::Format, message)])
}

/// The end of each line of a CSV export. Line breaks inside a cell are always LF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// A line feed.
    Lf,
    /// A carriage return and a line feed (RFC 4180, section 2).
    CrLf,
}

impl LineEnd {
    /// The bytes.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
        }
    }
}

/// Writes the header line of an export.
pub fn write_header(out: &mut Vec<u8>, line_end: LineEnd) {
    let names = std::iter::once("id")
        .chain(Field::ALL.map(Field::name))
        .chain(["version", "created", "updated", "updatedBy"]);
    let terminator = match line_end {
        LineEnd::Lf => Terminator::Any(b'\n'),
        LineEnd::CrLf => Terminator::CRLF,
    };
    let mut writer = WriterBuilder::new().terminator(terminator).from_writer(out);
    // Writing to memory cannot fail, and the writer flushes when it is dropped.
    let _ = writer.write_record(names);
}

/// Writes the columns of an import, and an example of a row, which an import skips.
pub fn write_template(out: &mut Vec<u8>) {
    let mut writer = csv::Writer::from_writer(out);
    // Writing to memory cannot fail, and the writer flushes when it is dropped.
    let _ = writer.write_record(Field::ALL.map(Field::name));
    let _ = writer.write_record(Field::ALL.map(|field| match field {
        Field::Firstname => "e.g. Ada".to_owned(),
        field => import::example(field).to_owned(),
    }));
}

/// Writes records as editable CSV: a header, then one line per record with its id and fields.
pub fn write_editable<'a>(out: &mut Vec<u8>, people: impl IntoIterator<Item = &'a Employee>) {
    let mut writer = csv::Writer::from_writer(out);
    // Writing to memory cannot fail, and the writer flushes when it is dropped.
    let _ = writer.write_record(std::iter::once("id").chain(Field::ALL.map(Field::name)));
    for Employee { id, details, .. } in people {
        let fields = Field::ALL.map(|field| details.text(field).into_owned());
        let _ = writer.write_record(std::iter::once(id.to_string()).chain(fields));
    }
}

#[cfg(test)]
mod tests {
    use std::convert::identity;

    use super::*;
    use crate::employee::EmployeeId;
    use proptest::prelude::*;

    fn rows(text: &[u8]) -> Vec<InputRow> {
        read_csv(text).unwrap().collect()
    }

    fn refusals(row: &InputRow) -> Vec<(String, Rule)> {
        row.document
            .as_ref()
            .unwrap_err()
            .iter()
            .map(|e| (e.field.clone(), e.code))
            .collect()
    }

    #[test]
    fn another_systems_export_is_understood() {
        let rows = rows(
            "\u{feff}id,Employee #,first_name,Last Name,hired_on\r\n7,E1,智也,\"渡辺, Jr\",2022-06-04\r\n"
                .as_bytes(),
        );
        let document = rows[0].document.as_ref().unwrap();
        assert_eq!(
            (rows[0].line, document.id.map(EmployeeId::get)),
            (2, Some(7))
        );
        assert_eq!(document.changes.get(Field::Lastname), Some("渡辺, Jr"));
        assert_eq!(document.changes.get(Field::Hired), Some("2022-06-04"));
        assert_eq!(document.changes.get(Field::Number), Some("E1"));
    }

    #[test]
    fn semicolons_and_tabs_separate_too() {
        for text in ["firstname;lastname\na;b,c", "firstname\tlastname\na\tb,c"] {
            assert_eq!(
                rows(text.as_bytes())[0]
                    .document
                    .as_ref()
                    .unwrap()
                    .changes
                    .get(Field::Lastname),
                Some("b,c")
            );
        }
    }

    #[test]
    fn a_bad_row_is_reported_by_line_and_hides_no_other() {
        let rows = rows(b"id,firstname,lastname\n1,a\n2,b,\xff\nx,c,d\n\n3,e,f\n");
        assert_eq!(
            rows.iter().map(|r| r.line).collect::<Vec<_>>(),
            [2, 3, 4, 6]
        );
        assert_eq!(refusals(&rows[0]), [("".into(), Rule::Format)]);
        assert_eq!(refusals(&rows[1]), [("lastname".into(), Rule::Format)]);
        assert_eq!(refusals(&rows[2]), [("id".into(), Rule::Format)]);
        assert!(rows[3].document.is_ok());
    }

    #[test]
    fn a_multi_line_row_is_reported_by_its_first_line() {
        let rows =
            rows(b"firstname,lastname,notes\r\na,b,\"one\r\ntwo\"\r\n\r\nc,d,e\r\nf,g,\"never closed\r\nh,i,j\r\n");
        assert_eq!(rows.iter().map(|r| r.line).collect::<Vec<_>>(), [2, 5, 6]);
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_reported_where_it_opens() {
        for (text, expected) in [
            ("a,b,\"one", 2),
            ("a,\"b", 2),
            ("\n\na,\"b,one\nc,d,two\ne,f,three\n", 4),
            ("a,\"b\nb\",\"one\nc,d,two", 3),
            ("\"", 2),
        ] {
            let text = format!("firstname,lastname,notes\n{text}");
            let row = rows(text.as_bytes()).pop().unwrap();
            let errors = row.document.unwrap_err();
            assert_eq!((row.line, errors[0].message.as_str()), (expected, UNCLOSED));
        }
        assert!(
            rows(b"firstname,lastname\n\"a\",\"b\nb\"")[0]
                .document
                .is_ok()
        );
        let Err(error) = read_csv(&b"firstname,\"lastname\na,b\n"[..]).map(|_| ()) else {
            panic!("the header was taken");
        };
        assert_eq!(
            error.to_string(),
            "cannot read the header: a quotation mark on line 1 is never closed"
        );
    }

    #[test]
    fn a_number_that_a_spreadsheet_shortened_is_refused() {
        let rows = rows(b"firstname,lastname,number\na,b,1.00E+05\nc,d,E1001\n");
        assert_eq!(refusals(&rows[0]), [("number".into(), Rule::Format)]);
        assert!(rows[1].document.is_ok());
    }

    #[test]
    fn an_invalid_header_names_each_column() {
        let Err(HeaderError::Columns(errors)) =
            read_csv(&b"firstname,first_name,shoe\n"[..]).map(|_| ())
        else {
            panic!("the header was taken");
        };
        let named: Vec<_> = errors.iter().map(|e| (e.field.as_str(), e.code)).collect();
        assert_eq!(
            named,
            [
                ("first_name", Rule::Duplicate),
                ("shoe", Rule::Unknown),
                ("lastname", Rule::Required)
            ]
        );
        assert!(read_csv(&b""[..]).is_err());
    }

    #[test]
    fn an_endless_row_is_refused() {
        let endless = || io::repeat(b'x');
        let csv = (&b"firstname,lastname\na,b\nc,\""[..]).chain(endless());
        let rows: Vec<_> = read_csv(csv).unwrap().collect();
        assert_eq!(
            rows.iter()
                .map(|r| (r.line, r.document.is_ok()))
                .collect::<Vec<_>>(),
            [(2, true), (3, false)]
        );
        assert_eq!(refusals(&rows[1]), [("".into(), Rule::Format)]);
        assert!(read_csv(endless()).is_err());

        let good = b"{\"firstname\":\"a\",\"lastname\":\"b\"}";
        let ndjson = endless()
            .take(10_000_000)
            .chain(&b"\n"[..])
            .chain(&good[..]);
        let rows: Vec<_> = read_ndjson(ndjson, identity).collect();
        assert_eq!(
            rows.iter()
                .map(|r| (r.line, r.document.is_ok()))
                .collect::<Vec<_>>(),
            [(1, false), (2, true)]
        );
    }

    #[test]
    fn ndjson_is_read_by_line() {
        let rows: Vec<_> = read_ndjson(
            &b"{\"firstname\":\"a\",\"lastname\":\"b\"}\r\n\n{\"shoe\":1}\n[]"[..],
            identity,
        )
        .collect();
        assert_eq!(
            rows.iter()
                .map(|r| (r.line, r.document.is_ok()))
                .collect::<Vec<_>>(),
            [(1, true), (3, false), (4, false)]
        );
    }

    #[test]
    fn invalid_json_is_reported_by_column() {
        let row = read_ndjson(&b"\n{oops}"[..], identity).next().unwrap();
        assert_eq!(
            (row.line, row.document.unwrap_err()[0].message.as_str()),
            (2, "At column 2: this is not JSON.")
        );
    }

    proptest! {
        #[test]
        fn no_csv_panics(text in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(rows) = read_csv(&text[..]) {
                rows.for_each(drop);
            }
            read_ndjson(text.as_slice(), identity).for_each(drop);
        }
    }
}
