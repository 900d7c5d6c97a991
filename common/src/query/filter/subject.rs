//! What a condition is about: the name before its colon.

use super::TermScope;
use crate::employee::{Field, Kind};
use crate::query::Column;
use crate::text;

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// Every field, or one, or the id.
    Scope(TermScope),
    /// When the record was created or changed: a column that has no text.
    Time(Column),
}

impl Subject {
    /// The subject of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let folded = text::folded(name);
        if folded == Column::Id.name() {
            return Some(Self::Scope(TermScope::Id));
        }
        let field = field_named(name).map(|field| Self::Scope(TermScope::Field(field)));
        field.or_else(|| {
            // Not for one letter, which may be that of a drive, as in `c:`.
            let is_meant =
                |column: &Column| folded.len() > 1 && column.name().starts_with(folded.as_str());
            let times = [Column::Created, Column::Updated];
            times.into_iter().find(is_meant).map(Self::Time)
        })
    }

    /// The column of its numbers or dates, if it can be compared.
    pub(super) fn column(self) -> Option<Column> {
        match self {
            Self::Scope(TermScope::Id) => Some(Column::Id),
            Self::Scope(TermScope::Field(field)) if field.kind() == Kind::Date => {
                Some(Column::Field(field))
            }
            Self::Scope(_) => None,
            Self::Time(column) => Some(column),
        }
    }
}

/// The names before a colon, as messages list them.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let times = [Column::Created, Column::Updated].map(Column::name);
    std::iter::once(Column::Id.name())
        .chain(Field::ALL.map(Field::short_name))
        .chain(times)
}

/// The column that this name compares, as in `hired:>2024`.
pub fn column_named(name: &str) -> Option<Column> {
    Subject::named(name)?.column()
}

/// The field of this name, short name, or unambiguous prefix of a name.
pub fn field_named(name: &str) -> Option<Field> {
    let name = text::folded(name);
    if name.is_empty() {
        return None;
    }
    let exact = Field::ALL
        .into_iter()
        .find(|field| field.name() == name || field.short_name() == name);
    let mut by_prefix = Field::ALL
        .into_iter()
        .filter(|field| field.name().starts_with(&name));
    exact.or_else(|| {
        let only = by_prefix.next();
        only.filter(|_| by_prefix.next().is_none())
    })
}
