//! Employees as files for other programs.
//!
//! - `columns` what a file has of each employee
//! - `csv`, `json`, `vcard`, `xlsx` the formats
//! - `file` a file that is complete or not there
//! - `job` an export of the application; `rows` adds the rows of a list

use std::io::{self, Write};
use std::path::Path;

use roster_common::rows::LineEnd;
use roster_common::{Employee, listed};

pub use self::columns::ExportColumn;
pub use self::file::NewFile;
pub use self::job::{ExportFailure, ExportJob, ExportPeople, ExportTarget, Exported};
pub use self::rows::{RowsError, add_all};

use self::csv::CsvExport;
use self::json::JsonExport;
use self::vcard::VcardExport;
use self::xlsx::XlsxExport;

mod columns;
mod csv;
mod file;
mod job;
mod json;
mod rows;
mod vcard;
mod xlsx;

listed! {
    /// The format of an export.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ExportFormat {
        /// CSV (RFC 4180) for programs: UTF-8, with line feeds.
        Csv,
        /// CSV as Excel reads it: with a byte order mark and CRLF, and an apostrophe before what it
        /// would take for a formula.
        ExcelCsv,
        /// One JSON object per line.
        Ndjson,
        /// A JSON array with one object per line.
        Json,
        /// A spreadsheet.
        Xlsx,
        /// vCard 4.0 (RFC 6350), for address books.
        Vcard,
    }
}

impl ExportFormat {
    /// The formats by name; `--for excel` makes [`ExportFormat::ExcelCsv`] of the first.
    pub const WORDS: [(&str, Self); 5] = [
        ("csv", Self::Csv),
        ("ndjson", Self::Ndjson),
        ("json", Self::Json),
        ("xlsx", Self::Xlsx),
        ("vcard", Self::Vcard),
    ];

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::ExcelCsv => "Excel CSV",
            Self::Ndjson => "NDJSON",
            Self::Json => "JSON",
            Self::Xlsx => "xlsx",
            Self::Vcard => "vCard",
        }
    }

    /// The usual ending of its files, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv | Self::ExcelCsv => "csv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
            Self::Vcard => "vcf",
        }
    }

    /// The format that the ending of a file name stands for.
    pub fn of_file(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match ending.as_str() {
            "csv" => Self::Csv,
            "ndjson" | "jsonl" => Self::Ndjson,
            "json" => Self::Json,
            "xlsx" => Self::Xlsx,
            "vcf" | "vcard" => Self::Vcard,
            _ => return None,
        })
    }
}

/// A file that is being written, employee by employee, in bounded memory.
pub struct Export<W: Write>(Writer<W>);

enum Writer<W: Write> {
    Csv(Box<CsvExport<W>>),
    Json(JsonExport<W>),
    Vcard(VcardExport<W>),
    Xlsx(Box<XlsxExport<W>>),
}

impl<W: Write + Send> Export<W> {
    /// Begins a file. A vCard has properties of its own, so `columns` do not matter there. `server`
    /// is the address of the server, which makes the ids of vCards unique.
    ///
    /// # Errors
    /// If the beginning cannot be written.
    pub fn new(
        format: ExportFormat,
        columns: &[ExportColumn],
        server: &str,
        out: W,
    ) -> io::Result<Self> {
        let columns = columns.to_vec();
        Ok(Self(match format {
            ExportFormat::Csv => Writer::Csv(Box::new(CsvExport::new(columns, LineEnd::Lf, out)?)),
            ExportFormat::ExcelCsv => Writer::Csv(Box::new(CsvExport::for_excel(columns, out)?)),
            ExportFormat::Ndjson => Writer::Json(JsonExport::lines(columns, out)),
            ExportFormat::Json => Writer::Json(JsonExport::array(columns, out)),
            ExportFormat::Vcard => Writer::Vcard(VcardExport::new(server, out)),
            ExportFormat::Xlsx => Writer::Xlsx(Box::new(XlsxExport::new(columns, out)?)),
        }))
    }

    /// Adds an employee.
    ///
    /// # Errors
    /// If it cannot be written, or does not fit: a spreadsheet has at most 1,048,575 employees.
    pub fn add(&mut self, employee: &Employee) -> io::Result<()> {
        match &mut self.0 {
            Writer::Csv(csv) => csv.add(employee),
            Writer::Json(json) => json.add(employee),
            Writer::Vcard(vcard) => vcard.add(employee),
            Writer::Xlsx(xlsx) => xlsx.add(employee),
        }
    }

    /// Ends the file, and returns what it was written to.
    ///
    /// # Errors
    /// If the rest cannot be written.
    pub fn finish(self) -> io::Result<W> {
        let mut out = match self.0 {
            Writer::Csv(csv) => csv.finish()?,
            Writer::Json(json) => json.finish()?,
            Writer::Vcard(vcard) => vcard.finish(),
            Writer::Xlsx(xlsx) => xlsx.finish()?,
        };
        out.flush()?;
        Ok(out)
    }
}
