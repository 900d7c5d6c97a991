//! The import: the file, what was understood of it, and what comes of it.

use roster_common::api::{ImportMode, MatchBy, MissingPeople, RowResult, RunCounts};
use roster_common::import::{DateOrder, Meaning};
use roster_common::{Field, Status, listed};

use super::path_entry::PathEntry;
use super::suggestions::{Suggestion, Suggestions};
use crate::import::{ImportSettings, Progress, Report, Understood};

/// An import.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Import {
    /// How far it is.
    pub stage: ImportStage,
    /// What runs now, if anything does.
    pub busy: Option<Busy>,
    /// The file.
    pub path: PathEntry,
    /// Why the file cannot be read.
    pub problem: Option<String>,
    /// What the user says about the file.
    pub settings: ImportSettings,
    /// Whether the user has said by what rows are matched.
    pub match_is_chosen: bool,
    /// What was understood of it.
    pub file: Option<Box<Understood>>,
    /// The focused field.
    pub focus: ImportField,
    /// The column at the cursor.
    pub column: usize,
    /// The fields from which that of the column is chosen, while they are listed.
    pub choices: Option<Suggestions>,
    /// What would happen, and in the end what has happened.
    pub report: Option<Box<Report>>,
    /// The rows of the report that are listed, by their indexes: the refused ones, then the changed
    /// ones, then the new ones.
    pub rows: Vec<usize>,
    /// The row at the cursor.
    pub row: usize,
    /// Whether the answer to import is selected.
    pub yes: bool,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImportStage {
    /// The file is chosen.
    #[default]
    File,
    /// What was understood is shown, and can be corrected.
    Setup,
    /// What would happen is shown.
    Checked,
    /// The same people were sent before, in this mode, and the outcome is not known.
    Begun(ImportMode),
    /// What has happened is shown.
    Done,
}

/// What runs, and how far it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Busy {
    /// What is done: `Reading people.csv`.
    pub what: String,
    /// How far it is, as far as known.
    pub progress: Option<Progress>,
    /// The number of people in the file, if known.
    pub people: Option<u64>,
}

listed! {
    /// What can be changed before the check, from top to bottom.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum ImportField {
        /// What the columns are read as.
        #[default]
        Columns,
        /// The sheet of a spreadsheet.
        Sheet,
        /// By what rows are matched.
        Match,
        /// What to do with people who are not in the file.
        Missing,
        /// What to do with empty cells.
        Empty,
        /// Whether day or month comes first in dates.
        Dates,
    }
}

impl Import {
    /// The files that are suggested first.
    pub const ENDINGS: &[&str] = &[
        "csv", "xlsx", "json", "ndjson", "jsonl", "tsv", "txt", "ldif", "vcf", "gz",
    ];

    /// The most people whose import is one step to undo.
    pub const UNDO: u64 = 10_000;

    /// An import of which no file is chosen.
    pub fn new() -> Self {
        Self {
            path: PathEntry::new("", Self::ENDINGS),
            ..Self::default()
        }
    }

    /// The name of the file.
    pub fn name(&self) -> &str {
        let path = self.settings.path.as_str();
        path.rsplit('/').next().unwrap_or(path)
    }

    /// The fields that can be changed now: some matter only if rows are matched.
    pub fn fields(&self) -> Vec<ImportField> {
        let is_there = |field: &ImportField| match field {
            ImportField::Columns | ImportField::Dates | ImportField::Match => true,
            ImportField::Sheet => self.sheets().len() > 1,
            ImportField::Missing | ImportField::Empty => self.settings.by.is_some(),
        };
        ImportField::ALL.into_iter().filter(is_there).collect()
    }

    /// The sheets of the file, if it is a spreadsheet.
    pub fn sheets(&self) -> &[String] {
        self.file.as_ref().map_or(&[], |file| &file.sheets)
    }

    /// The sheet that is read.
    pub fn sheet(&self) -> Option<&String> {
        let chosen = self.settings.sheet.as_ref();
        chosen.or_else(|| self.sheets().first())
    }

