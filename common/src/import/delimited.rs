//! The rows of a CSV file.

use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord, Terminator};

use super::dialect::Dialect;
use super::row::{MAX_COLUMNS, RawRow, RowFault};
use crate::rows::{LimitedReader, MAX_ROW_BYTES, RowLimit, first_line, opening_line};

/// The rows of a text whose line ends are line feeds. Ends after a row that is too long.
pub(super) struct DelimitedRows<'a> {
    reader: Reader<LimitedReader<Box<dyn Read + 'a>>>,
    limit: Rc<RowLimit>,
    record: ByteRecord,
    /// The lines of a preamble that are still to be skipped.
    preamble: u64,
    /// Whether each record counts as one line.
    records_are_lines: bool,
    is_over: bool,
}

impl<'a> DelimitedRows<'a> {
    pub(super) fn new(source: impl Read + 'a, dialect: Dialect, records_are_lines: bool) -> Self {
        // A last line feed, so that every row ends in one: its lines are counted from its end.
        let source = source.chain(&b"\n"[..]);
        let source: Box<dyn Read + 'a> = if dialect.spaced {
            Box::new(WithoutSpaces::new(source, dialect))
        } else {
            Box::new(source)
        };
        let limit = Rc::new(RowLimit::default());
        let source = LimitedReader::new(source, Rc::clone(&limit));
        let reader = ReaderBuilder::new()
            .delimiter(dialect.delimiter)
            .quote(dialect.quote)
            .terminator(Terminator::Any(b'\n'))
            .flexible(true)
            .has_headers(false)
            .from_reader(source);
        Self {
            reader,
            limit,
            record: ByteRecord::new(),
            preamble: dialect.first_line - 1,
            records_are_lines,
            is_over: false,
        }
    }

    fn cells(&self) -> Result<StringRecord, RowFault> {
        if self.limit.is_unclosed() {
            return Err(RowFault::Unclosed);
        }
        if self.record.len() > MAX_COLUMNS {
            return Err(RowFault::TooWide);
        }
        StringRecord::from_byte_record(self.record.clone()).map_err(|_| RowFault::NotUtf8)
    }

    /// The line on which the record begins, or that of a quotation mark that is never closed.
    fn line(&self, before: u64) -> u64 {
        let position = self.reader.position();
        if self.records_are_lines {
            return position.record();
        }
        if self.limit.is_unclosed() {
            return opening_line(&self.record, position.line());
        }
        first_line(&self.record, before, position.line())
    }
}

impl Iterator for DelimitedRows<'_> {
    type Item = RawRow;

    fn next(&mut self) -> Option<RawRow> {
        while !self.is_over {
            self.limit.begin_row();
            let before = self.reader.position().line();
            let cells = match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => return None,
                Ok(true) => self.cells(),
                // The reader stopped inside a row, so it cannot tell where the next one begins.
                Err(_) => {
                    self.is_over = true;
                    Err(RowFault::TooLong)
                }
            };
            if self.preamble > 0 {
                self.preamble -= 1;
                continue;
            }
            return Some(RawRow {
                line: self.line(before),
                cells,
            });
        }
        None
    }
}

/// Removes the spaces between a delimiter and a quotation mark, which CSV does not know: with them
/// the quotation marks would be part of the cell, and a delimiter inside them would end it.
struct WithoutSpaces<R> {
    source: io::Bytes<io::BufReader<R>>,
    dialect: Dialect,
    /// Whether the next byte is inside quotation marks, and whether it begins a cell.
    is_quoted: bool,
    begins_cell: bool,
    /// Spaces that stand before a byte that is no quotation mark, and that byte.
    kept_spaces: usize,
    kept: Option<u8>,
}

impl<R: Read> WithoutSpaces<R> {
    fn new(source: R, dialect: Dialect) -> Self {
        Self {
            source: io::BufReader::new(source).bytes(),
            dialect,
            is_quoted: false,
            begins_cell: true,
            kept_spaces: 0,
            kept: None,
        }
    }

