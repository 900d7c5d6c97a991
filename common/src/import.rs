//! Files that other systems export, read as employees.
//!
//! A file is read several times from its [`Source`], row by row, so that only a few facts of it are
//! in memory: [`Import::understand`] finds out how the file is written and what its columns mean,
//! and [`Import::people`] reads the rows with that knowledge. Nothing here opens a file or reads
//! the clock.
//!
//! From bytes to rows:
//! - `encoding` the bytes as UTF-8; `lines` the kinds of line ends
//! - `format` what kind of file it is, and its rows
//! - `dialect` delimiter and quotation marks of CSV; `delimited` its rows
//! - `json`, `ldif`, `vcard`, `datev` the rows of the other kinds
//!
//! From rows to people:
//! - `vocabulary` the headings that mean something, in eight languages
//! - `heading` which row is the heading; `mapping` which column is which field
//! - `cell`, `date`, `status`, `name` the values as people write them
//! - `survey` what only all rows together tell; `managers` whom a row names as manager
//! - `places` which cell has which meaning; `skip` rows that are no people; `values` the others
//! - `people` a typed person, or why there is none; `facts` the same with the manager
//! - `report` the messages

mod cell;
mod date;
mod datev;
mod delimited;
mod dialect;
mod encoding;
mod facts;
mod format;
mod heading;
mod json;
mod keyed;
mod ldif;
mod lines;
mod managers;
mod mapping;
mod name;
mod options;
mod people;
mod places;
mod plan;
mod report;
mod row;
mod skip;
mod status;
mod survey;
mod values;
mod vcard;
mod vocabulary;

pub(crate) use cell::{SCIENTIFIC, is_scientific};
pub use date::DateOrder;
pub use encoding::Encoding;
pub use format::Layout;
pub use managers::{Elsewhere, manager_names};
pub use mapping::ColumnReport;
pub use options::{Options, Source};
pub use people::{ManagerRef, ParsedRow, Person};
pub use plan::Import;
pub use report::{ImportError, RefusedCell, SkipReason, Warning, example};
pub(crate) use row::UNCLOSED;
pub use status::status_named;
pub use vocabulary::Meaning;
pub(crate) use vocabulary::meaning_of;
