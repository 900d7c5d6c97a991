//! The columns of the table.

use roster_common::query::Column;
use roster_common::{Employee, Field};

use crate::fields;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableColumn {
    /// Family name and given name.
    Name,
    /// One column of the record.
    Column(Column),
}

impl TableColumn {
    /// The columns from left to right, most important first.
    pub fn all() -> Vec<Self> {
        let fields = fields::columns().into_iter().map(Column::Field);
        let columns = fields.chain([Column::Id]).map(Self::Column);
        std::iter::once(Self::Name).chain(columns).collect()
    }

    /// The heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Column(Column::Id) => "Id",
            Self::Column(Column::Field(field)) => field.label(),
            Self::Column(Column::Created) => "Created",
            Self::Column(Column::Updated) => "Updated",
        }
    }

    /// The column's text for a record.
    pub fn of(self, employee: &Employee) -> String {
        match self {
            Self::Name => employee.details.listed_name(),
            Self::Column(Column::Id) => employee.id.to_string(),
            Self::Column(Column::Field(field)) => employee.details.text(field).into_owned(),
            Self::Column(Column::Created) => employee.created.to_string(),
            Self::Column(Column::Updated) => employee.updated.to_string(),
        }
    }

    /// The field whose form line holds the column's value, if there is one.
    pub fn field(self) -> Option<Field> {
        match self {
            Self::Column(Column::Field(field)) => Some(field),
            Self::Name | Self::Column(_) => None,
        }
    }

    /// The field that is edited in the column's cell, if there is one.
    pub fn cell_field(self) -> Option<Field> {
        match self {
            Self::Name => Some(Field::Lastname),
            Self::Column(_) => self.field(),
        }
    }

    /// The name in the saved file. It never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Column(column) => column.name(),
        }
    }

    /// Parses [`TableColumn::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|shown| shown.name() == name)
    }

    /// The sort keys, most significant first.
    pub fn sort_keys(self) -> Vec<Column> {
        match self {
            Self::Name => vec![
                Column::Field(Field::Lastname),
                Column::Field(Field::Firstname),
            ],
            Self::Column(column) => vec![column],
        }
    }
}
