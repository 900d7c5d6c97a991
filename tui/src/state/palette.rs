//! The command palette.

use super::text::LineEdit;

/// The typed text and the selected line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    /// The typed text.
    pub line: LineEdit,
    /// The selected line.
    pub chosen: usize,
}
