//! By what two records are put in order.

use std::borrow::Cow;
use std::cmp::Ordering;

use roster_common::employee::{EmployeeId, Field, Kind};
use roster_common::query::{Column, Sort};
use serde::{Deserialize, Serialize};

use super::entry::Entry;

/// A record's value in a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SortValue<'a> {
    /// A number, or a moment.
    Number(i64),
    /// A text: folded, and as it was written, with its quotation marks and backslashes escaped.
    Text(Cow<'a, str>, Cow<'a, [u8]>),
    /// No value; sorts last.
    Missing,
}

impl<'a> SortValue<'a> {
    pub(super) fn of(entry: &Entry<'a>, column: Column) -> Self {
        match column {
            Column::Id => Self::Number(entry.id().get().cast_signed()),
            Column::Created => Self::Number(entry.head.created),
            Column::Updated => Self::Number(entry.head.updated),
            Column::Field(field) => match field.kind() {
                Kind::Person => entry.manager().map_or(Self::Missing, |manager| {
                    Self::Number(manager.get().cast_signed())
                }),
                _ => match text(entry, field) {
                    Some((folded, raw)) => Self::Text(Cow::Borrowed(folded), Cow::Borrowed(raw)),
                    None => Self::Missing,
                },
            },
        }
    }

    pub(super) fn into_owned(self) -> SortValue<'static> {
        match self {
            Self::Number(number) => SortValue::Number(number),
            Self::Text(folded, raw) => SortValue::Text(
                Cow::Owned(folded.into_owned()),
                Cow::Owned(raw.into_owned()),
            ),
            Self::Missing => SortValue::Missing,
        }
    }

    /// The order of two values; none comes last in either direction.
    fn compare(&self, other: &SortValue<'_>, descending: bool) -> Ordering {
        let ascending = match (self, other) {
            (Self::Missing, SortValue::Missing) => return Ordering::Equal,
            (Self::Missing, _) => return Ordering::Greater,
            (_, SortValue::Missing) => return Ordering::Less,
            (Self::Number(a), SortValue::Number(b)) => a.cmp(b),
            (Self::Text(a, raw_a), SortValue::Text(b, raw_b)) => {
                a.cmp(b).then_with(|| compare_raw(raw_a, raw_b))
            }
            // A column has one or the other.
            (Self::Number(_), SortValue::Text(..)) => Ordering::Less,
            (Self::Text(..), SortValue::Number(_)) => Ordering::Greater,
        };
        if descending {
            ascending.reverse()
        } else {
            ascending
        }
    }
}

/// The field of a column that is put in order as text; `None` if it is by a number.
pub(super) fn text_field(column: Column) -> Option<Field> {
    let Column::Field(field) = column else {
        return None;
    };
    match field.kind() {
        Kind::Person => None,
        Kind::Required
        | Kind::Text
        | Kind::Lines
        | Kind::Email
        | Kind::Phone
        | Kind::Status
        | Kind::Date => Some(field),
    }
}

/// A field's text, folded and as it was written. The JSON itself is only looked at where nothing is
/// left of the folded text, for it lies elsewhere in memory.
pub(super) fn text<'a>(entry: &Entry<'a>, field: Field) -> Option<(&'a str, &'a [u8])> {
    let (folded, json) = (entry.folded(field), entry.json(field)?);
    if folded.is_empty() && json == b"null" {
        return None;
    }
    Some((folded, json.get(1..json.len().checked_sub(1)?)?))
}

fn compare_raw(a: &[u8], b: &[u8]) -> Ordering {
    if a == b {
        Ordering::Equal
    } else {
        unescaped(a).cmp(unescaped(b))
    }
}

/// The bytes of a JSON string that has no escapes but those of the quotation mark and the
/// backslash.
pub(super) fn unescaped(raw: &[u8]) -> impl Iterator<Item = u8> {
    let mut bytes = raw.iter().copied();
    std::iter::from_fn(move || match bytes.next()? {
        b'\\' => bytes.next(),
        byte => Some(byte),
    })
}

/// Something that can be put in order: a record, or the values of one.
pub(super) trait Sortable {
    /// The value in a column, which is the sort's key number `index`.
    fn value(&self, index: usize, column: Column) -> SortValue<'_>;

    /// The tie-breaker: the id.
    fn id(&self) -> EmployeeId;
}

impl Sortable for Entry<'_> {
    fn value(&self, _index: usize, column: Column) -> SortValue<'_> {
        SortValue::of(self, column)
    }

    fn id(&self) -> EmployeeId {
        Entry::id(self)
    }
}

/// A record's values, looked up once, since they are compared with those of many others.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Keyed<'a> {
    values: Vec<SortValue<'a>>,
    id: EmployeeId,
}

impl<'a> Keyed<'a> {
    pub(super) fn new(sort: &Sort, entry: &Entry<'a>) -> Self {
        let keys = sort.keys().iter();
        Self {
            values: keys.map(|key| SortValue::of(entry, key.column)).collect(),
            id: entry.id(),
        }
    }

    pub(super) fn into_owned(self) -> Keyed<'static> {
        Keyed {
            values: self.values.into_iter().map(SortValue::into_owned).collect(),
            id: self.id,
        }
    }

    /// How many columns there are values of.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }
}

impl Sortable for Keyed<'_> {
    fn value(&self, index: usize, _column: Column) -> SortValue<'_> {
        match self.values.get(index) {
            Some(SortValue::Number(number)) => SortValue::Number(*number),
            Some(SortValue::Text(folded, raw)) => {
                SortValue::Text(Cow::Borrowed(folded), Cow::Borrowed(raw))
            }
            Some(SortValue::Missing) | None => SortValue::Missing,
        }
    }

    fn id(&self) -> EmployeeId {
        self.id
    }
}

/// The order of two records, or of a record and the values of one.
pub(super) fn compare(sort: &Sort, a: &impl Sortable, b: &impl Sortable) -> Ordering {
    let keys = sort.keys().iter().enumerate();
    let by_key = keys.map(|(i, key)| {
        a.value(i, key.column)
            .compare(&b.value(i, key.column), key.descending)
    });
    by_key
        .into_iter()
        .find(|order| order.is_ne())
        .unwrap_or_else(|| a.id().cmp(&b.id()))
}

/// Whether two records are equal in all columns of a sort.
pub(super) fn same(sort: &Sort, a: &Entry<'_>, b: &Entry<'_>) -> bool {
    sort.keys()
        .iter()
        .all(|key| SortValue::of(a, key.column) == SortValue::of(b, key.column))
}
