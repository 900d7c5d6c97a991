//! The bodies, as JSON Schema. Fields, limits and codes come from the contract's own tables; a test over the wire holds
//! real answers against the rest.

use roster_common::employee::{EmployeeId, Kind, Status};
use roster_common::problem::Code;
use roster_common::{Field, NewPassword, Role, Username};
use serde_json::{Map, Value, json};

use super::{list_of, reference};

/// Every schema, by its name.
pub(super) fn all() -> Value {
    json!({
        "Credentials": credentials(),
        "SignedIn": object(json!({
            "accessToken": text(), "tokenType": {"const": "Bearer"}, "expiresIn": count(),
            "user": reference("User"), "session": reference("Session"),
        })),
        "User": object(json!({"username": username(), "role": role()})),
        "Session": object(json!({"id": uuid(), "expiresAt": moment()})),
        "Me": object(json!({"user": reference("User"), "session": reference("Session")})),
        "PasswordChange": object(json!({"current": text(), "new": password()})),
        "OpenSession": object(json!({
            "id": uuid(), "created": moment(), "used": moment(), "expires": moment(), "address": text(),
            "client": text(), "current": {"type": "boolean"},
        })),
        "NewUser": object(json!({"username": username(), "password": password(), "role": role()})),
        "UserChanges": with_optional(object(json!({})), json!({
            "role": role(), "disabled": {"type": "boolean"}, "password": password(),
        })),
        "Account": with_optional(
            object(json!({
                "username": username(), "role": role(), "disabled": {"type": "boolean"}, "created": moment(),
                "sessions": count(),
            })),
            json!({"used": moment()}),
        ),
        "HistoryEntry": object(json!({
            "version": count(), "at": moment(), "by": text(), "what": {"enum": ["created", "changed", "deleted"]},
            "changes": list_of("FieldChange"),
        })),
        "FieldChange": object(json!({
            "field": {"enum": Field::ALL.map(Field::name)}, "old": text(), "new": text(),
        })),
        "AuditEntry": with_optional(
            object(json!({"id": count(), "at": moment(), "what": text()})),
            json!({"by": text(), "target": text(), "address": text(), "note": text()}),
        ),
        "Changes": changes(),
        "Employee": employee(),
        "FieldValue": object(json!({"value": text(), "count": count()})),
        "ImportReport": object(json!({
            "mode": {"enum": ["atomic", "partial"]}, "dryRun": {"type": "boolean"}, "created": count(),
            "refused": count(), "rows": list_of("ImportRow"),
        })),
        "ImportRow": with_optional(
            object(json!({"line": count(), "result": {"enum": ["created", "skipped", "refused"]}})),
            json!({"id": id(), "errors": list_of("FieldError")}),
        ),
        "FieldError": object(json!({"field": text(), "code": text(), "message": text()})),
        "Problem": problem(),
        "ProblemType": object(json!({
            "type": text(), "code": {"enum": Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>()},
            "title": text(), "status": count(), "action": {"enum": ["refresh", "login", "none"]}, "meaning": text(),
            "remedy": text(),
        })),
        "Health": object(json!({"status": {"enum": ["ok", "ready"]}})),
    })
}

/// An object with these members and no others.
fn object(properties: Value) -> Value {
    let required: Vec<_> = properties
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .cloned()
        .collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// An object that may have more members.
fn with_optional(mut object: Value, optional: Value) -> Value {
    if let (Some(properties), Value::Object(optional)) =
        (object["properties"].as_object_mut(), optional)
    {
        properties.extend(optional);
    }
    object
}

fn text() -> Value {
    json!({"type": "string"})
}

fn count() -> Value {
    json!({"type": "integer", "minimum": 0})
}

fn moment() -> Value {
    json!({"type": "string", "format": "date-time"})
}

fn uuid() -> Value {
    json!({"type": "string", "format": "uuid"})
}

fn id() -> Value {
    json!({"type": "integer", "minimum": 1, "maximum": EmployeeId::MAX})
}

fn username() -> Value {
    json!({"type": "string", "pattern": "^[a-z0-9][a-z0-9._@-]*$", "maxLength": Username::MAX_CHARS})
}

/// Counted in bytes, which JSON Schema cannot: the server refuses what is over the limit.
fn password() -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": NewPassword::MAX_BYTES})
}

fn role() -> Value {
    json!({"enum": Role::ALL.map(Role::as_str)})
}

fn credentials() -> Value {
    let long = object(json!({"username": text(), "password": text()}));
    json!({"anyOf": [object(json!({"user": text(), "pwd": text()})), long]})
}

/// The fields that people write, each as `of` has it.
fn fields(of: impl Fn(Field) -> Value) -> Map<String, Value> {
    Field::ALL
        .into_iter()
        .map(|field| (field.name().to_owned(), of(field)))
        .collect()
}

fn or_null(schema: Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn field_schema(field: Field) -> Value {
    match field.kind() {
        Kind::Person => id(),
        Kind::Status => json!({"enum": Status::ALL.map(Status::as_str)}),
        Kind::Date => json!({"type": "string", "format": "date"}),
        Kind::Required | Kind::Text | Kind::Email | Kind::Phone => {
            json!({"type": "string", "maxLength": field.max_chars()})
        }
    }
}

/// A member that is null takes the field's value away.
fn changes() -> Value {
    let mut properties = fields(|field| or_null(field_schema(field)));
    properties.extend([("id".to_owned(), id()), ("version".to_owned(), count())]);
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

/// A member that is null has no value; the status always has one.
fn employee() -> Value {
    let mut properties = fields(|field| match field.kind() {
        Kind::Required | Kind::Status => field_schema(field),
        Kind::Text | Kind::Email | Kind::Phone | Kind::Person | Kind::Date => {
            or_null(field_schema(field))
        }
    });
    let own = json!({"id": id(), "version": count(), "created": moment(), "updated": moment(), "updatedBy": text()});
    properties.extend(own.as_object().cloned().unwrap_or_default());
    object(Value::Object(properties))
}

fn problem() -> Value {
    let own = object(json!({
        "type": text(), "title": text(), "status": {"type": "integer"}, "detail": text(),
        "code": {"enum": Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>()},
        "action": {"enum": ["refresh", "login", "none"]}, "request_id": text(),
    }));
    let optional = json!({
        "errors": list_of("FieldError"), "required": role(), "current": reference("Employee"),
        "report": reference("ImportReport"),
    });
    with_optional(own, optional)
}
