//! The themes: the terminal's own foreground and background, one accent, and dimmed text.

use ratatui::style::{Color, Modifier, Style};

use crate::state::ThemeName;

/// The style of each kind of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// The program's name, and what is focused.
    pub accent: Style,
    /// Headings.
    pub strong: Style,
    /// Labels, hints, lines.
    pub dim: Style,
    /// The selected row, and the selected answer.
    pub selected: Style,
    /// Text that matches the filter.
    pub found: Style,
    /// Errors and warnings.
    pub bad: Style,
}

impl Theme {
    /// The theme of this name.
    pub const fn named(name: ThemeName) -> &'static Self {
        match name {
            ThemeName::Default => &Self::COLOUR,
            ThemeName::Light => &Self::LIGHT,
            ThemeName::HighContrast => &Self::HIGH_CONTRAST,
            ThemeName::Mono => &Self::MONO,
        }
    }

    /// Sixteen colours, for light and dark terminals.
    pub const COLOUR: Self = Self {
        accent: Style::new()
            .fg(Color::Cyan)
            .add_modifier(Modifier::BOLD)
            .remove_modifier(Modifier::DIM),
        strong: Style::new().add_modifier(Modifier::BOLD),
        dim: Style::new().add_modifier(Modifier::DIM),
        selected: Style::new()
            .add_modifier(Modifier::REVERSED)
            .remove_modifier(Modifier::DIM),
        found: Style::new()
            .fg(Color::Cyan)
            .add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
        bad: Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
    };

    /// For light backgrounds, on which cyan is too pale.
    pub const LIGHT: Self = Self {
        accent: Self::COLOUR.accent.fg(Color::Blue),
        found: Self::COLOUR.found.fg(Color::Blue),
        ..Self::COLOUR
    };

    /// High contrast: nothing is dimmed, and important text is also bold or underlined.
    pub const HIGH_CONTRAST: Self = Self {
        accent: Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
        dim: Style::new(),
        selected: Style::new().add_modifier(Modifier::REVERSED.union(Modifier::BOLD)),
        // Underlined too, to differ from the selected row.
        found: Style::new().add_modifier(
            Modifier::REVERSED
                .union(Modifier::BOLD)
                .union(Modifier::UNDERLINED),
        ),
        bad: Style::new()
            .fg(Color::LightRed)
            .add_modifier(Modifier::BOLD.union(Modifier::REVERSED)),
        ..Self::COLOUR
    };

    /// Without colours (`NO_COLOR`): every difference is a modifier.
    pub const MONO: Self = Self {
        accent: Style::new()
            .add_modifier(Modifier::BOLD)
            .remove_modifier(Modifier::DIM),
        found: Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
        bad: Style::new().add_modifier(Modifier::BOLD),
        ..Self::COLOUR
    };
}
