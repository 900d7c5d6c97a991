//! A box over everything else.

use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Padding};

use crate::view::theme::Theme;

/// The cells that a box takes around its content: borders and air.
pub const FRAME: (u16, u16) = (6, 2);

/// Draws a box in the middle of the screen with room for `width` by `height` cells, as far as there is room; and
/// says where its content goes.
pub fn open(frame: &mut Frame<'_>, title: &str, width: u16, height: u16, theme: &Theme) -> Rect {
    let screen = frame.area();
    let (area, inner) = place(screen, width, height);
    let title = Line::from(vec![Span::raw(" "), Span::styled(title.to_owned(), theme.accent), Span::raw(" ")]);
    let block = block(area.width).border_style(theme.dim).title(title);
    // The whole lines are cleared: half of a wide character at the box's edge would push the edge away.
    frame.render_widget(Clear, Rect { x: screen.x, width: screen.width, ..area });
    frame.render_widget(block, area);
    inner
}

/// The lines under a box that stay free: what must be told, and the keys.
pub const FREE: u16 = 2;

/// Where a box stands on the screen, and where its content goes.
pub fn place(screen: Rect, width: u16, height: u16) -> (Rect, Rect) {
    let room = screen.height.saturating_sub(FREE);
    let width = width.saturating_add(FRAME.0).min(screen.width);
    let height = height.saturating_add(FRAME.1).min(room);
    let [area] = Layout::horizontal([Constraint::Length(width)]).flex(Flex::Center).areas(screen);
    let [area] = Layout::vertical([Constraint::Length(height)]).flex(Flex::Center).areas(area);
    let area = Rect { y: area.y.min(screen.y + room - height), ..area };
    (area, block(area.width).inner(area))
}

fn block(width: u16) -> Block<'static> {
    let padding = if width > 20 { Padding::horizontal(2) } else { Padding::ZERO };
    Block::bordered().border_type(BorderType::Rounded).padding(padding)
}

/// The answers in a line, the chosen one marked by more than its colour.
pub fn answers(labels: &[&str], chosen: usize, theme: &Theme) -> Line<'static> {
    // Three stand closer together, so that they have room on a narrow screen too.
    let gap = if labels.len() > 2 { " " } else { "   " };
    let answer = |(at, label): (usize, &&str)| match at == chosen {
        true => [Span::styled(format!("> {label} "), theme.selected), Span::raw(gap)],
        false => [Span::styled(format!("  {label} "), Style::new()), Span::raw(gap)],
    };
    labels.iter().enumerate().flat_map(answer).collect()
}
