//! The values of a field, which forms suggest while the user types.

use roster_common::parameters::Parameters;
use roster_common::problem::Code;
use roster_common::query::with_meaning;
use roster_common::text::{folded, normalised};
use roster_common::{Field, Query};

use crate::app::auth::Identity;
use crate::app::lists;
use crate::http::reply::json;
use crate::http::{Failure, Request, Response};

/// The maximum number of values in a response.
pub(in crate::http) const MAX_LIMIT: usize = 100;

/// The default number of values in a response.
pub(in crate::http) const DEFAULT_LIMIT: usize = 20;

/// `GET /employees/values/{field}`
pub async fn list(request: Request, _: Identity) -> Result<Response, Failure> {
    let field = field(&request)?;
    let Selection {
        filter,
        text,
        limit,
    } = read_query(request.head.uri.query().unwrap_or_default())?;
    json(&lists::values(&request.state.app, field, &filter, &text, limit).await?)
}

/// Which values to list.
struct Selection {
    /// What an employee must meet to count.
    filter: Query,
    /// The folded text that a value must contain.
    text: String,
    /// The maximum number of values.
    limit: usize,
}

/// The field in the path, one of those whose values can be listed.
fn field(request: &Request) -> Result<Field, Failure> {
    let field = request
        .parameter
        .as_deref()
        .and_then(Field::from_name)
        .filter(|field| field.has_values());
    field.ok_or_else(|| {
        let names: Vec<_> = Field::with_values().map(Field::name).collect();
        let names = names.join(", ");
        Failure::new(Code::NotFound, format!("Values can be listed for {names}."))
    })
}

fn read_query(query: &str) -> Result<Selection, Failure> {
    let mut parameters = Parameters::read(query);
    let filter = Query {
        q: parameters.take("filter", with_meaning).unwrap_or_default(),
        ..Query::default()
    };
    let text = parameters.text("q").unwrap_or_default();
    let limit = parameters
        .number("limit", 1..=MAX_LIMIT)
        .unwrap_or(DEFAULT_LIMIT);
    parameters.finish().map_err(Failure::query)?;
    Ok(Selection {
        filter,
        text: folded(&normalised(&text)),
        limit,
    })
}
