//! The outcome of an import: what was understood here, and what the server said.

use std::collections::{BTreeMap, HashMap};

use roster_common::api::{
    ImportMode, ImportReport, MatchBy, MatchReport, Matching, MissingPeople, RowResult, RunId,
};
use roster_common::history::FieldChange;
use roster_common::import::{ColumnReport, Import, ParsedRow, RefusedCell, SkipReason, Warning};
use roster_common::problem::Rule;
use roster_common::warning::WarningCode;
use roster_common::{Changes, EmployeeId, Field, FieldError, RecordWarning};
use serde::Serialize;

/// The report, in the form in which it is printed as JSON: that of the server, with what was
/// understood here.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// What is done with valid rows if others are refused.
    pub mode: ImportMode,
    /// Whether nothing was to be written.
    pub dry_run: bool,
    /// The run, by which the import can be undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// How many employees were created, or would have been.
    pub created: u64,
    /// How many rows were refused, here or by the server.
    pub refused: u64,
    /// What the server found by `--match`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched: Option<MatchReport>,
    /// How many rows are sent to the server.
    #[serde(skip)]
    pub sent: u64,
    /// How many rows the server accepts, though it may create none of them.
    #[serde(skip)]
    pub valid: u64,
    /// How many rows are refused only because their managers' rows are.
    #[serde(skip)]
    pub waiting: u64,
    /// The values of the first people, by their lines.
    #[serde(skip)]
    pub values: BTreeMap<u64, String>,
    /// The rows in the order of the file.
    pub rows: Vec<ReportedRow>,
    /// What each column was read as.
    pub columns: Vec<ColumnReport>,
    /// The first rows that are no people.
    pub skipped: Vec<SkippedRow>,
    /// The first warnings.
    pub warnings: Vec<RowWarning>,
    /// How many rows were skipped.
    pub skipped_rows: u64,
    /// How many cells have warnings.
    pub warned_cells: u64,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportedRow {
    /// The line on which it begins.
    pub line: u64,
    /// The result.
    pub result: RowResult,
    /// The employee who was created or matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<EmployeeId>,
    /// Why it was refused; nothing if only the row of its manager was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<CellError>,
    /// The fields of the matched employee that change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// What is likely to be a mistake.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<RecordWarning>,
    /// Whether the server has seen the row.
    #[serde(skip)]
    pub is_from_server: bool,
}

/// An error in a field, with the cell if it was found here.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CellError {
    /// The error.
    #[serde(flatten)]
    pub error: FieldError,
    /// The heading of the column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<String>,
    /// A value that would be accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<&'static str>,
}

/// A row that is no person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SkippedRow {
    /// The line on which it begins.
    pub line: u64,
    /// Why.
    pub reason: SkipReason,
}

/// A warning about a cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowWarning {
    /// The line on which the row begins.
    pub line: u64,
    /// The warning.
    #[serde(flatten)]
    pub warning: Warning,
}

