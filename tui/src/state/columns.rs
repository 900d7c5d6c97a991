//! The column settings.

/// The selected column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Columns {
    /// Its index among all columns.
    pub chosen: usize,
}
