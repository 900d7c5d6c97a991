//! Which values a field has: what a form offers while somebody writes.

use roster_common::Field;
use roster_common::FieldError;
use roster_common::problem::{Code, Rule};
use roster_common::text::{folded, normalised};

use crate::app::auth::Identity;
use crate::http::reply::json;
use crate::http::{Failure, Request, Response};

/// The most values of an answer.
const MOST: usize = 100;

/// How many values an answer has, where the request does not say.
const USUAL: usize = 20;

/// `GET /employees/values/{field}`
pub async fn list(request: Request, _: Identity) -> Result<Response, Failure> {
    let field = field(&request)?;
    let (text, limit) = read_query(request.head.uri.query().unwrap_or_default())?;
    let values = request
        .state
        .app
        .store
        .values(field, Vec::new(), &text, limit)
        .await
        .map_err(crate::app::AppError::from)?;
    json(&values)
}

/// The field in the path: one of those whose values are shared.
fn field(request: &Request) -> Result<Field, Failure> {
    let field = request
        .parameter
        .as_deref()
        .and_then(Field::from_name)
        .filter(|field| field.is_shared());
    field.ok_or_else(|| {
        let names: Vec<_> = Field::shared().map(Field::name).collect();
        let names = names.join(", ");
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
