//! The help.

use super::text::LineEdit;

/// The state of the help.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Help {
    /// The search words.
    pub filter: LineEdit,
    /// The scroll position.
    pub first: usize,
}
