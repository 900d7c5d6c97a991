//! The OpenAPI 3.1 document, generated from the [route table](ROUTES) and the types of the bodies.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bytes::Bytes;
use roster_common::api::COOKIE;
use roster_common::problem::{Code, MEDIA_TYPE, Problem};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::routes::{
    Parameter, ParameterLocation, ROUTES, Reply, Representation, ResponseHeader, Route, Security,
    Tag,
};

/// The document as text.
pub static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| format!("{:#}\n", document()).into());

/// Generates the document.
pub fn document() -> Value {
    // The operations come first, since each adds the components that it refers to.
    let mut builder = DocumentBuilder::new();
    let mut paths = Map::new();
    for route in ROUTES.iter() {
        let operations = paths.entry(route.path).or_insert_with(|| json!({}));
        let method = route.method.as_str().to_ascii_lowercase();
        operations[method] = builder.operation(route);
    }
    let tags = Tag::ALL.map(|tag| json!({"name": tag.name(), "description": tag.description()}));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Roster",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Employee records, and the sessions of the people who use them. Errors \
                are problem details (RFC 9457): `code` is stable, and `action` says what a client \
                should do. Refresh the access token if and only if `action` is `refresh`.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": builder.into_components(),
    })
}

/// Builds the operations, and collects the components that they refer to.
struct DocumentBuilder {
    schemas: SchemaGenerator,
    parameters: BTreeMap<String, Value>,
    headers: BTreeMap<&'static str, Value>,
    fault: Value,
}

impl DocumentBuilder {
    fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        let mut builder = Self {
            schemas: settings.for_serialize().into_generator(),
            parameters: BTreeMap::new(),
            headers: BTreeMap::new(),
            fault: Value::Null,
        };
        builder.fault = builder.problem(&Route::FAULTS);
        builder
    }

    fn into_components(mut self) -> Value {
        json!({
            "schemas": self.schemas.take_definitions(true),
            "parameters": self.parameters,
            "headers": self.headers,
            "responses": {"Fault": self.fault},
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        })
    }

    fn operation(&mut self, route: &Route) -> Value {
        let parameters = route.parameters.iter();
        let parameters: Vec<_> = parameters.map(|each| self.parameter(each)).collect();
        let mut operation = json!({
            "operationId": route.name,
            "tags": [route.tag.name()],
            "summary": route.summary,
            "security": security(route),
            "parameters": parameters,
            "responses": self.responses(route),
        });
        if !route.description.is_empty() {
            operation["description"] = route.description.into();
        }
        if let Some(takes) = &route.takes {
            let content = self.content(&takes.contents);
            operation["requestBody"] = json!({"required": takes.is_required, "content": content});
        }
        operation
    }

    /// A reference to a parameter, which is written once for all routes.
    fn parameter(&mut self, parameter: &Parameter) -> Value {
        let Parameter {
            key,
            location,
            name,
            description,
            is_required,
            schema,
        } = parameter;
        let location = match location {
            ParameterLocation::Path => "path",
            ParameterLocation::Query => "query",
            ParameterLocation::Header => "header",
        };
        let written = json!({
            "in": location, "name": name, "description": description, "required": is_required,
            "schema": schema,
        });
        // Every route that has the parameter writes the same text under its key.
        self.parameters.insert(key.clone(), written);
        json!({"$ref": format!("#/components/parameters/{key}")})
    }

    fn responses(&mut self, route: &Route) -> Value {
        let mut responses = Map::new();
        for reply in &route.replies {
            responses.insert(reply.status.to_string(), self.reply(reply));
        }
        let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
        for code in route.codes() {
            by_status.entry(code.status()).or_default().push(code);
        }
        for (status, codes) in by_status {
            responses.insert(status.to_string(), self.problem(&codes));
        }
        let fault = json!({"$ref": "#/components/responses/Fault"});
        responses.insert("default".into(), fault);
        Value::Object(responses)
    }

    fn reply(&mut self, reply: &Reply) -> Value {
        let mut written = json!({"description": reply.description});
        if !reply.contents.is_empty() {
            written["content"] = self.content(&reply.contents);
        }
        if !reply.headers.is_empty() {
            let headers = reply.headers.iter().map(|each| self.header(each));
            written["headers"] = headers.collect::<Map<_, _>>().into();
        }
        written
    }

    /// A reference to a header, which is written once for all responses.
    fn header(&mut self, header: &ResponseHeader) -> (String, Value) {
        let ResponseHeader { name, description } = *header;
        let written = json!({"description": description, "schema": {"type": "string"}});
        self.headers.insert(name, written);
        let reference = json!({"$ref": format!("#/components/headers/{name}")});
        (name.to_owned(), reference)
    }

    fn content(&mut self, contents: &[Representation]) -> Value {
        let mut written = Map::new();
        for content in contents {
            let schema = (content.schema)(&mut self.schemas);
            written.insert(content.media_type.to_owned(), json!({"schema": schema}));
        }
        Value::Object(written)
    }

    /// The response of a status, with the codes that it may carry.
    fn problem(&mut self, codes: &[Code]) -> Value {
        let description: Vec<_> = codes
            .iter()
            .map(|code| format!("`{}`: {}.", code.as_str(), code.title()))
            .collect();
        let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
        let schema = self.schemas.subschema_for::<Problem>();
        json!({
            "description": description.join(" "),
            "content": {MEDIA_TYPE: {"schema": schema}},
            "x-problem-codes": names,
        })
    }
}