    /// Where people are there already, the value by which the file can recognise them: otherwise
    /// they would be added twice.
    pub fn likely_match(&self) -> Option<MatchBy> {
        let file = self.file.as_ref()?;
        let has = |by: &MatchBy| {
            let mut columns = file.columns.iter();
            let column = columns.find(|column| column.field == Some(by.as_str()));
            let mut rows = file.rows.iter();
            column.is_some_and(|column| {
                rows.any(|row| row.get(column.index).is_some_and(|cell| !cell.is_empty()))
            })
        };
        [MatchBy::Number, MatchBy::Email].into_iter().find(has)
    }

    /// Moves to the next or previous field, and stays at the ends.
    pub fn go(&mut self, by: isize) {
        let fields = self.fields();
        let here = fields.iter().position(|field| *field == self.focus);
        let there = here.unwrap_or(0).saturating_add_signed(by);
        let there = there.min(fields.len().saturating_sub(1));
        self.focus = fields.get(there).copied().unwrap_or(self.focus);
    }

    /// Moves the cursor among the columns.
    pub fn move_column(&mut self, by: isize) {
        let columns = self.file.as_ref().map_or(0, |file| file.columns.len());
        let last = columns.saturating_sub(1);
        self.column = self.column.saturating_add_signed(by).min(last);
    }

    /// Moves the cursor among the listed rows.
    pub fn move_row(&mut self, by: isize) {
        let last = self.rows.len().saturating_sub(1);
        self.row = self.row.saturating_add_signed(by).min(last);
    }

    /// Takes what was understood.
    pub fn take_file(&mut self, file: Understood) {
        self.file = Some(Box::new(file));
        self.stage = ImportStage::Setup;
        self.move_column(0);
    }

    /// Takes a report: of a check, or of the import itself.
    pub fn take_report(&mut self, report: Report, stage: ImportStage) {
        let is_refused = |row: &usize| {
            let row = report.rows.get(*row);
            row.is_some_and(|row| row.result == RowResult::Refused)
        };
        let is_changed = |row: &usize| {
            let row = report.rows.get(*row);
            row.is_some_and(|row| !row.changes.is_empty() || !row.warnings.is_empty())
        };
        let all = 0..report.rows.len();
        let is_added = |row: &usize| {
            let row = report.rows.get(*row);
            row.is_some_and(|row| report.adds(row) && report.values.contains_key(&row.line))
        };
        let refused = all.clone().filter(is_refused);
        let changed = all
            .clone()
            .filter(|row| !is_refused(row) && is_changed(row));
        let added = all.filter(|row| !is_changed(row) && is_added(row));
        self.rows = refused.chain(changed).chain(added).collect();
        self.row = 0;
        self.yes = false;
        self.report = Some(Box::new(report));
        self.stage = stage;
    }

    /// How many people would be added or changed, or have been: at most, if the status of those who
    /// are not in the file changes.
    pub fn affected(&self) -> u64 {
        let Some(report) = self.report.as_deref() else {
            return 0;
        };
        let matched = report.matched.as_ref();
        let changed = matched.map_or(0, |matched| matched.changed);
        let missing = self.missing_to_change().map_or(0, |(people, _)| people);
        report.created + changed + missing
    }

    /// How many people the import has changed.
    pub fn counts(&self) -> RunCounts {
        let created = self.report.as_ref().map_or(0, |report| report.created);
        RunCounts {
            created,
            changed: self.affected() - created,
            deleted: 0,
        }
    }

    /// How many people who are not in the file get another status, and which, if any. Nobody does if
    /// rows are refused, since one of those may be theirs.
    pub fn missing_to_change(&self) -> Option<(u64, Status)> {
        let Some(MissingPeople::Become(status)) = self.settings.missing else {
            return None;
        };
        let report = self
            .report
            .as_deref()
            .filter(|report| report.refused == 0)?;
        let missing = report.matched.as_ref()?.missing;
        (missing > 0).then_some((missing, status))
    }

