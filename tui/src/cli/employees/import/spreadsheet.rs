//! Spreadsheets (`.xlsx`): a sheet becomes CSV in a temporary file, each row as one record.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use csv::{Writer, WriterBuilder};
use zip::ZipArchive;

/// The first bytes of a zip archive, which a spreadsheet is.
pub(super) const SIGNATURE: [u8; 4] = *b"PK\x03\x04";

/// The most bytes that a spreadsheet may have when it is unpacked. Its texts are held in memory.
const MAX_UNPACKED: u64 = 512 * 1024 * 1024;
/// The most files in the archive.
const MAX_FILES: usize = 10_000;
/// The most columns of a sheet.
const MAX_COLUMNS: u32 = 1000;

/// Why a spreadsheet cannot be read.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum SheetError {
    #[error("Cannot read the file: {0}")]
    Io(#[from] io::Error),
    #[error("This is no spreadsheet, or it is damaged.")]
    Damaged,
    #[error("It unpacks to more than 512 MiB. Save the sheet as CSV.")]
    TooLarge,
    #[error("The sheet has more than 1,000 columns.")]
    TooWide,
    #[error("There is no sheet \"{sheet}\". The sheets are {}.", .sheets.join(", "))]
    NoSuchSheet { sheet: String, sheets: Vec<String> },
}

impl From<XlsxError> for SheetError {
    /// The details are about the file format and would not help the user.
    fn from(_: XlsxError) -> Self {
        Self::Damaged
    }
}

/// Writes a sheet as CSV: the one with this name, or else the first.
pub(super) fn to_csv(file: &File, sheet: Option<&str>) -> Result<File, SheetError> {
    // The reader holds all shared texts of the workbook in memory, however small the archive is.
    check_size(file)?;
    let mut workbook = Xlsx::new(BufReader::new(file))?;
    let sheets = workbook.sheet_names();
    let name = match sheet {
        Some(sheet) => sheets.iter().find(|name| *name == sheet),
        None => sheets.first(),
    };
    let name = name.ok_or_else(|| SheetError::NoSuchSheet {
        sheet: sheet.unwrap_or_default().to_owned(),
        sheets: sheets.clone(),
    })?;
    let mut rows = RowWriter {
        out: WriterBuilder::new()
            // Rows end with their last cell, so their lengths differ.
            .flexible(true)
            .from_writer(BufWriter::new(tempfile::tempfile()?)),
        row: 0,
        cells: Vec::new(),
    };
    let mut cells = workbook.worksheet_cells_reader(name)?;
    while let Some(cell) = cells.next_cell()? {
        let (row, column) = cell.get_position();
        rows.add(row, column, text(cell.get_value()))?;
    }
    rows.finish()
}

/// Unpacks everything once and throws it away: sizes that an archive states may be wrong.
fn check_size(file: &File) -> Result<(), SheetError> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|_| SheetError::Damaged)?;
    if archive.len() > MAX_FILES {
        return Err(SheetError::TooLarge);
    }
    let mut left = MAX_UNPACKED;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| SheetError::Damaged)?;
        let size = io::copy(&mut entry.take(left + 1), &mut io::sink())
            .map_err(|_| SheetError::Damaged)?;
        left = left.checked_sub(size).ok_or(SheetError::TooLarge)?;
    }
    Ok(())
}

/// The text of a cell: dates as `2026-11-23`, whole numbers without a fraction.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(time) if time.is_datetime() => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTime(duration) => duration.as_f64().to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// The rows while they are written. Rows that a sheet leaves out are empty ones.
struct RowWriter {
    out: Writer<BufWriter<File>>,
    row: u32,
    cells: Vec<String>,
}

impl RowWriter {
    fn add(&mut self, row: u32, column: u32, text: String) -> Result<(), SheetError> {
        // Formatted cells without a value may be far outside the data; they must not be an error.
        if text.is_empty() {
            return Ok(());
        }
        if column >= MAX_COLUMNS {
            return Err(SheetError::TooWide);
        }
        if row < self.row {
            return Err(SheetError::Damaged);
        }
        // The sheet leaves out empty rows. They are written, so that each row keeps its number.
        while self.row < row {
            self.end_row()?;
        }
        let column = column as usize;
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        if let Some(cell) = self.cells.get_mut(column) {
            *cell = text;
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), SheetError> {
        if self.cells.is_empty() {
            self.cells.push(String::new());
        }
        self.out
            .write_record(&self.cells)
            .map_err(io::Error::from)?;
        self.cells.clear();
        self.row += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<File, SheetError> {
        self.end_row()?;
        let buffer = self
            .out
            .into_inner()
            .map_err(|error| io::Error::other(error.to_string()))?;
        let mut file = buffer
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.flush()?;
        file.rewind()?;
        Ok(file)
    }
}
