//! The themes: the terminal's own text and background, one accent, and a hue for each kind of news.
//!
//! In 16 colours a hue never carries a meaning alone, because any of them may be pale on the
//! terminal's background: a sign or bold says the same. In true colour every ink except that of
//! lines has a contrast of at least 4.5:1.

use ratatui::style::{Color, Modifier, Style};

use crate::state::{ColourRole, OwnColours, State, ThemeName};

/// The style of each kind of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// What has the focus, and keys.
    pub accent: Style,
    /// Titles and headings.
    pub strong: Style,
    /// The line of headings above rows, over its whole width.
    pub heading: Style,
    /// Labels and hints.
    pub soft: Style,
    /// Lines and borders, and what cannot be used now.
    pub line: Style,
    /// The selected row, and the selected answer.
    pub selected: Style,
    /// Text that matches the filter.
    pub found: Style,
    /// The extent of a field that can be edited.
    pub field: Style,
    /// Errors, and what deletes.
    pub bad: Style,
    /// What is unusual, unsaved or out of date.
    pub warn: Style,
    /// Success.
    pub ok: Style,
    /// Everything behind a dialog; it replaces the styles there.
    pub behind: Style,
}

/// The colours of a theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Colors {
    accent: Color,
    soft: Color,
    line: Color,
    behind: Color,
    selected: (Color, Color),
    field: Color,
    bad: Color,
    warn: Color,
    ok: Color,
}

/// A colour of six hexadecimal digits.
const fn rgb(colour: u32) -> Color {
    let [_, red, green, blue] = colour.to_be_bytes();
    Color::Rgb(red, green, blue)
}

/// On a dark background.
const DARK: Colors = Colors {
    accent: rgb(0x7f_c8d8),
    soft: rgb(0x9a_a3ad),
    line: rgb(0x4b_535c),
    behind: rgb(0x5a_6068),
    // By their index, which takes fewer bytes in every row that the cursor passes.
    selected: (Color::Indexed(15), Color::Indexed(238)),
    field: rgb(0x23_282e),
    bad: rgb(0xf2_8b82),
    warn: rgb(0xe6_c069),
    ok: rgb(0x8f_cf8f),
};

/// On a light background.
const LIGHT: Colors = Colors {
    accent: rgb(0x0b_5c78),
    soft: rgb(0x5b_636b),
    line: rgb(0xc4_c9cf),
    behind: rgb(0xa9_afb5),
    selected: (Color::Indexed(16), Color::Indexed(254)),
    field: rgb(0xdf_e5ea),
    bad: rgb(0xb3_261e),
    warn: rgb(0x7d_5300),
    ok: rgb(0x1a_6b2c),
};

/// On a dark background, in warm colours.
const EMBER: Colors = Colors {
    accent: rgb(0xf0_a868),
    soft: rgb(0xb3_a79b),
    line: rgb(0x5c_5148),
    behind: rgb(0x6b_6259),
    selected: (Color::Indexed(230), Color::Indexed(239)),
    field: rgb(0x2e_2822),
    ..DARK
};

/// On a light background, in warm colours.
const PAPER: Colors = Colors {
    accent: rgb(0x8f_3b1b),
    soft: rgb(0x6a_6055),
    line: rgb(0xd3_c9ba),
    behind: rgb(0xb3_a898),
    selected: (Color::Indexed(16), Color::Indexed(223)),
    field: rgb(0xea_e0cd),
    ..LIGHT
};

const BOLD: Modifier = Modifier::BOLD;

impl Theme {
    /// The theme of this name. Without `true_colour` it uses the 16 colours that every terminal has.
    pub const fn named(name: ThemeName, true_colour: bool) -> Self {
        match name {
            ThemeName::Default => Self::COLOUR,
            ThemeName::Dark if true_colour => Self::painted(DARK),
            ThemeName::Ember if true_colour => Self::painted(EMBER),
            ThemeName::Light if true_colour => Self::painted(LIGHT),
            ThemeName::Paper if true_colour => Self::painted(PAPER),
            ThemeName::Dark => Self::COLOUR.with_accent(Color::LightCyan),
            ThemeName::Ember => Self::COLOUR.with_accent(Color::LightYellow),
            ThemeName::Light => Self::COLOUR.with_accent(Color::Blue),
            ThemeName::Paper => Self::COLOUR.with_accent(Color::Magenta),
            ThemeName::HighContrast => Self::HIGH_CONTRAST,
            ThemeName::Mono => Self::MONO,
        }
    }