impl Report {
    /// The report of a file of which no row has been read.
    pub fn new(import: &Import) -> Self {
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
            values: BTreeMap::new(),
            rows: Vec::new(),
            columns: import.columns(),
            skipped: Vec::new(),
            warnings: Vec::new(),
            skipped_rows: 0,
            warned_cells: 0,
        }
    }

    /// How to match the people who are sent. A row that was refused may be that of somebody who then
    /// seems to be missing, so nobody's status changes.
    pub fn matching(&self, matching: Option<Matching>) -> Option<Matching> {
        matching.map(|matching| Matching {
            missing: match matching.missing {
                Some(MissingPeople::Become(_)) if self.refused > 0 => Some(MissingPeople::Report),
                missing => missing,
            },
            ..matching
        })
    }

    /// Adds the outcome of a row. The lists keep only the first ones of each kind.
    pub fn note(&mut self, outcome: ParsedRow) {
        match outcome {
            ParsedRow::Person(person) => {
                self.sent += 1;
                if self.values.len() < ImportReport::MAX_REPORTED_ROWS {
                    self.values.insert(person.line, values(&person.changes));
                }
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
    pub fn add(&mut self, report: ImportReport, mode: ImportMode, dry_run: bool) {
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
        // If there are too many, those that were refused matter most.
        self.rows
            .sort_by_key(|row| (row.result != RowResult::Refused, row.line));
        self.rows.truncate(ImportReport::MAX_REPORTED_ROWS);
        self.rows.sort_by_key(|row| row.line);
    }

    /// The columns that are skipped for others, each with the one that is read instead.
    pub fn repeated_columns(&self) -> impl Iterator<Item = String> {
        self.columns.iter().filter_map(repeated_column)
    }

    /// The field in which rows of an import that only adds match people who exist already.
    pub fn found_again(&self) -> Option<Field> {
        let by = self.matched.as_ref().map(|matched| matched.by);
        let added = self
            .rows
            .iter()
            .filter(|row| by.is_none() || self.adds(row));
        let mut found = added.flat_map(|row| {
            let number = Field::Number;
            let is_taken = |error: &CellError| {
                error.error.field == number.name() && error.error.code == Rule::Taken
            };
            let is_shared = |warning: &RecordWarning| warning.code == WarningCode::Shared;
            let taken = row.errors.iter().any(is_taken).then_some(number);
            let email = row.warnings.iter().any(is_shared) && by != Some(MatchBy::Email);
            taken.or(email.then_some(Field::Email))
        });
        found.next()
    }

    /// Whether a row adds somebody, or would add them. A check without matching only says that the
    /// row is valid.
    pub fn adds(&self, row: &ReportedRow) -> bool {
        match row.result {
            RowResult::Created => true,
            RowResult::Skipped => self.dry_run,
            _ => false,
        }
    }

    /// The ids of those who were added, from the first to the last, as far as they are known.
    pub fn added_ids(&self) -> Option<(EmployeeId, EmployeeId)> {
        let added = self
            .rows
            .iter()
            .filter(|row| row.result == RowResult::Created);
        let ids: Vec<_> = added.filter_map(|row| row.id).collect();
        Some((*ids.iter().min()?, *ids.iter().max()?))
    }

    /// The lines that the server refused, each with its errors.
    pub fn refused_by_server(&self) -> HashMap<u64, String> {
        let by_server = |row: &&ReportedRow| row.is_from_server && row.result == RowResult::Refused;
        let rows = self.rows.iter().filter(by_server);
        rows.map(|row| (row.line, row.text())).collect()
    }
}

/// The values of a person, the name first: `Ada Lovelace · ada@example.com · Buyer`.
fn values(changes: &Changes) -> String {
    let names = [Field::Firstname, Field::Lastname];
    let name: Vec<_> = names.iter().filter_map(|name| changes.get(*name)).collect();
    let others = changes.iter().filter(|(field, _)| !names.contains(field));
    let others = others.map(|(_, value)| value.replace('\n', " "));
    let all: Vec<_> = std::iter::once(name.join(" ")).chain(others).collect();
    let given = all.into_iter().filter(|value| !value.trim().is_empty());
    given.collect::<Vec<_>>().join(" · ")
}

fn push_bounded<T>(list: &mut Vec<T>, item: T) {
    if list.len() < ImportReport::MAX_REPORTED_ROWS {
        list.push(item);
    }
}

/// A column that is skipped for another one, with that: `Mobile (Phone is read)`.
pub fn repeated_column(
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

impl ReportedRow {
    /// What the row changes, field by field.
    pub fn changed(&self) -> String {
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
    pub fn is_waiting(&self) -> bool {
        self.result == RowResult::Refused && self.errors.is_empty()
    }

    /// Why it was refused.
    pub fn text(&self) -> String {
        let texts = self.errors.iter().map(CellError::text);
        texts.collect::<Vec<_>>().join(" ")
    }
}

impl CellError {
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

/// All field errors of a row, in one line.
pub fn joined(errors: &[FieldError]) -> String {
    let texts = errors.iter().map(|error| match error.field.as_str() {
        "" => error.message.clone(),
        _ => error.to_string(),
    });
    texts.collect::<Vec<_>>().join(" ")
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