/// The ways to authenticate. Without a bearer guard they are optional in the document, since
/// missing credentials give a problem of their own.
fn security(route: &Route) -> Value {
    let named = |security| match security {
        Security::Basic => json!({"basic": []}),
        Security::Bearer => json!({"bearer": []}),
        Security::Cookie => json!({"cookie": []}),
    };
    let mut all: Vec<_> = route.security().into_iter().map(named).collect();
    if !route.needs_token() && !all.is_empty() {
        all.push(json!({}));
    }
    all.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every place to which something refers.
    fn references(value: &Value) -> Vec<&str> {
        match value {
            Value::Object(members) => {
                let own = members.get("$ref").and_then(Value::as_str);
                own.into_iter()
                    .chain(members.values().flat_map(references))
                    .collect()
            }
            Value::Array(items) => items.iter().flat_map(references).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_route_is_in_it_and_nothing_else() {
        let document = document();
        let paths = document["paths"].as_object().unwrap();
        let operations = paths
            .values()
            .map(|operations| operations.as_object().unwrap().len());
        assert_eq!(operations.sum::<usize>(), ROUTES.len());
        for route in ROUTES.iter() {
            let operation = &paths[route.path][route.method.as_str().to_ascii_lowercase()];
            assert_eq!(operation["summary"], route.summary, "{}", route.path);
            for status in route.replies.iter().map(|reply| reply.status.to_string()) {
                assert!(
                    operation["responses"].get(status).is_some(),
                    "{}",
                    route.path
                );
            }
        }
    }

    #[test]
    fn every_reference_resolves_and_every_component_is_used() {
        let document = document();
        let referred = references(&document);
        assert!(!referred.is_empty());
        for reference in &referred {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        for kind in ["schemas", "parameters", "headers", "responses"] {
            for name in document["components"][kind].as_object().unwrap().keys() {
                let reference = format!("#/components/{kind}/{name}");
                assert!(referred.contains(&reference.as_str()), "{reference}");
            }
        }
    }

    #[test]
    fn every_operation_has_a_name_a_summary_and_a_description_of_each_response() {
        let mut names: Vec<_> = ROUTES.iter().map(|route| route.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ROUTES.len());
        for route in ROUTES.iter() {
            assert!(
                !route.name.is_empty() && !route.summary.is_empty(),
                "{}",
                route.path
            );
            assert!(!route.replies.is_empty(), "{}", route.path);
        }
    }

    #[test]
    fn a_parameter_means_the_same_wherever_it_is_referred_to() {
        let mut seen: BTreeMap<&str, Value> = BTreeMap::new();
        for parameter in ROUTES.iter().flat_map(|route| &route.parameters) {
            let written = json!([parameter.name, parameter.description, parameter.schema]);
            let first = seen
                .entry(&parameter.key)
                .or_insert_with(|| written.clone());
            assert_eq!(*first, written, "{}", parameter.key);
        }
    }
}
