//! Importing files: reading those of other systems, and sending the people to the server.
//!
//! - `input` the file, opened as often as it has to be read
//! - `managers` the managers whom a file only names
//! - `convert` the people as NDJSON, and what became of the other rows
//! - `refused` the refused rows, as a file to correct
//! - `report` the outcome of both sides
//! - `send` sends it until the outcome is known; `pending` its key until then
//! - `job` the steps of an import in the application

pub mod managers;

mod convert;
mod input;
mod job;
mod pending;
mod refused;
mod report;
mod send;

pub use self::convert::{Conversion, Ndjson, convert};
pub use self::input::{InputError, InputFile};
pub use self::job::{
    ImportAnswer, ImportFailure, ImportJob, ImportSettings, Progress, RefusedRows, Understood,
};
pub use self::refused::RefusedFile;
pub use self::report::{
    CellError, Report, ReportedRow, RowWarning, SkippedRow, joined, repeated_column,
};
pub use self::send::{Ready, SendError, SendProgress, begun_mode, send, was_undone};
