//! The machine form of the protocol, and whether the answers keep to it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Server};

/// The part of JSON Schema that the document uses.
struct Schemas(Value);

impl Schemas {
    /// What is wrong with a value; nothing if it keeps to the schema.
    fn faults(&self, schema: &Value, value: &Value, place: &str) -> Vec<String> {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self
                .0
                .pointer(reference.strip_prefix('#').unwrap())
                .unwrap();
            return self.faults(target, value, place);
        }
        let fault = |what: &str| vec![format!("{place}: {value} is not {what} {schema}")];
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            return fault("one of");
        }
        if let Some(either) = schema["anyOf"].as_array() {
            let fits = either
                .iter()
                .any(|schema| self.faults(schema, value, place).is_empty());
            return if fits { Vec::new() } else { fault("any of") };
        }
        match schema["type"].as_str() {
            Some("object") => self.faults_of_members(schema, value, place),
            Some("array") => match value.as_array() {
                Some(items) => items
                    .iter()
                    .flat_map(|item| self.faults(&schema["items"], item, place))
                    .collect(),
                None => fault("an"),
            },
            Some("string") if !value.is_string() => fault("a"),
            Some("integer") if !value.is_u64() => fault("an"),
            Some("null") if !value.is_null() => fault("a"),
            Some("boolean") if !value.is_boolean() => fault("a"),
            _ => Vec::new(),
        }
    }

    fn faults_of_members(&self, schema: &Value, value: &Value, place: &str) -> Vec<String> {
        let Some(members) = value.as_object() else {
            return vec![format!("{place}: {value} is no object")];
        };
        let required = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|name| name.as_str().unwrap());
        let missing = required
            .filter(|name| !members.contains_key(*name))
            .map(|name| format!("{place}: no {name}"));
        let of_member = |(name, value): (&String, &Value)| match schema["properties"].get(name) {
            Some(schema) => self.faults(schema, value, &format!("{place}.{name}")),
            None => vec![format!("{place}: {name} is unknown")],
        };
        missing.chain(members.iter().flat_map(of_member)).collect()
    }

    /// Holds an answer to what the document says of it.
    #[track_caller]
    fn hold(&self, method: &str, path: &str, answer: &Answer) {
        let operation = &self.0["paths"][path][method];
        let response = match operation["responses"].get(answer.status.to_string()) {
            Some(response) => response,
            None => self.0.pointer("/components/responses/Problem").unwrap(),
        };
        let media_type = answer.header("content-type").unwrap_or("none");
        let content = &response["content"][media_type];
        assert!(
            content.is_object(),
            "{method} {path}: {media_type} is not in {response}"
        );
        assert_eq!(
            self.faults(&content["schema"], &answer.json(), path),
            Vec::<String>::new()
        );
    }
}

#[tokio::test]
async fn the_answers_are_as_it_says() {
    let server = Server::start().await;
    let document = server.get("/openapi.json").await.expect(200).json();
    let schemas = Schemas(document);
    let ada = server.sign_in("ada").await;
    let login = server
        .ask(Method::POST, "/auth")
        .basic("eve", crate::support::password_of("eve"))
        .await
        .expect(200);
    schemas.hold("post", "/auth", &login);
    schemas.hold(
        "post",
        "/refresh",
        &server.refresh(&login.cookie()).await.expect(200),
    );
    schemas.hold("get", "/me", &ada.get("/me").await.expect(200));
    let full = json!({
        "firstname": "Maya", "lastname": "Castro", "email": "maya@example.com", "phone": "+49 30 1234567",
        "title": "Analyst", "department": "Engineering", "location": "Berlin", "status": "leave",
        "hired": "2020-02-29", "notes": "On call.",
    });
    schemas.hold(
        "post",
        "/employees",
        &ada.post("/employees", full).await.expect(201),
    );
    let least = json!({"firstname": "Noor", "lastname": "Li", "manager": 1});
    schemas.hold(
        "post",
        "/employees",
        &ada.post("/employees", least).await.expect(201),
    );
    schemas.hold(
        "get",
        "/employees",
        &ada.get("/employees?limit=5").await.expect(200),
    );
    schemas.hold(
        "get",
        "/employees/{id}",
        &ada.get("/employees/2").await.expect(200),
    );
    schemas.hold(
        "get",
        "/employees/values/{field}",
        &ada.get("/employees/values/title").await.expect(200),
    );
    let rows = "firstname,lastname,status\nAda,Lovelace,active\nGrace,,gone\n";
    for query in ["", "?dry_run=true", "?mode=partial"] {
        let answer = ada
            .ask(Method::POST, &format!("/employees/import{query}"))
            .body("text/csv", rows)
            .await;
        schemas.hold("post", "/employees/import", &answer);
    }
    let new = json!({"username": "noor", "password": "noor knows a lot", "role": "viewer"});
    schemas.hold("post", "/users", &ada.post("/users", new).await.expect(201));
    schemas.hold("get", "/users", &ada.get("/users").await.expect(200));
    schemas.hold(
        "patch",
        "/users/{name}",
        &ada.patch("/users/noor", json!({"disabled": true}))
            .await
            .expect(200),
    );
    schemas.hold(
        "get",
        "/me/sessions",
        &ada.get("/me/sessions").await.expect(200),
    );
    ada.patch("/employees/1", json!({"title": "Lead"}))
        .if_match("*")
        .await
        .expect(200);
    schemas.hold(
        "get",
        "/employees/{id}/history",
        &ada.get("/employees/1/history").await.expect(200),
    );
    schemas.hold("get", "/audit", &ada.get("/audit").await.expect(200));
    let stale = ada
        .patch("/employees/1", json!({"title": "Late"}))
        .if_match("\"9\"")
        .await
        .expect(412);
    schemas.hold("patch", "/employees/{id}", &stale);
    schemas.hold(
        "delete",
        "/employees",
        &server.delete("/employees").await.expect(401),
    );
    schemas.hold("get", "/healthz", &server.get("/healthz").await.expect(200));
    schemas.hold("get", "/readyz", &server.get("/readyz").await.expect(200));
}

#[tokio::test]
async fn what_is_held_against_it_could_fail() {
    let server = Server::start().await;
    let schemas = Schemas(server.get("/openapi.json").await.expect(200).json());
    let schema = json!({"$ref": "#/components/schemas/FieldValue"});
    assert!(
        schemas
            .faults(&schema, &json!({"value": "Berlin", "count": 3}), "")
            .is_empty()
    );
    for wrong in [
        json!({"value": "Berlin"}),
        json!({"value": 1, "count": 3}),
        json!({"value": "", "count": 3, "x": 0}),
        json!([]),
    ] {
        assert_eq!(schemas.faults(&schema, &wrong, "").len(), 1, "{wrong}");
    }
}
