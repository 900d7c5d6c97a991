//! The contract between `rosterd` and every client of it, in Rust.
//!
//! It holds the types that both sides exchange and the rules that both sides apply, so that a form
//! can show the same error as the server. Nothing here reads a file, a socket or the clock.
//!
//! An *employee* is a record; texts on a screen speak of the *person* whose record it is. An employee
//! is *deleted* and can be restored; to *forget* one also erases the history.
//!
//! - [`employee`] the record, its fields, and the rules of each field
//! - [`changes`] new field values, from JSON, CSV, a form or a command line; the only way to build
//!   the [`Details`] of a record
//! - [`warning`] values that are allowed and likely to be mistakes
//! - [`rows`] many records in one body: CSV and NDJSON
//! - [`import`] files of other systems: their columns and values, as people and systems write them
//! - [`members`] and [`parameters`] the readers of JSON objects and query strings
//! - [`query`] filter, sort and page of a list, to and from a query string
//! - [`account`] usernames, roles, passwords
//! - [`users`] listing and changing accounts and sessions
//! - [`history`] the history of a record, and the audit log
//! - [`event`] the stream of committed changes
//! - [`problem`] the error codes, each with its status and what a client should do
//! - [`api`] the paths, and the remaining request and response bodies
//! - [`text`] and [`time`] normal forms of texts and times
//! - [`typed`] values as people type them; [`dates`] those of dates
//! - [`parallel`] the rows of a long file on several processors
//! - `schema` the JSON Schemas of the bodies (feature `schema`)

pub mod account;
pub mod api;
pub mod changes;
pub mod dates;
pub mod employee;
pub mod event;
mod extensible;
mod field_error;
pub mod history;
pub mod import;
pub mod members;
mod named;
pub mod parallel;
pub mod parameters;
pub mod problem;
pub mod query;
pub mod rows;
#[cfg(feature = "schema")]
pub mod schema;
pub mod text;
pub mod time;
pub mod typed;
pub mod users;
pub mod warning;
mod words;

pub use account::{NewPassword, Password, Role, Username};
pub use changes::Changes;
pub use employee::{Details, Employee, EmployeeId, Field, Kind, Status, Version};
pub use extensible::Extensible;
pub use problem::{Code, FieldError, Problem, Remedy};
pub use query::Query;
pub use warning::RecordWarning;
