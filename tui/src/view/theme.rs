//! Colours and marks: the terminal's own ink and paper, one accent, and dimmed text for what matters less.

use ratatui::style::{Color, Modifier, Style};

use crate::state::ThemeName;

/// How each kind of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// What leads the eye: the name of the program, what is focused.
    pub accent: Style,
    /// Headings.
    pub strong: Style,
    /// Labels, hints, lines.
    pub dim: Style,
    /// The row of the cursor, and the answer that is chosen.
    pub selected: Style,
    /// Text that the filter found.
    pub found: Style,
    /// Trouble.
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

    /// For sixteen colours, on light and dark terminals alike.
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

    /// For light paper, on which cyan is pale.
    pub const LIGHT: Self = Self {
        accent: Self::COLOUR.accent.fg(Color::Blue),
        found: Self::COLOUR.found.fg(Color::Blue),
        ..Self::COLOUR
    };

    /// Nothing dimmed, and what matters told twice.
    pub const HIGH_CONTRAST: Self = Self {
        accent: Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
        dim: Style::new(),
        selected: Style::new().add_modifier(Modifier::REVERSED.union(Modifier::BOLD)),
        // Underlined too, to be told from the row of the cursor.
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

    /// Without colours, as `NO_COLOR` asks: every difference is a modifier.
    pub const MONO: Self = Self {
        accent: Style::new()
            .add_modifier(Modifier::BOLD)
            .remove_modifier(Modifier::DIM),
        found: Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
        bad: Style::new().add_modifier(Modifier::BOLD),
        ..Self::COLOUR
    };
}
