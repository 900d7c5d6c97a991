//! The events of `GET /events`: every committed change of a record, in commit order.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api::RunId;
use crate::employee::{Employee, EmployeeId, Version};

/// The media type of the stream (WHATWG HTML, section 9.2: server-sent events).
pub const MEDIA_TYPE: &str = "text/event-stream";

/// One event: its `event:` line gives the variant, and its `data:` line is JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "lowercase")]
pub enum Event {
    /// A record was added.
    Created(RecordEvent),
    /// A record was changed.
    Changed(RecordEvent),
    /// A record was deleted.
    Deleted(RecordEvent),
    /// Many records were changed by an import, or by undoing one; they have no events of their own.
    #[serde(rename = "changed-many")]
    ChangedMany(ChangedManyEvent),
    /// Events may be missing, so the client must reload its data. The stream starts with this
    /// unless it continues after an event that the server still remembers.
    Reset(ResetEvent),
}

/// A change of one record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordEvent {
    /// The employee.
    pub id: EmployeeId,
    /// The version after the change; a deletion makes a version, too.
    pub version: Version,
    /// The username of the person who made the change.
    pub by: String,
    /// When it was committed.
    #[serde(with = "crate::time")]
    pub at: Timestamp,
    /// The new state of the record; `None` after a deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Box<Employee>>,
}

/// Many records that an import, or the undo of one, has added, changed or deleted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangedManyEvent {
    /// The employees.
    pub ids: Vec<EmployeeId>,
    /// The username of the person who made the changes.
    pub by: String,
    /// When they were committed.
    #[serde(with = "crate::time")]
    pub at: Timestamp,
    /// The import that they undo; `None` if they are an import.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<RunId>,
}

/// The data of [`Event::Reset`]: an empty object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ResetEvent {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_is_its_name_and_its_data() {
        let (id, at) = (
            EmployeeId::try_from(7).unwrap(),
            "2026-11-25T00:00:00Z".parse().unwrap(),
        );
        let deleted = RecordEvent {
            id,
            version: Version::new(3),
            by: "ada".into(),
            at,
            record: None,
        };
        for (event, json) in [
            (
                Event::Deleted(deleted),
                json!({"event": "deleted", "data": {"id": 7, "version": 3, "by": "ada", "at": "2026-11-25T00:00:00.000Z"}}),
            ),
            (
                Event::Reset(ResetEvent {}),
                json!({"event": "reset", "data": {}}),
            ),
        ] {
            assert_eq!(serde_json::to_value(&event).unwrap(), json);
            assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
        }
    }
}
