//! An entry of a record's history, by the record's id and the version that the entry made.

use jiff::Timestamp;
use roster_common::employee::Version;
use roster_common::history::{FieldChange, HistoryEntry};
use serde::{Deserialize, Serialize};

use super::numbers::Numbered;
use super::{BadValue, StoredRow};

/// The format of a [`HistoryEntry`].
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct HistoryFormat {
    /// Milliseconds since 1970.
    at: i64,
    by: String,
    what: u8,
    changes: Vec<ChangeFormat>,
}

/// The format of a [`FieldChange`].
#[derive(Serialize, Deserialize)]
struct ChangeFormat {
    field: u8,
    old: String,
    new: String,
}

impl ChangeFormat {
    fn of(change: &FieldChange) -> Self {
        let FieldChange { field, old, new } = change.clone();
        Self {
            field: field.number(),
            old,
            new,
        }
    }

    fn into_change(self) -> Result<FieldChange, BadValue> {
        let Self { field, old, new } = self;
        Ok(FieldChange {
            field: Numbered::from_number(field)?,
            old,
            new,
        })
    }
}

impl StoredRow for HistoryEntry {
    type Format = HistoryFormat;
    type Key = Version;
    const TABLE: &'static str = "history";

    fn format(&self) -> HistoryFormat {
        let Self {
            version: _,
            at,
            by,
            what,
            run: _,
            changes,
        } = self;
        HistoryFormat {
            at: at.as_millisecond(),
            by: by.clone(),
            what: what.number(),
            changes: changes.iter().map(ChangeFormat::of).collect(),
        }
    }

    fn from_format(version: Version, format: HistoryFormat) -> Result<Self, BadValue> {
        let changes = format.changes.into_iter().map(ChangeFormat::into_change);
        Ok(Self {
            version,
            at: Timestamp::from_millisecond(format.at)?,
            by: format.by,
            what: Numbered::from_number(format.what)?,
            run: None,
            changes: changes.collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use roster_common::employee::Field;
    use roster_common::history::ChangeKind;

    use super::super::tests::{pin, refuses_damage};
    use super::*;

    /// "location: Berlin → Leeds".
    fn moved() -> HistoryEntry {
        HistoryEntry {
            version: Version::new(2),
            at: Timestamp::from_millisecond(1_000).unwrap(),
            by: "ada".into(),
            what: ChangeKind::Changed,
            run: None,
            changes: vec![FieldChange {
                field: Field::Location,
                old: "Berlin".into(),
                new: "Leeds".into(),
            }],
        }
    }

    #[test]
    fn the_bytes_of_a_history_entry_are_fixed() {
        pin(
            &moved(),
            Version::new(2),
            "01d00f03616461010106064265726c696e054c65656473",
        );
        let restored = HistoryEntry {
            what: ChangeKind::Restored,
            changes: vec![],
            ..moved()
        };
        pin(&restored, Version::new(2), "01d00f036164610300");
    }

    #[test]
    fn a_damaged_entry_or_one_of_an_unknown_field_is_an_error() {
        refuses_damage(&moved(), || Version::new(2));
        let unknown = [1, 0, 0, 1, 1, 127, 0, 0];
        let error = HistoryEntry::from_row(Version::new(2), &unknown).unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid row in history: 127 is not a valid Field"
        );
    }
}
