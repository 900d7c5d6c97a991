//! Helpers for derived schemas: formats of text, and transforms that correct what is derived.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

/// A moment in UTC (RFC 3339).
pub(crate) fn timestamp(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "date-time"})
}

/// A UUID.
pub(crate) fn uuid(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "uuid"})
}

/// A password of any length; only the server knows whether it is correct.
pub(crate) fn password(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "password"})
}

/// Removes `null` from optional members: the server omits such a member, and refuses `null` in a
/// request.
pub(crate) fn absent_not_null(schema: &mut Schema) {
    let required: Vec<String> = schema
        .get("required")
        .and_then(|names| serde_json::from_value(names.clone()).ok())
        .unwrap_or_default();
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return;
    };
    for (_, property) in properties
        .iter_mut()
        .filter(|(name, _)| !required.contains(name))
    {
        if let Some(Value::Object(only)) = without_null(property) {
            // The member's description stands beside `anyOf` and would be lost with it.
            let description = property.get("description").cloned();
            *property = Value::Object(only);
            if let Some(description) = description {
                property["description"] = description;
            }
        } else if let Some(Value::Array(types)) = property.get_mut("type") {
            types.retain(|kind| kind != "null");
            if let [only] = types.as_slice() {
                property["type"] = only.clone();
            }
        }
    }
}

/// The other of the two schemas of an `anyOf` that allows `null`.
fn without_null(property: &Value) -> Option<Value> {
    let either = property.get("anyOf")?.as_array()?;
    let null = serde_json::json!({"type": "null"});
    let mut others = either.iter().filter(|schema| **schema != null);
    others.next().filter(|_| either.contains(&null)).cloned()
}

/// Replaces an enumeration by any text, with the current words as a hint, since a later version may
/// send new ones. `other`, which represents those in Rust, is never sent.
pub(crate) fn open_words(schema: &mut Schema) {
    let words: Vec<Value> = words_of(schema)
        .into_iter()
        .filter(|word| word != "other")
        .collect();
    let object = schema.ensure_object();
    object.remove("oneOf");
    object.remove("enum");
    object.insert("type".into(), "string".into());
    object.insert("x-extensible-enum".into(), words.into());
}

/// Writes an enumeration as one list of words. The derived form has a schema for each word.
pub(crate) fn one_list(schema: &mut Schema) {
    let words = words_of(schema);
    let object = schema.ensure_object();
    object.remove("oneOf");
    object.insert("type".into(), "string".into());
    object.insert("enum".into(), words.into());
}

fn words_of(schema: &Schema) -> Vec<Value> {
    let list = |key| schema.get(key).and_then(Value::as_array);
    let mut words = list("enum").cloned().unwrap_or_default();
    for each in list("oneOf").into_iter().flatten() {
        words.extend(each.get("const").cloned());
        words.extend(
            each.get("enum")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .cloned(),
        );
    }
    words
}
