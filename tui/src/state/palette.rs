//! The actions by their words, while one is looked for.

use super::text::Line;

/// What is typed, and which line is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    /// What is typed.
    pub line: Line,
    /// The line that is chosen.
    pub chosen: usize,
}
