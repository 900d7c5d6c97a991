//! The choice of a theme.

use super::settings::ThemeName;

/// The open list of themes; the selected one is the theme of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Themes {
    /// The theme to return to.
    pub before: ThemeName,
}
