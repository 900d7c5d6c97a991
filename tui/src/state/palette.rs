//! The command palette.

use super::text::LineEdit;

/// What is typed, and which line is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    /// What is typed.
    pub line: LineEdit,
    /// The line that is chosen.
    pub chosen: usize,
}
