//! Which values a field has: what a form offers while somebody writes.

use hyper::Response;
use roster_common::Field;
use roster_common::FieldError;
use roster_common::problem::{Code, Rule};
use roster_common::text::{folded, normalised};

use super::reply::json;
use super::{Body, Call, Failure};
use crate::app::auth::Identity;

/// The most values of an answer.
const MOST: usize = 100;

/// How many values an answer has, where the request does not say.
const USUAL: usize = 20;

/// `GET /employees/values/{field}`
pub async fn list(call: Call, _: Identity) -> Result<Response<Body>, Failure> {
    let field = field(&call)?;
    let (text, limit) = read_query(call.head.uri.query().unwrap_or_default())?;
    let values = call
        .site
        .app
        .store
        .values(field, &text, limit)
        .await
        .map_err(crate::app::AppError::from)?;
    json(&values)
}

/// The field in the path: one of those whose values are shared.
fn field(call: &Call) -> Result<Field, Failure> {
    let field = call
        .id
        .as_deref()
        .and_then(Field::from_name)
        .filter(|field| Field::SHARED.contains(field));
    field.ok_or_else(|| {
        let names = Field::SHARED.map(Field::name).join(", ");
        Failure::new(Code::NotFound, format!("Values are listed of {names}."))
    })
}

fn read_query(query: &str) -> Result<(String, usize), Failure> {
    let (mut text, mut limit) = (String::new(), USUAL);
    let mut errors = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "q" => text = folded(&normalised(&value)),
            "limit" => match value
                .parse()
                .ok()
                .filter(|limit| (1..=MOST).contains(limit))
            {
                Some(number) => limit = number,
                None => errors.push(FieldError::new(
                    name,
                    Rule::Format,
                    format!("Must be a whole number from 1 to {MOST}."),
                )),
            },
            _ => errors.push(FieldError::new(
                name,
                Rule::Unknown,
                "There is no such parameter.",
            )),
        }
    }
    if errors.is_empty() {
        Ok((text, limit))
    } else {
        Err(Failure::fields(Code::QueryInvalid, errors))
    }
}
