//! The sort order of a list.

use std::fmt;
use std::str::FromStr;

use crate::employee::Field;
use crate::field_error::Rule;

/// A sortable column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The employee id.
    Id,
    /// A field for which [`Field::is_sortable`] is `true`.
    Field(Field),
    /// When the record was created.
    Created,
    /// When the record was last changed.
    Updated,
}

impl Column {
    /// Every column, in the order in which tables show them.
    pub fn all() -> impl Iterator<Item = Self> {
        let fields = Field::ALL
            .into_iter()
            .filter(|field| field.is_sortable())
            .map(Self::Field);
        std::iter::once(Self::Id)
            .chain(fields)
            .chain([Self::Created, Self::Updated])
    }

    /// The name in a sort key.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Field(field) => field.name(),
            Self::Created => "created",
            Self::Updated => "updated",
        }
    }

    /// Reads [`Column::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|column| column.name() == name)
    }
}

/// One column and its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SortKey {
    /// The column to sort by.
    pub column: Column,
    /// Whether to sort in descending order.
    pub descending: bool,
}

/// The columns to sort by, most significant first; ties are ordered by id.
///
/// Text is compared without case and accents. Records without a value come last in both directions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Sort(Vec<SortKey>);

impl Sort {
    /// The maximum number of columns.
    pub const MAX_KEYS: usize = 4;

    /// Sorts by one column.
    pub fn by(column: Column, descending: bool) -> Self {
        Self(vec![SortKey { column, descending }])
    }

    /// The columns, most significant first. Empty means by id.
    pub fn keys(&self) -> &[SortKey] {
        &self.0
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, key) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            let minus = if key.descending { "-" } else { "" };
            write!(f, "{comma}{minus}{}", key.column.name())?;
        }
        Ok(())
    }
}

impl FromStr for Sort {
    type Err = (Rule, String);

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut keys: Vec<SortKey> = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (descending, name) = part
                .strip_prefix('-')
                .map_or((false, part), |name| (true, name));
            let column = Column::from_name(name)
                .ok_or_else(|| (Rule::Unknown, format!("Sort by {}.", column_names())))?;
            // A repeated column never decides anything, so it is probably a slip.
            if keys.iter().any(|key| key.column == column) {
                return Err((
                    Rule::Duplicate,
                    format!("{} is given twice.", column.name()),
                ));
            }
            keys.push(SortKey { column, descending });
        }
        if keys.len() > Self::MAX_KEYS {
            return Err((
                Rule::TooLong,
                format!("Sort by at most {} columns.", Self::MAX_KEYS),
            ));
        }
        Ok(Self(keys))
    }
}

fn column_names() -> String {
    Column::all()
        .map(Column::name)
        .collect::<Vec<_>>()
        .join(", ")
}
