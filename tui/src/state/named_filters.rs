//! The list of named filters.

use super::text::LineEdit;

/// The selected filter, and the name that is being typed for the current one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NamedFilters {
    /// Its index, in the order of the names.
    pub chosen: usize,
    /// The name of a new one, while it is typed.
    pub name: Option<LineEdit>,
}
