//! What `GET /events` tells: every committed change of a record, in the order of the commits.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::employee::{Employee, EmployeeId, Version};

/// The media type of the stream (WHATWG HTML, section 9.2: server-sent events).
pub const MEDIA_TYPE: &str = "text/event-stream";

/// One event: what its `event:` line names, with the JSON of its `data:` line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "lowercase")]
pub enum Event {
    /// A record was added.
    Created(RecordEvent),
    /// A record was changed.
    Changed(RecordEvent),
    /// A record was taken away.
    Deleted(RecordEvent),
    /// Many records were added at once: they are not told one by one.
    Imported(ImportEvent),
    /// What was before is not told: a client reads anew what it holds, and then takes what follows. It begins every
    /// stream that does not go on from an event that is still remembered.
    Reset(ResetEvent),
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordEvent {
    /// Which.
    pub id: EmployeeId,
    /// The version that this made; a deletion counts as one more.
    pub version: Version,
    /// Who did it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The record as it is since; nothing where it was taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Box<Employee>>,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportEvent {
    /// The least id of the new records.
    pub from: EmployeeId,
    /// How many there are.
    pub count: u64,
    /// Who did it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Nothing more is said.
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
        let gone = RecordEvent {
            id,
            version: Version::new(3),
            by: "ada".into(),
            at,
            record: None,
        };
        for (event, json) in [
            (
                Event::Deleted(gone),
                json!({"event": "deleted", "data": {"id": 7, "version": 3, "by": "ada", "at": "2026-11-25T00:00:00Z"}}),
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
