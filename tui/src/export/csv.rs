//! CSV (RFC 4180).

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{Terminator, Writer, WriterBuilder};
use roster_common::Employee;
use roster_common::rows::LineEnd;

use super::columns::ExportColumn;

/// Without it Excel takes the file for one of an older encoding.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) struct CsvExport<W: Write> {
    columns: Vec<ExportColumn>,
    /// Whether to keep Excel from taking texts for formulas.
    is_guarded: bool,
    writer: Writer<W>,
}

impl<W: Write> CsvExport<W> {
    pub(super) fn new(columns: Vec<ExportColumn>, line_end: LineEnd, out: W) -> io::Result<Self> {
        let terminator = match line_end {
            LineEnd::Lf => Terminator::Any(b'\n'),
            LineEnd::CrLf => Terminator::CRLF,
        };
        let mut writer = WriterBuilder::new().terminator(terminator).from_writer(out);
        let names = columns.iter().map(|column| column.name());
        writer.write_record(names).map_err(failed)?;
        Ok(Self {
            columns,
            is_guarded: false,
            writer,
        })
    }

    pub(super) fn for_excel(columns: Vec<ExportColumn>, mut out: W) -> io::Result<Self> {
        out.write_all(BYTE_ORDER_MARK)?;
        let csv = Self::new(columns, LineEnd::CrLf, out)?;
        Ok(Self {
            is_guarded: true,
            ..csv
        })
    }

    pub(super) fn add(&mut self, employee: &Employee) -> io::Result<()> {
        for column in &self.columns {
            let text = column.text(employee);
            let cell = if self.is_guarded { guarded(text) } else { text };
            self.writer.write_field(cell.as_bytes()).map_err(failed)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(failed)
    }

    pub(super) fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(|error| error.into_error())
    }
}

/// The error below, with its kind: a closed pipe is no failure of the command.
fn failed(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    }
}

/// A text that a spreadsheet does not calculate: an apostrophe stands before the characters with
/// which a formula begins. An import removes it again.
fn guarded(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@']) {
        return format!("'{text}").into();
    }
    text
}
