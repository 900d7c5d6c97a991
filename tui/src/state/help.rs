//! The help.

use super::text::LineEdit;

/// What is shown of the keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Help {
    /// The words that are looked for in them.
    pub filter: LineEdit,
    /// The first line that is shown.
    pub first: usize,
}
