//! What a person has chosen for every server.

/// How everything looks.
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

impl ThemeName {
    /// Every theme, in the order in which one key goes through them.
    pub const ALL: [Self; 4] = [Self::Default, Self::Light, Self::HighContrast, Self::Mono];

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

    /// The next one, round.
    pub fn next(self) -> Self {
        match self {
            Self::Default => Self::Light,
            Self::Light => Self::HighContrast,
            Self::HighContrast => Self::Mono,
            Self::Mono => Self::Default,
        }
    }
}
