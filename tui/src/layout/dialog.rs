//! A box over everything else: where it stands, and where its content goes.

use ratatui::layout::{Constraint, Flex, Layout, Rect};
use ratatui::widgets::{Block, BorderType, Padding};

/// The cells that a box takes around its content: borders and air.
const FRAME: (u16, u16) = (6, 2);

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

/// The border of a box of a width, and the air within it.
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
