//! A text input of one line.

use ratatui::Frame;
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::cells;
use crate::escape::visible;
use crate::state::text::LineEdit;
use crate::view::theme::Theme;

/// Shows how far a field reaches: in the style of the theme, or between brackets. Returns the area of
/// its text.
pub fn draw_extent(frame: &mut Frame<'_>, area: Rect, theme: &Theme) -> Rect {
    let text = Rect {
        width: area.width.saturating_sub(1),
        ..area
    }
    .intersection(frame.area());
    let buffer = frame.buffer_mut();
    buffer.set_style(text, theme.field);
    // Some themes have no style for fields, and blanks alone do not show where one ends.
    if theme.field == Style::new() {
        let brackets = [(text.x.checked_sub(1), "["), (Some(text.right()), "]")];
        for (x, bracket) in brackets {
            if let Some(cell) = x.and_then(|x| buffer.cell_mut((x, text.y))) {
                cell.set_symbol(bracket).set_style(theme.strong);
            }
        }
    }
    text
}

/// Draws the part of a line around its cursor, and places the terminal's cursor if `focused`.
pub fn draw(frame: &mut Frame<'_>, area: Rect, line: &LineEdit, focused: bool) {
    draw_text(frame, area, line.text(), line.before_cursor(), focused);
}

/// Like [`draw`], for a text and a cursor position.
pub fn draw_text(
    frame: &mut Frame<'_>,
    area: Rect,
    content: &str,
    before_cursor: &str,
    focused: bool,
) {
    let area = area.intersection(frame.area());
    let room = usize::from(area.width);
    if area.height == 0 || room == 0 {
        return;
    }
    let before = cells::width(&visible(before_cursor));
    let scroll = if focused {
        (before + 1).saturating_sub(room)
    } else {
        0
    };
    let shown = after(&visible(content), scroll);
    let shown = if focused {
        cells::first(&shown, room).to_owned()
    } else {
        cells::cut(&shown, room)
    };
    let buffer = frame.buffer_mut();
    let extent = buffer
        .cell((area.x, area.y))
        .map_or(Style::new(), Cell::style);
    buffer.set_stringn(area.x, area.y, shown, room, Style::new());
    // The cell that a wide character covers has lost the style of the field.
    buffer.set_style(Rect { height: 1, ..area }, extent);
    if focused {
        let column = u16::try_from((before - scroll).min(room - 1)).unwrap_or(0);
        frame.set_cursor_position(Position::new(area.x + column, area.y));
    }
}

/// Drops the first `cells` of `text`; a wide character that is cut leaves spaces.
fn after(text: &str, cells: usize) -> String {
    let mut skipped = 0;
    let mut shown = String::new();
    for grapheme in text.graphemes(true) {
        if skipped >= cells {
            shown.push_str(grapheme);
        } else {
            skipped += grapheme.width();
            shown.push_str(&" ".repeat(skipped.saturating_sub(cells)));
        }
    }
    shown
}