    /// Sixteen colours, for light and dark terminals.
    pub const COLOUR: Self = Self {
        accent: Self::MONO.accent.fg(Color::Cyan),
        bad: Self::MONO.bad.fg(Color::Red),
        warn: Self::MONO.warn.fg(Color::Yellow),
        ok: Self::MONO.ok.fg(Color::Green),
        ..Self::MONO
    };

    /// High contrast: only what is behind a dialog is dimmed, and important text is also bold or
    /// underlined.
    pub const HIGH_CONTRAST: Self = Self {
        accent: Style::new().add_modifier(BOLD.union(Modifier::UNDERLINED)),
        // A rule under blanks would join the headings into one.
        heading: Style::new().add_modifier(Modifier::ITALIC),
        line: Style::new(),
        selected: Style::new().add_modifier(Modifier::REVERSED.union(BOLD)),
        // Between brackets instead: underlined blanks would read as rules.
        field: Style::new(),
        // Underlined too, to differ from the selected row.
        found: Style::new()
            .add_modifier(Modifier::REVERSED.union(BOLD).union(Modifier::UNDERLINED)),
        bad: Style::new()
            .fg(Color::LightRed)
            .add_modifier(BOLD.union(Modifier::REVERSED)),
        ..Self::COLOUR
    };

    /// Without colours (`NO_COLOR`): every difference is a modifier.
    pub const MONO: Self = Self {
        accent: Style::new()
            .add_modifier(BOLD)
            .remove_modifier(Modifier::DIM),
        strong: Style::new().add_modifier(BOLD),
        heading: Style::new().add_modifier(Modifier::UNDERLINED),
        soft: Style::new(),
        line: Style::new().add_modifier(Modifier::DIM),
        selected: Style::new()
            .add_modifier(Modifier::REVERSED)
            .remove_modifier(Modifier::DIM),
        found: Style::new().add_modifier(BOLD.union(Modifier::UNDERLINED)),
        field: Style::new().add_modifier(Modifier::UNDERLINED),
        bad: Style::new().add_modifier(BOLD),
        warn: Style::new().add_modifier(BOLD),
        ok: Style::new().add_modifier(BOLD),
        behind: Style::new().add_modifier(Modifier::DIM),
    };

    /// The theme of a state.
    pub fn of(state: &State) -> Self {
        let theme = Self::named(state.theme, state.true_colour);
        match state.theme {
            // It has no colours.
            ThemeName::Mono => theme,
            _ => theme.with_own(&state.own_colours),
        }
    }

    /// The theme with the user's own colours.
    fn with_own(mut self, colours: &OwnColours) -> Self {
        for (role, colour) in colours {
            let (style, is_ground) = match role {
                ColourRole::Accent => (&mut self.accent, false),
                ColourRole::Soft => (&mut self.soft, false),
                ColourRole::Line => (&mut self.line, false),
                ColourRole::Selected => (&mut self.selected, true),
                ColourRole::Field => (&mut self.field, true),
                ColourRole::Bad => (&mut self.bad, false),
                ColourRole::Warn => (&mut self.warn, false),
                ColourRole::Ok => (&mut self.ok, false),
            };
            *style = if is_ground {
                // A reversed style would show this background as the colour of the text.
                let without_reverse = style.remove_modifier(Modifier::REVERSED);
                without_reverse.bg(*colour)
            } else {
                style.fg(*colour)
            };
        }
        self
    }

    const fn with_accent(self, colour: Color) -> Self {
        Self {
            accent: self.accent.fg(colour),
            ..self
        }
    }

    const fn painted(palette: Colors) -> Self {
        let (text, ground) = palette.selected;
        Self {
            accent: Self::MONO.accent.fg(palette.accent),
            soft: Style::new().fg(palette.soft),
            line: Style::new().fg(palette.line),
            selected: Style::new().fg(text).bg(ground).add_modifier(BOLD),
            // A light field needs dark text, also while a light theme is tried on a dark terminal.
            field: Style::new().fg(text).bg(palette.field),
            bad: Style::new().fg(palette.bad).add_modifier(BOLD),
            warn: Style::new().fg(palette.warn).add_modifier(BOLD),
            ok: Style::new().fg(palette.ok).add_modifier(BOLD),
            behind: Style::new().fg(palette.behind),
            ..Self::MONO
        }
    }
}
