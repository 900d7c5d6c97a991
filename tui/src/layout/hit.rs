//! What the mouse points at, from the same layout that is drawn.

use ratatui::layout::{Position, Rect};
use roster_common::Field;

use super::{form, halves, is_too_small, parts, table};
use crate::keys::Screen;
use crate::state::column::TableColumn;
use crate::state::{Form, State};

/// Something that reacts to the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HitTarget {
    /// The heading of a column.
    Heading(TableColumn),
    /// A row of the table.
    Row(usize),
    /// The open record.
    Record,
    /// A field of the form.
    Field(Field),
}

/// What is at a position, on the screen that has the keyboard.
pub fn target(state: &State, at: Position) -> Option<HitTarget> {
    let area = Rect::from(state.size);
    if is_too_small(area) {
        return None;
    }
    // A press outside the dialog that has the keyboard must not change what lies behind it.
    match state.screen() {
        Screen::Table | Screen::Detail | Screen::Search => {
            let [_, body, _, _] = parts(area);
            let (left, right) = state
                .table
                .detail
                .map_or((body, Rect::ZERO), |_| halves(body));
            if right.contains(at) {
                return Some(HitTarget::Record);
            }
            in_table(state, left, at)
        }
        Screen::Form => {
            let form = state.overlay::<Form>()?;
            form::field_at(form, area, at).map(HitTarget::Field)
        }
        _ => None,
    }
}

/// The heading or the row at a position.
fn in_table(state: &State, area: Rect, at: Position) -> Option<HitTarget> {
    let lines = state.lines_per_row();
    let [header, body, _] = table::parts(area, lines);
    if header.contains(at) {
        let laid_out = state
            .table
            .arrangement
            .lay_out(state.table.column(), header.width, lines);
        let column = table::column_at(&laid_out, at.x - header.x, at.y - header.y)?;
        return Some(HitTarget::Heading(column));
    }
    let row = state.table.top + usize::from(at.y.checked_sub(body.y)? / lines);
    (body.contains(at) && row < state.table.len()).then_some(HitTarget::Row(row))
}
