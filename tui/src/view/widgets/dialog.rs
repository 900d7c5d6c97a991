//! Dialog boxes.

use ratatui::Frame;
use ratatui::buffer::CellWidth;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use crate::cells;
use crate::layout::dialog::block;
pub use crate::layout::dialog::{FREE, between_air, place, width};
use crate::view::theme::Theme;

/// Draws a centred box for `width` by `height` cells of content, or less if space is short, and dims
/// everything behind it. Returns the content area.
pub fn open(frame: &mut Frame<'_>, title: &str, width: u16, height: usize, theme: &Theme) -> Rect {
    open_with_note(frame, title, "", width, height, theme)
}

/// Like [`open`], with a note in the corner of the border, if it fits.
pub fn open_with_note(
    frame: &mut Frame<'_>,
    title: &str,
    note: &str,
    width: u16,
    height: usize,
    theme: &Theme,
) -> Rect {
    let (area, inner) = place(frame.area(), width, height);
    dim_behind(frame, theme);
    clear(frame, with_air(area, frame.area()));
    let on_border = |text: &str, style| {
        // Reset first: otherwise the text would add its style to that of the border.
        let padded = [
            Span::raw(" "),
            Span::styled(text.to_owned(), Style::reset().patch(style)),
            Span::raw(" "),
        ];
        Line::from(padded.to_vec())
    };
    let mut block = block(area.width)
        .border_style(theme.line)
        .title(on_border(title, theme.strong));
    let has_room = cells::width(title) + cells::width(note) + 8 <= usize::from(area.width);
    if !note.is_empty() && has_room {
        block = block.title(on_border(note, theme.soft).right_aligned());
    }
    frame.render_widget(block, area);
    inner
}

/// A box with a free column at each side. A few columns between it and the edge of what it covers
/// are free as well: they would only have pieces of words.
pub fn with_air(area: Rect, covered: Rect) -> Rect {
    const FEW: u16 = 4;
    let left = match area.x.saturating_sub(covered.x) {
        ..=FEW => covered.x,
        _ => area.x - 1,
    };
    let right = match covered.right().saturating_sub(area.right()) {
        ..=FEW => covered.right(),
        _ => area.right() + 1,
    };
    let (left, right) = (left.min(area.x), right.max(area.right()));
    Rect {
        x: left,
        width: right - left,
        ..area
    }
}

/// Dims everything but the status line and the keys, which belong to the box.
fn dim_behind(frame: &mut Frame<'_>, theme: &Theme) {
    let screen = frame.area();
    let behind = Rect {
        height: screen.height.saturating_sub(FREE),
        ..screen
    };
    for position in behind.positions() {
        if let Some(cell) = frame.buffer_mut().cell_mut(position) {
            cell.set_style(Style::reset());
            cell.set_style(theme.behind);
        }
    }
}

/// Clears the area of a box, including wide characters that it cuts in half, which would shift the
/// border.
pub fn clear(frame: &mut Frame<'_>, area: Rect) {
    let area = area.intersection(frame.area());
    for y in area.top()..area.bottom() {
        let before = area
            .x
            .checked_sub(1)
            .and_then(|x| frame.buffer_mut().cell_mut((x, y)));
        if let Some(wide) = before.filter(|cell| cell.cell_width() > 1) {
            wide.reset();
        }
    }
    frame.render_widget(Clear, area);
}

/// The answers in a line; the selected one is marked by `>` as well as its style.
pub fn answers(labels: &[&str], chosen: usize, theme: &Theme) -> Line<'static> {
    // Three answers fit a narrow screen.
    let gap = " ";
    let answer = |(at, label): (usize, &&str)| match at == chosen {
        true => [
            Span::styled(format!("> {label} "), theme.selected),
            Span::raw(gap),
        ],
        false => [
            Span::styled(format!("  {label} "), Style::new()),
            Span::raw(gap),
        ],
    };
    labels.iter().enumerate().flat_map(answer).collect()
}

/// Splits the last line off an area, and leaves a blank line above it.
pub fn last_line(area: Rect) -> Option<(Rect, Rect)> {
    let y = area.bottom().checked_sub(1).filter(|_| area.height > 0)?;
    let last = Rect {
        y,
        height: 1,
        ..area
    };
    let rows = Rect {
        height: area.height.saturating_sub(2),
        ..area
    };
    Some((last, rows))
}
