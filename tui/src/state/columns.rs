//! The dialog of the columns.

/// Which line of it is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Columns {
    /// The line, among all columns.
    pub chosen: usize,
}
