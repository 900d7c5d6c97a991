//! JSON: one object per line, or an array of objects. Nested values have dotted names, such as
//! `name.givenName`; of a list the first value counts.

use std::io::Read;

use serde_json::{Map, Value};

use super::keyed::KeyedRow;
use super::row::RowFault;
use crate::rows::{JsonText, NoText, json_elements, json_lines};

/// The objects of a text with one per line.
pub(super) fn lines<'a>(source: impl Read + 'a) -> impl Iterator<Item = KeyedRow> + 'a {
    json_lines(source).map(row)
}

/// The elements of an array.
pub(super) fn elements<'a>(source: impl Read + 'a) -> impl Iterator<Item = KeyedRow> + 'a {
    json_elements(source).map(row)
}

fn row(JsonText { line, text }: JsonText) -> KeyedRow {
    let fault = |none| match none {
        NoText::TooLong => RowFault::TooLong,
        NoText::Missing | NoText::Unclosed => RowFault::Malformed(none.to_string()),
    };
    let pairs = text.map_err(fault).and_then(|text| {
        let object: Map<String, Value> = serde_json::from_slice(&text).map_err(|error| {
            RowFault::Malformed(format!("Not a JSON object (at column {}).", error.column()))
        })?;
        let mut pairs = Vec::new();
        flatten("", &object, &mut pairs);
        Ok(pairs)
    });
    KeyedRow { line, pairs }
}

fn flatten(prefix: &str, object: &Map<String, Value>, pairs: &mut Vec<(String, String)>) {
    for (name, value) in object {
        // The extensions of SCIM have the name of their schema, which says nothing.
        let name = if name.starts_with("urn:") { "" } else { name };
        let name = if prefix.is_empty() || name.is_empty() {
            format!("{prefix}{name}")
        } else {
            format!("{prefix}.{name}")
        };
        flatten_value(name, value, pairs);
    }
}

fn flatten_value(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => pairs.push((name, String::new())),
        Value::Bool(flag) => pairs.push((name, flag.to_string())),
        Value::Number(number) => pairs.push((name, number.to_string())),
        Value::String(text) => pairs.push((name, text.clone())),
        Value::Array(values) => match values.first() {
            Some(first) => flatten_value(name, first, pairs),
            None => pairs.push((name, String::new())),
        },
        Value::Object(object) => flatten(&name, object, pairs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_values_have_dotted_names() {
        let text = br#"{"name":{"givenName":"Ada"},"emails":[{"value":"a@example.com"},{"value":"b"}],"active":true,"id":7,"x":null}"#;
        let rows: Vec<_> = lines(&text[..]).collect();
        let pairs: Vec<_> = rows[0]
            .pairs
            .as_ref()
            .unwrap()
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let expected = [
            ("name.givenName", "Ada"),
            ("emails.value", "a@example.com"),
            ("active", "true"),
            ("id", "7"),
            ("x", ""),
        ];
        assert_eq!(
            {
                let mut pairs = pairs;
                pairs.sort_unstable();
                pairs
            },
            {
                let mut expected = expected;
                expected.sort_unstable();
                expected
            }
        );
    }

    #[test]
    fn an_element_that_is_no_object_is_a_fault_of_its_own() {
        let rows: Vec<_> = elements(&b"[{\"a\":1}, 7,\n{\"a\":2}]"[..])
            .map(|row| (row.line, row.pairs.is_ok()))
            .collect();
        assert_eq!(rows, [(1, true), (2, false), (3, true)]);
    }
}
