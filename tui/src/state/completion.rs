//! Completion of the filter, and its warnings.

use roster_common::query::{Term, TermScope, field_named, last_word, unknown_field};
use roster_common::text::folded;
use roster_common::{EmployeeId, Field, Query};

use super::suggestions::{self, Suggestion};
use super::text::LineEdit;

/// The completable text before the cursor; it is replaced from byte `from` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompletionTarget {
    /// A field's name or a prefix of it.
    Name {
        /// Its byte offset.
        from: usize,
        /// The text typed so far.
        name: String,
        /// The text after the colon, if it is an unknown field.
        value: Option<String>,
    },
    /// The value of a shared field, or a manager's name.
    Value {
        /// Its byte offset.
        from: usize,
        /// The field.
        field: Field,
        /// The text typed so far, without quotes.
        text: String,
    },
}

/// Returns what can be completed at the cursor, if it is at the end of a word.
pub fn target(search: &LineEdit) -> Option<CompletionTarget> {
    let before = search.before_cursor();
    let after = search.text().get(before.len()..)?;
    let word = last_word(before);
    let word = word.strip_prefix('!').unwrap_or(word);
    if word.starts_with('"') || after.starts_with(|c: char| !c.is_whitespace()) {
        return None;
    }
    let from = before.len() - word.len();
    let Some((name, value)) = word.split_once(':') else {
        return Some(CompletionTarget::Name {
            from,
            name: word.to_owned(),
            value: None,
        });
    };
    match field_named(name) {
        Some(Field::Manager) if suggestions::id_in(value).is_some() => None,
        Some(field) if field.has_values() => Some(CompletionTarget::Value {
            from: before.len() - value.len(),
            field,
            text: value.replace('"', ""),
        }),
        Some(_) => None,
        None => unknown_field(word).map(|name| CompletionTarget::Name {
            from,
            name: name.to_owned(),
            value: Some(value.to_owned()),
        }),
    }
}

impl CompletionTarget {
    /// Replaces it with the chosen text.
    pub fn complete(&self, search: &mut LineEdit, chosen: &str) {
        match self {
            Self::Name { from, value, .. } => {
                search.complete(
                    *from,
                    &format!("{chosen}{}", value.as_deref().unwrap_or_default()),
                );
            }
            Self::Value { from, field, .. } => {
                let id = suggestions::id_in(chosen).filter(|_| *field == Field::Manager);
                let value = id.map_or_else(|| quoted(chosen), |id| id.to_string());
                let is_last = search.before_cursor().len() == search.text().len();
                let space = if is_last { " " } else { "" };
                search.complete(*from, &format!("{value}{space}"));
            }
        }
    }
}

/// The manager whose reports a condition finds.
pub fn manager_in(term: &Term) -> Option<EmployeeId> {
    term.id()
        .filter(|_| term.scope == TermScope::Field(Field::Manager))
}

/// Quotes a value for the filter if it has spaces.
fn quoted(value: &str) -> String {
    if value.contains(char::is_whitespace) {
        format!("\"{value}\"")
    } else {
        value.to_owned()
    }
}

/// The filter names that start with `name`.
pub fn fields(name: &str) -> Vec<Suggestion> {
    let name = folded(name);
    let begins =
        |field: &Field| field.name().starts_with(&name) || field.short_name().starts_with(&name);
    let id = "id".starts_with(&name).then(|| Suggestion {
        text: "id:".to_owned(),
        note: "Id".to_owned(),
    });
    id.into_iter()
        .chain(Field::ALL.into_iter().filter(begins).map(suggestion))
        .collect()
}

/// The fields that an unknown name may mean: those that start with it, otherwise all.
pub fn fields_instead(name: &str) -> Vec<Suggestion> {
    let suggestions = fields(name);
    if suggestions.is_empty() {
        fields("")
    } else {
        suggestions
    }
}

fn suggestion(field: Field) -> Suggestion {
    Suggestion {
        text: format!("{}:", field.short_name()),
        note: field.label().to_owned(),
    }
}

/// The warning for an invalid filter, on one line that may be cut. `key` is the completion key.
pub fn warning_text(search: &LineEdit, key: &str) -> Option<String> {
    let q = search.text();
    if let Some(name) = unknown_field(q) {
        let names: Vec<_> = fields(name)
            .iter()
            .map(|suggestion| suggestion.text.replace(':', ""))
            .collect();
        let listed = if names.is_empty() {
            "the fields".to_owned()
        } else {
            names.join(", ")
        };
        return Some(format!("Unknown field \"{name}\". {key} lists {listed}."));
    }
    let is_open = q.matches('"').count() % 2 == 1;
    let filter = || Query {
        q: settled(search),
        ..Query::default()
    };
    is_open
        .then(|| "Missing closing quote: type \" to end it.".to_owned())
        .or_else(|| filter().warning())
}

/// The filter without the word that is being typed; empty if it has a mistake.
pub fn rest(search: &LineEdit) -> String {
    let before = search.before_cursor();
    let start = before.len() - last_word(before).len();
    let (kept, after) = search.text().split_at(before.len());
    let q = format!("{}{after}", kept.get(..start).unwrap_or_default());
    let query = Query {
        q: q.trim().to_owned(),
        ..Query::default()
    };
    match query.warning() {
        None => query.q,
        Some(_) => String::new(),
    }
}

/// The filter without a manager's name that is still being typed, since an id must be chosen.
pub fn settled(search: &LineEdit) -> String {
    match target(search) {
        Some(CompletionTarget::Value {
            from,
            field: Field::Manager,
            text,
        }) if !text.is_empty() => {
            let (before, name) = search.text().split_at_checked(from).unwrap_or_default();
            format!(
                "{before}{}",
                name.get(search.before_cursor().len() - from..)
                    .unwrap_or_default()
            )
        }
        _ => search.text().to_owned(),
    }
}
