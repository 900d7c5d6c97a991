//! A row of a file before anything is known about its columns.

use csv::StringRecord;

/// What is wrong with the last row of a text that ends between quotation marks.
pub(crate) const UNCLOSED: &str =
    "A quotation mark on this line is never closed; nothing after it was read.";

/// The maximum number of columns of a file.
pub(super) const MAX_COLUMNS: usize = 1000;

/// A row, with the line on which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RawRow {
    /// The line, counted from 1; in a spreadsheet the row.
    pub line: u64,
    /// Its cells, or why it cannot be read.
    pub cells: Result<StringRecord, RowFault>,
}

/// Why a row cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RowFault {
    #[error("The row is longer than 64 KiB; nothing after it was read. Look for a missing quote.")]
    TooLong,
    /// A quotation mark is never closed; the last row of all.
    #[error("{UNCLOSED}")]
    Unclosed,
    #[error("The row has more than {MAX_COLUMNS} cells.")]
    TooWide,
    #[error("Not UTF-8; save the file as UTF-8, or pass --encoding windows-1252.")]
    NotUtf8,
    /// The file cannot be read on; the last fault of all.
    #[error("Cannot read on: {0}.")]
    Io(String),
    /// A row of JSON, LDIF or vCard is malformed.
    #[error("{0}")]
    Malformed(String),
}

/// The rows of a file, in their order.
pub(super) type Rows<'a> = Box<dyn Iterator<Item = RawRow> + 'a>;

/// Returns `true` if no cell has text.
pub(super) fn is_blank(cells: &StringRecord) -> bool {
    cells
        .iter()
        .all(|cell| super::cell::cleaned(cell).is_empty())
}
