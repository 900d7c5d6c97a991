//! A grid: draws only the rows it is given.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::cells;
use crate::state::arrangement::{GAP, MARK, indent};
use crate::view::theme::Theme;

/// One column of the header.
#[derive(Debug, Clone)]
pub struct Heading {
    /// Its name.
    pub label: &'static str,
    /// Its place in the sort order: `1↑`.
    pub order: String,
    /// Whether it is the cursor's column.
    pub marked: bool,
    /// Its width in cells.
    pub width: u16,
}

/// Draws the header, with as many lines as a row.
pub fn draw_header(buffer: &mut Buffer, area: Rect, lines: &[Vec<Heading>], theme: &Theme) {
    if let Some(last) = area.rows().next_back() {
        buffer.set_style(last, theme.heading);
    }
    let label = |heading: &Heading| (heading_line(heading, theme), heading.width);
    draw_lines(
        buffer,
        area,
        lines.iter().map(|line| line.iter().map(label).collect()),
    );
}

/// A heading and its place in the sort order, which is shown even if the name is cut.
fn heading_line(heading: &Heading, theme: &Theme) -> Line<'static> {
    let width = usize::from(heading.width);
    let order = cells::cut(&heading.order, width.saturating_sub(1));
    let (blank, room) = match cells::width(&order) {
        0 => ("", width),
        taken => (" ", width.saturating_sub(taken + 1)),
    };
    let label = cells::cut(heading.label, room);
    if heading.marked {
        return Line::styled(format!("{label}{blank}{order}"), theme.strong.reversed());
    }
    Line::from(vec![
        Span::styled(label, theme.strong),
        Span::raw(blank),
        Span::styled(order, theme.accent),
    ])
}

/// A cell's text and width.
pub type Cell = (Line<'static>, u16);

/// Draws lines of cells.
fn draw_lines(buffer: &mut Buffer, area: Rect, lines: impl IntoIterator<Item = Vec<Cell>>) {
    for ((number, row), cells) in (0..).zip(area.rows()).zip(lines) {
        let mut x = area.x.saturating_add(MARK + indent(number));
        for (cell, width) in cells {
            put(buffer, row, x, cell);
            x = x.saturating_add(width + GAP);
        }
    }
}

/// The highlighting of a row.
#[derive(Debug, Clone, Copy, Default)]
pub struct RowStyle {
    /// The style if it is selected.
    pub selected: Option<Style>,
    /// How many cells show that; `None` means all.
    pub extent: Option<u16>,
    /// The style of its mark, if it is marked.
    pub marked: Option<Style>,
    /// The sign of a change by someone else: shown where there is no mark.
    pub sign: Option<&'static str>,
}

/// Draws a row, with `>` if it is selected and `*` if it is marked, visible without colours.
pub fn draw_row(buffer: &mut Buffer, area: Rect, lines: Vec<Vec<Cell>>, row: RowStyle) {
    draw_lines(buffer, area, lines);
    // On the selected row the mark has the row's style.
    let mark = row.marked.map(|mark| match row.selected {
        Some(_) => Style::new(),
        None => mark,
    });
    match (mark, row.sign) {
        (Some(mark), _) => put(buffer, area, area.x + 1, Line::styled("*", mark)),
        (None, Some(sign)) => put(buffer, area, area.x + 1, Line::from(sign)),
        (None, None) => {}
    }
    if let Some(style) = row.selected {
        put(buffer, area, area.x, Line::from(">"));
        let width = row.extent.unwrap_or(area.width).min(area.width);
        buffer.set_style(Rect { width, ..area }, style);
    }
}

/// Draws a scroll bar for `height` of `total` rows, starting at `top`.
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
    // Rounded, but only at an end if the list is at that end.
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
            Line::styled("┃", theme.line),
        );
    }
}

/// Draws a line at column `x` of the area's first row, clipped to the area.
fn put(buffer: &mut Buffer, area: Rect, x: u16, line: Line<'_>) {
    let area = area.intersection(buffer.area);
    if area.height > 0 && x < area.right() {
        buffer.set_line(x, area.y, &line, area.right() - x);
    }
}
