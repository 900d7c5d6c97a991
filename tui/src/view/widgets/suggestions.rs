//! The list of suggestions.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType};

use super::{dialog, list};
use crate::cells;
use crate::state::suggestions::{Suggestion, Suggestions};
use crate::view::theme::Theme;

/// The maximum number shown at a time.
const LINES: u16 = 8;

/// The width at which nothing is cut.
pub fn width(suggestions: &Suggestions) -> u16 {
    let line = |suggestion: &Suggestion| {
        cells::width(&suggestion.text) + cells::width(&suggestion.note) + 6
    };
    u16::try_from(suggestions.items.iter().map(line).max().unwrap_or_default()).unwrap_or(u16::MAX)
}

/// The minimum height for placing the list below the field, even if there is more room above.
const ENOUGH: u16 = 5;

/// Draws the suggestions as wide as the field: below it, or above if `within` has no room below.
pub fn draw(
    frame: &mut Frame<'_>,
    field: Rect,
    within: Rect,
    suggestions: &Suggestions,
    theme: &Theme,
) {
    let height = u16::try_from(suggestions.items.len())
        .unwrap_or(u16::MAX)
        .min(LINES)
        + 2;
    let below = within.bottom().saturating_sub(field.bottom());
    let above = field.y.saturating_sub(within.top());
    // Below is where a list is expected; above it must show more, and below little.
    let fits_below = below >= height.min(above).min(ENOUGH);
    let (y, height) = if fits_below {
        (field.bottom(), height.min(below))
    } else {
        (field.y - height.min(above), height.min(above))
    };
    let area = Rect { y, height, ..field }.intersection(frame.area());
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.line);
    let inner = block.inner(area);
    dialog::clear(frame, dialog::with_air(area, within));
    frame.render_widget(block, area);
    let cursor = suggestions.chosen.unwrap_or(0);
    let bar = Rect {
        x: area.right().saturating_sub(1),
        width: 1,
        ..inner
    };
    list::draw_scroll_bar(frame, bar, cursor, suggestions.items.len(), theme);
    for (at, suggestion, row) in list::in_view(&suggestions.items, cursor, inner) {
        frame.render_widget(
            offer_line(
                suggestion,
                suggestions.chosen == Some(at),
                inner.width.into(),
                theme,
            ),
            row,
        );
    }
}

fn offer_line(suggestion: &Suggestion, chosen: bool, width: usize, theme: &Theme) -> Line<'static> {
    let mark = if chosen { ">" } else { " " };
    let room = width.saturating_sub(cells::width(&suggestion.note) + 3);
    let line = format!(
        "{mark}{} {} ",
        cells::fit(&suggestion.text, room),
        suggestion.note
    );
    Line::styled(line, if chosen { theme.selected } else { Style::new() })
}
