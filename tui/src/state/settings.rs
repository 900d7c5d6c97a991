//! Settings that apply to every server.

use roster_common::listed;

listed! {
    /// A theme. The theme key cycles through them in this order.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum ThemeName {
        /// Sixteen colours, for light and dark terminals.
        #[default]
        Default,
        /// For light backgrounds.
        Light,
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
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Mono => "mono",
        }
    }

    /// Parses [`ThemeName::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// The next one, wrapping around.
    pub fn next(self) -> Self {
        match self {
            Self::Default => Self::Light,
            Self::Light => Self::HighContrast,
            Self::HighContrast => Self::Mono,
            Self::Mono => Self::Default,
        }
    }
}
