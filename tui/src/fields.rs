//! How the application shows each field; a new field gets its line here.

use roster_common::{Field, Status};

/// How one field is shown. How it is edited depends on its [`Kind`](roster_common::Kind).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldLook {
    /// Its own column in the table, if any.
    pub column: Option<FieldColumn>,
    /// Whether it is part of the one-line summary of a person.
    pub in_summary: bool,
    /// Whether `roster employees list` shows it at a terminal; pipes get every field.
    pub in_list: bool,
}

/// The column of a field in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldColumn {
    /// The default position: columns are sorted by it from left to right.
    pub place: u8,
    /// The minimum and the maximum useful width in cells.
    pub cells: (u16, u16),
    /// Whether earlier columns are cut to make room for it.
    pub matters: bool,
}

/// How a field is shown.
pub fn look(field: Field) -> FieldLook {
    let (column, in_summary, in_list) = match field {
        // The name column shows both names.
        Field::Firstname | Field::Lastname => (None, false, true),
        Field::Title => (column(1, (14, 25), true), true, true),
        Field::Department => (column(2, (12, 22), true), true, true),
        Field::Location => (column(3, (10, 12), true), true, true),
        Field::Status => (column(4, (8, 8), true), false, true),
        Field::Phone => (column(5, (16, 18), false), false, false),
        Field::Email => (column(6, (20, 28), false), false, false),
        Field::Hired => (column(7, (10, 10), false), false, false),
        Field::Manager => (column(8, (10, 22), false), false, false),
        Field::Number => (column(9, (6, 8), false), false, false),
        Field::Notes => (None, false, false),
    };
    FieldLook {
        column,
        in_summary,
        in_list,
    }
}

fn column(place: u8, cells: (u16, u16), matters: bool) -> Option<FieldColumn> {
    Some(FieldColumn {
        place,
        cells,
        matters,
    })
}

/// The fields with their own column, from left to right.
pub fn columns() -> Vec<Field> {
    let place = |field: Field| look(field).column.map(|column| (column.place, field));
    let mut columns: Vec<_> = Field::ALL.into_iter().filter_map(place).collect();
    columns.sort_unstable();
    columns.into_iter().map(|(_, field)| field).collect()
}

/// A one-line summary of a person, without the name.
pub fn summary(text: impl Fn(Field) -> String) -> String {
    let fields = Field::ALL
        .into_iter()
        .filter(|field| look(*field).in_summary);
    let values: Vec<_> = fields.map(text).filter(|value| !value.is_empty()).collect();
    values.join(" · ")
}

/// The sign of a status, which tells them apart without colours.
pub fn sign(status: Status) -> &'static str {
    match status {
        Status::Active => "▪",
        Status::Leave => "▫",
        Status::Left => "✗",
    }
}
