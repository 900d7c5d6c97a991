//! Spreadsheets (`.xlsx`) to import: a sheet becomes CSV in a temporary file, each row as one record.
//!
//! Little of a spreadsheet is in memory at a time: its shared texts, its styles and one cell. All
//! three are limited before they are read, and so is what a small file can grow to.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use csv::{Writer, WriterBuilder};
use zip::ZipArchive;

/// The first bytes of a zip archive, which a spreadsheet is.
pub const SIGNATURE: [u8; 4] = *b"PK\x03\x04";

/// The most of each thing, in bytes.
struct Limits {
    /// Everything when it is unpacked.
    unpacked: u64,
    /// The shared texts, which are held in memory.
    texts: u64,
    /// The styles, and each list of parts, which are held in memory as well.
    styles: u64,
    /// What is between two tags. A cell has at most 32,767 characters.
    text: u64,
    /// All cells as text: many cells can share one long text.
    cells: u64,
}

const MIB: u64 = 1024 * 1024;
const LIMITS: Limits = Limits {
    unpacked: 512 * MIB,
    texts: 128 * MIB,
    styles: 8 * MIB,
    text: MIB,
    cells: 1024 * MIB,
};
/// The most files in the archive.
const MAX_FILES: usize = 10_000;
/// The most columns of a sheet.
const MAX_COLUMNS: u32 = 1000;
/// The most rows of a sheet, which is the limit of the format.
const MAX_ROWS: u32 = 1_048_576;

/// Why a spreadsheet cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// The file itself cannot be read, or the temporary one not written.
    #[error("Cannot read the file: {0}")]
    Io(#[from] io::Error),
    /// It is a zip archive of something else, or broken.
    #[error("This is no spreadsheet, or it is damaged.")]
    Damaged,
    /// It is small only because it is compressed.
    #[error("It unpacks to more than 512 MiB. Save the sheet as CSV.")]
    TooLarge,
    /// What must be in memory is too large.
    #[error("It has too many different texts or styles. Save the sheet as CSV.")]
    TooManyTexts,
    /// One text is too long.
    #[error("It has a text of more than 1 MiB. No cell may have one.")]
    TextTooLong,
    /// The cells that share texts are too large together.
    #[error("The cells of the sheet have more than 1 GiB of text.")]
    TooMuchText,
    /// The sheet has more columns than any import.
    #[error("The sheet has more than 1,000 columns.")]
    TooWide,
    /// A row has a number that no spreadsheet has.
    #[error("The sheet has more than 1,048,576 rows.")]
    TooLong,
    /// No sheet has the name that the user gave.
    #[error("There is no sheet \"{sheet}\". The sheets are {}.", .sheets.join(", "))]
    NoSuchSheet {
        /// The name.
        sheet: String,
        /// The names of all sheets.
        sheets: Vec<String>,
    },
}

impl From<XlsxError> for SheetError {
    /// The details are about the file format and would not help the user.
    fn from(_: XlsxError) -> Self {
        Self::Damaged
    }
}

/// A sheet of a spreadsheet.
pub struct Sheet {
    /// Its CSV, from the beginning.
    pub csv: File,
    /// The names of all sheets of the spreadsheet, in their order.
    pub sheets: Vec<String>,
}

/// Writes a sheet as CSV: the one with this name, or else the first. `source` is read several
/// times, each time by a copy.
///
/// # Errors
/// [`SheetError`], whose text says what to do.
pub fn to_csv<S: Read + Seek + Clone>(source: S, sheet: Option<&str>) -> Result<Sheet, SheetError> {
    to_csv_within(&LIMITS, source, sheet)
}

fn to_csv_within<S: Read + Seek + Clone>(
    limits: &Limits,
    source: S,
    sheet: Option<&str>,
) -> Result<Sheet, SheetError> {
    // The reader holds all shared texts of the workbook in memory, however small the archive is.
    check_sizes(limits, source.clone())?;
    let mut workbook = Xlsx::new(BufReader::new(source))?;
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
        left: limits.cells,
    };
    let mut cells = workbook.worksheet_cells_reader(name)?;
    while let Some(cell) = cells.next_cell()? {
        let (row, column) = cell.get_position();
        rows.add(row, column, text(cell.get_value()))?;
    }
    let csv = rows.finish()?;
    Ok(Sheet { csv, sheets })
}

