//! Runs: imports that changed something, and what undid them.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::employee::{EmployeeId, Field};

/// The number of a run. Later runs have higher numbers.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(u64);

impl RunId {
    /// The first run.
    pub const FIRST: Self = Self(1);

    /// Wraps a stored or received number.
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number itself.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The next run.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RunId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// An import that changed something, or the undo of one.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::absent_not_null))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportRun {
    /// Its number.
    pub id: RunId,
    /// The run that this one undoes; absent for an import.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<RunId>,
    /// The username of the person who started it.
    pub by: String,
    /// When it began.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    #[serde(with = "crate::time")]
    pub begun: Timestamp,
    /// When it last changed something.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    #[serde(with = "crate::time")]
    pub latest: Timestamp,
    /// What it has changed so far.
    #[serde(flatten)]
    pub counts: RunCounts,
    /// Whether it is complete. One that is not is still running, or was interrupted.
    pub finished: bool,
    /// The run that undoes this one, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<RunId>,
}

/// How many employees a run has changed.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunCounts {
    /// How many were added, or restored.
    pub created: u64,
    /// How many were changed.
    pub changed: u64,
    /// How many were deleted.
    pub deleted: u64,
}

impl RunCounts {
    /// The sum of two counts.
    pub fn plus(self, other: Self) -> Self {
        Self {
            created: self.created + other.created,
            changed: self.changed + other.changed,
            deleted: self.deleted + other.deleted,
        }
    }
}

/// The response to an undo.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndoReport {
    /// The run that was undone.
    pub undone: RunId,
    /// The undo, which is a run too, and can be undone.
    pub run: RunId,
    /// What it changed.
    #[serde(flatten)]
    pub counts: RunCounts,
    /// How many employees keep something that the run had changed.
    pub kept: u64,
    /// Why, for the first 10,000 of them.
    pub kept_rows: Vec<KeptEmployee>,
}

impl UndoReport {
    /// The most employees that a report lists one by one.
    pub const MAX_REPORTED_ROWS: usize = 10_000;
}

/// An employee of whom an undo left something as it was.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptEmployee {
    /// The employee.
    pub id: EmployeeId,
    /// The reason.
    pub reason: KeptReason,
    /// The fields that were left as they are; empty if that is the whole record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// Why an undo left something as it was.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::open_words))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeptReason {
    /// Somebody has changed it since.
    Edited,
    /// The employee has since been deleted.
    Deleted,
    /// The old values are no longer allowed: the manager was deleted, or somebody else has the
    /// number.
    Refused,
    /// The history no longer has the old values.
    Forgotten,
    /// A reason that this version does not know.
    #[serde(other)]
    Other,
}