    fn next(&mut self) -> io::Result<Option<u8>> {
        if self.kept_spaces > 0 {
            self.kept_spaces -= 1;
            return Ok(Some(b' '));
        }
        if let Some(byte) = self.kept.take() {
            return Ok(Some(byte));
        }
        let mut spaces = 0;
        loop {
            let Some(byte) = self.source.next().transpose()? else {
                return Ok(None);
            };
            // Bounded, since the limit of a row counts only what this returns: endless spaces would
            // never reach it.
            if self.begins_cell && byte == b' ' && spaces < MAX_ROW_BYTES {
                spaces += 1;
                continue;
            }
            return Ok(Some(self.after_spaces(byte, spaces)));
        }
    }

    /// The next byte of the text, if `byte` follows this many spaces at the start of a cell.
    fn after_spaces(&mut self, byte: u8, spaces: usize) -> u8 {
        let is_quote = byte == self.dialect.quote;
        self.is_quoted ^= is_quote;
        self.begins_cell = !self.is_quoted && (byte == self.dialect.delimiter || byte == b'\n');
        if spaces == 0 || is_quote {
            return byte;
        }
        self.kept_spaces = spaces - 1;
        self.kept = Some(byte);
        b' '
    }
}

impl<R: Read> Read for WithoutSpaces<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut size = 0;
        for place in out {
            let Some(byte) = self.next()? else {
                break;
            };
            *place = byte;
            size += 1;
        }
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Dialect = Dialect {
        delimiter: b',',
        quote: b'"',
        spaced: false,
        first_line: 1,
    };

    fn rows(text: &str, dialect: Dialect) -> Vec<(u64, Vec<String>)> {
        let rows = DelimitedRows::new(text.as_bytes(), dialect, false);
        rows.map(|row| {
            (
                row.line,
                row.cells.unwrap().iter().map(str::to_owned).collect(),
            )
        })
        .collect()
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn each_row_has_the_line_on_which_it_begins() {
        let text = "a,b\n\n\"one\ntwo\",c\n\nd\n,,";
        let expected = [
            row(1, &["a", "b"]),
            row(3, &["one\ntwo", "c"]),
            row(6, &["d"]),
            row(7, &["", "", ""]),
        ];
        assert_eq!(rows(text, PLAIN), expected);
    }

    #[test]
    fn a_preamble_is_skipped_but_counted() {
        let dialect = Dialect {
            first_line: 2,
            delimiter: b';',
            ..PLAIN
        };
        assert_eq!(rows("sep=;\na;b\n", dialect), [row(2, &["a", "b"])]);
    }

    #[test]
    fn spaces_before_quotes_are_removed_and_others_kept() {
        let dialect = Dialect {
            spaced: true,
            ..PLAIN
        };
        let text = "\"a\", \"b, c\",  d e, \n \"f  g\", \"h\"\n";
        assert_eq!(
            rows(text, dialect),
            [row(1, &["a", "b, c", "  d e", " "]), row(2, &["f  g", "h"])]
        );
    }

    #[test]
    fn an_endless_or_unclosed_row_ends_the_file_and_a_wide_one_only_itself() {
        let endless = b"a,b\nc,\"".chain(io::repeat(b'x'));
        let rows: Vec<_> = DelimitedRows::new(endless, PLAIN, false).collect();
        assert_eq!(
            (rows.len(), rows[1].line, &rows[1].cells),
            (2, 2, &Err(RowFault::TooLong))
        );
        let unclosed = "a,b\nc,d\n\n\"e\ne\",\"f\ng,h\n";
        for spaced in [false, true] {
            let dialect = Dialect { spaced, ..PLAIN };
            let rows: Vec<_> = DelimitedRows::new(unclosed.as_bytes(), dialect, false).collect();
            assert_eq!(
                (rows.len(), rows[2].line, &rows[2].cells),
                (3, 5, &Err(RowFault::Unclosed))
            );
        }
        let wide = format!("a\n{}\nb\n", ",".repeat(MAX_COLUMNS));
        let rows: Vec<_> = DelimitedRows::new(wide.as_bytes(), PLAIN, false).collect();
        assert_eq!(
            (&rows[1].cells, rows[2].cells.is_ok()),
            (&Err(RowFault::TooWide), true)
        );
    }
}
