//! Settings that apply to every server.

use std::collections::BTreeMap;

use ratatui::style::Color;
use roster_common::listed;

listed! {
    /// A theme. The theme key cycles through them in this order.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum ThemeName {
        /// Sixteen colours, for light and dark terminals.
        #[default]
        Default,
        /// For dark backgrounds, cool.
        Dark,
        /// For dark backgrounds, warm.
        Ember,
        /// For light backgrounds, cool.
        Light,
        /// For light backgrounds, warm.
        Paper,
        /// High contrast: no dimmed text.
        HighContrast,
        /// No colours.
        Mono,
    }
}

impl ThemeName {
    /// The name used in config.toml.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Dark => "dark",
            Self::Ember => "ember",
            Self::Light => "light",
            Self::Paper => "paper",
            Self::HighContrast => "high-contrast",
            Self::Mono => "mono",
        }
    }

    /// Parses [`ThemeName::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// The next theme, or the previous one, wrapping around.
    pub fn neighbour(self, by: isize) -> Self {
        let all = Self::ALL;
        let here = all.iter().position(|theme| *theme == self).unwrap_or(0);
        let there = (here + all.len()).saturating_add_signed(by) % all.len();
        all.get(there).copied().unwrap_or(self)
    }

    /// What it is for, in a few words.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Default => "the terminal's own colours",
            Self::Dark => "dark background, cool",
            Self::Ember => "dark background, warm",
            Self::Light => "light background, cool",
            Self::Paper => "light background, warm",
            Self::HighContrast => "nothing dimmed",
            Self::Mono => "no colours",
        }
    }
}

/// The colours that the user has chosen instead of those of a theme.
pub type OwnColours = BTreeMap<ColourRole, Color>;

listed! {
    /// What a colour is for.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum ColourRole {
        /// The focus, and keys.
        Accent,
        /// Labels and hints.
        Soft,
        /// Lines and borders.
        Line,
        /// The background of the selected row.
        Selected,
        /// The background of a field.
        Field,
        /// Errors, and what deletes.
        Bad,
        /// What is unusual.
        Warn,
        /// Success.
        Ok,
    }
}

impl ColourRole {
    /// The name used in config.toml.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accent => "accent",
            Self::Soft => "soft",
            Self::Line => "line",
            Self::Selected => "selected",
            Self::Field => "field",
            Self::Bad => "bad",
            Self::Warn => "warn",
            Self::Ok => "ok",
        }
    }

    /// Parses [`ColourRole::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}
