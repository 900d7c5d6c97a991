//! The outcome of an import: what was understood here, and what the server said.

use std::collections::HashMap;
use std::io;

use roster_common::api::{ImportMode, ImportReport, MatchReport, RowResult, RunId};
use roster_common::history::FieldChange;
use roster_common::import::{ColumnReport, Import, ParsedRow, RefusedCell, SkipReason, Warning};
use roster_common::problem::{FieldError, Rule};
use roster_common::warning::WarningCode;
use roster_common::{EmployeeId, Field, RecordWarning};

use serde::Serialize;

use crate::cli::console::Console;
use crate::cli::employees::input::joined;
use crate::cli::failure::ExitStatus;

/// The report, in the form in which it is printed as JSON: that of the server, with what was
/// understood here.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    mode: ImportMode,
    dry_run: bool,
    /// The run, by which the import can be undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunId>,
    created: u64,
    refused: u64,
    /// What the server found by `--match`.
    #[serde(skip_serializing_if = "Option::is_none")]
    matched: Option<MatchReport>,
    /// How many rows are sent to the server.
    #[serde(skip)]
    sent: u64,
    /// How many rows the server accepts, though it may create none of them.
    #[serde(skip)]
    valid: u64,
    /// How many rows are refused only because their managers' rows are.
    #[serde(skip)]
    waiting: u64,
    /// The rows in the order of the file.
    rows: Vec<ReportedRow>,
    columns: Vec<ColumnReport>,
    skipped: Vec<SkippedRow>,
    warnings: Vec<RowWarning>,
    /// The numbers of skipped rows and of warnings; the lists have only the first ones.
    skipped_rows: u64,
    warned_cells: u64,
}

#[derive(Debug, Serialize)]
struct ReportedRow {
    line: u64,
    result: RowResult,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<EmployeeId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<CellError>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<FieldChange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<RecordWarning>,
    /// Whether the server has seen the row.
    #[serde(skip)]
    is_from_server: bool,
}

/// An error in a field, with the cell if it was found here.
#[derive(Debug, Serialize)]
struct CellError {
    #[serde(flatten)]
    error: FieldError,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct SkippedRow {
    line: u64,
    reason: SkipReason,
}

#[derive(Debug, Serialize)]
struct RowWarning {
    line: u64,
    #[serde(flatten)]
    warning: Warning,
}

impl Report {
    pub(super) fn new(import: &Import) -> Self {
        Self {
            mode: ImportMode::Atomic,
            dry_run: false,
            run: None,
            created: 0,
            refused: 0,
            matched: None,
            sent: 0,
            valid: 0,
            waiting: 0,
            rows: Vec::new(),
            columns: import.columns(),
            skipped: Vec::new(),
            warnings: Vec::new(),
            skipped_rows: 0,
            warned_cells: 0,
        }
    }

    /// How many rows are refused so far.
    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    /// Adds the outcome of a row. The lists keep only the first ones of each kind.
    pub(super) fn note(&mut self, outcome: ParsedRow) {
        match outcome {
            ParsedRow::Person(person) => {
                self.sent += 1;
                for warning in person.warnings {
                    self.warned_cells += 1;
                    let warning = RowWarning {
                        line: person.line,
                        warning,
                    };
                    push_bounded(&mut self.warnings, warning);
                }
            }
            ParsedRow::Skipped { line, reason } => {
                self.skipped_rows += 1;
                push_bounded(&mut self.skipped, SkippedRow { line, reason });
            }
            ParsedRow::Refused { line, cells, .. } => {
                self.refuse(line, cells.into_iter().map(CellError::from).collect());
            }
            // Its manager is reported, so this row says nothing more.
            ParsedRow::Waiting { line, .. } => {
                self.waiting += 1;
                self.refuse(line, Vec::new());
            }
        }
    }

    fn refuse(&mut self, line: u64, errors: Vec<CellError>) {
        self.refused += 1;
        push_bounded(
            &mut self.rows,
            ReportedRow {
                line,
                result: RowResult::Refused,
                id: None,
                errors,
                changes: Vec::new(),
                warnings: Vec::new(),
                is_from_server: false,
            },
        );
    }

    /// Adds the report of the server.
    pub(super) fn add(&mut self, report: ImportReport, mode: ImportMode, dry_run: bool) {
        let was_complete = self.refused == 0;
        self.mode = mode;
        self.dry_run = dry_run;
        self.run = report.run;
        // All or nothing: with rows refused here, the file was only tried, so nothing was created
        // whatever the server reports.
        self.created = match mode {
            ImportMode::Atomic if !was_complete => 0,
            _ => report.created,
        };
        self.matched = report.matched;
        if let Some(matched) = &mut self.matched
            && mode == ImportMode::Atomic
            && !was_complete
        {
            matched.changed = 0;
        }
        self.refused += report.refused;
        self.valid = self.sent.saturating_sub(report.refused);
        let rows = report.rows.into_iter().map(|row| ReportedRow {
            line: row.line,
            result: row.result,
            id: row.id,
            errors: row.errors.into_iter().map(CellError::from).collect(),
            changes: row.changes,
            warnings: row.warnings,
            is_from_server: true,
        });
        let known = self.rows.len();
        self.rows.extend(rows);
        let answered = self.rows.get(known..).unwrap_or_default().iter();
        self.waiting += answered.filter(|row| row.is_waiting()).count() as u64;
        // Sorted before it is cut, so that the first rows of the file are reported, whoever refused
        // them.
        self.rows.sort_by_key(|row| row.line);
        self.rows.truncate(ImportReport::MAX_REPORTED_ROWS);
    }

