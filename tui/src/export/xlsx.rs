//! Spreadsheets (ISO/IEC 29500). Texts are texts, so that nothing is calculated and no number loses
//! its zeros; dates are dates.

use std::io::{self, Write};

use roster_common::{Employee, Field, Kind};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::columns::ExportColumn;

/// The most employees: a sheet has 1,048,576 rows, and the first has the headings.
const MOST_ROWS: u32 = 1_048_575;

pub(super) struct XlsxExport<W> {
    columns: Vec<ExportColumn>,
    workbook: Workbook,
    date: Format,
    /// The last row that is written.
    row: u32,
    out: W,
}

impl<W: Write + Send> XlsxExport<W> {
    pub(super) fn new(columns: Vec<ExportColumn>, out: W) -> io::Result<Self> {
        let mut workbook = Workbook::new();
        // Its rows go to a temporary file one by one.
        let sheet = workbook
            .add_worksheet_with_constant_memory()
            .map_err(failed)?;
        head(sheet, &columns).map_err(failed)?;
        Ok(Self {
            columns,
            workbook,
            date: Format::new().set_num_format("yyyy-mm-dd"),
            row: 0,
            out,
        })
    }

    pub(super) fn add(&mut self, employee: &Employee) -> io::Result<()> {
        if self.row == MOST_ROWS {
            let message = "a spreadsheet has at most 1,048,575 employees; export csv instead";
            return Err(io::Error::other(message));
        }
        self.row += 1;
        let sheet = self.workbook.worksheet_from_index(0).map_err(failed)?;
        for (place, column) in (0u16..).zip(&self.columns) {
            write_cell(sheet, (self.row, place), *column, employee, &self.date).map_err(failed)?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.workbook
            .save_to_writer(&mut self.out)
            .map_err(failed)?;
        Ok(self.out)
    }
}

/// The headings, which stay where they are when the sheet is scrolled.
fn head(sheet: &mut Worksheet, columns: &[ExportColumn]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    sheet.set_freeze_panes(1, 0)?;
    for (place, column) in (0u16..).zip(columns) {
        sheet.set_column_width(place, width(*column))?;
        sheet.write_string_with_format(0, place, column.name(), &bold)?;
    }
    Ok(())
}

/// A width in characters that fits most values.
fn width(column: ExportColumn) -> f64 {
    match column {
        ExportColumn::Id | ExportColumn::Version => 8.0,
        ExportColumn::Field(Field::Email | Field::Notes) => 32.0,
        ExportColumn::Created | ExportColumn::Updated => 24.0,
        ExportColumn::Field(_) | ExportColumn::UpdatedBy => 16.0,
    }
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, place): (u32, u16),
    column: ExportColumn,
    employee: &Employee,
    date_format: &Format,
) -> Result<(), XlsxError> {
    let text = column.text(employee);
    // What is no date of a spreadsheet stays a text.
    let date = match column {
        ExportColumn::Field(field) if field.kind() == Kind::Date => {
            ExcelDateTime::parse_from_str(&text).ok()
        }
        _ => None,
    };
    let number = match column {
        ExportColumn::Id | ExportColumn::Version => text.parse::<u32>().ok(),
        _ => None,
    };
    match (date, number) {
        (Some(date), _) => sheet.write_datetime_with_format(row, place, date, date_format)?,
        (None, Some(number)) => sheet.write_number(row, place, number)?,
        (None, None) if text.is_empty() => sheet,
        (None, None) => sheet.write_string(row, place, text)?,
    };
    Ok(())
}

fn failed(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        error => io::Error::other(error),
    }
}
