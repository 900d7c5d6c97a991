//! The bytes of each kind of row. They are the same in every database, so moving data never
//! rewrites a row.
//!
//! A row is a version byte and the postcard form of a struct that belongs to its format alone.
//! Postcard writes fields in their order and without names, so the order of a struct's fields is
//! the format; an enum is one of the fixed numbers in `numbers`. Types of the program may therefore
//! gain fields and variants, in any order, without changing a byte. Tests pin the bytes. If one
//! fails, existing databases can no longer be read: raise the schema version, and migrate.

use serde::{Deserialize, Serialize};

mod account;
mod audit;
mod employee;
mod history;
mod numbers;
mod request;
mod run;
mod session;

pub(super) use employee::{employee_row_of_schema_3, values_of_row};

/// The first byte of every row. It stays 1: the format is versioned by `SCHEMA` in
/// `redb/tables.rs` and, apart from it, in `postgres/tables.rs`.
const VERSION: u8 = 1;

/// Most rows are no longer than this, in bytes.
const USUAL_ROW: usize = 256;

/// A row that cannot be used: damaged, or written by a newer version of the program.
#[derive(Debug, thiserror::Error)]
#[error("invalid row in {table}: {why}")]
pub(super) struct BadRow {
    table: &'static str,
    why: String,
}

impl BadRow {
    pub(super) fn new(table: &'static str, why: impl std::fmt::Display) -> Self {
        Self {
            table,
            why: why.to_string(),
        }
    }
}

/// A value in a row that the program cannot interpret.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadValue {
    /// A time outside the years that the program can represent.
    #[error(transparent)]
    Time(#[from] jiff::Error),
    /// A number that stands for no variant of an enum.
    #[error("{number} is not a valid {of}")]
    Number {
        /// The enum.
        of: &'static str,
        /// The number.
        number: u8,
    },
    /// A text that is not a username.
    #[error(transparent)]
    Username(#[from] roster_common::account::InvalidUsername),
    /// A number that is not an employee's id.
    #[error(transparent)]
    EmployeeId(#[from] roster_common::employee::InvalidId),
    /// A text that is not a value of its field.
    #[error("the value of {0} is malformed")]
    Field(roster_common::Field),
}

/// A value that is stored as a row.
pub(super) trait StoredRow: Sized {
    /// The format: what the row holds, in its order. It may borrow from the row.
    type Format<'r>: Deserialize<'r>;
    /// The key that the row is stored under. The row does not repeat it.
    type Key;
    /// The table, for error messages.
    const TABLE: &'static str;

    /// This value without its key, with the bytes of [`StoredRow::Format`].
    fn format(&self) -> impl Serialize;

    /// Decodes a stored value.
    ///
    /// # Errors
    /// The first [`BadValue`].
    fn from_format(key: Self::Key, format: Self::Format<'_>) -> Result<Self, BadValue>;

    /// The bytes to store.
    ///
    /// # Errors
    /// [`BadRow`] if the value has no form in postcard; none of the formats here has such a value.
    fn to_row(&self) -> Result<Vec<u8>, BadRow> {
        write_format(Self::TABLE, &self.format())
    }

    /// Reads the bytes of [`StoredRow::to_row`].
    ///
    /// # Errors
    /// [`BadRow`] if the bytes are damaged, cut short, too long or of another version.
    fn from_row(key: Self::Key, row: &[u8]) -> Result<Self, BadRow> {
        let format = read_format(Self::TABLE, row)?;
        Self::from_format(key, format).map_err(|error| BadRow::new(Self::TABLE, error))
    }
}

/// The bytes of a row.
fn write_format<F: Serialize>(table: &'static str, format: &F) -> Result<Vec<u8>, BadRow> {
    let mut row = Vec::with_capacity(USUAL_ROW);
    row.push(VERSION);
    postcard::to_extend(format, row).map_err(|error| BadRow::new(table, error))
}

/// Reads the bytes of [`write_format`].
fn read_format<'r, F: Deserialize<'r>>(table: &'static str, row: &'r [u8]) -> Result<F, BadRow> {
    let bad = |why: &dyn std::fmt::Display| BadRow::new(table, why);
    let format = match row.split_first() {
        Some((&VERSION, format)) => format,
        Some((version, _)) => return Err(bad(&format!("its version is {version}"))),
        None => return Err(bad(&"it is empty")),
    };
    let (format, rest) = postcard::take_from_bytes(format).map_err(|error| bad(&error))?;
    if rest.is_empty() {
        Ok(format)
    } else {
        Err(bad(&format!("{} bytes follow its end", rest.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts that a value is stored as exactly these bytes, and read back from them.
    pub(super) fn pin<R>(value: &R, key: R::Key, bytes: &str)
    where
        R: StoredRow + PartialEq + std::fmt::Debug,
    {
        let row = value.to_row().unwrap();
        let hex: String = row.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, bytes);
        assert_eq!(R::from_row(key, &row).unwrap(), *value);
    }

    /// Asserts that no part of a row is read as a whole one, nor one of another version or length.
    pub(super) fn refuses_damage<R>(value: &R, key: impl Fn() -> R::Key)
    where
        R: StoredRow + std::fmt::Debug,
    {
        let whole = value.to_row().unwrap();
        for end in 0..whole.len() {
            assert!(R::from_row(key(), &whole[..end]).is_err(), "cut at {end}");
        }
        let longer = [whole.as_slice(), &[0]].concat();
        assert!(R::from_row(key(), &longer).is_err());
        let newer = [&[VERSION + 1], &whole[1..]].concat();
        let error = R::from_row(key(), &newer).unwrap_err().to_string();
        assert!(error.contains("its version is 2"), "{error}");
    }
}
