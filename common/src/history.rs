//! The history of a record, and the audit log.

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use crate::api::RunId;
use crate::changes::Changes;
use crate::employee::{Details, EmployeeId, Field, Version};

/// One entry of an employee's history: the change that made a version.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::absent_not_null))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The version that the change made. A deletion makes a version, too.
    pub version: Version,
    /// The time of the change.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    #[serde(with = "crate::time")]
    pub at: Timestamp,
    /// The username of the person who made it.
    pub by: String,
    /// The kind of change.
    pub what: ChangeKind,
    /// The run that made it, if an import or the undo of one did. Only the newest 500 runs are
    /// known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// After a merge, the employee into whom the record was merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<EmployeeId>,
    /// The fields that differ from the version before. A deletion or a merge lists every field that had a
    /// value, and a restoration every field that has one. A creation lists none; revert the later
    /// changes to get its values. Fields that only a newer server knows are left out.
    #[serde(default, deserialize_with = "of_known_fields")]
    pub changes: Vec<FieldChange>,
}

impl HistoryEntry {
    /// The values before a deletion or a merge; `None` for every other entry.
    pub fn deleted_values(&self) -> Option<Changes> {
        if !matches!(self.what, ChangeKind::Deleted | ChangeKind::Merged) {
            return None;
        }
        let mut values = Changes::default();
        for change in &self.changes {
            values.set(change.field, change.old.as_str());
        }
        Some(values)
    }
}

/// A kind of change to an employee.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::open_words))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// The record was added.
    Created,
    /// Some fields changed.
    Changed,
    /// The record was deleted.
    Deleted,
    /// The record was restored after a deletion.
    Restored,
    /// The record was merged into that of another employee, and is deleted.
    Merged,
    /// The person was forgotten: the record is deleted, and no entry of its history has values
    /// any more.
    Forgotten,
    /// A change that this version does not know.
    #[serde(other)]
    Other,
}

fn of_known_fields<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<FieldChange>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum AnyChange {
        Known(FieldChange),
        Other(IgnoredAny),
    }
    let changes = Vec::<AnyChange>::deserialize(deserializer)?.into_iter();
    Ok(changes
        .filter_map(|change| match change {
            AnyChange::Known(change) => Some(change),
            AnyChange::Other(_) => None,
        })
        .collect())
}

/// The change of one field.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field.
    pub field: Field,
    /// Its value before, as text; empty if it had none.
    pub old: String,
    /// Its value afterwards; empty if it has none.
    pub new: String,
}

impl FieldChange {
    /// The fields that differ between two states of a record.
    pub fn between(before: &Details, after: &Details) -> Vec<Self> {
        let change = |field: Field| {
            let (old, new) = (before.text(field), after.text(field));
            (old != new).then(|| Self {
                field,
                old: old.into_owned(),
                new: new.into_owned(),
            })
        };
        Field::ALL.into_iter().filter_map(change).collect()
    }

    /// Every value of a record, as the changes of its deletion.
    pub fn removed_values(before: &Details) -> Vec<Self> {
        present_values(before)
            .map(|(field, old)| Self {
                field,
                old,
                new: String::new(),
            })
            .collect()
    }

    /// Every value of a record, as the changes of its restore.
    pub fn restored_values(after: &Details) -> Vec<Self> {
        present_values(after)
            .map(|(field, new)| Self {
                field,
                old: String::new(),
                new,
            })
            .collect()
    }
}

/// The fields that have a value, each with its text.
fn present_values(details: &Details) -> impl Iterator<Item = (Field, String)> {
    Field::ALL
        .into_iter()
        .map(|field| (field, details.text(field).into_owned()))
        .filter(|(_, value)| !value.is_empty())
}

/// One entry of the audit log. It never contains a secret. An unknown username is left out, since
/// it may be a password that was typed into the wrong field.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::absent_not_null))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its number; later entries have higher numbers.
    pub id: u64,
    /// When it happened.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    #[serde(with = "crate::time")]
    pub at: Timestamp,
    /// The account that acted, or whose name was tried; absent if no account has the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The action.
    pub what: AuditAction,
    /// The target: a username, a session's id, an employee's id, or the number of a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The address of the client, for a sign-in and its refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Details for a person to read: the new role, or how many employees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An audited action.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::open_words))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    /// A sign-in; the target is the session.
    SignedIn,
    /// A refused sign-in.
    SignInRefused,
    /// A sign-out; the target is the session.
    SignedOut,
    /// Refresh token reuse; the target is the session that was ended for it.
    TokenReused,
    /// A session (the target) or all sessions of an account were ended from elsewhere.
    SessionEnded,
    /// A user changed their own password.
    PasswordChanged,
    /// An account was created.
    UserCreated,
    /// An account was deleted.
    UserDeleted,
    /// An account's role changed.
    RoleChanged,
    /// An account was disabled.
    UserDisabled,
    /// An account was enabled.
    UserEnabled,
    /// An admin reset an account's password.
    PasswordReset,
    /// An employee was added.
    EmployeeCreated,
    /// An employee was changed.
    EmployeeChanged,
    /// A record was deleted.
    EmployeeDeleted,
    /// Employees were imported; the target is the run.
    EmployeesImported,
    /// Another record of the same person was merged into an employee, the target.
    EmployeesMerged,
    /// An import was undone; the target is the run that did it.
    ImportUndone,
    /// All employees were read in one request.
    EmployeesExported,
    /// A deleted employee was restored.
    EmployeeRestored,
    /// A person was forgotten, and all text about them removed.
    EmployeeForgotten,
    /// The database was restored from a backup, which the note dates.
    DatabaseRestored,
    /// An action that this version does not know.
    #[serde(other)]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(title: &str) -> Details {
        let mut changes = Changes::default();
        for (field, value) in [
            (Field::Firstname, "Ada"),
            (Field::Lastname, "Lovelace"),
            (Field::Title, title),
        ] {
            changes.set(field, value);
        }
        changes.to_details().unwrap()
    }

    #[test]
    fn a_change_names_the_fields_that_differ_with_both_values() {
        let changes = FieldChange::between(&person(""), &person("Analyst"));
        assert_eq!(
            changes,
            [FieldChange {
                field: Field::Title,
                old: String::new(),
                new: "Analyst".into()
            }]
        );
        let json = serde_json::to_value(&changes).unwrap();
        assert_eq!(
            json,
            serde_json::json!([{"field": "title", "old": "", "new": "Analyst"}])
        );
    }

    #[test]
    fn a_deletion_names_all_that_had_a_value() {
        let deleted: Vec<_> = FieldChange::removed_values(&person(""))
            .into_iter()
            .map(|deleted| deleted.field)
            .collect();
        assert_eq!(deleted, [Field::Firstname, Field::Lastname, Field::Status]);
    }

    #[test]
    fn an_unknown_audit_action_still_parses() {
        let entry = r#"{"id": 1, "at": "2026-11-25T00:00:00Z", "what": "moon_landed"}"#;
        assert_eq!(
            serde_json::from_str::<AuditEntry>(entry).unwrap().what,
            AuditAction::Other
        );
    }
}
