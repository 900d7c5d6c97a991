//! What a file has of each employee.

use std::borrow::Cow;

use roster_common::query::field_named;
use roster_common::{Employee, Field, time};

/// A column of an export. Its name is that of the member in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportColumn {
    /// The id.
    Id,
    /// A field.
    Field(Field),
    /// The version.
    Version,
    /// When the record was created.
    Created,
    /// When the record was last changed.
    Updated,
    /// Who changed it last.
    UpdatedBy,
}

impl ExportColumn {
    /// Every column, in the order of the server's own CSV.
    pub fn all() -> impl Iterator<Item = Self> {
        let fields = Field::ALL.map(Self::Field);
        [Self::Id].into_iter().chain(fields).chain([
            Self::Version,
            Self::Created,
            Self::Updated,
            Self::UpdatedBy,
        ])
    }

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Field(field) => field.name(),
            Self::Version => "version",
            Self::Created => "created",
            Self::Updated => "updated",
            Self::UpdatedBy => "updatedBy",
        }
    }

    /// Reads a name, which may be shortened for a field, as in filters: `dept`.
    pub fn from_name(name: &str) -> Option<Self> {
        let whole = Self::all().find(|column| column.name() == name);
        whole.or_else(|| field_named(name).map(Self::Field))
    }

    /// The value, as text.
    pub(super) fn text(self, employee: &Employee) -> Cow<'_, str> {
        match self {
            Self::Id => employee.id.to_string().into(),
            Self::Field(field) => employee.details.text(field),
            Self::Version => employee.version.to_string().into(),
            Self::Created => time::written(employee.created).into(),
            Self::Updated => time::written(employee.updated).into(),
            Self::UpdatedBy => (&*employee.updated_by).into(),
        }
    }
}
