//! The keys, where they are asked for.

use super::text::Line;

/// What is shown of the keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Help {
    /// The words that are looked for in them.
    pub filter: Line,
    /// The first line that is shown.
    pub first: usize,
}
