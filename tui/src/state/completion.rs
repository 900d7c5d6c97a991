//! Completion of the filter, and its warnings.

use jiff::civil::Date;
use roster_common::query::{
    Column, Mistake, Term, TermScope, column_named, field_named, last_word, unclosed,
};
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
    /// A comparison of a number or a date.
    Comparison {
        /// Its byte offset.
        from: usize,
        /// The column.
        column: Column,
        /// The text typed so far.
        text: String,
    },
}

/// Returns what can be completed at the cursor, if it is at the end of a word.
pub fn target(search: &LineEdit) -> Option<CompletionTarget> {
    let before = search.before_cursor();
    let after = search.text().get(before.len()..)?;
    let last = last_word(before);
    let word = last.text;
    if word.starts_with('"') || after.starts_with(|c: char| !c.is_whitespace()) {
        return None;
    }
    let from = before.len() - word.len();
    if let Some((name, value)) = word.split_once(':') {
        return value_of(name, value, before).or_else(|| {
            let name = unknown_field(word)?;
            Some(CompletionTarget::Name {
                from,
                name,
                value: Some(value.to_owned()),
            })
        });
    }
    // A second value, as in `dept:eng|sales`.
    let first = last.first.and_then(|first| first.split_once(':'));
    if let Some((name, _)) = first {
        return value_of(name, word, before);
    }
    Some(CompletionTarget::Name {
        from,
        name: word.to_owned(),
        value: None,
    })
}

/// The value at the end of `before`, if values of this name can be completed.
fn value_of(name: &str, value: &str, before: &str) -> Option<CompletionTarget> {
    if let Some(column) = column_named(name) {
        return Some(CompletionTarget::Comparison {
            from: before.len() - value.len(),
            column,
            text: value.to_owned(),
        });
    }
    // `=` asks for an exact match. It stays, and the value after it is completed.
    let value = value.strip_prefix('=').unwrap_or(value);
    match field_named(name)? {
        // What a suggestion inserts: there is nothing left to choose.
        Field::Manager if suggestions::id_in(value).is_some() => None,
        field if field.has_values() => Some(CompletionTarget::Value {
            from: before.len() - value.len(),
            field,
            text: value.replace('"', ""),
        }),
        _ => None,
    }
}

/// The first unknown field of a filter.
fn unknown_field(q: &str) -> Option<String> {
    match of_text(q).mistake()? {
        Mistake::UnknownField(name) => Some(name),
        _ => None,
    }
}

fn of_text(q: &str) -> Query {
    Query {
        q: q.to_owned(),
        ..Query::default()
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
                complete_word(search, *from, &value);
            }
            Self::Comparison { from, .. } => complete_word(search, *from, chosen),
        }
    }
}

/// Replaces the end of a word, and begins the next one.
fn complete_word(search: &mut LineEdit, from: usize, value: &str) {
    let is_last = search.before_cursor().len() == search.text().len();
    let space = if is_last { " " } else { "" };
    search.complete(from, &format!("{value}{space}"));
}

/// Ways to compare a column that begin with the typed text.
pub fn comparisons(column: Column, typed: &str, today: Date) -> Vec<Suggestion> {
    let year = today.year();
    let dates = || {
        vec![
            ("<30d".to_owned(), "the last 30 days".to_owned()),
            (">1y".to_owned(), "more than a year ago".to_owned()),
            (year.to_string(), "this year".to_owned()),
            (format!(">{}", year - 1), format!("after {}", year - 1)),
            (format!("<{}", year - 4), format!("before {}", year - 4)),
            (
                format!("{}..{}", year - 2, year - 1),
                format!("from {} to {}", year - 2, year - 1),
            ),
        ]
    };
    let all = match column {
        Column::Id => vec![
            (">1000".to_owned(), "above 1000".to_owned()),
            ("1..100".to_owned(), "from 1 to 100".to_owned()),
        ],
        Column::Created | Column::Updated => dates(),
        // Only a date of the record itself can be missing.
        Column::Field(_) => {
            let mut all = dates();
            all.push(("\"\"".to_owned(), "no date".to_owned()));
            all
        }
    };
    all.into_iter()
        .filter(|(text, _)| text.starts_with(typed) && text != typed)
        .map(|(text, note)| Suggestion { text, note })
        .collect()
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
    // The id and the times can be searched too, but are no fields of the record.
    let id = "id".starts_with(&name).then(|| Suggestion {
        text: "id:".to_owned(),
        note: "Id".to_owned(),
    });
    let times = [(Column::Created, "Created"), (Column::Updated, "Updated")];
    let times = times
        .into_iter()
        .filter(|(column, _)| column.name().starts_with(&name))
        .map(|(column, label)| Suggestion {
            text: format!("{}:", column.name()),
            note: label.to_owned(),
        });
    id.into_iter()
        .chain(Field::ALL.into_iter().filter(begins).map(suggestion))
        .chain(times)
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
        let names: Vec<_> = fields(&name)
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
    // First what is not closed yet: the parser may report it as something else.
    match unclosed(q) {
        Some('"') => Some("Missing closing quote: type \" to end it.".to_owned()),
        Some(_) => Some("Missing closing parenthesis: type ) to end it.".to_owned()),
        None => Some(of_text(&settled(search)).mistake()?.to_string()),
    }
}

/// The filter without the word that is being typed; empty if it has a mistake.
pub fn rest(search: &LineEdit) -> String {
    let before = search.before_cursor();
    let after = search.text().get(before.len()..).unwrap_or_default();
    let query = of_text(format!("{}{after}", last_word(before).before).trim());
    match query.mistake() {
        None => query.q,
        Some(_) => String::new(),
    }
}

/// The name of a manager that is being typed, for whom an id must be chosen.
pub fn typed_manager(search: &LineEdit) -> Option<String> {
    match target(search)? {
        CompletionTarget::Value {
            field: Field::Manager,
            text,
            ..
        } if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// The filter without the word that is being typed, if only that names a field that does not exist.
pub fn without_unknown_field(search: &LineEdit) -> Option<String> {
    _ = unknown_field(search.text())?;
    let before = search.before_cursor();
    let after = search.text().get(before.len()..).unwrap_or_default();
    let others = of_text(&format!("{}{after}", last_word(before).before));
    others.mistake().is_none().then_some(others.q)
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
