//! The area of a dialog box and of its content.

use ratatui::layout::{Constraint, Flex, Layout, Rect};
use ratatui::widgets::{Block, BorderType, Padding};

/// The cells around a box's content: borders and padding.
const FRAME: (u16, u16) = (6, 2);

/// The lines below a box: status and keys stay visible.
pub const FREE: u16 = 2;

/// Returns the area of a box and of its content.
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
    // A tall box moves up from the centre, so as not to cover the status line and the keys.
    let area = Rect {
        y: area.y.min(screen.y + room - height),
        ..area
    };
    (area, block(area.width).inner(area))
}

/// The width of a box's content, at most `widest`.
pub fn width(screen: Rect, widest: u16) -> u16 {
    widest.min(screen.width.saturating_sub(FRAME.0))
}

/// The minimum height of a box with blank lines.
const AIRY: u16 = 5;

/// The content area without a blank line above and below, if there is room for them.
pub fn between_air(inner: Rect) -> Rect {
    let air = u16::from(inner.height >= AIRY);
    Rect {
        y: inner.y.saturating_add(air),
        height: inner.height.saturating_sub(2 * air),
        ..inner
    }
}

/// The border and padding of a box.
pub fn block(width: u16) -> Block<'static> {
    let padding = if width > 20 {
        Padding::horizontal(2)
    } else {
        Padding::ZERO
    };
    Block::bordered()
        .border_type(BorderType::Rounded)
        .padding(padding)
}
