//! Finds the employee whom a text names as a manager, by email address, personnel number or name.

use std::collections::{BTreeSet, HashMap};

use futures_util::{StreamExt, TryStreamExt, stream};
use roster_common::import::{Elsewhere, manager_names};
use roster_common::query::{Start, Window};
use roster_common::{Employee, Field, Query, text};

use crate::client::Client;
use crate::remote::{ClientError, Result};

/// How many managers are looked up at a time.
const PARALLEL: usize = 16;

/// Looks up the managers who are not in the file.
///
/// # Errors
/// If the server does not answer.
pub async fn look_up(
    texts: BTreeSet<String>,
    client: &Client,
) -> Result<HashMap<String, Elsewhere>> {
    let one = |text: String| async move {
        let found = match employees_named(&text, client).await?.as_slice() {
            [] => None,
            [only] => Some(Elsewhere::One(only.id)),
            _ => Some(Elsewhere::Several),
        };
        Ok::<_, ClientError>(found.map(|found| (text, found)))
    };
    let known = stream::iter(texts).map(one).buffer_unordered(PARALLEL);
    known
        .try_filter_map(async |found| Ok(found))
        .try_collect()
        .await
}

/// Finds the employees whom a text names: those of the most certain reading that fits anyone.
///
/// # Errors
/// If the server does not answer.
pub async fn employees_named(text: &str, client: &Client) -> Result<Vec<Employee>> {
    for name in manager_names(text) {
        let people = if name.contains('@') {
            with_value(Field::Email, &name, client).await?
        } else if name.contains(' ') {
            with_name(&name, client).await?
        } else {
            // One word may be a number or a name. Numbers are unique, so they are tried first.
            let by_number = with_value(Field::Number, &name, client).await?;
            if by_number.is_empty() {
                with_name(&name, client).await?
            } else {
                by_number
            }
        };
        if !people.is_empty() {
            return Ok(people);
        }
    }
    Ok(Vec::new())
}

async fn with_value(field: Field, value: &str, client: &Client) -> Result<Vec<Employee>> {
    let query = Query {
        equals: vec![(field, value.to_owned())],
        window: first_page(),
        ..Query::default()
    };
    Ok(client.employees(&query).await?.rows)
}

/// The people whose name has all the words.
async fn with_name(name: &str, client: &Client) -> Result<Vec<Employee>> {
    let words: Vec<_> = name
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .map(text::folded)
        .collect();
    let quoted = |word: &String| format!("\"{}\"", word.replace('"', ""));
    let conditions: Vec<_> = match words.as_slice() {
        // No space stands between the two names of 王敏.
        [only] if !only.is_ascii() => only.chars().map(|c| quoted(&c.to_string())).collect(),
        words => words.iter().map(quoted).collect(),
    };
    let query = Query {
        q: conditions.join(" "),
        window: first_page(),
        ..Query::default()
    };
    let mut people = client.employees(&query).await?.rows;
    people.retain(|one| {
        let full_name = text::folded(&one.details.full_name());
        let is_whole = full_name == words.concat();
        let is_part = |word: &String| full_name.split_whitespace().any(|part| part == word);
        is_whole || words.iter().all(is_part)
    });
    Ok(people)
}

fn first_page() -> Window {
    Window::Page {
        limit: Window::MAX_LIMIT,
        start: Start::Offset(0),
    }
}