    /// The lines that the server refused, each with its errors.
    pub(super) fn refused_by_server(&self) -> HashMap<u64, String> {
        let by_server = |row: &&ReportedRow| row.is_from_server && row.result == RowResult::Refused;
        let rows = self.rows.iter().filter(by_server);
        rows.map(|row| (row.line, row.text())).collect()
    }

    pub(super) fn print(&self, console: &mut Console) -> io::Result<()> {
        if console.is_json() {
            return console.json(self);
        }
        self.print_columns(console);
        for SkippedRow { line, reason } in &self.skipped {
            console.message(&format!("line {line}: skipped, {reason}"));
        }
        for RowWarning { line, warning } in &self.warnings {
            console.message(&format!("line {line}: warning: {warning}"));
        }
        for row in &self.rows {
            for RecordWarning { field, message, .. } in &row.warnings {
                console.message(&format!("line {}: warning: {field}: {message}", row.line));
            }
        }
        for row in self.rows.iter().filter(|row| !row.changes.is_empty()) {
            console.message(&format!("line {}: {}", row.line, row.changed()));
        }
        self.print_refused(console);
        if let Some(field) = self.found_again() {
            console.message(&format!(
                "Some of these people may be in Roster already. To update them, repeat with \
                    --match {field}."
            ));
        }
        // After the rows, so that a long list does not scroll the result off the screen.
        console.message(&self.counts());
        if let Some(matched) = &self.matched {
            print_missing(matched, console);
        }
        if let Some(run) = self.run {
            console.message(&format!("To undo: roster employees import undo {run}"));
        }
        Ok(())
    }

    /// The refused cells: a table at a terminal, otherwise one row per line.
    fn print_refused(&self, console: &mut Console) {
        let refused = || self.rows.iter().filter(|row| !row.errors.is_empty());
        let cells = |row: &ReportedRow| -> Vec<_> {
            let line = row.line.to_string();
            row.errors.iter().map(|error| error.cells(&line)).collect()
        };
        let header = ["LINE", "COLUMN", "READ", "EXAMPLE", "PROBLEM"].map(str::to_owned);
        let mut table = vec![header.to_vec()];
        table.extend(refused().flat_map(cells));
        if table.len() > 1 && console.message_table(&table) {
            return;
        }
        for row in refused() {
            console.message(&format!("line {}: {}", row.line, row.text()));
        }
    }

    /// The columns, unless each is named as its field.
    fn print_columns(&self, console: &mut Console) {
        // Only what the user may not expect: a column named as its field needs no confirmation.
        let renamed = self
            .columns
            .iter()
            .filter(|column| column.field.is_some_and(|field| field != column.heading));
        let renamed: Vec<_> = renamed
            .map(|column| format!("{} as {}", column.heading, column.field.unwrap_or_default()))
            .collect();
        if !renamed.is_empty() {
            console.message(&format!("Read {}.", renamed.join(", ")));
        }
        let repeated: Vec<_> = self.columns.iter().filter_map(repeated_column).collect();
        if !repeated.is_empty() {
            console.message(&format!(
                "Skipped repeated columns: {}.",
                repeated.join(", ")
            ));
        }
        let unknown: Vec<_> = self
            .columns
            .iter()
            .filter(|column| column.unknown)
            .map(suggestion)
            .collect();
        if !unknown.is_empty() {
            console.message(&format!("Skipped unknown columns: {}.", unknown.join(", ")));
        }
    }

    fn counts(&self) -> String {
        let (created, refused) = (self.created, self.refused);
        let mut text = match (self.dry_run, self.mode, refused) {
            _ if self.matched.is_some() => self.matched_counts(),
            (true, ImportMode::Atomic, 1..) => format!(
                "{} valid, {refused} refused, so nothing would be created. With --partial, the \
                    valid rows would be.",
                self.valid
            ),
            (true, _, _) => {
                format!("Would create {created} and refuse {refused}. Nothing was changed.")
            }
            (false, _, 0) => format!("Created {created}."),
            (false, _, _) => format!("Created {created}, refused {refused}."),
        };
        // These rows need no correction of their own.
        if self.waiting > 0 {
            text.push_str(&format!(
                " {} of them only because their managers were refused.",
                self.waiting
            ));
        }
        text
    }

