//! Dialog boxes.

use ratatui::Frame;
use ratatui::buffer::CellWidth;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use crate::layout::dialog::block;
pub use crate::layout::dialog::{FREE, between_air, place, width};
use crate::view::theme::Theme;

/// Draws a centred box for `width` by `height` cells of content, or less if space is short. Returns
/// the content area.
pub fn open(frame: &mut Frame<'_>, title: &str, width: u16, height: usize, theme: &Theme) -> Rect {
    let screen = frame.area();
    let (area, inner) = place(screen, width, height);
    let title = Line::from(vec![
        Span::raw(" "),
        Span::styled(title.to_owned(), theme.accent),
        Span::raw(" "),
    ]);
    let block = block(area.width).border_style(theme.dim).title(title);
    // One blank cell on both sides.
    clear(
        frame,
        Rect {
            x: area.x.saturating_sub(1),
            width: area.width + 2,
            ..area
        },
    );
    frame.render_widget(block, area);
    inner
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
    // Three answers are closer together, to fit a narrow screen.
    let gap = if labels.len() > 2 { " " } else { "   " };
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
