//! Settings that apply to every server.

use roster_common::listed;

listed! {
    /// How everything looks. One key goes through the themes in this order.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum ThemeName {
        /// Sixteen colours, for light and dark terminals alike.
        #[default]
        Default,
        /// For dark ink on light paper.
        Light,
        /// Nothing dimmed.
        HighContrast,
        /// No colours.
        Mono,
    }
}

impl ThemeName {
    /// The name in a configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Mono => "mono",
        }
    }

    /// Reads [`ThemeName::name`].
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
