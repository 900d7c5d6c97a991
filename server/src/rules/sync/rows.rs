//! The rows of an import with `match`, in little memory.

use roster_common::employee::{Details, EmployeeId, Field, Status};
use roster_common::{Changes, FieldError};
use serde::{Deserialize, Serialize};

use crate::rules::packed::PackedRows;

/// One row whose values have passed the rules of their fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRow {
    /// Its id, if it has one.
    pub id: Option<EmployeeId>,
    /// The line of its manager, if that is how the row names them.
    pub manager_line: Option<u64>,
    /// The fields that it sets. An empty text clears one.
    pub values: Vec<(Field, String)>,
}

impl SyncRow {
    /// The value of a field, if the row has one.
    pub fn value(&self, field: Field) -> Option<&str> {
        let mut values = self.values.iter();
        let value = values.find_map(|(other, value)| (*other == field).then_some(value));
        value.map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The details of a record after this row; `before` is `None` for a new one.
    ///
    /// # Errors
    /// The fields that break a rule.
    pub fn details(&self, before: Option<&Details>) -> Result<Details, Vec<FieldError>> {
        let mut changes = Changes::default();
        for (field, value) in &self.values {
            changes.set(*field, value.as_str());
        }
        match before {
            Some(before) => changes.apply_to(before),
            None => changes.to_details(),
        }
    }
}

/// The same details with another status.
pub(super) fn with_status(details: &Details, status: Status) -> Option<Details> {
    let mut changes = Changes::default();
    changes.set(Field::Status, status.as_str());
    changes.apply_to(details).ok()
}

/// Many rows.
pub type SyncRows = PackedRows<SyncRow>;
