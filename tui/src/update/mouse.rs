//! The mouse, where a person has given it to the application: the wheel moves, and a press goes where it points.

use ratatui::layout::Position;
use roster_common::Field;

use super::{act, form, table};
use crate::event::{Effect, Mouse};
use crate::keys::{Action, Screen};
use crate::state::column::TableColumn;
use crate::state::{Form, State};
use crate::view::spot::{Spot, spot};
use crate::why_not::why_not_on;

/// How many rows one turn of the wheel moves.
const TURN: usize = 3;

pub(super) fn on_mouse(state: &mut State, mouse: Mouse, at: Position) -> Vec<Effect> {
    state.banner = None;
    (state.count, state.half) = (None, None);
    match mouse {
        Mouse::WheelUp => turn(state, Action::Up, Action::ScrollUp, at),
        Mouse::WheelDown => turn(state, Action::Down, Action::ScrollDown, at),
        Mouse::Press => press(state, at),
    }
}

/// Moves the cursor of what has one; over an open record its text. In a form the wheel does nothing: it would leave fields.
fn turn(state: &mut State, row: Action, line: Action, at: Position) -> Vec<Effect> {
    match state.screen() {
        Screen::Table | Screen::Detail if spot(state, at) == Some(Spot::Record) => {
            (0..TURN).flat_map(|_| table::act(state, line)).collect()
        }
        Screen::Table | Screen::Detail => table::move_cursor(state, row, Some(TURN)),
        Screen::Search if !state.table.offers.is_shown() => {
            table::move_cursor(state, row, Some(TURN))
        }
        Screen::Form | Screen::SignIn | Screen::ChangePassword | Screen::UserForm => Vec::new(),
        _ => (0..TURN).flat_map(|_| act(state, row)).collect(),
    }
}

fn press(state: &mut State, at: Position) -> Vec<Effect> {
    match spot(state, at) {
        // What is offered may lie over it.
        Some(Spot::Heading(_) | Spot::Row(_)) if state.table.offers.is_shown() => {}
        Some(Spot::Heading(column)) => return sort_by(state, column),
        Some(Spot::Row(row)) => return table::move_cursor(state, Action::First, Some(row + 1)),
        Some(Spot::Field(field)) => go_to(state, field),
        Some(Spot::Record) | None => {}
    }
    Vec::new()
}

/// Goes to the column and sorts by it, as its key does.
fn sort_by(state: &mut State, column: TableColumn) -> Vec<Effect> {
    if let Some(reason) = why_not_on(state, Screen::Table, Action::Sort) {
        state.warn(reason);
        return Vec::new();
    }
    let place = state
        .table
        .arrangement
        .visible()
        .position(|shown| shown == column);
    state.table.column = place.unwrap_or(state.table.column);
    table::act(state, Action::Sort)
}

fn go_to(state: &mut State, field: Field) {
    if let Some(form) = state
        .part_mut::<Form>()
        .filter(|form| !form.saving && !form.offers.is_shown())
    {
        form::leave_for(form, field);
    }
}
