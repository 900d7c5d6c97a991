//! The choice of a theme, in the colours of the selected one.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::widgets::{dialog, list};
use crate::cells;
use crate::state::{State, ThemeName, Themes};

/// The maximum width of the content.
const WIDTH: u16 = 46;

/// The width of the names.
const NAME: usize = 14;

pub(super) fn draw(frame: &mut Frame<'_>, state: &State, theme: &Theme) {
    let names = ThemeName::ALL;
    let current = state.overlay::<Themes>().map(|themes| themes.before);
    let chosen = names.iter().position(|name| *name == state.theme);
    // The colours of news, between blank lines.
    let height = names.len() + 4;
    let area = dialog::between_air(dialog::open(frame, "Themes", WIDTH, height, theme));
    for (at, name, row) in list::in_view(names, chosen.unwrap_or(0), area) {
        let is_chosen = Some(at) == chosen;
        let sign = if is_chosen { "> " } else { "  " };
        let mark = if Some(name) == current { "✓ " } else { "  " };
        let line = Line::from(vec![
            Span::raw(format!("{sign}{}{mark}", cells::fit(name.name(), NAME))),
            Span::styled(name.purpose(), theme.soft),
        ]);
        frame.render_widget(line, row);
        if is_chosen {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
    if let Some(row) = area.rows().nth(names.len() + 1) {
        frame.render_widget(sample(theme), row);
    }
}

/// A word in each colour.
fn sample(theme: &Theme) -> Line<'static> {
    let words = [
        ("focus", theme.accent),
        ("label", theme.soft),
        ("✓ saved", theme.ok),
        ("▫ leave", theme.warn),
        ("✗ wrong", theme.bad),
    ];
    let spans = words.map(|(word, style)| [Span::raw("  "), Span::styled(word, style)]);
    Line::from_iter(spans.into_iter().flatten())
}
