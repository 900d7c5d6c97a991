//! The request options and the response of an import.

use serde::{Deserialize, Serialize};

use crate::employee::{EmployeeId, Field, Status};
use crate::extensible::Extensible;
use crate::field_error::FieldError;
use crate::history::FieldChange;
use crate::warning::RecordWarning;

use super::RunId;

/// The value by which the rows of an import are matched with existing employees.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::one_list))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MatchBy {
    /// The email address, in any case.
    Email,
    /// The personnel number, in any case.
    Number,
    /// The id.
    Id,
}

impl MatchBy {
    /// Every value, with its word in the query.
    pub const WORDS: [(&str, Self); 3] = [
        ("email", Self::Email),
        ("number", Self::Number),
        ("id", Self::Id),
    ];

    /// The word in the query.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => Field::Email.name(),
            Self::Number => Field::Number.name(),
            Self::Id => "id",
        }
    }
}

/// What an import does with employees whom no row matches. Those who have left are not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingPeople {
    /// It lists them.
    Report,
    /// It sets their status.
    Become(Status),
}

impl MissingPeople {
    /// Every value, with its word in the query.
    pub const WORDS: [(&str, Self); 3] = [
        ("report", Self::Report),
        ("leave", Self::Become(Status::Leave)),
        ("left", Self::Become(Status::Left)),
    ];

    /// The word in the query.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Become(status) => status.as_str(),
        }
    }
}

/// What an import with `match` does with an empty cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmptyCells {
    /// The employee keeps the value.
    #[default]
    Keep,
    /// The value is cleared.
    Clear,
}

impl EmptyCells {
    /// Every value, with its word in the query.
    pub const WORDS: [(&str, Self); 2] = [("keep", Self::Keep), ("clear", Self::Clear)];

    /// The word in the query.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Clear => "clear",
        }
    }
}

/// How an import with `match` updates employees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matching {
    /// The value by which rows are matched.
    pub by: MatchBy,
    /// What to do with employees whom no row matches; `None` if nobody asks.
    pub missing: Option<MissingPeople>,
    /// What to do with empty cells.
    pub empty: EmptyCells,
}

/// The options of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportOptions {
    /// What to do with valid rows if others are refused.
    pub mode: ImportMode,
    /// Whether to check only.
    pub dry_run: bool,
    /// How to update employees; `None` if every row adds one.
    pub matching: Option<Matching>,
}

impl ImportOptions {
    /// The query string of the request.
    pub fn to_query_string(&self) -> String {
        let mode = match self.mode {
            ImportMode::Atomic => "atomic",
            ImportMode::Partial => "partial",
        };
        let mut query = format!("mode={mode}&dry_run={}", self.dry_run);
        if let Some(Matching { by, missing, empty }) = self.matching {
            let (by, empty) = (by.as_str(), empty.as_str());
            query.push_str(&format!("&match={by}&empty={empty}"));
            if let Some(missing) = missing {
                query.push_str(&format!("&missing={}", missing.as_str()));
            }
        }
        query
    }
}

/// What an import with `match` found besides new employees.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchReport {
    /// The value by which rows were matched.
    pub by: MatchBy,
    /// How many employees were changed by their rows, or would have been in a dry run.
    pub changed: u64,
    /// How many have all values of their rows already.
    pub unchanged: u64,
    /// How many employees no row matches, if the request asked for them.
    pub missing: u64,
    /// Their ids, at most 10,000.
    pub missing_ids: Vec<EmployeeId>,
    /// How many rows were decided again because somebody changed the record during the import.
    pub decided_again: u64,
}

/// What an import does with its valid rows if others are refused.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::one_list))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportMode {
    /// Nothing is imported: the whole file is checked before anything is written.
    #[default]
    Atomic,
    /// The valid rows are imported.
    Partial,
}

/// The response to an import.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// The mode of the request.
    pub mode: Extensible<ImportMode>,
    /// Whether the request only asked for a check: nothing was written then.
    pub dry_run: bool,
    /// The run, which can be undone; absent if nothing was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// How many employees were created, or would have been in a dry run.
    pub created: u64,
    /// How many rows were refused.
    pub refused: u64,
    /// How many valid rows have warnings.
    #[serde(default)]
    pub warned: u64,
    /// What a request with `match` found; absent without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<MatchReport>,
    /// The result of each row, in the order of the body. Of more than 10,000 rows, only the first
    /// 10,000 that were refused, changed or have warnings.
    pub rows: Vec<ImportRow>,
}

impl ImportReport {
    /// The most rows that a report lists one by one.
    pub const MAX_REPORTED_ROWS: usize = 10_000;
}

/// The result of one row of an import.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::absent_not_null))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// The line on which the row begins, counted from 1.
    pub line: u64,
    /// The result.
    pub result: RowResult,
    /// The id of the employee who was created or matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<EmployeeId>,
    /// Why the row was refused. Empty if only the row of its manager was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The fields of the matched employee that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// Values of a valid row that are likely to be mistakes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<RecordWarning>,
}

/// The result of a row.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::open_words))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowResult {
    /// An employee was created. In a dry run with `match`, one would be.
    Created,
    /// The matched employee was changed. In a dry run, they would be.
    Changed,
    /// The matched employee has all these values already.
    Unchanged,
    /// Valid but not written: another row was refused in atomic mode, or it was a dry run.
    Skipped,
    /// The row was refused.
    Refused,
    /// A result that this version does not know.
    #[serde(other)]
    Other,
}