/// Unpacks everything once and throws it away: sizes that an archive states may be wrong.
fn check_sizes(limits: &Limits, source: impl Read + Seek) -> Result<(), SheetError> {
    let mut archive = ZipArchive::new(BufReader::new(source)).map_err(|_| SheetError::Damaged)?;
    if archive.len() > MAX_FILES {
        return Err(SheetError::TooLarge);
    }
    let mut left = limits.unpacked;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|_| SheetError::Damaged)?;
        let name = part.name().map_err(|_| SheetError::Damaged)?;
        let limit = PartLimit::of(&name.to_ascii_lowercase(), limits);
        left -= check_size(&mut part, limit, left)?;
    }
    Ok(())
}

/// The limits of one part of a spreadsheet.
struct PartLimit {
    size: u64,
    /// The longest text between two tags.
    text: u64,
}

impl PartLimit {
    /// The limits of the part with this name, in lower case.
    fn of(name: &str, limits: &Limits) -> Self {
        let size = match name.rsplit('/').next().unwrap_or_default() {
            "sharedstrings.xml" => limits.texts,
            "styles.xml" | "workbook.xml" => limits.styles,
            file if file.ends_with(".rels") => limits.styles,
            _ => limits.unpacked,
        };
        let is_picture = name.starts_with("xl/media/");
        let text = if is_picture {
            limits.unpacked
        } else {
            limits.text
        };
        Self { size, text }
    }
}

/// Unpacks one part, of which at most `left` bytes may be unpacked. Returns its size.
fn check_size(part: &mut impl Read, limit: PartLimit, left: u64) -> Result<u64, SheetError> {
    let (mut size, mut texts) = (0, TextLengths::default());
    let mut piece = vec![0; 64 * 1024];
    loop {
        let count = part.read(&mut piece).map_err(|_| SheetError::Damaged)?;
        if count == 0 {
            return Ok(size);
        }
        size += count as u64;
        texts.add(piece.get(..count).unwrap_or_default());
        if size > left {
            return Err(SheetError::TooLarge);
        }
        if size > limit.size {
            return Err(SheetError::TooManyTexts);
        }
        if texts.longest > limit.text {
            return Err(SheetError::TextTooLong);
        }
    }
}

/// How long the texts between two tags are.
#[derive(Default)]
struct TextLengths {
    longest: u64,
    /// The length of the last one so far.
    last: u64,
}

impl TextLengths {
    fn add(&mut self, piece: &[u8]) {
        for (index, text) in piece.split(|byte| *byte == b'<').enumerate() {
            // The first one goes on where the piece before ended.
            if index > 0 {
                self.last = 0;
            }
            self.last += text.len() as u64;
            self.longest = self.longest.max(self.last);
        }
    }
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
    /// How many more bytes of text there may be.
    left: u64,
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
        if row >= MAX_ROWS {
            return Err(SheetError::TooLong);
        }
        let size = text.len() as u64;
        self.left = self.left.checked_sub(size).ok_or(SheetError::TooMuchText)?;
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

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// A part of a spreadsheet: its name, and a text that is repeated.
    type Part<'t> = (&'t str, &'t str, usize);

    const SHEET: &str = "xl/worksheets/sheet1.xml";
    const TEXTS: &str = "xl/sharedStrings.xml";
    const BEGIN: &str = "<worksheet><sheetData><row>";
    const END: &str = "</row></sheetData></worksheet>";

    const SMALL: Limits = Limits {
        unpacked: 2048,
        texts: 600,
        styles: 500,
        text: 200,
        cells: 1024,
    };

