//! Holds every response of every test to the row of the route table that it came from: its status,
//! its code, its headers, and the schema of its body.

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use reqwest::Method;
use roster_common::problem::{Code, MEDIA_TYPE};
use roster_server::http::openapi;
use roster_server::http::routes::{self, ROUTES, Reply, Route};
use serde_json::{Value, json};

use crate::support::Answer;

const JSON: &str = "application/json";

/// The headers that only some routes send.
const HEADERS: [&str; 7] = [
    "etag",
    "link",
    "location",
    "set-cookie",
    "x-dropped-count",
    "x-offset",
    "x-total-count",
];

static DOCUMENT: LazyLock<Value> = LazyLock::new(openapi::document);

/// The schema of each status of each route that has a JSON body.
static SCHEMAS: LazyLock<HashMap<(usize, u16), Validator>> = LazyLock::new(|| {
    let mut schemas = HashMap::new();
    for route in ROUTES.iter() {
        for reply in &route.replies {
            if reply.contents.iter().any(|each| each.media_type == JSON) {
                let schema = validator(route, reply.status, JSON);
                schemas.insert((route.number, reply.status), schema);
            }
        }
        for code in route.codes() {
            let schema = validator(route, code.status(), MEDIA_TYPE);
            schemas.insert((route.number, code.status()), schema);
        }
    }
    schemas
});

/// The schema that the document gives for a response.
fn validator(route: &Route, status: u16, media_type: &str) -> Validator {
    let method = route.method.as_str().to_ascii_lowercase();
    let response = &DOCUMENT["paths"][route.path][method]["responses"][status.to_string()];
    let mut schema = response["content"][media_type]["schema"].clone();
    assert!(schema.is_object(), "{} {status}", route.name);
    schema["components"] = DOCUMENT["components"].clone();
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

/// What is wrong with the body of a response; nothing if it follows its schema.
fn faults(route: &Route, status: u16, body: &Value) -> Vec<String> {
    let schema = SCHEMAS.get(&(route.number, status)).unwrap();
    let errors = schema.iter_errors(body);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// Compares a response with the row of its route.
pub(crate) fn check(method: &Method, path: &str, answer: &Answer) {
    let Some(route) = routes::find(method, path) else {
        // No row: an unknown path, another method, or a browser that asks before it sends.
        let preflight = *method == Method::OPTIONS && answer.status == 204;
        assert!(
            preflight || matches!(answer.status, 400 | 404 | 405 | 431),
            "{method} {path}: {answer:?}"
        );
        return;
    };
    let has_body = *method != Method::HEAD && answer.header("content-encoding").is_none();
    if answer.status < 400 {
        check_reply(route, answer, has_body);
    } else if has_body {
        check_problem(route, answer);
    }
}

fn check_reply(route: &Route, answer: &Answer, has_body: bool) {
    let name = route.name;
    let reply = route
        .replies
        .iter()
        .find(|reply| reply.status == answer.status);
    let Some(reply) = reply else {
        panic!("{name} has no status {}: {answer:?}", answer.status);
    };
    check_headers(name, reply, answer);
    let media_type = answer.header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default();
    let is_listed = reply
        .contents
        .iter()
        .any(|each| each.media_type == media_type);
    assert!(
        is_listed || (media_type.is_empty() && reply.contents.is_empty()),
        "{name}: {answer:?}"
    );
    if has_body && media_type == JSON {
        let wrong = faults(route, answer.status, &answer.json());
        assert_eq!(wrong, Vec::<String>::new(), "{name}: {}", answer.text());
    }
}

fn check_headers(name: &str, reply: &Reply, answer: &Answer) {
    for header in HEADERS {
        let mut listed = reply.headers.iter();
        let is_listed = listed.any(|each| each.name.eq_ignore_ascii_case(header));
        assert!(
            is_listed || answer.header(header).is_none(),
            "{name} does not list {header}: {answer:?}"
        );
    }
    for header in ["ETag", "Location"] {
        let mut listed = reply.headers.iter();
        let is_listed = listed.any(|each| each.name == header);
        assert!(
            !is_listed || answer.header(header).is_some(),
            "{name} has no {header}: {answer:?}"
        );
    }
}

fn check_problem(route: &Route, answer: &Answer) {
    let problem = answer.json();
    let code = Code::from_name(problem["code"].as_str().unwrap());
    if route.codes().any(|listed| listed == code) {
        let wrong = faults(route, answer.status, &problem);
        assert_eq!(wrong, Vec::<String>::new(), "{}: {problem}", route.name);
    } else {
        let is_fault = Route::FAULTS.contains(&code);
        assert!(is_fault, "{} does not list {code:?}: {problem}", route.name);
    }
}

#[test]
fn a_body_that_does_not_follow_its_schema_is_found() {
    let route = routes::find(&Method::GET, "/employees/values/title").unwrap();
    let right = json!([{"value": "Analyst", "count": 3}]);
    assert!(faults(route, 200, &right).is_empty());
    let of_a_later_version = json!([{"value": "Analyst", "count": 3, "color": "red"}]);
    assert!(faults(route, 200, &of_a_later_version).is_empty());
    for wrong in [
        json!([{"value": "Analyst"}]),
        json!([{"value": 1, "count": 3}]),
        json!([{"value": "Analyst", "count": -1}]),
        json!({}),
    ] {
        assert!(!faults(route, 200, &wrong).is_empty(), "{wrong}");
    }
}
