//! A box over everything else.

use ratatui::Frame;
use ratatui::buffer::{Cell, CellWidth};
use ratatui::layout::{Constraint, Flex, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Padding};

use crate::view::theme::Theme;

/// The cells that a box takes around its content: borders and air.
const FRAME: (u16, u16) = (6, 2);

/// Draws a box in the middle of the screen with room for `width` by `height` cells, as far as there is room; and
/// says where its content goes.
pub fn open(frame: &mut Frame<'_>, title: &str, width: u16, height: usize, theme: &Theme) -> Rect {
    let screen = frame.area();
    let (area, inner) = place(screen, width, height);
    let title = Line::from(vec![
        Span::raw(" "),
        Span::styled(title.to_owned(), theme.accent),
        Span::raw(" "),
    ]);
    let block = block(area.width).border_style(theme.dim).title(title);
    // A cell of air on both sides.
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

/// Clears the place of a box. A wide character of which half would stay goes too: it would push the box's edge away.
pub fn clear(frame: &mut Frame<'_>, area: Rect) {
    let area = area.intersection(frame.area());
    for y in area.top()..area.bottom() {
        let before = area
            .x
            .checked_sub(1)
            .and_then(|x| frame.buffer_mut().cell_mut((x, y)));
        before
            .filter(|cell| cell.cell_width() > 1)
            .into_iter()
            .for_each(Cell::reset);
    }
    frame.render_widget(Clear, area);
}

/// The lines under a box that stay free: what must be told, and the keys.
pub const FREE: u16 = 2;

/// Where a box stands on the screen, and where its content goes.
pub fn place(screen: Rect, width: u16, height: usize) -> (Rect, Rect) {
    let room = screen.height.saturating_sub(FREE);
    let width = width.saturating_add(FRAME.0).min(screen.width);
    let height = u16::try_from(height)
        .unwrap_or(u16::MAX)
        .saturating_add(FRAME.1)
        .min(room);
    let [area] = Layout::horizontal([Constraint::Length(width)])
        .flex(Flex::Center)
        .areas(screen);
    let [area] = Layout::vertical([Constraint::Length(height)])
        .flex(Flex::Center)
        .areas(area);
    let area = Rect {
        y: area.y.min(screen.y + room - height),
        ..area
    };
    (area, block(area.width).inner(area))
}

/// The cells of a line in a box that would have `widest`.
pub fn width(screen: Rect, widest: u16) -> u16 {
    widest.min(screen.width.saturating_sub(FRAME.0))
}

/// The least lines of a box in which there is room for air.
const AIRY: u16 = 5;

/// What a box holds between a line of air over it and one under it, where there is room for that.
pub fn between_air(inner: Rect) -> Rect {
    let air = u16::from(inner.height >= AIRY);
    Rect {
        y: inner.y.saturating_add(air),
        height: inner.height.saturating_sub(2 * air),
        ..inner
    }
}

fn block(width: u16) -> Block<'static> {
    let padding = if width > 20 {
        Padding::horizontal(2)
    } else {
        Padding::ZERO
    };
    Block::bordered()
        .border_type(BorderType::Rounded)
        .padding(padding)
}

/// The answers in a line, the chosen one marked by more than its colour.
pub fn answers(labels: &[&str], chosen: usize, theme: &Theme) -> Line<'static> {
    // Three stand closer together, so that they have room on a narrow screen too.
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