    /// The field in which rows of an import that only adds match people who exist already.
    fn found_again(&self) -> Option<Field> {
        let added = self.rows.iter().filter(|_| self.matched.is_none());
        let mut found = added.flat_map(|row| {
            let number = Field::Number;
            let is_taken = |error: &CellError| {
                error.error.field == number.name() && error.error.code == Rule::Taken
            };
            let is_shared = |warning: &RecordWarning| warning.code == WarningCode::Shared;
            let taken = row.errors.iter().any(is_taken).then_some(number);
            taken.or_else(|| row.warnings.iter().any(is_shared).then_some(Field::Email))
        });
        found.next()
    }

    /// The counts of an import that updates.
    fn matched_counts(&self) -> String {
        let matched = self.matched.as_ref();
        let (changed, unchanged) = matched.map_or((0, 0), |m| (m.changed, m.unchanged));
        let (created, refused) = (self.created, self.refused);
        let would = if self.dry_run {
            "Would have created"
        } else {
            "Created"
        };
        let mut text = format!("{would} {created}, changed {changed}; {unchanged} unchanged");
        if refused > 0 {
            text.push_str(&format!("; {refused} refused"));
        }
        text.push('.');
        text
    }

    pub(super) fn exit(&self) -> ExitStatus {
        let changed = self.matched.as_ref().map_or(0, |matched| matched.changed);
        match (self.refused, self.created + changed) {
            (0, _) => ExitStatus::Done,
            (_, 0) => ExitStatus::Failed,
            _ => ExitStatus::PartialSuccess,
        }
    }
}

/// The employees whom no row matches.
fn print_missing(matched: &MatchReport, console: &mut Console) {
    const MOST_LISTED: usize = 20;
    if matched.missing == 0 {
        return;
    }
    let ids = matched.missing_ids.iter().take(MOST_LISTED);
    let mut ids: Vec<_> = ids.map(|id| format!("#{id}")).collect();
    if matched.missing > MOST_LISTED as u64 {
        ids.push("…".to_owned());
    }
    let (missing, ids) = (matched.missing, ids.join(" "));
    console.message(&format!(
        "{missing} on the server are not in the file: {ids}"
    ));
}

fn push_bounded<T>(list: &mut Vec<T>, item: T) {
    if list.len() < ImportReport::MAX_REPORTED_ROWS {
        list.push(item);
    }
}

/// A column that is skipped for another one, with that.
fn repeated_column(
    ColumnReport {
        heading, instead, ..
    }: &ColumnReport,
) -> Option<String> {
    let instead = instead.as_ref()?;
    Some(if instead == heading {
        format!("{heading} (another {heading} is read)")
    } else {
        format!("{heading} ({instead} is read)")
    })
}

fn suggestion(column: &ColumnReport) -> String {
    match column.nearest.as_slice() {
        [] => column.heading.clone(),
        near => format!("{} (similar to {})", column.heading, near.join(", ")),
    }
}

impl ReportedRow {
    /// What the row changes, field by field.
    fn changed(&self) -> String {
        let quoted = |text: &str| match text {
            "" => "nothing".to_owned(),
            text => format!("\"{text}\""),
        };
        let change = |FieldChange { field, old, new }: &FieldChange| {
            format!("{field}: {} → {}", quoted(old), quoted(new))
        };
        let changes: Vec<_> = self.changes.iter().map(change).collect();
        changes.join(", ")
    }

    /// Returns `true` if it is refused only because its manager's row is.
    fn is_waiting(&self) -> bool {
        self.result == RowResult::Refused && self.errors.is_empty()
    }

    fn text(&self) -> String {
        let texts = self.errors.iter().map(CellError::text);
        texts.collect::<Vec<_>>().join(" ")
    }
}

impl CellError {
    /// Its cells in a table.
    fn cells(&self, line: &str) -> Vec<String> {
        let column = self.column.as_deref().filter(|column| !column.is_empty());
        vec![
            line.to_owned(),
            column.unwrap_or(&self.error.field).to_owned(),
            self.read.clone().unwrap_or_default(),
            self.example.unwrap_or_default().to_owned(),
            self.error.message.clone(),
        ]
    }

    /// The error with the column, if its heading is another word, and with what was read.
    fn text(&self) -> String {
        let column = self
            .column
            .as_ref()
            .filter(|column| **column != self.error.field && !column.is_empty());
        let mut text = match column {
            Some(column) => format!("{column}: {}", self.error.message),
            None => joined(std::slice::from_ref(&self.error)),
        };
        if let Some(read) = self.read.as_ref().filter(|read| !read.is_empty()) {
            text.push_str(&format!(" It is \"{read}\"."));
        }
        text
    }
}

impl From<FieldError> for CellError {
    fn from(error: FieldError) -> Self {
        Self {
            error,
            column: None,
            read: None,
            example: None,
        }
    }
}

impl From<RefusedCell> for CellError {
    fn from(cell: RefusedCell) -> Self {
        let RefusedCell {
            field,
            code,
            column,
            read,
            message,
            example,
        } = cell;
        Self {
            error: FieldError::new(field, code, message),
            column: Some(column),
            read: Some(read),
            example: Some(example).filter(|example| !example.is_empty()),
        }
    }
}
