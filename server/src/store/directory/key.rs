//! By what two records are put in order.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZero;

use roster_common::employee::{EmployeeId, Field, Kind};
use roster_common::query::{Column, Sort};
use serde::{Deserialize, Serialize};

use super::chunk::Chunks;
use super::entry::Entry;

/// A record and all others, since its place in an order can depend on its manager's name.
#[derive(Clone, Copy)]
pub(super) struct ListedRecord<'a> {
    pub(super) entry: Entry<'a>,
    pub(super) chunks: &'a Chunks,
}

/// A record's value in a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SortValue<'a> {
    /// A number, or a moment.
    Number(i64),
    /// A text.
    Text(SortText<'a>),
    /// No value; sorts last.
    Missing,
    /// A person, by last and first name; the id tells namesakes apart.
    Person([SortText<'a>; 2], EmployeeId),
}

/// A text as it is compared: folded, and then as it was written, with its quotation marks and
/// backslashes escaped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SortText<'a> {
    folded: Cow<'a, str>,
    raw: Cow<'a, [u8]>,
}

impl<'a> SortText<'a> {
    fn of(entry: &Entry<'a>, field: Field) -> Option<Self> {
        let (folded, raw) = text(entry, field)?;
        Some(Self {
            folded: Cow::Borrowed(folded),
            raw: Cow::Borrowed(raw),
        })
    }

    fn into_owned(self) -> SortText<'static> {
        SortText {
            folded: Cow::Owned(self.folded.into_owned()),
            raw: Cow::Owned(self.raw.into_owned()),
        }
    }

    fn borrowed(&self) -> SortText<'_> {
        SortText {
            folded: Cow::Borrowed(&self.folded),
            raw: Cow::Borrowed(&self.raw),
        }
    }

    fn compare(&self, other: &SortText<'_>) -> Ordering {
        let folded = self.folded.cmp(&other.folded);
        folded.then_with(|| compare_raw(&self.raw, &other.raw))
    }
}

impl<'a> SortValue<'a> {
    pub(super) fn of(record: ListedRecord<'a>, column: Column) -> Self {
        let entry = &record.entry;
        match column {
            Column::Id => Self::Number(entry.id().get().cast_signed()),
            Column::Created => Self::Number(entry.head.created),
            Column::Updated => Self::Number(entry.head.updated),
            Column::Field(field) => match field.kind() {
                Kind::Person => Self::manager(record).unwrap_or(Self::Missing),
                _ => SortText::of(entry, field).map_or(Self::Missing, Self::Text),
            },
        }
    }

    /// The manager of a record; `None` if there is none, or they were deleted.
    fn manager(record: ListedRecord<'a>) -> Option<Self> {
        let id = EmployeeId::try_from(record.entry.manager()?.get()).ok()?;
        Some(Self::Person(name_of(record.chunks, id)?, id))
    }

    pub(super) fn into_owned(self) -> SortValue<'static> {
        match self {
            Self::Number(number) => SortValue::Number(number),
            Self::Text(text) => SortValue::Text(text.into_owned()),
            Self::Person(name, id) => SortValue::Person(name.map(SortText::into_owned), id),
            Self::Missing => SortValue::Missing,
        }
    }

    /// A number that is the same for equal values; `None` without a value.
    pub(super) fn digest(&self) -> Option<NonZero<u32>> {
        let mut hasher = DefaultHasher::new();
        match self {
            Self::Missing => return None,
            Self::Number(number) => number.hash(&mut hasher),
            Self::Text(text) => text.folded.hash(&mut hasher),
            Self::Person(_, id) => id.hash(&mut hasher),
        }
        // Half of the bits are enough to tell most values apart.
        NonZero::new(hasher.finish() as u32 | 1)
    }

    fn borrowed(&self) -> SortValue<'_> {
        match self {
            Self::Number(number) => SortValue::Number(*number),
            Self::Text(text) => SortValue::Text(text.borrowed()),
            Self::Person(name, id) => {
                SortValue::Person(name.each_ref().map(SortText::borrowed), *id)
            }
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
            (Self::Text(a), SortValue::Text(b)) => a.compare(b),
            (
                Self::Person([last, first], id),
                SortValue::Person([other_last, other_first], other),
            ) => {
                let by_name = last
                    .compare(other_last)
                    .then_with(|| first.compare(other_first));
                by_name.then_with(|| id.cmp(other))
            }
            // A column has values of one kind.
            _ => Ordering::Equal,
        };
        if descending {
            ascending.reverse()
        } else {
            ascending
        }
    }
}

/// The name by which an employee is put in order; `None` if they were deleted.
pub(super) fn name_of(chunks: &Chunks, id: EmployeeId) -> Option<[SortText<'_>; 2]> {
    let entry = chunks.entry(chunks.slot(id)?)?;
    Some([
        SortText::of(&entry, Field::Lastname)?,
        SortText::of(&entry, Field::Firstname)?,
    ])
}

/// Whether the place of a record in a column's order depends on another record: on its manager's
/// name.
pub(super) fn is_by_name_of_another(column: Column) -> bool {
    matches!(column, Column::Field(field) if field.kind() == Kind::Person)
}

/// The field of a column that is put in order as text; `None` if it is by a number or by a person.
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

impl Sortable for ListedRecord<'_> {
    fn value(&self, _index: usize, column: Column) -> SortValue<'_> {
        SortValue::of(*self, column)
    }

    fn id(&self) -> EmployeeId {
        self.entry.id()
    }
}

/// A record's values, looked up once, since they are compared with those of many others.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Keyed<'a> {
    values: Vec<SortValue<'a>>,
    id: EmployeeId,
}

impl<'a> Keyed<'a> {
    pub(super) fn new(sort: &Sort, record: ListedRecord<'a>) -> Self {
        let keys = sort.keys().iter();
        Self {
            values: keys.map(|key| SortValue::of(record, key.column)).collect(),
            id: record.entry.id(),
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
        self.values
            .get(index)
            .map_or(SortValue::Missing, SortValue::borrowed)
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
pub(super) fn same(sort: &Sort, a: ListedRecord<'_>, b: ListedRecord<'_>) -> bool {
    sort.keys()
        .iter()
        .all(|key| SortValue::of(a, key.column) == SortValue::of(b, key.column))
}