    /// Whether there is something to import, or an import to continue.
    pub fn can_run(&self) -> bool {
        match self.stage {
            ImportStage::Checked => self.affected() > 0,
            ImportStage::Begun(_) => true,
            ImportStage::File | ImportStage::Setup | ImportStage::Done => false,
        }
    }

    /// Whether it is one step to undo.
    pub fn is_one_step(&self) -> bool {
        self.affected() <= Self::UNDO
    }

    /// If rows are refused, the others are imported without them: the user has seen which.
    pub fn mode(&self) -> ImportMode {
        match (self.stage, self.report.as_deref()) {
            (ImportStage::Begun(mode), _) => mode,
            (_, Some(report)) if report.refused > 0 => ImportMode::Partial,
            _ => ImportMode::Atomic,
        }
    }

    /// Whether the file has no column with the names of people.
    pub fn lacks_names(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.layout.is_none())
    }

    /// Opens the list of what the column at the cursor may be.
    pub fn open_choices(&mut self) {
        let column = self
            .file
            .as_ref()
            .and_then(|file| file.columns.get(self.column));
        let Some(column) = column else { return };
        let now = column.field;
        let names: Vec<_> = choices().collect();
        let chosen = names.iter().position(|name| *name == now);
        let item = |name: &Option<&'static str>| Suggestion {
            text: meaning_label(*name).to_owned(),
            note: String::new(),
        };
        self.choices = Some(Suggestions {
            open: true,
            items: names.iter().map(item).collect(),
            chosen: chosen.or(Some(0)),
            ..Suggestions::default()
        });
    }

    /// Takes the selected meaning for the column at the cursor. Returns `true` if it is another one.
    pub fn choose_meaning(&mut self) -> bool {
        let chosen = self.choices.take().and_then(|choices| choices.chosen);
        let name = chosen.and_then(|at| choices().nth(at));
        let column = self
            .file
            .as_ref()
            .and_then(|file| file.columns.get(self.column));
        let (Some(name), Some(column)) = (name, column) else {
            return false;
        };
        if name == column.field {
            return false;
        }
        let heading = column.heading.clone();
        let meaning = name.and_then(Meaning::from_name);
        let columns = &mut self.settings.columns;
        // Another column that was given this meaning loses it, as only one can have it.
        columns
            .retain(|(other, given)| *other != heading && (meaning.is_none() || *given != meaning));
        columns.push((heading, meaning));
        true
    }
}

/// What a column may be read as, by name; `None` skips it.
fn choices() -> impl Iterator<Item = Option<&'static str>> {
    std::iter::once(None).chain(Meaning::names().map(Some))
}

/// The name of a meaning for people.
pub fn meaning_label(name: Option<&str>) -> &str {
    match name {
        None => "(skip)",
        Some("id") => "Id",
        Some("name") => "Whole name",
        Some("key") => "Key of managers",
        Some("leaving") => "Last day",
        Some(name) => Field::from_name(name).map_or(name, |field| field.label()),
    }
}

/// The choices of [`ImportField::Match`].
pub const MATCH: [(&str, Option<MatchBy>); 4] = [
    ("none", None),
    ("email", Some(MatchBy::Email)),
    ("number", Some(MatchBy::Number)),
    ("id", Some(MatchBy::Id)),
];

/// The choices of [`ImportField::Dates`].
pub const DATES: [(&str, Option<DateOrder>); 3] = [
    ("as found", None),
    ("day first", Some(DateOrder::DayFirst)),
    ("month first", Some(DateOrder::MonthFirst)),
];

/// The choices of [`ImportField::Missing`], with `ignore` for nothing.
pub fn missing_choices() -> impl Iterator<Item = (&'static str, Option<MissingPeople>)> {
    let words = MissingPeople::WORDS.map(|(word, what)| (word, Some(what)));
    std::iter::once(("ignore", None)).chain(words)
}
