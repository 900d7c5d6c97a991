//! What the application asks for, and what comes of it.

use std::collections::HashMap;
use std::path::PathBuf;

use roster_common::api::{EmptyCells, ImportMode, MatchBy, Matching, MissingPeople};
use roster_common::import::{ColumnReport, DateOrder, Encoding, Layout, Meaning};

use super::report::Report;
use crate::remote::ClientError;

/// A step of an import.
#[derive(Debug, Clone, PartialEq)]
pub enum ImportJob {
    /// Read a file, to show what it is.
    Read(ImportSettings),
    /// Read it again, and ask the server what would happen.
    Check(ImportSettings),
    /// Import the people as they were checked.
    Run(ImportMode),
    /// Write the refused rows to a file beside the one that was read.
    KeepRefused {
        /// What was read.
        settings: ImportSettings,
        /// The lines that the server refused, with its reasons.
        by_server: HashMap<u64, String>,
    },
}

/// A file, and what the user says about it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportSettings {
    /// Its path as it was typed; `~` is the home folder.
    pub path: String,
    /// The sheet of a spreadsheet; the first one if `None`.
    pub sheet: Option<String>,
    /// Its encoding, if it says nothing itself.
    pub encoding: Option<Encoding>,
    /// Headings and what they mean, or `None` for a column that is skipped.
    pub columns: Vec<(String, Option<Meaning>)>,
    /// The value by which rows are matched; `None` if every row adds somebody.
    pub by: Option<MatchBy>,
    /// Whether day or month comes first in dates that do not tell.
    pub dates: Option<DateOrder>,
    /// What to do with people who are not in the file, if rows are matched.
    pub missing: Option<MissingPeople>,
    /// What to do with empty cells, if rows are matched.
    pub empty: EmptyCells,
}

impl ImportSettings {
    /// How people are updated, if they are.
    pub fn matching(&self) -> Option<Matching> {
        self.by.map(|by| Matching {
            by,
            missing: self.missing,
            empty: self.empty,
        })
    }

    /// Whether an empty cell clears a value.
    pub fn clears_empty(&self) -> bool {
        self.by.is_some() && self.empty == EmptyCells::Clear
    }
}

/// What was understood of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    /// How it is written; `None` if its people could not be read for lack of names.
    pub layout: Option<Layout>,
    /// The names of its sheets, if it is a spreadsheet.
    pub sheets: Vec<String>,
    /// Why the sheet has no people, if another one may have some.
    pub no_people: Option<String>,
    /// Its columns.
    pub columns: Vec<ColumnReport>,
    /// The cells of its first rows.
    pub rows: Vec<Vec<String>>,
    /// How many people it has.
    pub people: u64,
    /// How many rows have mistakes.
    pub refused: u64,
    /// How many rows are no people.
    pub skipped: u64,
    /// Why the first of them is none: `line 2: an example row`.
    pub first_skipped: Option<String>,
}

impl Understood {
    /// How many rows are shown.
    pub const ROWS: usize = 10;
}

/// The result of an [`ImportJob`].
#[derive(Debug, Clone)]
pub enum ImportAnswer {
    /// Of [`ImportJob::Read`].
    Read(Result<Understood, ImportFailure>),
    /// Of [`ImportJob::Check`]: what would happen.
    Checked(Result<Report, ImportFailure>),
    /// Of [`ImportJob::Check`]: the same people were sent before, in this mode, and the outcome is not
    /// known. [`ImportJob::Run`] continues that import.
    Begun(ImportMode),
    /// Of [`ImportJob::Run`]: what has happened.
    Done(Result<Report, ImportFailure>),
    /// Of [`ImportJob::KeepRefused`].
    KeptRefused(Result<RefusedRows, ImportFailure>),
}

/// The refused rows in a file of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRows {
    /// How many they are.
    pub count: u64,
    /// The file.
    pub path: PathBuf,
}

/// Why a step failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ImportFailure {
    /// The server refused it, or was not reached before anything was sent.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// It was sent, and no answer came. The key is kept, so that the same import continues it.
    #[error("{0}")]
    UnknownOutcome(ClientError),
    /// The file is not in UTF-8.
    #[error("Line {line} is not UTF-8.")]
    NotUtf8 {
        /// The line.
        line: u64,
    },
    /// The file cannot be read or understood; a sentence.
    #[error("{0}")]
    Unreadable(String),
    /// The user has stopped it.
    #[error("Stopped.")]
    Stopped,
}

impl ImportAnswer {
    /// Why the step failed, if it did.
    pub fn failure(&self) -> Option<&ImportFailure> {
        match self {
            Self::Read(result) => result.as_ref().err(),
            Self::Checked(result) | Self::Done(result) => result.as_ref().err(),
            Self::KeptRefused(result) => result.as_ref().err(),
            Self::Begun(_) => None,
        }
    }

    /// The error of the server, if that is why it failed.
    pub fn error(&self) -> Option<&ClientError> {
        match self.failure()? {
            ImportFailure::Client(error) | ImportFailure::UnknownOutcome(error) => Some(error),
            _ => None,
        }
    }
}

/// How far a long task is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// So many people are written or read.
    People(u64),
    /// The file is looked through, which happens several times.
    Scanned {
        /// The bytes read.
        done: u64,
        /// All of them.
        all: u64,
    },
    /// So many bytes are sent.
    Sent {
        /// The bytes sent.
        done: u64,
        /// All of them.
        all: u64,
    },
    /// The server has not answered, and is asked again.
    Repeats(String),
}
