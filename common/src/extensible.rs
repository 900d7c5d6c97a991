//! Words to which a later version may add.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::{Serialize, Serializer};

/// A word in an answer: one of those that this version knows, or any other from a newer server,
/// which is kept as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extensible<T> {
    /// A word that this version knows.
    Known(T),
    /// Any other word.
    Unknown(String),
}

impl<T: Copy> Extensible<T> {
    /// The value, if this version knows it.
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(value) => Some(*value),
            Self::Unknown(_) => None,
        }
    }
}

impl<T> From<T> for Extensible<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T: PartialEq> PartialEq<T> for Extensible<T> {
    fn eq(&self, other: &T) -> bool {
        matches!(self, Self::Known(value) if value == other)
    }
}

impl<T: fmt::Display> fmt::Display for Extensible<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::Unknown(word) => f.pad(word),
        }
    }
}

impl<T: Serialize> Serialize for Extensible<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Unknown(word) if serializer.is_human_readable() => serializer.serialize_str(word),
            Self::Unknown(_) => Err(serde::ser::Error::custom("only known words are packed")),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Extensible<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Formats such as postcard number the words, so they hold only known ones.
        if !deserializer.is_human_readable() {
            return T::deserialize(deserializer).map(Self::Known);
        }
        let word = String::deserialize(deserializer)?;
        let known: Result<T, serde::de::value::Error> = T::deserialize(StrDeserializer::new(&word));
        Ok(known.map_or(Self::Unknown(word), Self::Known))
    }
}

/// The same as of the words that are known now.
#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Extensible<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;
    use crate::api::{ImportReport, Me, SignedIn};
    use crate::history::{AuditEntry, ChangeKind, HistoryEntry};
    use crate::users::{Account, OpenSession};
    use crate::{Employee, Field, Problem, Remedy, Role};

    /// Reads an answer in which every object has a member that this version does not know.
    fn read<T: DeserializeOwned>(answer: Value) -> T {
        serde_json::from_value(extended(answer)).unwrap()
    }

    fn extended(value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let members = members
                    .into_iter()
                    .map(|(name, value)| (name, extended(value)));
                let added = ("addedLater".to_owned(), json!({"deep": [1, null]}));
                Value::Object(members.chain([added]).collect())
            }
            Value::Array(values) => values.into_iter().map(extended).collect(),
            plain => plain,
        }
    }

    #[test]
    fn a_word_that_is_not_known_is_kept() {
        for (word, known) in [("editor", Some(Role::Editor)), ("owner", None)] {
            let role: Extensible<Role> = serde_json::from_value(json!(word)).unwrap();
            assert_eq!((role.known(), role.to_string()), (known, word.to_owned()));
            assert_eq!(serde_json::to_value(&role).unwrap(), word);
        }
        assert!(serde_json::from_value::<Extensible<Role>>(json!(7)).is_err());
    }

    #[test]
    fn answers_of_a_newer_server_are_read() {
        let (at, session) = (
            "2026-11-27T17:46:00Z",
            json!({"id": "7", "expiresAt": "2026-12-04T17:46:00Z"}),
        );
        let user = json!({"username": "ada", "role": "owner"});

        let me: Me = read(json!({"user": user, "session": session}));
        assert_eq!(me.user.role, Extensible::Unknown("owner".into()));
        let signed_in: SignedIn = read(json!({
            "accessToken": "a", "tokenType": "DPoP", "expiresIn": 600, "user": user, "session": session,
        }));
        assert_eq!(signed_in.user, me.user);
        let account: Account = read(json!({
            "username": "ada", "role": "owner", "disabled": false, "created": at, "sessions": 1,
        }));
        assert_eq!(account.role.known(), None);
        let _: OpenSession = read(json!({
            "id": "7", "created": at, "used": at, "expires": at, "address": "::1", "client": "x", "current": true,
        }));

        let mut employee = json!({
            "id": 7, "firstname": "Ada", "lastname": "Lovelace", "email": null, "phone": null, "title": null,
            "department": null, "location": null, "manager": null, "status": "sabbatical", "hired": null,
            "notes": null, "version": 1, "created": at, "updated": at, "updatedBy": "eve",
        });
        let read_employee: Employee = read(employee.clone());
        assert_eq!(read_employee.details.text(Field::Status), "sabbatical");
        assert_eq!(read_employee.details.status(), None);
        employee["addedLater"] = json!(1);

        let entry: HistoryEntry = read(json!({
            "version": 2, "at": at, "by": "eve", "what": "cloned", "changes": [
                {"field": "shoe", "old": "44", "new": "45"},
                {"field": "title", "old": "", "new": "Countess"},
            ],
        }));
        assert_eq!(entry.what, ChangeKind::Other);
        let fields: Vec<_> = entry.changes.iter().map(|change| change.field).collect();
        assert_eq!(fields, [Field::Title]);
        let _: AuditEntry = read(json!({"id": 1, "at": at, "what": "moon_landed"}));

        let problem: Problem = read(json!({
            "type": "/problems/new", "title": "t", "status": 409, "detail": "d", "code": "new", "action": "wait",
            "required": "owner", "current": employee, "errors": [{"field": "f", "code": "new", "message": "m"}],
        }));
        assert_eq!(problem.action, Remedy::None);
        let _: ImportReport = read(json!({
            "mode": "sync", "dryRun": false, "created": 0, "refused": 0,
            "rows": [{"line": 2, "result": "merged", "errors": []}],
        }));
    }
}
