//! The export: what is exported, how and where to, and its progress.

use roster_common::listed;

use super::path_entry::PathEntry;
use crate::export::{ExportColumn, ExportFormat, ExportPeople};

/// The form of an export, and the export while it runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// Who is exported.
    pub people: ExportPeople,
    /// How many people that is.
    pub count: usize,
    /// The columns that the table shows.
    pub visible: Vec<ExportColumn>,
    /// The format.
    pub format: ExportFormat,
    /// Whether all columns are exported, or only the visible ones.
    pub all_columns: bool,
    /// Whether it goes to the clipboard, or to a file.
    pub to_clipboard: bool,
    /// The file.
    pub path: PathEntry,
    /// The focused field.
    pub focus: ExportField,
    /// Why the file cannot be written as it is.
    pub problem: Option<String>,
    /// The path of a file that exists and that the next attempt replaces.
    pub replaces: Option<String>,
    /// The number of people written, while it runs.
    pub running: Option<u64>,
}

listed! {
    /// A field of the form, from top to bottom.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ExportField {
        /// The format.
        Format,
        /// Visible or all columns.
        Columns,
        /// File or clipboard.
        Target,
        /// The path of the file.
        File,
    }
}

impl Export {
    /// The files that are suggested first: those that it could replace.
    pub const ENDINGS: &[&str] = &["csv", "ndjson", "json", "xlsx", "vcf"];

    /// The fields that can be changed now. The path comes only with a file, and vCards have no
    /// columns.
    pub fn fields(&self) -> impl DoubleEndedIterator<Item = ExportField> {
        let is_there = |field: &ExportField| match field {
            ExportField::Columns => self.format != ExportFormat::Vcard,
            ExportField::File => !self.to_clipboard,
            ExportField::Format | ExportField::Target => true,
        };
        ExportField::ALL.into_iter().filter(is_there)
    }

    /// Moves to the next or previous field, and stays at the ends.
    pub fn go(&mut self, by: isize) {
        let fields: Vec<_> = self.fields().collect();
        let here = fields.iter().position(|field| *field == self.focus);
        let there = here.unwrap_or(0).saturating_add_signed(by);
        self.focus = fields.get(there).copied().unwrap_or(self.focus);
    }

    /// Chooses a format. The ending of the file name follows, if it is that of a format.
    pub fn set_format(&mut self, format: ExportFormat) {
        self.format = format;
        let path = self.path.line.text();
        let is_known = ExportFormat::of_file(path.as_ref()).is_some();
        if let Some((stem, _)) = path.rsplit_once('.').filter(|_| is_known) {
            let path = format!("{stem}.{}", format.extension());
            self.path.line.replace(path);
        }
        self.on_change();
    }

    /// The name was changed: if it has the ending of another format, that is meant.
    pub fn follow_name(&mut self) {
        let named = ExportFormat::of_file(self.path.line.text().as_ref());
        if let Some(format) = named.filter(|it| it.extension() != self.format.extension()) {
            self.format = format;
        }
        self.on_change();
    }

    /// Something has changed: what was wrong before is about something else.
    pub fn on_change(&mut self) {
        self.problem = None;
        self.replaces = None;
    }

    /// The columns to export.
    pub fn columns(&self) -> Vec<ExportColumn> {
        if self.all_columns {
            ExportColumn::all().collect()
        } else {
            self.visible.clone()
        }
    }
}
