//! The API in its machine form (OpenAPI 3.1): made from the route table, so that neither says what the other does not.

use std::sync::LazyLock;

use bytes::Bytes;
use hyper::Method;
use roster_common::Field;
use roster_common::api::{COOKIE, path};
use roster_common::event;
use roster_common::problem::MEDIA_TYPE;
use roster_common::query::Window;
use roster_common::users::Scope;
use serde_json::{Map, Value, json};

use super::routes::{EMPLOYEE, Guarded, HISTORY, ROUTES, Route, VALUES};

mod schemas;

/// What stands in the stream of `GET /events`, and what a client does with it.
const EVENTS: &str = "Server-sent events (WHATWG HTML, 9.2), in the order of the commits. `id` is opaque, and goes back as \
    `Last-Event-ID`. `created`, `changed` and `deleted` tell of one record: `{id, version, by, at, record}`, without \
    `record` where it is gone. `imported` tells of many new ones at once, `{from, count, by, at}`, none of which has a \
    lesser id than `from`. On `reset` read anew what you hold: it begins a stream that names no `Last-Event-ID`, and \
    stands where yours is from before a restart or more than some 1,000 events old, or where you read too slowly. What \
    was read after a `reset` may have what follows in it already: leave alone what is not of a later `version` than \
    yours. A comment comes every 15 s. The stream ends when the session or the server does.";

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// There is none.
    Nothing,
    /// A username and a password.
    Credentials,
    /// The answer to a sign-in and to a refresh.
    SignedIn,
    /// Who is signed in.
    Me,
    /// An account's name and role.
    User,
    /// A password and the one that is to be.
    PasswordChange,
    /// One's open sessions.
    OpenSessions,
    /// An account that is to be.
    NewUser,
    /// What is to change of an account.
    UserChanges,
    /// An account.
    Account,
    /// Accounts.
    Accounts,
    /// How a record came to its versions.
    History,
    /// What was done.
    Audit,
    /// What is done, while it is.
    Events,
    /// What a new or changed record says.
    Changes,
    /// A record.
    Employee,
    /// Records.
    Employees,
    /// Rows to import.
    Rows,
    /// What became of them.
    ImportReport,
    /// The values of a field.
    FieldValues,
    /// What a problem code means.
    ProblemType,
    /// How the server is.
    Health,
    /// This document.
    Document,
}

impl Shape {
    /// The media types that it comes in, and its schema.
    fn content(self) -> Value {
        let one = |schema: Value| json!({"application/json": {"schema": schema}});
        let rows = json!({"schema": {"type": "string"}});
        match self {
            Self::Nothing => json!({}),
            Self::Employees => json!({
                "application/json": {"schema": list_of("Employee")},
                "application/x-ndjson": rows,
                "text/csv": rows,
            }),
            Self::Rows => json!({"application/x-ndjson": rows, "text/csv": rows}),
            Self::FieldValues => one(list_of("FieldValue")),
            Self::OpenSessions => one(list_of("OpenSession")),
            Self::Accounts => one(list_of("Account")),
            Self::History => one(list_of("HistoryEntry")),
            Self::Audit => one(list_of("AuditEntry")),
            Self::Events => {
                json!({event::MEDIA_TYPE: {"schema": {"type": "string", "description": EVENTS}}})
            }
            Self::Document => one(json!({"type": "object"})),
            Self::Credentials
            | Self::SignedIn
            | Self::Me
            | Self::User
            | Self::PasswordChange
            | Self::NewUser
            | Self::UserChanges
            | Self::Account
            | Self::Changes
            | Self::Employee
            | Self::ImportReport
            | Self::ProblemType
            | Self::Health => one(reference(&format!("{self:?}"))),
        }
    }
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn list_of(schema: &str) -> Value {
    json!({"type": "array", "items": reference(schema)})
}

/// The document, as it is sent.
pub static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| format!("{:#}\n", document()).into());

/// The document.
pub fn document() -> Value {
    let mut paths = Map::new();
    for route in ROUTES.iter() {
        let operations = paths.entry(route.path).or_insert_with(|| json!({}));
        operations[route.method.as_str().to_ascii_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Roster",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The token server and the employee records behind Roster.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas::all(),
            "responses": {"Problem": {
                "description": "Refused: what to do is in `action`, `detail` and `errors`.",
                "content": {MEDIA_TYPE: {"schema": reference("Problem")}},
            }},
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.doc,
        "security": security(route),
        "parameters": parameters(route),
        "responses": responses(route),
    });
    if route.takes != Shape::Nothing {
        // At a sign-in, the credentials may stand in the header instead.
        let required = route.takes != Shape::Credentials;
        operation["requestBody"] = json!({"required": required, "content": route.takes.content()});
    }
    operation
}

/// `GET /employees/{id}` is `getEmployeesId`.
fn operation_id(route: &Route) -> String {
    let words = route
        .path
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    route.method.as_str().to_ascii_lowercase() + &words.map(capital).collect::<String>()
}

fn security(route: &Route) -> Value {
    match (&route.guarded, route.path) {
        (Guarded::Open(_), _) => json!([]),
        (Guarded::Bearer(..), _) => json!([{"bearer": []}]),
        (Guarded::Cookie(_), path::AUTH) => json!([{"basic": []}, {}]),
        (Guarded::Cookie(_), _) => json!([{"cookie": []}, {}]),
    }
}