    /// The CSV of a spreadsheet with one sheet.
    fn csv_of(parts: &[&[Part<'_>]]) -> Result<String, SheetError> {
        let workbook: &[Part<'_>] = &[(
            "xl/workbook.xml",
            r#"<workbook xmlns:r="r"><sheets><sheet name="Staff" sheetId="1" r:id="r1"/></sheets></workbook>"#,
            1,
        )];
        let relations: &[Part<'_>] = &[(
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
            1,
        )];
        let package: &[Part<'_>] = &[(
            "_rels/.rels",
            r#"<Relationships><Relationship Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
            1,
        )];
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for part in [package, workbook, relations].iter().chain(parts) {
            let name = part[0].0;
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            for (_, text, times) in *part {
                for _ in 0..*times {
                    zip.write_all(text.as_bytes()).unwrap();
                }
            }
        }
        let mut csv = String::new();
        let file = Cursor::new(zip.finish().unwrap().into_inner());
        to_csv_within(&SMALL, file, None)?
            .csv
            .read_to_string(&mut csv)
            .unwrap();
        Ok(csv)
    }

    #[test]
    fn a_sheet_becomes_csv() {
        let cells = r#"<c r="A1" t="s"><v>0</v></c><c r="C3"><v>7.0</v></c>"#;
        let sheet: &[Part<'_>] = &[(SHEET, BEGIN, 1), (SHEET, cells, 1), (SHEET, END, 1)];
        let texts: &[Part<'_>] = &[(TEXTS, "<sst><si><t>a, \"b\"</t></si></sst>", 1)];
        assert_eq!(
            csv_of(&[sheet, texts]).unwrap(),
            "\"a, \"\"b\"\"\"\n\"\"\n,,7\n"
        );
    }

    /// Each is made of little, and would become gigabytes.
    #[test]
    fn what_would_grow_is_refused_with_one_sentence() {
        let far = r#"<c r="A1048577"><v>1</v></c>"#;
        let wide = r#"<c r="ALM1"><v>1</v></c>"#;
        let shared = r#"<c t="s"><v>0</v></c></row><row>"#;
        let sheet = |cells, times| [(SHEET, BEGIN, 1), (SHEET, cells, times), (SHEET, END, 1)];
        let one_long = [
            (TEXTS, "<sst><si><t>", 1),
            (TEXTS, "x", 90),
            (TEXTS, "</t></si></sst>", 1),
        ];
        for (parts, message) in [
            (
                vec![&sheet(far, 1)[..]],
                "The sheet has more than 1,048,576 rows.",
            ),
            (
                vec![&sheet(wide, 1)],
                "The sheet has more than 1,000 columns.",
            ),
            (
                vec![&sheet(shared, 12), &one_long],
                "The cells of the sheet have more than 1 GiB of text.",
            ),
            (
                vec![&sheet("x", 200)],
                "It has a text of more than 1 MiB. No cell may have one.",
            ),
            (
                vec![&[(TEXTS, "<si><t></t></si>", 40)]],
                "It has too many different texts or styles. Save the sheet as CSV.",
            ),
            (
                vec![&[("xl/styles.xml", "<xf/>", 101)]],
                "It has too many different texts or styles. Save the sheet as CSV.",
            ),
            (
                vec![&sheet("<c/>", 500)],
                "It unpacks to more than 512 MiB. Save the sheet as CSV.",
            ),
        ] {
            let refused = csv_of(&parts).unwrap_err();
            assert_eq!(refused.to_string(), message);
        }
    }

    #[test]
    fn a_part_that_is_damaged_or_missing_is_refused() {
        assert!(matches!(csv_of(&[]), Err(SheetError::Damaged)));
        let sheet: &[Part<'_>] = &[(SHEET, BEGIN, 1), (SHEET, "<c r=\"?\"/>", 1)];
        assert!(matches!(csv_of(&[sheet]), Err(SheetError::Damaged)));
        let back = r#"<c r="A2"><v>1</v></c><c r="A1"><v>1</v></c>"#;
        let sheet: &[Part<'_>] = &[(SHEET, BEGIN, 1), (SHEET, back, 1), (SHEET, END, 1)];
        assert!(matches!(csv_of(&[sheet]), Err(SheetError::Damaged)));
    }
}
