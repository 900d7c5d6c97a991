//! An entry of a record's history, by the record's id and the version that the entry made.

use std::fmt;

use jiff::Timestamp;
use roster_common::employee::{EmployeeId, Version};
use roster_common::history::{ChangeKind, FieldChange, HistoryEntry};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::numbers::Numbered;
use super::{BadValue, StoredRow};

/// The format of a [`HistoryEntry`]. A merge has one member more than the others.
pub(in crate::store) struct HistoryFormat {
    entry: EntryFormat,
    /// The employee into whom the record was merged.
    into: Option<u64>,
}

/// What every entry has.
#[derive(Serialize, Deserialize)]
struct EntryFormat {
    /// Milliseconds since 1970.
    at: i64,
    by: String,
    what: u8,
    changes: Vec<ChangeFormat>,
}

impl Serialize for HistoryFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.into {
            Some(into) => (&self.entry, into).serialize(serializer),
            None => self.entry.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for HistoryFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(2, HistoryVisitor)
    }
}

/// Reads an entry, and one member more if it is a merge.
struct HistoryVisitor;

impl<'de> Visitor<'de> for HistoryVisitor {
    type Value = HistoryFormat;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry of a history")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<HistoryFormat, A::Error> {
        let missing = |at| serde::de::Error::invalid_length(at, &self);
        let entry: EntryFormat = members.next_element()?.ok_or_else(|| missing(0))?;
        let into = if entry.what == ChangeKind::Merged.number() {
            Some(members.next_element()?.ok_or_else(|| missing(1))?)
        } else {
            None
        };
        Ok(HistoryFormat { entry, into })
    }
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
    type Format<'r> = HistoryFormat;
    type Key = Version;
    const TABLE: &'static str = "history";

    fn format(&self) -> impl Serialize {
        let Self {
            version: _,
            at,
            by,
            what,
            // The slices of a run say which entries it made.
            run: _,
            into,
            changes,
        } = self;
        let entry = EntryFormat {
            at: at.as_millisecond(),
            by: by.clone(),
            what: what.number(),
            changes: changes.iter().map(ChangeFormat::of).collect(),
        };
        HistoryFormat {
            entry,
            into: into.map(EmployeeId::get),
        }
    }

    fn from_format(version: Version, format: HistoryFormat) -> Result<Self, BadValue> {
        let HistoryFormat {
            entry: format,
            into,
        } = format;
        let changes = format.changes.into_iter().map(ChangeFormat::into_change);
        Ok(Self {
            version,
            at: Timestamp::from_millisecond(format.at)?,
            by: format.by,
            what: Numbered::from_number(format.what)?,
            run: None,
            into: into.map(EmployeeId::try_from).transpose()?,
            changes: changes.collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use roster_common::employee::Field;

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
            into: None,
            changes: vec![FieldChange {
                field: Field::Location,
                old: "Berlin".into(),
                new: "Leeds".into(),
            }],
        }
    }

    /// "merged into employee 300".
    fn merged() -> HistoryEntry {
        HistoryEntry {
            what: ChangeKind::Merged,
            into: Some(300.try_into().unwrap()),
            changes: vec![],
            ..moved()
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
        pin(&merged(), Version::new(2), "01d00f036164610600ac02");
    }

    #[test]
    fn a_damaged_entry_or_one_of_an_unknown_field_is_an_error() {
        refuses_damage(&moved(), || Version::new(2));
        refuses_damage(&merged(), || Version::new(2));
        let unknown = [1, 0, 0, 1, 1, 127, 0, 0];
        let error = HistoryEntry::from_row(Version::new(2), &unknown).unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid row in history: 127 is not a valid Field"
        );
    }
}