fn responses(route: &Route) -> Value {
    let mut responses = Map::new();
    let mut done = json!({"description": "Done."});
    if route.gives != Shape::Nothing {
        done["content"] = route.gives.content();
    }
    if route.gives == Shape::Employee {
        done["headers"] = json!({"ETag": {"description": "The version, for If-Match.", "schema": {"type": "string"}}});
    }
    responses.insert(route.status.to_string(), done);
    match (&route.method, route.path) {
        (&Method::GET, EMPLOYEE) => {
            responses.insert(
                "304".into(),
                json!({"description": "The client has this version already."}),
            );
        }
        (&Method::PUT, EMPLOYEE) => {
            responses.insert(
                "201".into(),
                json!({"description": "Brought back, as the body says."}),
            );
        }
        _ => {}
    }
    responses.insert(
        "default".into(),
        json!({"$ref": "#/components/responses/Problem"}),
    );
    Value::Object(responses)
}

fn parameters(route: &Route) -> Vec<Value> {
    let mut parameters: Vec<Value> = path_parameters(route.path).collect();
    match (&route.method, route.path) {
        (&Method::GET, EMPLOYEE) => parameters.push(header(
            "If-None-Match",
            "The version that the client has.",
            false,
        )),
        (&Method::PUT, EMPLOYEE) => {
            parameters.push(header(
                "If-Match",
                "The version that is changed, or `*`.",
                false,
            ));
            let what = "`*` in place of `If-Match` brings back who was deleted.";
            parameters.push(header("If-None-Match", what, false));
        }
        (_, EMPLOYEE) => parameters.push(header(
            "If-Match",
            "The version that is changed, or `*`.",
            true,
        )),
        (&Method::GET, path::EMPLOYEES) => parameters.extend(list_parameters()),
        (&Method::POST, path::EMPLOYEES) => {
            let what = "A repeat within 24 hours gets the answer of the first, and adds nothing.";
            parameters.push(header("Idempotency-Key", what, false));
        }
        (_, HISTORY | path::AUDIT) => {
            parameters.push(query(
                "limit",
                "So many of them, with Link.",
                json!({"type": "integer", "minimum": 1}),
            ));
            let what = "Those before that version or entry.";
            parameters.push(query(
                "before",
                what,
                json!({"type": "integer", "minimum": 0}),
            ));
        }
        (_, path::EVENTS) => {
            parameters.push(header("Last-Event-ID", "The event to go on from.", false));
        }
        (_, VALUES) => {
            parameters.push(query(
                "q",
                "What the values begin with or hold.",
                json!({"type": "string"}),
            ));
            parameters.push(query(
                "limit",
                "So many of them.",
                json!({"type": "integer", "minimum": 1}),
            ));
        }
        (_, path::LOGOUT) => {
            let what = "Other sessions as well, which wants a bearer token.";
            parameters.push(query(
                "scope",
                what,
                json!({"enum": Scope::BOTH.map(Scope::as_str)}),
            ));
        }
        (_, path::IMPORT) => {
            let what = "What becomes of the good rows where some are refused.";
            parameters.push(query(
                "mode",
                what,
                json!({"enum": ["atomic", "partial"], "default": "atomic"}),
            ));
            parameters.push(query(
                "dry_run",
                "A rehearsal: nothing is written.",
                json!({"type": "boolean"}),
            ));
        }
        _ => {}
    }
    parameters
}

/// Those of the path's own braces.
fn path_parameters(path: &'static str) -> impl Iterator<Item = Value> {
    let names = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(
        |name| json!({"in": "path", "name": name, "required": true, "schema": {"type": "string"}}),
    )
}

fn list_parameters() -> Vec<Value> {
    let number = |least: usize| json!({"type": "integer", "minimum": least});
    let limit = json!({"type": "integer", "minimum": 1, "maximum": Window::MAX_LIMIT});
    let mut parameters = vec![
        query(
            "q",
            "Words to look for, in all fields or in one: `dept:eng !left #7`.",
            json!({"type": "string"}),
        ),
        query(
            "sort",
            "Fields, with a `-` for the other way round: `lastname,-hired`.",
            json!({"type": "string"}),
        ),
        query(
            "limit",
            "So many of them, with Link, X-Total-Count and X-Offset; without it, all.",
            limit,
        ),
        query("offset", "From that one on.", number(0)),
        query(
            "around",
            "The page that has this employee; the one at the offset where the list has not.",
            number(1),
        ),
        query(
            "cursor",
            "From where the page before has ended: as its Link says.",
            json!({"type": "string"}),
        ),
    ];
    let equals = |field: Field| {
        query(
            field.name(),
            "Only those that have this value.",
            json!({"type": "string"}),
        )
    };
    parameters.extend(Field::ALL.map(equals));
    parameters
}

fn query(name: &str, what: &str, schema: Value) -> Value {
    json!({"in": "query", "name": name, "description": what, "schema": schema})
}

fn header(name: &str, what: &str, required: bool) -> Value {
    json!({"in": "header", "name": name, "description": what, "required": required, "schema": {"type": "string"}})
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
            assert_eq!(operation["summary"], route.doc, "{}", route.path);
            assert!(
                operation["responses"]
                    .get(route.status.to_string())
                    .is_some(),
                "{}",
                route.path
            );
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_schema_is_used() {
        let document = document();
        let referred = references(&document);
        assert!(!referred.is_empty());
        for reference in &referred {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        for name in document["components"]["schemas"]
            .as_object()
            .unwrap()
            .keys()
        {
            assert!(
                referred.contains(&format!("#/components/schemas/{name}").as_str()),
                "{name}"
            );
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let mut names: Vec<_> = ROUTES.iter().map(operation_id).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), ROUTES.len());
        assert!(names.contains(&"getEmployeesId".to_owned()));
    }
}
