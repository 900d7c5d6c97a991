//! What the mouse points at: the same places as are drawn.

use ratatui::layout::{Position, Rect};
use roster_common::Field;

use super::{form, halves, is_too_small, parts, table};
use crate::keys::Screen;
use crate::state::column::TableColumn;
use crate::state::{Form, State};

/// Something that can be pressed, or over which the wheel does something of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// The heading of a column.
    Heading(TableColumn),
    /// A row of the table.
    Row(usize),
    /// The open record.
    Record,
    /// A field of the form.
    Field(Field),
}

/// What of the screen that has the keyboard is at a place.
pub fn spot(state: &State, at: Position) -> Option<Spot> {
    let area = Rect::from(state.size);
    if is_too_small(area) {
        return None;
    }
    match state.screen() {
        Screen::Table | Screen::Detail | Screen::Search => {
            let [_, body, _, _] = parts(area);
            let (left, right) = state
                .table
                .detail
                .map_or((body, Rect::ZERO), |_| halves(body));
            let record = right.contains(at).then_some(Spot::Record);
            record.or_else(|| table::spot(state, left, at))
        }
        Screen::Form => {
            form::field_at(state.part::<Form>()?, &state.keymap, area, at).map(Spot::Field)
        }
        _ => None,
    }
}
