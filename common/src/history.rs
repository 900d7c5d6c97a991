//! What became of a record over time, and what was done in all: the audit.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::changes::Changes;
use crate::employee::{Details, Field, Version};

/// One entry of an employee's history: the change that made a version.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The version that the change made. A deletion makes a version, too.
    pub version: Version,
    /// When it was made.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    pub at: Timestamp,
    /// The username of whoever made it.
    pub by: String,
    /// The kind of change.
    pub what: Happening,
    /// The fields that differ from the version before: for a deletion all that had a value, for a
    /// restoration all that have one. A creation lists none: undo the later changes to get its values.
    #[serde(default)]
    pub changes: Vec<FieldChange>,
}

impl HistoryEntry {
    /// What the record said before it was taken away; nothing where this tells of something else.
    pub fn was(&self) -> Option<Changes> {
        let mut was = Changes::default();
        self.changes
            .iter()
            .for_each(|gone| was.set(gone.field, gone.old.as_str()));
        (self.what == Happening::Deleted).then_some(was)
    }
}

/// A kind of change to an employee.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::one_list))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Happening {
    /// It was added.
    Created,
    /// Some fields got other values.
    Changed,
    /// It was taken away.
    Deleted,
    /// It had been taken away, and was brought back.
    Restored,
}

/// One field that a change has changed.
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
    /// What differs between two states of a record.
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

    /// All that a record says, as the changes that take it away.
    pub fn all_gone(before: &Details) -> Vec<Self> {
        all_said(before)
            .map(|(field, old)| Self {
                field,
                old,
                new: String::new(),
            })
            .collect()
    }

    /// All that a record says, as the changes that bring it back.
    pub fn all_back(after: &Details) -> Vec<Self> {
        all_said(after)
            .map(|(field, new)| Self {
                field,
                old: String::new(),
                new,
            })
            .collect()
    }
}

/// The fields that have a value.
fn all_said(details: &Details) -> impl Iterator<Item = (Field, String)> {
    let said = Field::ALL
        .into_iter()
        .map(|field| (field, details.text(field).into_owned()));
    said.filter(|(_, value)| !value.is_empty())
}

/// One entry of the audit log. It never contains a secret, nor a username that no account has, since
/// people type their password there by mistake.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::absent_not_null))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its number; a later entry has a greater one.
    pub id: u64,
    /// When it happened.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::timestamp"))]
    pub at: Timestamp,
    /// The account that acted, or whose name was tried; absent if no account has the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The action.
    pub what: Deed,
    /// The target: a username, a session's id, or an employee's id.
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
pub enum Deed {
    /// Somebody signed in: the target is the session.
    SignedIn,
    /// A sign-in was refused.
    SignInRefused,
    /// Somebody signed out: the target is the session.
    SignedOut,
    /// A used refresh token came back, and its session, the target, was ended.
    TokenReused,
    /// A session, the target, or all those of an account were ended from elsewhere.
    SessionEnded,
    /// Somebody changed their own password.
    PasswordChanged,
    /// An account was made.
    UserCreated,
    /// An account was deleted.
    UserDeleted,
    /// An account got another role.
    RoleChanged,
    /// An account may no longer sign in.
    UserDisabled,
    /// An account may sign in again.
    UserEnabled,
    /// An account's password was set by somebody else.
    PasswordReset,
    /// A record was added.
    EmployeeCreated,
    /// A record was changed.
    EmployeeChanged,
    /// A record was taken away.
    EmployeeDeleted,
    /// Many records were added at once.
    EmployeesImported,
    /// A record that had been taken away was brought back.
    EmployeeRestored,
    /// A deed that this version does not know.
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
        let gone: Vec<_> = FieldChange::all_gone(&person(""))
            .into_iter()
            .map(|gone| gone.field)
            .collect();
        assert_eq!(gone, [Field::Firstname, Field::Lastname, Field::Status]);
    }

    #[test]
    fn a_deed_from_a_newer_server_is_still_an_entry() {
        let entry = r#"{"id": 1, "at": "2026-11-25T00:00:00Z", "what": "moon_landed"}"#;
        assert_eq!(
            serde_json::from_str::<AuditEntry>(entry).unwrap().what,
            Deed::Other
        );
    }
}
