//! JSON Schemas (draft 2020-12) of the contract, for the OpenAPI document of `rosterd`.
//!
//! Most types derive theirs. Written here are those whose rules only their parser knows, and the
//! bodies that write a record, which follow from the table of [`Field`]s. Requests are closed: the
//! server refuses unknown members. Responses are open: a later version may add members.

mod accounts;
mod parts;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

pub(crate) use self::accounts::{new_password, typed_username};
pub(crate) use self::parts::{absent_not_null, one_list, open_words, password, timestamp, uuid};
use crate::account::Username;
use crate::employee::{Details, EmployeeId, Field, Kind, Status};
use crate::problem::Code;

/// The body of `POST /auth`: a username and a password, under either pair of names.
#[derive(JsonSchema)]
#[schemars(untagged, deny_unknown_fields)]
pub enum Credentials {
    /// The short names.
    Short {
        /// The username.
        user: String,
        /// The password.
        pwd: String,
    },
    /// The long names.
    Long {
        /// The username.
        username: String,
        /// The password.
        password: String,
    },
}

/// The body of `POST /register`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Registration {
    /// The username of the new account.
    #[schemars(schema_with = "typed_username")]
    pub user: String,
    /// Its password.
    #[schemars(schema_with = "new_password")]
    pub pwd: String,
}

impl JsonSchema for EmployeeId {
    fn schema_name() -> Cow<'static, str> {
        "EmployeeId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An employee's id. The server assigns it, and never assigns it again.",
            "type": "integer",
            "minimum": 1,
            "maximum": Self::MAX,
        })
    }
}

impl JsonSchema for Username {
    fn schema_name() -> Cow<'static, str> {
        "Username".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The name of an account.",
            "type": "string",
            "pattern": "^[a-z0-9][a-z0-9._@-]*$",
            "minLength": 1,
            "maxLength": Self::MAX_CHARS,
        })
    }
}

impl JsonSchema for Code {
    fn schema_name() -> Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let codes: Vec<_> = Self::ALL.iter().map(|code| code.as_str()).collect();
        json_schema!({
            "description": "The stable name of a problem. A later version may add codes.",
            "type": "string",
            "x-extensible-enum": codes,
        })
    }
}

/// The fields of a record in a response: each is present, and `null` if it has no value.
impl JsonSchema for Details {
    fn schema_name() -> Cow<'static, str> {
        "Details".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let may_be_null = |field: Field| !matches!(field.kind(), Kind::Required | Kind::Status);
        let properties = fields(generator, may_be_null);
        let required = Field::ALL.map(Field::name);
        json_schema!({"type": "object", "properties": properties, "required": required})
    }
}

/// The body of `POST /employees`.
pub struct NewEmployee;

/// The body of `PUT /employees/{id}`: a field that is absent loses its value.
pub struct EmployeeReplacement;

/// The body of `PATCH /employees/{id}`: a field that is absent keeps its value.
pub struct EmployeeChanges;

/// The body of `PUT /employees`: as [`EmployeeChanges`], with the id of the employee.
pub struct EmployeeChangesById;

/// The body of `DELETE /employees`.
pub struct EmployeeReference;

impl JsonSchema for NewEmployee {
    fn schema_name() -> Cow<'static, str> {
        "NewEmployee".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        record_body(
            generator,
            "A new employee. `null` means no value.",
            Map::new(),
            &required_fields(),
        )
    }
}

impl JsonSchema for EmployeeReplacement {
    fn schema_name() -> Cow<'static, str> {
        "EmployeeReplacement".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let own = id_and_version(generator);
        record_body(
            generator,
            "All fields of an employee. A field that is absent or `null` loses its value.",
            own,
            &required_fields(),
        )
    }
}

impl JsonSchema for EmployeeChanges {
    fn schema_name() -> Cow<'static, str> {
        "EmployeeChanges".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let own = id_and_version(generator);
        record_body(
            generator,
            "Some fields of an employee (RFC 7396). A field that is absent keeps its value, and \
             one that is `null` loses it.",
            own,
            &[],
        )
    }
}

impl JsonSchema for EmployeeChangesById {
    fn schema_name() -> Cow<'static, str> {
        "EmployeeChangesById".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let own = id_and_version(generator);
        record_body(
            generator,
            "Some fields of the employee with this id. A `version` must be the current one.",
            own,
            &["id"],
        )
    }
}

impl JsonSchema for EmployeeReference {
    fn schema_name() -> Cow<'static, str> {
        "EmployeeReference".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let own = id_and_version(generator);
        record_body(
            generator,
            "The employee with this id. A `version` must be the current one; all else is ignored.",
            own,
            &["id"],
        )
    }
}

/// A body that writes a record. Members that the server maintains are accepted and ignored, so that
/// a client can send a record back as it received it.
fn record_body(
    generator: &mut SchemaGenerator,
    description: &str,
    own: Map<String, Value>,
    required: &[&str],
) -> Schema {
    let mut properties = fields(generator, |field| !field.is_required());
    properties.extend(own);
    for ignored in ["created", "updated", "updatedBy"] {
        properties.insert(ignored.into(), serde_json::json!({"readOnly": true}));
    }
    json_schema!({
        "description": description,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn required_fields() -> Vec<&'static str> {
    let required = Field::ALL.into_iter().filter(|field| field.is_required());
    required.map(Field::name).collect()
}

fn id_and_version(generator: &mut SchemaGenerator) -> Map<String, Value> {
    let id = generator.subschema_for::<EmployeeId>().to_value();
    let version = serde_json::json!({"type": "integer", "minimum": 0});
    Map::from_iter([("id".into(), id), ("version".into(), version)])
}

/// The fields that users can edit, each with its limits.
fn fields(
    generator: &mut SchemaGenerator,
    may_be_null: impl Fn(Field) -> bool,
) -> Map<String, Value> {
    let mut properties = Map::new();
    for field in Field::ALL {
        let mut schema = value_of(field, generator);
        if may_be_null(field) {
            schema = or_null(schema);
        }
        properties.insert(field.name().into(), schema);
    }
    properties
}

fn value_of(field: Field, generator: &mut SchemaGenerator) -> Value {
    match field.kind() {
        Kind::Person => generator.subschema_for::<EmployeeId>().to_value(),
        Kind::Status => generator.subschema_for::<Status>().to_value(),
        Kind::Date => serde_json::json!({"type": "string", "format": "date"}),
        Kind::Required | Kind::Text | Kind::Lines | Kind::Email | Kind::Phone => {
            let min = usize::from(field.is_required());
            serde_json::json!({
                "type": "string", "minLength": min, "maxLength": field.max_chars(),
            })
        }
    }
}

fn or_null(mut schema: Value) -> Value {
    if schema.get("type").is_some() {
        schema["type"] = serde_json::json!(["string", "null"]);
        schema
    } else {
        serde_json::json!({"anyOf": [schema, {"type": "null"}]})
    }
}
