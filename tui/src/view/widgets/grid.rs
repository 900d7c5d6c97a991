//! Columns and rows: draws the rows that it is given and knows of no others.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use crate::cells;
use crate::state::arrangement::{GAP, MARK, indent};
use crate::view::theme::Theme;

/// One column of the header.
#[derive(Debug, Clone)]
pub struct Heading {
    /// Its name.
    pub label: &'static str,
    /// Its part in the order: `1↑`.
    pub order: String,
    /// Whether the column cursor is on it.
    pub marked: bool,
    /// Its width in cells.
    pub width: u16,
}

/// Draws the header, one line for each of a row.
pub fn draw_header(buffer: &mut Buffer, area: Rect, lines: &[Vec<Heading>], theme: &Theme) {
    let label = |heading: &Heading| {
        let style = if heading.marked {
            theme.accent.underlined()
        } else {
            theme.strong
        };
        let label = match heading.order.as_str() {
            "" => heading.label.to_owned(),
            // The place in the order is told even where the name is cut.
            order => {
                let room = usize::from(heading.width).saturating_sub(cells::width(order) + 1);
                format!("{} {order}", cells::cut(heading.label, room))
            }
        };
        (
            Line::styled(cells::cut(&label, heading.width.into()), style),
            heading.width,
        )
    };
    draw_lines(
        buffer,
        area,
        lines.iter().map(|line| line.iter().map(label).collect()),
    );
}

/// One cell's text, and the width of its column.
pub type Cell = (Line<'static>, u16);

/// Draws cells side by side, each line of them below the last.
fn draw_lines(buffer: &mut Buffer, area: Rect, lines: impl IntoIterator<Item = Vec<Cell>>) {
    for ((number, row), cells) in (0..).zip(area.rows()).zip(lines) {
        let mut x = area.x.saturating_add(MARK + indent(number));
        for (cell, width) in cells {
            put(buffer, row, x, cell);
            x = x.saturating_add(width + GAP);
        }
    }
}

/// How a row stands out.
#[derive(Debug, Clone, Copy, Default)]
pub struct RowStyle {
    /// Whether the cursor is on it, and how it then looks.
    pub selected: Option<Style>,
    /// Whether it is marked, and how the sign looks.
    pub marked: Option<Style>,
}

/// Draws one row, with `>` before the cursor's and `*` before a marked one, which no missing colour can hide.
pub fn draw_row(buffer: &mut Buffer, area: Rect, lines: Vec<Vec<Cell>>, style: RowStyle) {
    draw_lines(buffer, area, lines);
    if let Some(style) = style.marked {
        put(buffer, area, area.x + 1, Line::styled("*", style));
    }
    if let Some(style) = style.selected {
        put(buffer, area, area.x, Line::from(">"));
        buffer.set_style(area, style);
    }
}

/// Draws a scroll bar of `area`'s height for the rows from `top` on, of `total`, where `height` are seen.
pub fn draw_scroll_bar(
    buffer: &mut Buffer,
    area: Rect,
    top: usize,
    height: usize,
    total: usize,
    theme: &Theme,
) {
    let track = usize::from(area.height);
    if total <= height || track == 0 {
        return;
    }
    let hidden = total - height;
    // Rounded, but with room to be at neither end where the list is at neither.
    let thumb = (track * height)
        .div_ceil(total)
        .min(track.saturating_sub(hidden.min(2)))
        .max(1);
    let free = track - thumb;
    let start = match top {
        0 => 0,
        top if top >= hidden => free,
        top => (top * free / hidden).clamp(1, free.max(2) - 1).min(free),
    };
    for y in (area.top()..area.bottom()).skip(start).take(thumb) {
        put(
            buffer,
            Rect {
                y,
                height: 1,
                ..area
            },
            area.x,
            Line::styled("┃", theme.dim),
        );
    }
}

/// Writes a line at column `x` of the area's first row, and nothing outside.
fn put(buffer: &mut Buffer, area: Rect, x: u16, line: Line<'_>) {
    let area = area.intersection(buffer.area);
    if area.height > 0 && x < area.right() {
        buffer.set_line(x, area.y, &line, area.right() - x);
    }
}
