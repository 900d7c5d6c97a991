//! How the application shows each field of a record: a new field gets its line here.

use roster_common::Field;

/// How one field is shown. How it is written follows from its [`Kind`](roster_common::Kind).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldLook {
    /// Its column in the table, if it has one of its own.
    pub column: Option<FieldColumn>,
    /// Whether one line about a person has it, beside the name.
    pub in_summary: bool,
    /// Whether the command line lists it for people; programs get every field.
    pub in_list: bool,
}

/// The column of a field in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldColumn {
    /// What decides the order of the columns, from left to right, until a person changes it.
    pub place: u8,
    /// The fewest and the most cells that are of use.
    pub cells: (u16, u16),
    /// Whether it is worth cutting the columns before it.
    pub matters: bool,
}

/// How a field is shown.
pub fn look(field: Field) -> FieldLook {
    let (column, in_summary, in_list) = match field {
        // The column of the name shows both.
        Field::Firstname | Field::Lastname => (None, false, true),
        Field::Title => (column(1, (14, 25), true), true, true),
        Field::Department => (column(2, (12, 22), true), true, true),
        Field::Location => (column(3, (10, 12), true), true, true),
        Field::Status => (column(4, (8, 8), true), false, true),
        Field::Phone => (column(5, (16, 20), false), false, false),
        Field::Email => (column(6, (20, 36), false), false, false),
        Field::Hired => (column(7, (10, 10), false), false, false),
        Field::Manager => (column(8, (10, 10), false), false, false),
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

/// The fields that have a column of their own, from left to right.
pub fn columns() -> Vec<Field> {
    let place = |field: Field| look(field).column.map(|column| (column.place, field));
    let mut columns: Vec<_> = Field::ALL.into_iter().filter_map(place).collect();
    columns.sort_unstable();
    columns.into_iter().map(|(_, field)| field).collect()
}

/// One line about a person: the values that say who it is, beside the name.
pub fn summary(text: impl Fn(Field) -> String) -> String {
    let fields = Field::ALL
        .into_iter()
        .filter(|field| look(*field).in_summary);
    let values: Vec<_> = fields.map(text).filter(|value| !value.is_empty()).collect();
    values.join(" · ")
}
